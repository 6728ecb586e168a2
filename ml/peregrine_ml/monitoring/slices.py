"""To which slices a labelled answer belongs, by what its image looks like beside the test images of its model."""

from collections.abc import Mapping

from peregrine_ml.monitoring.baseline import Baseline

KINDS = {
    "luminance_mean": ("light", "darker", "brighter"),
    "blur": ("sharpness", "softer", "sharper"),
    "median_box_side": ("scale", "smaller", "larger"),
}
"""Feature to kind of slice and its ends; what lies between them looks like the test images."""
USUAL = "as tested"
ENDS = (0.05, 0.95)


def of(features: Mapping[str, float], baseline: Baseline | None) -> dict[str, str]:
    """Slices by kind, such as light to darker; empty without a baseline."""
    found = {}
    for feature, (kind, below, above) in KINDS.items():
        column = baseline.columns.get(feature) if baseline else None
        if column is None or not column.count or feature not in features:
            continue
        low, high = column.quantiles(ENDS)
        value = features[feature]
        found[kind] = below if value < low else above if value > high else USUAL
    return found
