"""How sure a detector was, from its candidates before non-maximum suppression.

A detector that sees an object well answers it by many overlapping candidates with high scores; one that guesses answers
with few and scattered ones (prediction consistency and reliability: Detection without labels, arXiv 2508.12082).
"""

import numpy as np
from numpy.typing import NDArray

NAMES = ("top_conf", "candidates", "entropy", "agreement", "consistency")
WEAK = 0.05
"""Least score of a candidate: below it is background."""
TOP = 10
"""Highest scores of a tile that are averaged: there are so many even where nothing is detected."""


def of_scores(scores: NDArray[np.float32]) -> dict[str, float]:
    """Confidence before suppression.

    Args:
        scores: tiles x anchors, each anchor's best class.

    Returns:
        `top_conf` (mean of a tile's ten highest scores), `candidates` (anchors per tile that are no background),
        `entropy` (their mean binary entropy, 0 to 1: 1 is a coin toss).
    """
    top = np.partition(scores, scores.shape[1] - min(TOP, scores.shape[1]), axis=1)[:, -TOP:]
    chosen = np.clip(scores[scores >= WEAK].astype(np.float64), 1e-6, 1.0 - 1e-6)
    entropy = -(chosen * np.log2(chosen) + (1 - chosen) * np.log2(1 - chosen))
    return {
        "top_conf": round(float(top.mean()), 4),
        "candidates": round(len(chosen) / len(scores), 3),
        "entropy": round(float(entropy.mean()) if len(chosen) else 0.0, 4),
    }


def of_boxes(candidates: NDArray[np.float32], kept: NDArray[np.float32]) -> dict[str, float]:
    """How candidates gather around the detections that remain.

    Args:
        candidates: boxes above the confidence threshold before suppression, x1, y1, x2, y2.
        kept: those that remain.

    Returns:
        `agreement` (candidates per detection), `consistency` (mean overlap of a candidate with its detection, as
        intersection over union); both 0 without detections.
    """
    if not len(kept):
        return {"agreement": 0.0, "consistency": 0.0}
    width = np.minimum(candidates[:, None, 2], kept[None, :, 2]) - np.maximum(candidates[:, None, 0], kept[None, :, 0])
    height = np.minimum(candidates[:, None, 3], kept[None, :, 3]) - np.maximum(candidates[:, None, 1], kept[None, :, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (candidates, kept)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    best = (shared / np.maximum(union, 1e-9)).max(axis=1)
    return {
        "agreement": round(len(candidates) / len(kept), 3),
        # The detections themselves are candidates, too, and overlap themselves fully.
        "consistency": round(float((best.sum() - len(kept)) / max(len(candidates) - len(kept), 1)), 4),
    }
