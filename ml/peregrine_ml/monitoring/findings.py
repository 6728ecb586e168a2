"""What a run found out about one model's answers by one variant, and what could not be judged."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peregrine_ml.drift import decide
from peregrine_ml.drift.model import Budget, Verdict, Window
from peregrine_ml.monitoring import baseline as baselines
from peregrine_ml.monitoring import columns, model_monitor, parts, quality, slices
from peregrine_ml.monitoring.baseline import Baseline
from peregrine_ml.monitoring.job import Job
from peregrine_ml.monitoring.summary import Answers, Summary

ENOUGH_ANSWERS = 50
"""Below, a window shows little; hours before it are judged with it."""
MANY_UNREADABLE = 0.05
"""Share of a window's lines from which on people are told that they cannot be read."""


@dataclass(slots=True)
class Group:
    """Answers of one model by one variant.

    Attributes:
        variant: of the endpoint.
        model_sha256: of the model file.
        answers: all of the window.
        baseline: that they were compared with; None where there is none.
        verdict: about drift; None without a baseline.
        problem: why they were not judged; empty where they were.
        violations: of the baseline's constraints, in Model Monitor's words.
        distances: from the baseline, by feature (Kolmogorov-Smirnov, 0 to 1).
        extended: answers of hours before the window that drift was judged with, where the window alone had too few.
    """

    variant: str
    model_sha256: str
    answers: Answers
    baseline: Baseline | None = None
    verdict: Verdict | None = None
    problem: str = ""
    violations: list[dict[str, str]] = field(default_factory=list)
    distances: dict[str, float] = field(default_factory=dict)
    extended: int = 0

    @property
    def drifted(self) -> bool:
        """Whether drift was found."""
        return self.verdict is not None and self.verdict.drifted


@dataclass(slots=True)
class Findings:
    """What a run found.

    Attributes:
        job: the run.
        groups: by variant and model; those with most answers first.
        totals: of each variant, readable or not.
        unwatched: sentences about what could not be judged.
        quality: report of `quality.report`, as JSON; None where no labels were looked for.
    """

    job: Job
    groups: list[Group]
    totals: dict[str, Summary]
    unwatched: list[str]
    quality: dict[str, Any] | None = None

    @property
    def records(self) -> int:
        """Readable answers."""
        return sum(one.records for one in self.totals.values())

    @property
    def violations(self) -> list[dict[str, str]]:
        """Of all groups; where there are several, each says whose it is.

        What was not judged is one as well: an empty list would say that all is well.
        """
        found = [
            {**one, "description": f"{group.variant}, model {group.model_sha256[:12]}: {one['description']}"}
            if len(self.groups) > 1 else one
            for group in self.groups
            for one in group.violations
        ]  # fmt: skip
        return found + [model_monitor.not_judged(text) for text in self.unwatched]

    @property
    def complete(self) -> bool:
        """Whether all answers were judged."""
        return not self.unwatched

    def representative(self, variant: str) -> dict[str, Any] | None:
        """Quality of a variant on the answers that tell most about all of them."""
        if not self.quality or variant not in self.quality["variants"]:
            return None
        return quality.representative(self.quality["variants"][variant])

    def slices(self, variant: str) -> dict[str, dict[str, Any]]:
        """The same of its slices of kinds that images have, such as `light-darker`, as far as enough are labelled."""
        kinds = (self.quality or {}).get("slices", {}).get(variant, {})
        found = {
            slices.named(kind, name): quality.representative(one)
            for kind, _, _ in slices.KINDS.values()
            for name, one in kinds.get(kind, {}).items()
        }
        return {name: one for name, one in found.items() if one["labelled"] >= quality.ENOUGH_LABELS}

    def classes(self, variant: str) -> dict[str, dict[str, Any]]:
        """The same of its classes, those with most true objects first, as far as there are enough of them."""
        classes: dict[str, dict[str, Any]] = (self.quality or {}).get("classes", {}).get(variant, {})
        enough = {name: one for name, one in classes.items() if one["true_boxes"] >= quality.ENOUGH_LABELS}
        return dict(sorted(enough.items(), key=lambda pair: -pair[1]["true_boxes"]))

    def gap_minutes(self, variant: str) -> float:
        """From the variant's last captured answer to the end of the window, at most the window's length."""
        last = self.totals[variant].last
        since: datetime = max(last, self.job.start) if last else self.job.start
        return max(0.0, round((self.job.end - since).total_seconds() / 60, 2))


def judge(job: Job, totals: dict[str, Summary]) -> Findings:
    """Compare each model's answers with its own baseline; what cannot be compared is said, never passed over."""
    budget = Budget(job.false_alarm_days, job.every_hours, job.minimum_effect, job.relevant_drop)
    groups = [
        Group(variant, sha256, answers)
        for variant, summary in sorted(totals.items())
        for sha256, answers in sorted(summary.models.items())
    ]
    groups.sort(key=lambda group: -group.answers.records)
    unwatched: list[str] = []
    for group in groups:
        _compare(job, group, budget)
        if group.problem:
            unwatched.append(
                f"{group.answers.records} answers of {group.variant}, model {group.model_sha256[:12]}: {group.problem}"
            )
    if not any(summary.records for summary in totals.values()):
        unwatched.append("no answer was captured that could be read")
    for variant, summary in sorted(totals.items()):
        unwatched += _line_problems(variant, summary)
    return Findings(job, groups, totals, unwatched)


def _compare(job: Job, group: Group, budget: Budget) -> None:
    found = baselines.find(job, group.model_sha256)
    if isinstance(found, str):
        group.problem = found
        return
    group.baseline = found
    group.verdict = decide.decide(found.drift, _enough(job, group), budget)
    if not group.verdict.judged:
        group.problem = " ".join(group.verdict.reasons)
    group.violations = model_monitor.violations(group.answers, found.constraints, group.verdict)
    group.distances = {
        name: round(columns.distance(column, found.columns[name]), 4)
        for name, column in sorted(group.answers.columns.items())
        if name in found.columns
    }


def _enough(job: Job, group: Group) -> Window:
    """The answers that drift is judged by: those of the window, with hours before it where they are too few.

    A quiet endpoint would never be judged otherwise. One window is judged a run, so the budget of false alarms holds.
    """
    if group.answers.records >= ENOUGH_ANSWERS or not job.artifacts:
        return group.answers.window
    whole = Answers()
    whole.merge(group.answers)
    for summary in parts.before(job, group.variant):
        earlier = summary.models.get(group.model_sha256)
        if earlier:
            whole.merge(earlier)
        if whole.records >= ENOUGH_ANSWERS:
            break
    group.extended = whole.records - group.answers.records
    return whole.window


def _line_problems(variant: str, summary: Summary) -> list[str]:
    problems = []
    if summary.unreadable > MANY_UNREADABLE * summary.lines:
        why = "; ".join(f"{count} {fault.value}" for fault, count in summary.faults.most_common())
        problems.append(f"{summary.unreadable} of {summary.lines} captured lines of {variant} say nothing: {why}")
    if summary.skewed > MANY_UNREADABLE * summary.lines:
        problems.append(
            f"{summary.skewed} of {summary.lines} answers of {variant} are dated outside of their folder's hour:"
            " a clock is wrong"
        )
    return problems
