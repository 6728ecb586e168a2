"""`analysis.json` as Clarify writes it, so that its readers show what monitoring found.

Source: "Analysis results" of Clarify's developer guide. Clarify is closed to new customers; only its shape is used.
What fits it truly is filled in: how the distribution of each feature differs from the baseline's, and how quality on a
slice differs from that on all labelled answers.
"""

from typing import Any

from peregrine_ml.monitoring.findings import Findings, Group

VERSION = "1.0"
KS = "Kolmogorov-Smirnov distance between the answers of the window and those to the test images"
DIFFERENCES = (("RD", "recall", "Recall Difference (RD)"), ("PD", "precision", "Precision difference"))
SHIFT = "Shift of the mean against the test images, in standard deviations of an image"


def analysis(findings: Findings) -> dict[str, Any]:
    """The document; sections that nothing is known about are left out, as Clarify leaves them out."""
    document: dict[str, Any] = {"version": VERSION}
    compared = [group for group in findings.groups if group.distances]
    if compared:
        document["pre_training_bias_metrics"] = {
            "label": "answers", "label_value_or_threshold": "window", "facets": _features(compared[0]),
        }  # fmt: skip
    facets = _slices(findings.quality or {})
    if facets:
        document["post_training_bias_metrics"] = {
            "label": "objects", "label_value_or_threshold": "found", "facets": facets,
        }  # fmt: skip
    return document


def _features(group: Group) -> dict[str, Any]:
    shifts = {one.name: one.effect for one in group.verdict.features} if group.verdict else {}
    return {
        name: [{
            "value_or_threshold": "window",
            "metrics": [
                {"name": "KS", "description": KS, "value": distance},
                *([{"name": "SHIFT", "description": SHIFT, "value": shifts[name]}] if name in shifts else []),
            ],
        }]
        for name, distance in group.distances.items()
    }  # fmt: skip


def _slices(quality: dict[str, Any]) -> dict[str, Any]:
    """Recall and precision of each slice against those of all labelled answers of its variant."""
    facets: dict[str, list[dict[str, Any]]] = {}
    for variant, kinds in quality.get("slices", {}).items():
        whole = quality["variants"][variant]["metrics"]
        for kind, slices in kinds.items():
            for name, measured in slices.items():
                metrics = [
                    {"name": short, "description": text, "value": one - other}
                    for short, key, text in DIFFERENCES
                    if (one := measured["metrics"][key]["value"]) is not None
                    and (other := whole[key]["value"]) is not None
                ]
                if metrics:
                    value = name if len(quality["slices"]) == 1 else f"{variant}: {name}"
                    facets.setdefault(kind, []).append({"value_or_threshold": value, "metrics": metrics})
    return facets
