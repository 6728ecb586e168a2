"""COCO's average precision, by pycocotools, and the paired bootstrap over its per-image matches.

pycocotools is the reference for these numbers; `EVALUATOR` is stored beside them, since evaluators differ by
half a point (interpolation, limit of detections).
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DETECTIONS = 500
"""Per image. COCO's default of 100 understates aerial images, which hold hundreds of objects."""
EVALUATOR = f"pycocotools COCOeval, maxDets {MAX_DETECTIONS}"
IOU_50 = 0
"""Index of IoU 0.50 among the ten thresholds 0.50 to 0.95."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One image's truth and answers: boxes as x1, y1, x2, y2."""

    true_boxes: NDArray[np.float64]
    true_classes: NDArray[np.int64]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]


def evaluate(images: Sequence[Scored], classes: Sequence[str]) -> Any:
    """Run COCOeval over images; the evaluator keeps its matches for `summary` and `Bootstrap`."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, answers = COCO(), []
    annotations: list[dict[str, Any]] = []
    for image_id, image in enumerate(images, start=1):
        for box, label in zip(image.true_boxes, image.true_classes, strict=True):
            annotations.append({"id": len(annotations) + 1, "image_id": image_id, "iscrowd": 0,
                                "category_id": int(label) + 1, "bbox": _xywh(box), "area": _area(box)})  # fmt: skip
        for box, score, label in zip(image.boxes, image.scores, image.classes, strict=True):
            answers.append({"image_id": image_id, "category_id": int(label) + 1, "bbox": _xywh(box),
                            "score": float(score)})  # fmt: skip
    truth.dataset = {
        "info": {}, "images": [{"id": image_id} for image_id in range(1, len(images) + 1)],
        "annotations": annotations,
        "categories": [{"id": index + 1, "name": name} for index, name in enumerate(classes)],
    }  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes(answers) if answers else _nothing(truth)
        evaluator = COCOeval(truth, found, "bbox")
        evaluator.params.maxDets = [1, 100, MAX_DETECTIONS]
        evaluator.evaluate()
        evaluator.accumulate()
    return evaluator


def summary(evaluator: Any) -> dict[str, float]:
    """map50, map (0.50 to 0.95), map75, recall, and AP by COCO's object sizes; nothing to find counts as 0."""
    precision, recall = evaluator.eval["precision"], evaluator.eval["recall"]
    areas = {"small": 1, "medium": 2, "large": 3}
    return {
        "map50": _mean(precision[IOU_50, :, :, 0, -1]),
        "map": _mean(precision[:, :, :, 0, -1]),
        "map75": _mean(precision[5, :, :, 0, -1]),
        "recall50": _mean(recall[IOU_50, :, 0, -1]),
        **{f"map50_{name}": _mean(precision[IOU_50, :, :, index, -1]) for name, index in areas.items()},
    }


def per_class(evaluator: Any, classes: Sequence[str]) -> dict[str, float]:
    """AP at IoU 0.50 of each class."""
    precision = evaluator.eval["precision"]
    return {name: _mean(precision[IOU_50, :, index, 0, -1]) for index, name in enumerate(classes)}


class Bootstrap:
    """AP at IoU 0.50 of resampled images, from matches that COCOeval made once.

    Matching an image's detections does not depend on other images, so a resample only merges cached matches.
    """

    def __init__(self, evaluator: Any) -> None:
        count = len(evaluator.params.imgIds)
        areas = len(evaluator.params.areaRng)
        self._categories: list[list[tuple[NDArray[np.float64], NDArray[np.bool_], int]]] = []
        for category in range(len(evaluator.params.catIds)):
            cells = evaluator.evalImgs[category * areas * count : category * areas * count + count]
            self._categories.append([_matches(cell) for cell in cells])

    def map50(self, image_indices: NDArray[np.int64]) -> float:
        """Mean over classes of the AP of a sample of images, drawn with repetition."""
        values = []
        for cells in self._categories:
            chosen = [cells[index] for index in image_indices]
            positives = sum(cell[2] for cell in chosen)
            if positives:
                values.append(
                    average_precision(np.concatenate([c[0] for c in chosen]), np.concatenate([c[1] for c in chosen]), positives)
                )
        return float(np.mean(values)) if values else 0.0


def average_precision(scores: NDArray[np.float64], matched: NDArray[np.bool_], positives: int) -> float:
    """COCO's 101-point interpolated average precision."""
    order = np.argsort(-scores, kind="mergesort")
    hits = np.cumsum(matched[order])
    recall = hits / positives
    precision = hits / np.arange(1, len(order) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.where(at < len(envelope), envelope[np.minimum(at, max(len(envelope) - 1, 0))], 0.0).mean()) if len(envelope) else 0.0


def _matches(cell: dict[str, Any] | None) -> tuple[NDArray[np.float64], NDArray[np.bool_], int]:
    if cell is None:
        return np.zeros(0), np.zeros(0, bool), 0
    counted = ~cell["dtIgnore"][IOU_50].astype(bool)
    scores = np.asarray(cell["dtScores"], np.float64)[counted]
    return scores, (cell["dtMatches"][IOU_50] > 0)[counted], int((~cell["gtIgnore"].astype(bool)).sum())


def _nothing(truth: Any) -> Any:
    from pycocotools.coco import COCO

    found = COCO()
    found.dataset = {**truth.dataset, "annotations": []}
    found.createIndex()
    return found


def _mean(values: NDArray[np.float64]) -> float:
    """COCO marks what cannot be measured with -1."""
    known = values[values > -1]
    return float(known.mean()) if known.size else 0.0


def _xywh(box: NDArray[Any]) -> list[float]:
    return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]


def _area(box: NDArray[Any]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
