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
RECALLS = np.linspace(0.0, 1.0, 101)
IOU_50, IOU_75 = 0, 5
"""Indices of IoU 0.50 and 0.75 among the ten thresholds 0.50 to 0.95."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One image's truth and answers: boxes as x1, y1, x2, y2."""

    true_boxes: NDArray[np.float64]
    true_classes: NDArray[np.int64]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]


def map50(images: Sequence[Scored], classes: Sequence[str]) -> float:
    """AP at IoU 0.50 alone, mean over classes: a tenth of the work of `evaluate`."""
    return _mean(evaluate(images, classes, by_size=False, overlaps=(0.5,)).eval["precision"][IOU_50, :, :, 0, -1])


def evaluate(images: Sequence[Scored], classes: Sequence[str], by_size: bool = True,
             overlaps: Sequence[float] = ()) -> Any:  # fmt: skip
    """Run COCOeval over images; the evaluator keeps its matches for `summary` and `Bootstrap`.

    Args:
        images: truth and answers.
        classes: names in index order.
        by_size: also match within small, medium and large objects, which takes four times as long.
        overlaps: IoU thresholds instead of COCO's ten.
    """
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
        evaluator.params.maxDets = [MAX_DETECTIONS]
        if overlaps:
            evaluator.params.iouThrs = np.array(overlaps)
        if not by_size:
            evaluator.params.areaRng, evaluator.params.areaRngLbl = evaluator.params.areaRng[:1], ["all"]
        evaluator.evaluate()
        evaluator.accumulate()
    return evaluator


def summary(evaluator: Any) -> dict[str, float]:
    """map50, map (0.50 to 0.95), map75, recall50; and map50_<size> for the sizes that the images hold."""
    precision, recall = evaluator.eval["precision"], evaluator.eval["recall"]
    sizes = {
        f"map50_{name}": _mean(precision[IOU_50, :, :, index, -1])
        for index, name in enumerate(evaluator.params.areaRngLbl)
        # -1 marks what could not be measured: no object of that size.
        if index > 0 and (precision[IOU_50, :, :, index, -1] > -1).any()
    }
    return {
        "map50": _mean(precision[IOU_50, :, :, 0, -1]),
        "map": _mean(precision[:, :, :, 0, -1]),
        "map75": _mean(precision[IOU_75, :, :, 0, -1]),
        "recall50": _mean(recall[IOU_50, :, 0, -1]),
        **sizes,
    }


def boxes_by_size(evaluator: Any) -> dict[str, int]:
    """True boxes that are small, medium and large, for the sizes that the images hold: how much their scores say."""
    ranges = dict(zip(evaluator.params.areaRngLbl, evaluator.params.areaRng, strict=True))
    areas = [annotation["area"] for annotation in evaluator.cocoGt.dataset["annotations"]]
    # Both ends belong to a range, as COCOeval has it.
    counts = {name: sum(low <= area <= high for area in areas) for name, (low, high) in ranges.items() if name != "all"}
    return {name: count for name, count in counts.items() if count}


def per_class(evaluator: Any, classes: Sequence[str]) -> dict[str, float]:
    """AP at IoU 0.50 of each class."""
    precision = evaluator.eval["precision"]
    return {name: _mean(precision[IOU_50, :, index, 0, -1]) for index, name in enumerate(classes)}


@dataclass(frozen=True, slots=True)
class Matches:
    """One image's answers of a class at the first IoU threshold, best first.

    `order` says which of the image's answers of this class each is, in their own order; `found` has, for each true box,
    the score of the answer that hit it, or -1.
    """

    scores: NDArray[np.float64]
    hits: NDArray[np.bool_]
    order: NDArray[np.int64]
    found: NDArray[np.float64]


def matches(evaluator: Any) -> list[list[Matches]]:
    """Matches at IoU 0.50 of each class and image, in the order of both."""
    images, areas = len(evaluator.params.imgIds), len(evaluator.params.areaRng)
    result = []
    for index, category in enumerate(evaluator.params.catIds):
        first = index * areas * images
        cells = evaluator.evalImgs[first : first + images]
        result.append(
            [
                _matched(evaluator, cell, image, category)
                for cell, image in zip(cells, evaluator.params.imgIds, strict=True)
            ]
        )
    return result


def _matched(evaluator: Any, cell: dict[str, Any] | None, image: int, category: int) -> Matches:
    if cell is None:
        return Matches(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.int64), np.zeros(0))
    scores = np.asarray(cell["dtScores"], np.float64)
    hits = cell["dtMatches"][IOU_50] > 0
    # In the order in which they were given.
    ids = {answer["id"]: at for at, answer in enumerate(evaluator._dts[image, category])}
    order = np.array([ids[identity] for identity in cell["dtIds"]], np.int64)
    by_truth = {int(truth): score for truth, score in zip(cell["dtMatches"][IOU_50], scores, strict=True) if truth > 0}
    true = [truth["id"] for truth in evaluator._gts[image, category]]
    return Matches(scores, hits, order, np.array([by_truth.get(identity, -1.0) for identity in true]))


class Bootstrap:
    """AP at IoU 0.50 of resampled images, from matches that COCOeval made once.

    Matching an image's detections does not depend on other images, so a resample only changes how often each cached
    match counts: no second matching, no second sorting.
    """

    def __init__(self, evaluator: Any) -> None:
        self.images = len(evaluator.params.imgIds)
        areas = len(evaluator.params.areaRng)
        self._categories = []
        for category in range(len(evaluator.params.catIds)):
            first = category * areas * self.images
            cells = [_matches(cell) for cell in evaluator.evalImgs[first : first + self.images]]
            scores = np.concatenate([scores for scores, _, _ in cells])
            order = np.argsort(-scores, kind="mergesort")
            matched = np.concatenate([matched for _, matched, _ in cells])[order]
            image = np.repeat(np.arange(self.images), [len(scores) for scores, _, _ in cells])[order]
            self._categories.append((matched, image, np.array([positives for _, _, positives in cells])))

    def map50(self, image_indices: NDArray[np.int64]) -> float:
        """Mean over classes of the AP of a sample of images, drawn with repetition."""
        values = [value for value in self.ap50(image_indices) if value is not None]
        return float(np.mean(values)) if values else 0.0

    def ap50(self, image_indices: NDArray[np.int64]) -> list[float | None]:
        """The AP of each class on such a sample, in the order of the classes; None where it holds no object of it."""
        counts = np.bincount(image_indices, minlength=self.images)
        return [
            average_precision(matched, counts[image], int(counts @ positives)) if counts @ positives else None
            for matched, image, positives in self._categories
        ]


def average_precision(matched: NDArray[np.bool_], counts: NDArray[np.int64], positives: int) -> float:
    """COCO's 101-point interpolated average precision of detections, best first, each counted `counts` times."""
    hits, seen = np.cumsum(matched * counts), np.cumsum(counts)
    precision = np.divide(hits, seen, out=np.zeros(len(hits)), where=seen > 0)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(envelope[np.searchsorted(hits / positives, RECALLS, side="left")].mean())


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
    """COCO marks what cannot be measured with -1; with nothing measured the mean is 0."""
    known = values[values > -1]
    return float(known.mean()) if known.size else 0.0


def _xywh(box: NDArray[Any]) -> list[float]:
    return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]


def _area(box: NDArray[Any]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
