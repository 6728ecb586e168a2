"""Which features of answers are compared, and on which scale."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

SIGNALS: dict[str, tuple[str, str]] = {
    "luminance_mean": ("plain", "brightness"),
    "luminance_std": ("log", "contrast"),
    "blur": ("log", "sharpness"),
    "noise": ("log", "noise"),
    "flat": ("plain", "part of the image that shows nothing"),
    "saturation_mean": ("log", "saturation of colours"),
    "n_det": ("log", "detections per image"),
    "mean_conf": ("plain", "mean confidence"),
    "max_conf": ("plain", "largest confidence"),
    "median_box_side": ("log", "side of the boxes"),
    "covered": ("plain", "covered part of the image"),
    "top_conf": ("plain", "highest scores before suppression"),
    "candidates": ("log", "candidates before suppression"),
    "entropy": ("plain", "entropy of the candidates"),
    "agreement": ("log", "candidates per detection"),
    "consistency": ("plain", "overlap of candidates with their detection"),
}
"""Flat features of an answer (`peregrine_ml.features`) to scale and meaning. Width, height and bytes are left out: they
follow from the camera's settings and from the encoder, and a harmless change of JPEG quality would count as drift.
"""
NEEDED = ("luminance_mean", "luminance_std", "blur", "n_det", "mean_conf", "max_conf", "median_box_side", "covered")
"""What every server of ours has told from the beginning: an answer without one of these is broken."""
FULL = 1e6
"""No feature of an answer is larger in a sound one; what is, is unreadable."""


def names(features: Mapping[str, object]) -> tuple[str, ...]:
    """The compared features that an answer has, in the order of `SIGNALS`."""
    return tuple(name for name in SIGNALS if name in features)


def whole(found: Sequence[str]) -> bool:
    """Whether an answer with these features is one of our servers'."""
    return all(name in found for name in NEEDED)


def vector(features: Mapping[str, object], wanted: Sequence[str]) -> NDArray[np.float64] | None:
    """Features on the scales on which they are compared.

    Args:
        features: flat features of one answer.
        wanted: names to take, in this order.

    Returns:
        One number a name; None when one is absent, no number, or out of all bounds.
    """
    values = np.empty(len(wanted))
    for index, name in enumerate(wanted):
        value = features.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        if abs(value) > FULL:
            return None
        # Counts, sides and variances are compared by their ratio: twice as many is as far as half as many.
        values[index] = math.log1p(max(value, 0.0)) if SIGNALS[name][0] == "log" else value
    return values
