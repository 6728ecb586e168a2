"""What people are told of a run: one event on the environment's bus for each model and cause.

The detail is agreed in `contract/monitoring.ts` (`alertDetail`, `driftDetail`, `qualityDetail`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peregrine_ml.monitoring import names
from peregrine_ml.monitoring.findings import Findings, Group

LONGEST_MESSAGE = 2000
RUNBOOK, POOR = "docs/runbooks/drift.md", "docs/runbooks/quality-falls.md"
SHOWN_FEATURES = 8
SHOWN_EXAMPLES = 9
MOST_FALLEN = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """An event: what it is called, and its detail."""

    kind: str
    detail: dict[str, Any]


def notices(findings: Findings, objectives: Mapping[str, float]) -> list[Notice]:
    """What people have to be told; nothing where all is well.

    Args:
        findings: of the run.
        objectives: lowest value by metric of `quality` (such as map50), which labelled answers are held to.
    """
    found = [_drift(findings, group) for group in findings.groups if group.drifted]
    found += _quality(findings, objectives)
    if findings.unwatched:
        found.append(_unwatched(findings))
    return found


def _drift(findings: Findings, group: Group) -> Notice:
    verdict = group.verdict
    assert verdict is not None
    score = verdict.score or 0.0
    moved = ", ".join(f"{one.meaning or one.name} {one.effect:+.2f}" for one in verdict.features[:3])
    estimate = verdict.estimate
    said = f" mAP50 is estimated at {estimate.map50:.2f}." if estimate.map50 is not None else ""
    examples = list(verdict.examples[:SHOWN_EXAMPLES])
    message = (
        f"Drift: what {findings.job.endpoint} sees differs from the test flights of its model"
        f" ({score:.1f} times the threshold, {verdict.records} answers of {group.variant})."
        f" Moved most, in standard deviations: {moved}.{said}"
        f" Look at: {', '.join(examples[:3]) or 'no answer stands out'}."
    )
    return Notice(
        names.DRIFT_EVENT,
        {
            **_about(findings, "warning", "drift", message, command=_label(findings)), "variant": group.variant,
            "variants": sorted(findings.totals),
            "modelSha256": group.model_sha256, "records": verdict.records, "score": round(score, 4),
            "features": [
                {"name": one.name, "effect": round(one.effect, 4), "pValue": one.p_value}
                for one in verdict.features[:SHOWN_FEATURES]
            ],
            "examples": examples, "estimatedMap50": estimate.map50,
        },
    )  # fmt: skip


def _quality(findings: Findings, objectives: Mapping[str, float]) -> list[Notice]:
    """A metric whose whole interval lies below its objective: few labels alone page nobody."""
    found = []
    for variant in (findings.quality or {}).get("variants", {}):
        quality = findings.representative(variant) or {}
        for metric, objective in objectives.items():
            measured = quality["metrics"].get(metric) or {}
            value, high = measured.get("value"), measured.get("high")
            if value is None or high is None or high >= objective:
                continue
            classes = _fallen(findings.classes(variant), metric, value, objective)
            slices = _fallen(findings.slices(variant), metric, value, objective)
            message = (
                f"Quality of {findings.job.endpoint} is below its objective: {metric} {value:.2f} on"
                f" {quality['labelled']} labelled answers of {variant} (95 % interval up to {high:.2f});"
                f" the objective is {objective:.2f}.{_worst('Classes', classes)}{_worst('Slices', slices)}"
            )
            group = next((one for one in findings.groups if one.variant == variant), None)
            about = _about(findings, "warning", "quality", message, POOR, _label(findings))
            detail = {
                **about, "variant": variant, "variants": sorted(findings.totals), "metric": _METRICS[metric],
                "value": value, "objective": objective, "labelled": quality["labelled"],
                "classes": [*classes], "slices": [*slices],
            }  # fmt: skip
            found.append(Notice(names.QUALITY_EVENT, detail | ({"modelSha256": group.model_sha256} if group else {})))
    return found


def _fallen(parts: Mapping[str, Mapping[str, Any]], metric: str, whole: float, objective: float) -> dict[str, float]:
    """Classes or slices to blame, the worst first: surely below the objective, too, and no better than the whole."""
    measured = {name: one["metrics"][metric] for name, one in parts.items()}
    found = {
        name: float(one["value"])
        for name, one in measured.items()
        if one["value"] is not None and one["high"] is not None and one["high"] < objective and one["value"] <= whole
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1])[:MOST_FALLEN])


def _worst(what: str, fallen: Mapping[str, float]) -> str:
    if not fallen:
        return ""
    return f" {what} that fell: {', '.join(f'{name} {value:.2f}' for name, value in list(fallen.items())[:3])}."


_METRICS = {"precision": names.PRECISION, "recall": names.RECALL, "f1": names.F1, "map50": names.MAP50}


def _unwatched(findings: Findings) -> Notice:
    nothing = findings.records == 0 and not any(one.lines for one in findings.totals.values())
    message = (
        f"The window of {findings.job.endpoint} that ends at {_iso(findings.job.end)} was not judged, or not whole: "
        + "; ".join(findings.unwatched)
        + ". This says nothing about drift."
    )
    # An endpoint that nobody asks has nothing to watch; an alarm compares the gap of capture with requests.
    detail = _about(findings, "info" if nothing else "warning", "window-not-judged", message)
    return Notice(names.UNWATCHED_EVENT, {**detail, "records": findings.records, "reasons": findings.unwatched})


def _about(
    findings: Findings, severity: str, cause: str, text: str, runbook: str = RUNBOOK, command: str = ""
) -> dict[str, Any]:
    """What every notice has; whoever tells people adds since when, evidence, runbook and command to the message."""
    job = findings.job
    evidence = f"{job.report_uri}/{names.PAGE}" if job.report_uri else ""
    detail: dict[str, Any] = {
        "severity": severity, "message": text[:LONGEST_MESSAGE], "area": "model", "cause": cause,
        "endpoint": job.endpoint, "since": _iso(job.start), "runbook": runbook,
        "window": {"start": _iso(job.start), "end": _iso(job.end)},
    }  # fmt: skip
    return detail | ({"evidence": evidence} if evidence else {}) | ({"command": command} if command else {})


def _label(findings: Findings) -> str:
    """What to type next where only labels tell more."""
    environment = findings.job.environment
    return f"npx peregrine label export to-label --stack {environment}" if environment else ""


def _iso(at: Any) -> str:
    """As JavaScript writes times: zod's `iso.datetime` wants a Z."""
    return str(at.strftime("%Y-%m-%dT%H:%M:%SZ"))
