"""outcomes.json.gz: what a model answered to each tile, for whoever compares models afterwards.

Two models that were scored on the same tiles can be compared image by image, with intervals, without running either
again. The matches are COCO's at IoU 0.50, so that the curves and the average precision made of them are those of
`evaluation.json`.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.detector import Detections
from peregrine_ml.evaluation import coco_scores
from peregrine_ml.evaluation.coco_scores import RECALLS, Scored
from peregrine_ml.evaluation.ground_truth import Sample

SCHEMA = "peregrine.outcomes/1"
FILE_NAME = "outcomes.json.gz"
SCORE_STEPS = 10_000
"""Scores of ranked answers are kept as whole ten-thousandths."""


def document(samples: Sequence[Sample], answers: Sequence[Detections], scored: Sequence[Scored],
             classes: Sequence[str], confidence: float, files: Mapping[str, str]) -> dict[str, Any]:  # fmt: skip
    """Outcomes of all tiles, the derived ones as well.

    Args:
        samples: tiles with their truth.
        answers: what the model found in each, least likely answers included.
        scored: both, as COCO scores them.
        classes: names in index order.
        confidence: the model's own threshold: the operating point.
        files: digest of each file, from the manifest: a tile is the same in two data sets where its digest is.

    Returns:
        `curves` and `operating` of the real tiles, by class; `images` with truth, what the model shows (answers at or
        above its threshold) and all answers in the order of their scores.
    """
    matches = coco_scores.matches(coco_scores.evaluate(scored, classes, by_size=False, overlaps=(0.5,)))
    real = [index for index, sample in enumerate(samples) if not sample.derived]
    return {
        "schema": SCHEMA, "classes": list(classes), "iou": 0.5, "confidence": confidence, "score_steps": SCORE_STEPS,
        "curves": {name: curve([matches[label][index] for index in real]) for label, name in enumerate(classes)},
        "operating": {
            name: operating([matches[label][index] for index in real], confidence)
            for label, name in enumerate(classes)
        },
        "images": [
            image(sample, found, [of[index] for of in matches], confidence, files.get(sample.file, ""))
            for index, (sample, found) in enumerate(zip(samples, answers, strict=True))
        ],
    }  # fmt: skip


def write(path: Path, outcomes: Mapping[str, Any]) -> None:
    """One gzip file, the same bytes for the same outcomes."""
    text = json.dumps(outcomes, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(text, 6, mtime=0))


def curve(cells: Sequence[coco_scores.Matches]) -> dict[str, list[float]]:
    """Precision (its envelope, as COCO averages it) and the score to cut at, for each of COCO's 101 recalls.

    Both are 0 for recalls that are never reached.
    """
    scores, hits, positives = ranked(cells)
    found = np.cumsum(hits)
    precision = np.divide(found, np.arange(1, len(hits) + 1), out=np.zeros(len(hits)), where=len(hits) > 0)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    at = np.searchsorted(found / max(positives, 1), RECALLS, side="left")
    return {
        "precision": [round(float(value), 4) for value in envelope[at]],
        "score": [round(float(value), 4) for value in np.append(scores, 0.0)[at]],
    }


def operating(cells: Sequence[coco_scores.Matches], confidence: float) -> dict[str, float]:
    """What users get at the model's own threshold: counts, precision, recall and F1; a share of nothing is 0."""
    scores, hits, positives = ranked(cells)
    shown = scores >= confidence
    right, answers = int(hits[shown].sum()), int(shown.sum())
    precision = right / answers if answers else 0.0
    recall = right / positives if positives else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {
        "true": positives, "right": right, "wrong": answers - right,
        "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4),
    }  # fmt: skip


def ranked(cells: Sequence[coco_scores.Matches]) -> tuple[NDArray[np.float64], NDArray[np.bool_], int]:
    """All answers of some images, best first: scores, whether they hit, and how many true boxes there are."""
    scores = np.concatenate([cell.scores for cell in cells]) if cells else np.zeros(0)
    hits = np.concatenate([cell.hits for cell in cells]) if cells else np.zeros(0, bool)
    order = np.argsort(-scores, kind="mergesort")
    return scores[order], hits[order], sum(len(cell.found) for cell in cells)


def image(sample: Sample, answer: Detections, cells: Sequence[coco_scores.Matches], confidence: float,
          sha256: str) -> dict[str, Any]:  # fmt: skip
    """One tile: true boxes with whether an answer at the threshold found them, shown answers with whether they hit."""
    hit = np.zeros(len(answer), bool)
    found: list[bool] = [False] * len(sample.boxes)
    for label, cell in enumerate(cells):
        own = np.flatnonzero(answer.classes == label)[cell.order]
        hit[own] = cell.hits
        for true, by in zip(np.flatnonzero(sample.classes == label), cell.found, strict=True):
            found[int(true)] = bool(by >= confidence)
    shown = np.flatnonzero(answer.scores >= confidence)
    height, width = sample.image.shape[:2]
    return {
        "file": sample.file, "sha256": sha256, "flight": sample.flight, "light": sample.light,
        "altitude": sample.altitude, "derived": sample.derived, "width": width, "height": height,
        "true": [
            [*_box(box), int(label), int(seen)]
            for box, label, seen in zip(sample.boxes, sample.classes, found, strict=True)
        ],
        "shown": [
            [*_box(answer.boxes[at]), int(answer.classes[at]), round(float(answer.scores[at]), 4), int(hit[at])]
            for at in shown
        ],
        "ranked": [
            {"scores": [round(float(score) * SCORE_STEPS) for score in cell.scores],
             "hits": "".join("1" if one else "0" for one in cell.hits)}
            for cell in cells
        ],
    }  # fmt: skip


def _box(box: NDArray[Any]) -> list[float]:
    return [round(float(value), 1) for value in box]
