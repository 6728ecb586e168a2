"""Model Monitor's own files, so that Studio and every reader of them understand what our container found.

Source: "Schema for statistics", "Schema for constraints" and "Schema for violations", Model Monitor's developer guide.
The rules are its published ones but for drift: a distance means nothing without the size of the window, so whether a
feature has drifted is what `peregrine_ml.drift` decides.
"""

from collections.abc import Mapping
from typing import Any

from peregrine_ml.drift.model import Verdict
from peregrine_ml.monitoring import columns
from peregrine_ml.monitoring.columns import Column
from peregrine_ml.monitoring.summary import Answers

VERSION = 0
CLASS = "class"
"""Name of the column that counts detections by class."""
MAX_CATEGORIES = 100
DATATYPE_THRESHOLD = DOMAIN_THRESHOLD = COMPARISON_THRESHOLD = 0.1
"""Model Monitor's defaults."""
MOVED = 1e-3
"""A feature of a drifted window is named where chance moves it so far less often than this."""


def statistics(answers: Answers) -> dict[str, Any]:
    """`statistics.json` of the answers of one model."""
    features = [_numeric(name, column, answers.records) for name, column in sorted(answers.columns.items())]
    if answers.classes:
        features.append(_categories(answers.classes))
    return {"version": VERSION, "dataset": {"item_count": answers.records}, "features": features}


def _numeric(name: str, column: Column, records: int) -> dict[str, Any]:
    column.settle()
    return {
        "name": name, "inferred_type": _type(column),
        "numerical_statistics": {
            "common": {"num_present": column.count, "num_missing": max(0, records - column.count)},
            "mean": column.mean, "sum": column.total, "std_dev": column.deviation,
            "min": column.least if column.count else 0.0, "max": column.largest if column.count else 0.0,
            "distribution": {"kll": {
                "buckets": [{"lower_bound": low, "upper_bound": high, "count": count}
                            for low, high, count in column.buckets()],
                "sketch": {"parameters": {"c": columns.C, "k": columns.K}, "data": column.levels()},
            }},
        },
    }  # fmt: skip


def _categories(counts: Mapping[str, int]) -> dict[str, Any]:
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MAX_CATEGORIES]
    return {
        "name": CLASS, "inferred_type": "String",
        "string_statistics": {
            "common": {"num_present": sum(counts.values()), "num_missing": 0}, "distinct_count": len(counts),
            "distribution": {"categorical": {"buckets": [{"value": name, "count": count} for name, count in most]}},
        },
    }  # fmt: skip


def constraints(answers: Answers) -> dict[str, Any]:
    """`constraints.json` that these answers keep."""
    features: list[dict[str, Any]] = [
        {
            "name": name, "inferred_type": _type(column), "completeness": _completeness(column, answers.records),
            "num_constraints": {"is_non_negative": column.count > 0 and column.least >= 0},
        }
        for name, column in sorted(answers.columns.items())
    ]  # fmt: skip
    if answers.classes:
        domains = sorted(answers.classes)[:MAX_CATEGORIES]
        features.append(
            {"name": CLASS, "inferred_type": "String", "completeness": 1.0, "string_constraints": {"domains": domains}}
        )
    return {
        "version": VERSION, "features": features,
        "monitoring_config": {
            "evaluate_constraints": "Enabled", "emit_metrics": "Enabled",
            "datatype_check_threshold": DATATYPE_THRESHOLD, "domain_content_threshold": DOMAIN_THRESHOLD,
            "distribution_constraints": {
                "perform_comparison": "Enabled", "comparison_threshold": COMPARISON_THRESHOLD,
                "comparison_method": "Robust", "categorical_comparison_threshold": COMPARISON_THRESHOLD,
                "categorical_drift_method": "LInfinity",
            },
        },
    }  # fmt: skip


def violations(answers: Answers, limits: Mapping[str, Any] | None, verdict: Verdict | None) -> list[dict[str, str]]:
    """What of a baseline's constraints the answers do not keep, and what drifted.

    Args:
        answers: of one model.
        limits: the baseline's `constraints.json`; None where there is no baseline, and then nothing can be violated.
        verdict: about their drift; None where nobody could judge.
    """
    if limits is None or not answers.records:
        return []
    found: list[dict[str, str]] = []
    config = limits.get("monitoring_config", {})
    known = {str(one["name"]): one for one in limits.get("features", [])}
    numbers = {name: one for name, one in known.items() if one.get("inferred_type") != "String"}
    for name in sorted(numbers.keys() - answers.columns.keys()):
        found.append(
            _violation(name, "missing_column_check", f"The baseline has the feature {name}; no answer has it.")
        )
    for name in sorted(answers.columns.keys() - numbers.keys()):
        found.append(_violation(name, "extra_column_check", f"Answers have the feature {name}; the baseline has not."))
    for name in sorted(numbers.keys() & answers.columns.keys()):
        found += _column_violations(name, answers.columns[name], answers.records, numbers[name])
    if CLASS in known and answers.classes:
        found += _domain_violations(answers.classes, known[CLASS], config)
    if verdict and verdict.drifted and verdict.score is not None:
        moved = [shift for shift in verdict.features if shift.p_value < MOVED] or list(verdict.features[:1])
        found += [
            _violation(
                shift.name, "baseline_drift_check",
                f"Baseline drift distance: {verdict.score:.3f} exceeds threshold: 1; {shift.meaning or shift.name}"
                f" moved by {shift.effect:+.2f} standard deviations.",
            )
            for shift in moved
        ]  # fmt: skip
    return found


def not_judged(why: str) -> dict[str, str]:
    """An entry about what could not be compared."""
    return _violation("captured answers", "completeness_check", f"Not judged: {why}.")


def _column_violations(name: str, column: Column, records: int, limit: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    completeness, needed = _completeness(column, records), float(limit.get("completeness", 0.0))
    if completeness < needed:
        found.append(
            _violation(
                name, "completeness_check",
                f"Completeness {completeness:.4f} is below the baseline's, which is {needed:.4f}.",
            )
        )  # fmt: skip
    column.settle()
    if limit.get("inferred_type") == "Integral" and not column.integral:
        found.append(_violation(name, "data_type_check", "The baseline has whole numbers only; answers have others."))
    if limit.get("num_constraints", {}).get("is_non_negative") and column.count and column.least < 0:
        found.append(
            _violation(name, "data_type_check", f"The baseline has no negative numbers; the least is {column.least:g}.")
        )
    return found


def _domain_violations(
    classes: Mapping[str, int], limit: Mapping[str, Any], config: Mapping[str, Any]
) -> list[dict[str, str]]:
    domains = set(limit.get("string_constraints", {}).get("domains", []))
    unknown = sorted(classes.keys() - domains)
    share = sum(classes[name] for name in unknown) / sum(classes.values())
    threshold = float(config.get("domain_content_threshold", DOMAIN_THRESHOLD))
    if share <= threshold:
        return []
    named = ", ".join(unknown[:5])
    return [
        _violation(
            CLASS, "categorical_values_check",
            f"{share:.1%} of the detections have classes that the baseline has not ({named});"
            f" threshold {threshold:.1%}.",
        )
    ]  # fmt: skip


def _violation(feature: str, check: str, description: str) -> dict[str, str]:
    return {"feature_name": feature, "constraint_check_type": check, "description": description}


def _type(column: Column) -> str:
    column.settle()
    return "Unknown" if not column.count else "Integral" if column.integral else "Fractional"


def _completeness(column: Column, records: int) -> float:
    column.settle()
    return min(1.0, column.count / records) if records else 0.0
