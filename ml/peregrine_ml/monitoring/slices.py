"""To which slices a labelled answer belongs, by what its image looks like beside the test images of its model."""

import math
from collections.abc import Mapping

from peregrine_ml.monitoring.baseline import Baseline
from peregrine_ml.monitoring.summary import Answers

KINDS = {
    "luminance_mean": ("light", "darker", "brighter"),
    "blur": ("sharpness", "softer", "sharper"),
    "median_box_side": ("scale", "smaller", "larger"),
}
"""Feature to kind of slice and its ends; what lies between them looks like the test images."""
USUAL = "as tested"
ENDS = (0.05, 0.95)


def named(kind: str, name: str) -> str:
    """A slice as metrics and events call it, such as `light-as-tested`."""
    return f"{kind}-{name.replace(' ', '-')}"


def count(models: Mapping[str, Answers], baselines: Mapping[str, Baseline | None]) -> dict[str, dict[str, int]]:
    """Answers of an hour by kind of slice and slice, from their sketches; none of models without a baseline.

    Args:
        models: answers by the digest of the model that gave them.
        baselines: of these models.
    """
    found: dict[str, dict[str, int]] = {}
    for sha256, answers in models.items():
        for feature, (kind, below, above) in KINDS.items():
            ends, column = _ends(feature, baselines.get(sha256)), answers.columns.get(feature)
            if ends is None or column is None:
                continue
            # Both ends belong to what is usual; a sketch's parts hold their lower ends alone.
            shares = column.shares([-math.inf, ends[0], math.nextafter(ends[1], math.inf), math.inf])
            values = found.setdefault(kind, {})
            for name, share in zip((below, USUAL, above), shares, strict=True):
                values[name] = values.get(name, 0) + round(float(share) * column.count)
    return found


def of(features: Mapping[str, float], baseline: Baseline | None) -> dict[str, str]:
    """Slices by kind, such as light to darker; empty without a baseline."""
    found = {}
    for feature, (kind, below, above) in KINDS.items():
        ends = _ends(feature, baseline)
        if ends is None or feature not in features:
            continue
        value = features[feature]
        found[kind] = below if value < ends[0] else above if value > ends[1] else USUAL
    return found


def _ends(feature: str, baseline: Baseline | None) -> tuple[float, float] | None:
    """Between which a feature looks as tested."""
    column = baseline.columns.get(feature) if baseline else None
    if column is None or not column.count:
        return None
    low, high = column.quantiles(ENDS)
    return low, high
