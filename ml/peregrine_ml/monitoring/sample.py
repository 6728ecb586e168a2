"""What labelled answers score, in all and for each class, and between what ends that lies.

Intervals come from resampling flights with their answers: images of one flight are alike, and intervals over images
would be too narrow. They are of the 95 % level, widened for few flights (see `_widening`), and none below two flights.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.evaluation import coco_scores
from peregrine_ml.evaluation.coco_scores import Scored
from peregrine_ml.monitoring.label_rules import Labelled

RESAMPLES = 400
LEVEL = 0.95
METRICS = ("precision", "recall", "f1", "map50")

Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric on the labelled sample, 0 to 1, and its interval; None where it is not known."""

    value: float | None
    low: float | None = None
    high: float | None = None


Metrics = Mapping[str, Estimate]
"""precision, recall and f1 at IoU 0.5, and map50 (of one class: its AP)."""


class Sample:
    """Labelled answers of a variant, matched once; a slice or a resample only counts the matches otherwise.

    Attributes:
        labelled: the answers.
        classes: that they or their truth name, sorted.
        counts: of each answer and class: detections that are right at IoU 0.5, detections, true objects.
    """

    def __init__(self, labelled: Sequence[Labelled], seed: int) -> None:
        self.labelled, self.seed = labelled, seed
        self.classes = _classes(labelled)
        self.counts = np.zeros((len(labelled), len(self.classes), 3))
        if labelled:
            evaluator = _evaluate(labelled, self.classes)
            self.bootstrap = coco_scores.Bootstrap(evaluator)
            self.counts = _counts(evaluator, self.counts)

    def flights(self, indices: NDArray[np.int64]) -> list[str]:
        """Of some of the answers, sorted."""
        return sorted({self.labelled[index].answer.flight for index in indices})

    def measure(self, indices: NDArray[np.int64]) -> tuple[Metrics, dict[str, Metrics]]:
        """What some of the answers score: in all, and by class."""
        whole, *by_class = self._values(indices)
        names = self.flights(indices)
        place = {name: number for number, name in enumerate(names)}
        flight_of = np.array([place[self.labelled[index].answer.flight] for index in indices], np.int64)
        drawn: list[list[Values]] = []
        if len(names) > 1:
            members = [indices[flight_of == flight] for flight in range(len(names))]
            random = np.random.default_rng(self.seed)
            drawn = [
                self._values(np.concatenate([members[flight] for flight in random.integers(0, len(names), len(names))]))
                for _ in range(RESAMPLES)
            ]
        # A class that few flights hold is known no better than from so few.
        holds = (self.counts[indices, :, 1:].sum(axis=2) > 0) if len(indices) else np.zeros((0, len(self.classes)))
        known = [len(set(flight_of[holds[:, index] > 0])) for index in range(len(self.classes))]
        return (
            _metrics(whole, [one[0] for one in drawn], len(names)),
            {
                name: _metrics(by_class[index], [one[1 + index] for one in drawn], known[index])
                for index, name in enumerate(self.classes)
            },
        )

    def _values(self, indices: NDArray[np.int64]) -> list[Values]:
        """Of all classes together, then of each."""
        if not len(indices):
            return [dict.fromkeys(METRICS)] * (1 + len(self.classes))
        totals = self.counts[indices].sum(axis=0)
        precisions = self.bootstrap.ap50(indices)
        measured = [value for value in precisions if value is not None]
        mean = float(np.mean(measured)) if measured else None
        return [_values(totals.sum(axis=0), mean)] + [
            _values(totals[index], precisions[index]) for index in range(len(self.classes))
        ]


def matches(labelled: Sequence[Labelled]) -> NDArray[np.float64]:
    """Of each answer: detections that are right at IoU 0.5, detections, true objects; n x 3."""
    counts: NDArray[np.float64] = Sample(labelled, 0).counts.sum(axis=1)
    return counts


def _classes(labelled: Sequence[Labelled]) -> list[str]:
    true = {box.name for one in labelled for box in one.truth}
    return sorted(true | {name for one in labelled for name in one.answer.names})


def _evaluate(labelled: Sequence[Labelled], classes: Sequence[str]) -> Any:
    # COCOeval refuses a set without categories; an empty answer to an empty image is right all the same.
    scored = [_scored(one, {name: index for index, name in enumerate(classes)}) for one in labelled]
    return coco_scores.evaluate(scored, classes or ["none"], by_size=False)


def _counts(evaluator: Any, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    for cell in evaluator.evalImgs:
        if cell is not None:
            right = int((cell["dtMatches"][coco_scores.IOU_50] > 0).sum())
            counts[cell["image_id"] - 1, cell["category_id"] - 1] += (right, len(cell["dtScores"]), len(cell["gtIds"]))
    return counts


def _scored(one: Labelled, index_of: Mapping[str, int]) -> Scored:
    return Scored(
        np.array([box.box for box in one.truth], np.float64).reshape(-1, 4),
        np.array([index_of[box.name] for box in one.truth], np.int64),
        one.answer.boxes.reshape(-1, 4).astype(np.float32),
        one.answer.scores.astype(np.float32),
        np.array([index_of[name] for name in one.answer.names], np.int64),
    )


def _values(totals: NDArray[np.float64], precision: float | None) -> Values:
    right, found, true = (float(total) for total in totals)
    return {
        "precision": right / found if found else None,
        "recall": right / true if true else None,
        "f1": 2 * right / (found + true) if found + true else None,
        "map50": precision if true else None,
    }


def _metrics(values: Values, drawn: Sequence[Values], flights: int) -> Metrics:
    return {name: _estimate(values[name], [one[name] for one in drawn], flights) for name in METRICS}


def _estimate(value: float | None, drawn: Sequence[float | None], flights: int) -> Estimate:
    known = [one for one in drawn if one is not None]
    if value is None or flights < 2 or len(known) < len(drawn) / 2:
        return Estimate(_rounded(value))
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(known, [tail, 100 - tail])
    wider = _widening(flights)
    return Estimate(
        _rounded(value),
        _rounded(max(0.0, value - wider * max(0.0, value - float(low)))),
        _rounded(min(1.0, value + wider * max(0.0, float(high) - value))),
    )


@functools.cache
def _widening(flights: int) -> float:
    """Resampling few clusters understates their variance by (G-1)/G and knows no t distribution.

    Source: Cameron, Gelbach, Miller (2008), "Bootstrap-based improvements for inference with clustered errors", as a
    factor on a percentile interval's ends.
    """
    from scipy import stats

    tail = 1 - (1 - LEVEL) / 2
    return float(stats.t.ppf(tail, flights - 1) / stats.norm.ppf(tail) * (flights / (flights - 1)) ** 0.5)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
