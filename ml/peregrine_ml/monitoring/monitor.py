"""`monitor`: what an endpoint answered in a window, against the baseline of the model that answered.

Whatever is wrong with the window is counted and told. A run that found nothing to judge ends well and says so, on the
bus, in its report and in its exit message: it never says that there were no violations.
"""

import argparse
import json
import os
from collections.abc import Sequence
from typing import Any

from peregrine_ml import paths
from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import (
    baseline,
    findings,
    job,
    labelled,
    metrics,
    names,
    notices,
    parts,
    quality,
    report,
    scores,
    slices,
    sources,
    store,
    summary,
)
from peregrine_ml.monitoring.findings import Findings
from peregrine_ml.monitoring.job import Job
from peregrine_ml.monitoring.notices import Notice
from peregrine_ml.monitoring.summary import Summary

SHOWN_PROBLEMS = 20
LONGEST_EXIT = 1024
"""Characters of a Processing job's exit message (SageMaker API)."""


def main(arguments: Sequence[str]) -> None:
    """The verb."""
    argparse.ArgumentParser(prog="peregrine_ml monitor", description=__doc__).parse_args(arguments)
    run(job.read())


def run(given: Job) -> Findings | None:
    """Read the window, judge it, write and tell what was found; None on instances that only help to read."""
    hours = summary.summarise(sources.files(given), given.start, given.end)
    if given.artifacts:
        parts.write(given, hours)
    elif len(given.hosts) > 1:
        raise InputError(
            f"{len(given.hosts)} instances share the window, and no bucket is named for their summaries.",
            "Set artifacts_uri, or run one instance.",
        )
    if not given.leads:
        _exit(f"Completed: {given.host} read {sum(one.lines for one in hours.values())} lines for {given.hosts[0]}.")
        return None
    if len(given.hosts) > 1:
        hours = parts.gather(given, hours)
    totals: dict[str, Summary] = {}
    for (variant, _), one in sorted(hours.items(), key=lambda pair: pair[0]):
        totals.setdefault(variant, Summary()).merge(one)
    for variant in sources.silent(given, totals):
        totals[variant] = Summary()
    found = findings.judge(given, totals)
    if given.artifacts:
        found.quality = labelled_quality(given, hours, found)
    report.write(found)
    metrics.publish(found)
    told = notices.notices(found, _objectives())
    _tell(given, told)
    _exit(exit_message(found))
    for notice in told:
        print(f"{notice.kind}: {notice.detail['message']}", flush=True)
    return found


def labelled_quality(given: Job, hours: labelled.Hours, found: Findings) -> dict[str, Any] | None:
    """Quality on what people labelled; None where nobody has labelled anything yet."""
    reading = labelled.read_labels(given)
    known_baselines = {group.model_sha256: group.baseline for group in found.groups}
    known = labelled.find(given, hours, reading, known_baselines)
    if not reading.lines:
        scores.write(given, hours, [], [])
        return None
    for sha256 in {str(one["model"]) for kept in known.answers.values() for one in kept} - known_baselines.keys():
        other = baseline.find(given, sha256)
        known_baselines[sha256] = None if isinstance(other, str) else other
    answers = [
        labelled.answer(name, one, slices.of(one["features"], known_baselines.get(str(one["model"]))))
        for name, kept in sorted(known.answers.items())
        for one in kept
    ]
    scores.write(given, hours, reading.labels, answers)
    measured = quality.report(reading.labels, answers, given.now, captured=known.counts())
    measured.settled.counts.unreadable = len(reading.problems)
    return {**measured.to_dict(), "problems": reading.problems[:SHOWN_PROBLEMS]}


def exit_message(found: Findings) -> str:
    """What the job ends with; Model Monitor takes its first word for the status of the execution."""
    violations = found.violations
    if not violations:
        return f"Completed: {found.records} answers keep to the baseline."
    drift = {one["feature_name"] for one in violations if one["constraint_check_type"] == "baseline_drift_check"}
    said = [f"{len(violations)} violations in {found.records} answers"]
    said += [f"drift of {', '.join(sorted(drift))}"] if drift else []
    said += [f"not judged: {'; '.join(found.unwatched)}"] if found.unwatched else []
    return f"CompletedWithViolations: {'; '.join(said)}."


def _objectives() -> dict[str, float]:
    """Lowest values that labelled answers are held to, as far as the job names them."""
    found: dict[str, float] = {}
    for metric in ("map50", "f1"):
        text = os.environ.get(f"objective_{metric}", "").strip()
        try:
            found |= {metric: float(text)} if text else {}
        except ValueError:
            raise InputError(f"objective_{metric} is {text!r}, no number.", "Check the monitoring settings.") from None
    return found


def _tell(given: Job, told: Sequence[Notice]) -> None:
    """Put the events on the environment's bus.

    Raises:
        InputError: the bus took them not: a run that nobody hears of must not look well.
    """
    if not given.event_bus or not told:
        return
    entries = [
        {"EventBusName": given.event_bus, "Source": names.EVENT_SOURCE, "DetailType": one.kind,
         "Detail": json.dumps(one.detail)}
        for one in told
    ]  # fmt: skip
    for start in range(0, len(entries), 10):
        answer = store.client("events").put_events(Entries=entries[start : start + 10])
        if answer.get("FailedEntryCount"):
            failed = [
                f"{one['ErrorCode']}: {one.get('ErrorMessage', '')}" for one in answer["Entries"] if "ErrorCode" in one
            ]
            raise InputError.of_problems(f"The bus {given.event_bus} refused events", failed)


def _exit(text: str) -> None:
    print(text, flush=True)
    paths.message().parent.mkdir(parents=True, exist_ok=True)
    paths.message().write_text(text[:LONGEST_EXIT], encoding="utf-8")
