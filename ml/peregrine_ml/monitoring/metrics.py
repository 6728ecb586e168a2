"""Metrics of a run, one value each at the end of its window: in our namespace, and in Model Monitor's own."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peregrine_ml import paths
from peregrine_ml.monitoring import names, store
from peregrine_ml.monitoring.findings import Findings, Group
from peregrine_ml.monitoring.job import Job

PER_CALL = 1000
"""PutMetricData takes so many values (CloudWatch API)."""
FILE_NAME = "cloudwatch_metrics.jsonl"
"""The folder is named by Model Monitor's guide, the file by the examples of AWS."""


MOST_CLASSES = 10
"""Classes of a variant that have metrics: CloudWatch charges each metric."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A value of a variant, or of the part of its labelled answers that `part` names (dimension to value)."""

    name: str
    variant: str
    value: float
    unit: str = "None"
    part: tuple[str, str] | None = None


def ours(findings: Findings) -> list[Metric]:
    """Metrics of `contract/monitoring.ts`; what is not known has no value, so that alarms see it missing."""
    found: list[Metric] = []
    for variant, summary in sorted(findings.totals.items()):
        found += [
            Metric(names.RECORDS, variant, summary.records, "Count"),
            Metric(names.UNREADABLE, variant, summary.unreadable, "Count"),
            Metric(names.CAPTURE_GAP, variant, findings.gap_minutes(variant)),
        ]
        found += _of_groups(variant, [one for one in findings.groups if one.variant == variant])
    # Labels may be about a variant that has not answered for a while.
    for variant in sorted((findings.quality or {}).get("variants", {})):
        found += _of_quality(variant, findings.representative(variant))
        for name, one in findings.slices(variant).items():
            found += [replace(metric, part=(names.SLICE, name)) for metric in _of_quality(variant, one)]
        for name, one in list(findings.classes(variant).items())[:MOST_CLASSES]:
            found += [replace(metric, part=(names.CLASS, name)) for metric in _scores(variant, one["metrics"])]
    return found


def _of_groups(variant: str, groups: Sequence[Group]) -> Iterator[Metric]:
    verdicts = [one.verdict for one in groups if one.verdict]
    scores = [one.score for one in verdicts if one.score is not None]
    if scores:
        yield Metric(names.DRIFT_SCORE, variant, max(scores))
    # Of several models that answered, the one with most answers comes first.
    estimate = next((one.estimate for one in verdicts if one.estimate.map50 is not None), None)
    if estimate and estimate.map50 is not None:
        yield Metric(names.ESTIMATED_MAP50, variant, estimate.map50)
        if estimate.low is not None:
            yield Metric(names.ESTIMATED_MAP50_LOW, variant, estimate.low)


def _of_quality(variant: str, quality: dict[str, Any] | None) -> Iterator[Metric]:
    if not quality:
        return
    if quality["coverage"] is not None:
        yield Metric(names.LABEL_COVERAGE, variant, quality["coverage"])
    if quality["lag_hours"] is not None:
        yield Metric(names.LABEL_LAG_HOURS, variant, quality["lag_hours"])
    yield from _scores(variant, quality["metrics"])


def _scores(variant: str, metrics: dict[str, Any]) -> Iterator[Metric]:
    for key, name in (
        ("precision", names.PRECISION),
        ("recall", names.RECALL),
        ("f1", names.F1),
        ("map50", names.MAP50),
    ):
        value = metrics[key]["value"]
        if value is not None:
            yield Metric(name, variant, value)


def of_model_monitor(findings: Findings) -> list[dict[str, Any]]:
    """Model Monitor's metrics, as its prebuilt container names them, of the model with most answers."""
    if not findings.groups:
        return []
    group, job = findings.groups[0], findings.job
    common = {
        "Timestamp": f"{job.end:%Y-%m-%dT%H:%M:%SZ}",
        "Dimensions": [
            {"Name": "Endpoint", "Value": job.endpoint},
            {"Name": "MonitoringSchedule", "Value": job.schedule or "none"},
        ],
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    for name, column in sorted(group.answers.columns.items()):
        column.settle()
        if column.count:
            values = {
                "SampleCount": float(column.count), "Sum": column.total,
                "Minimum": column.least, "Maximum": column.largest,
            }  # fmt: skip
            found.append({"MetricName": f"feature_data_{name}", **common, "StatisticValues": values})
    for name, distance in group.distances.items():
        found.append({"MetricName": f"feature_baseline_drift_{name}", **common, "Value": distance})
    return found


def publish(findings: Findings) -> int:
    """Publish all metrics; Model Monitor publishes its own, from a file. Returns how many there were."""
    job = findings.job
    if not job.publish:
        return 0
    own = ours(findings)
    if job.namespace:
        _put(job.namespace, [_datum(job, one) for one in own])
    theirs = of_model_monitor(findings)
    if job.managed:
        _write(paths.root() / "output" / "metrics" / "cloudwatch" / FILE_NAME, theirs)
    else:
        _put(names.SERVICE_NAMESPACE, theirs)
    return len(own) + len(theirs)


def _datum(job: Job, metric: Metric) -> dict[str, Any]:
    return {
        "MetricName": metric.name, "Timestamp": f"{job.end:%Y-%m-%dT%H:%M:%SZ}", "Value": float(metric.value),
        "Unit": metric.unit,
        "Dimensions": [
            {"Name": "EndpointName", "Value": job.endpoint}, {"Name": "VariantName", "Value": metric.variant},
            *([{"Name": metric.part[0], "Value": dimension_value(metric.part[1])}] if metric.part else []),
        ],
    }  # fmt: skip


def dimension_value(name: str) -> str:
    """A name as CloudWatch takes it: 1 to 1,024 characters of ASCII that can be seen, the first no colon (its API)."""
    seen = "".join(one if "!" <= one <= "~" else "_" if one == " " else f"\\u{ord(one):04x}" for one in name)
    return f"_{seen}"[:1024] if seen[:1] in {"", ":"} else seen[:1024]


def _put(namespace: str, data: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(data), PER_CALL):
        store.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=list(data[start : start + PER_CALL]))


def _write(path: Path, data: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in data), encoding="utf-8")
