"""Files of a run: Model Monitor's, one for programs, one in the shape of Clarify's, one page for people."""

import json
from pathlib import Path
from typing import Any

from peregrine_ml.monitoring import clarify, model_monitor, names, page
from peregrine_ml.monitoring.findings import Findings, Group
from peregrine_ml.monitoring.summary import Answers, Summary

SCHEMA = "peregrine.monitoring/1"


def write(findings: Findings) -> list[Path]:
    """Write all files of the report into the job's output folder; returns them."""
    target = findings.job.output
    target.mkdir(parents=True, exist_ok=True)
    # Model Monitor knows one model; where several answered, its files are about the one with most answers.
    most = findings.groups[0].answers if findings.groups else Answers()
    limits = findings.groups[0].baseline.constraints if findings.groups and findings.groups[0].baseline else None
    found = [
        _write(target / names.STATISTICS, model_monitor.statistics(most)),
        _write(target / names.CONSTRAINTS, limits or model_monitor.constraints(most)),
        _write(target / names.VIOLATIONS, {"violations": findings.violations}),
        _write(target / names.REPORT, document(findings)),
        _write(target / names.ANALYSIS, clarify.analysis(findings)),
    ]
    for group in findings.groups[1:]:
        folder = target / "models" / group.variant / group.model_sha256[:12]
        folder.mkdir(parents=True, exist_ok=True)
        found.append(_write(folder / names.STATISTICS, model_monitor.statistics(group.answers)))
        found.append(_write(folder / names.VIOLATIONS, {"violations": group.violations}))
    (target / names.PAGE).write_text(page.render(findings), encoding="utf-8")
    return [*found, target / names.PAGE]


def document(findings: Findings) -> dict[str, Any]:
    """`report.json`: all that was found, for programs."""
    job = findings.job
    return {
        "schema": SCHEMA, "endpoint": job.endpoint, "run": job.run,
        "window": {"start": job.start.isoformat(), "end": job.end.isoformat()},
        "budget": {"false_alarm_days": job.false_alarm_days, "every_hours": job.every_hours},
        "complete": findings.complete, "unwatched": findings.unwatched, "records": findings.records,
        "drifted": any(group.drifted for group in findings.groups),
        "variants": {
            name: {**_lines(one), "capture_gap_minutes": findings.gap_minutes(name)}
            for name, one in sorted(findings.totals.items())
        },
        "models": [_group(group) for group in findings.groups],
        "violations": len(findings.violations), "quality": findings.quality,
    }  # fmt: skip


def _lines(summary: Summary) -> dict[str, Any]:
    return {
        "lines": summary.lines, "records": summary.records, "unreadable": summary.unreadable,
        "faults": {fault.name.lower(): count for fault, count in sorted(summary.faults.items())},
        "clock_skew": summary.skewed, "outside_window": summary.outside, "files": summary.files, "bytes": summary.size,
    }  # fmt: skip


def _group(group: Group) -> dict[str, Any]:
    verdict = group.verdict
    said = None
    if verdict:
        said = {
            "judged": verdict.judged, "drifted": verdict.drifted, "score": verdict.score, "records": verdict.records,
            "visible_effect": verdict.visible_effect, "reasons": list(verdict.reasons),
            "features": [
                {"name": one.name, "meaning": one.meaning, "effect": one.effect, "p_value": one.p_value}
                for one in verdict.features
            ],
            "examples": list(verdict.examples),
            "estimated_map50": {
                "value": verdict.estimate.map50, "low": verdict.estimate.low, "high": verdict.estimate.high,
                "reason": verdict.estimate.reason,
            },
        }  # fmt: skip
    answers = group.answers
    return {
        "variant": group.variant, "model_sha256": group.model_sha256, "records": answers.records,
        "first": answers.first.isoformat() if answers.first else None,
        "last": answers.last.isoformat() if answers.last else None, "flights": len(answers.window.flights),
        "baseline": group.baseline.place if group.baseline else None, "problem": group.problem, "verdict": said,
        "distances": group.distances, "violations": len(group.violations), "extended_records": group.extended,
        "classes": dict(answers.classes),
    }  # fmt: skip


def _write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, allow_nan=False) + "\n", encoding="utf-8")
    return path
