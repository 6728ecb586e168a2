"""Quality on the labelled sample: precision, recall, F1 and mAP50 per variant and slice, with coverage and lag.

Answers hold only what the endpoint showed, above the model's confidence threshold. Average precision of those is lower
than what `evaluate` measures of all detections: compare it with itself over time, not with the evaluation.

Intervals come from resampling flights with their answers: images of one flight are alike, and intervals over images
would be too narrow. They are of the 95 % level, widened for few flights (see `_widening`), and none below two flights.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.evaluation import coco_scores
from peregrine_ml.evaluation.coco_scores import Scored
from peregrine_ml.monitoring.label_rules import Answer, Labelled, Settled, settle
from peregrine_ml.monitoring.labels import Label

RESAMPLES = 400
LEVEL = 0.95
SAMPLES = {"random": "random", "chosen": "chosen", "": "feedback"}
METRICS = ("precision", "recall", "f1", "map50")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric on the labelled sample, 0 to 1, and its interval; None where it is not known."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a variant scored, on all its labelled answers or on those of a slice.

    Attributes:
        answers: captured in the window, labelled or not; None where nobody counted them, such as in a slice.
        labelled: of these.
        flights: with a labelled answer.
        true_boxes: objects in the labelled answers.
        coverage: labelled / answers; None where these were not counted.
        lag_hours: median from an answer to its label.
        metrics: precision, recall and f1 at IoU 0.5, and map50.
    """

    answers: int | None
    labelled: int
    flights: int
    true_boxes: int
    coverage: float | None
    lag_hours: float | None
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """By variant, by variant and slice (`light` to `night` to its quality), and what became of the labels.

    The slice `sample` says how answers were picked to be labelled: `random` tells of all answers; `chosen` ones were
    picked since they looked hard, and `feedback` came from people who noticed something. Both look worse than it is.
    """

    variants: Mapping[str, Quality]
    slices: Mapping[str, Mapping[str, Mapping[str, Quality]]]
    settled: Settled

    def to_dict(self) -> dict[str, Any]:
        """For a report's JSON."""
        return {
            "variants": {name: asdict(quality) for name, quality in self.variants.items()},
            "slices": {
                variant: {
                    kind: {name: asdict(quality) for name, quality in values.items()} for kind, values in kinds.items()
                }
                for variant, kinds in self.slices.items()
            },
            "labels": self.settled.to_dict(),
        }


def report(labels: Iterable[Label], answers: Sequence[Answer], now: datetime, seed: int = 0,
           captured: Mapping[str, int] | None = None) -> QualityReport:  # fmt: skip
    """Join labels with answers and measure each variant.

    Args:
        labels: all that came, in the order in which they came (`labels.read`).
        answers: captured in the window that labels are awaited for.
        now: cloud time, UTC.
        seed: of the resampling.
        captured: how many answers each variant gave, where `answers` are only those that labels name.
    """
    settled = settle(labels, answers, now)
    by_variant: dict[str, list[Answer]] = {}
    for answer in answers:
        by_variant.setdefault(answer.variant, []).append(answer)
    if captured is not None:
        settled.counts.answers = sum(captured.values())
        by_variant |= {variant: [] for variant in captured if variant not in by_variant}
    variants, slices = {}, {}
    for variant, own in sorted(by_variant.items()):
        sample = _Sample([one for one in settled.labelled.values() if one.answer.variant == variant], seed)
        variants[variant] = sample.quality(len(own) if captured is None else captured.get(variant, 0), lambda _: True)
        slices[variant] = _slices(sample, own, counted=captured is None)
    return QualityReport(variants, slices, settled)


def _slices(sample: "_Sample", answers: Sequence[Answer], counted: bool) -> dict[str, dict[str, Quality]]:
    counts: dict[str, dict[str, int]] = {}
    for answer in answers:
        for kind, name in answer.slices.items():
            values = counts.setdefault(kind, {})
            values[name] = values.get(name, 0) + 1
    slices = {
        kind: {
            name: sample.quality(
                count if counted else None, lambda one, kind=kind, name=name: one.answer.slices.get(kind) == name
            )
            for name, count in sorted(values.items())
        }
        for kind, values in sorted(counts.items())
    }
    picked = {one.sample for one in sample.labelled}
    slices["sample"] = {
        name: sample.quality(len(answers) if counted else None, lambda one, key=key: one.sample == key)
        for key, name in SAMPLES.items()
        if key in picked
    }
    return slices


class _Sample:
    """Labelled answers of a variant, matched once; a slice or a resample only counts the matches otherwise."""

    def __init__(self, labelled: Sequence[Labelled], seed: int) -> None:
        self.labelled, self.seed = labelled, seed
        if not labelled:
            return
        evaluator = _evaluate(labelled)
        self.bootstrap = coco_scores.Bootstrap(evaluator)
        self.counts = _counts(evaluator, len(labelled))

    def quality(self, answers: int | None, chosen: Any) -> Quality:
        """Of the labelled answers that `chosen` chooses. @param answers that could have been labelled."""
        indices = np.array([index for index, one in enumerate(self.labelled) if chosen(one)], np.int64)
        names = [self.labelled[index].answer.flight for index in indices]
        flights = sorted(set(names))
        lags = [
            max(0.0, (self.labelled[index].at - self.labelled[index].answer.at).total_seconds() / 3600)
            for index in indices
        ]
        return Quality(
            answers,
            len(indices),
            len(flights),
            int(self.counts[indices, 2].sum()) if len(indices) else 0,
            None if answers is None else round(len(indices) / answers, 4) if answers else 0.0,
            round(float(np.median(lags)), 2) if lags else None,
            self._metrics(indices, np.array([flights.index(name) for name in names], np.int64)),
        )

    def _metrics(self, indices: NDArray[np.int64], flight_of: NDArray[np.int64]) -> dict[str, Estimate]:
        if not len(indices):
            return {name: Estimate(None) for name in METRICS}
        values = self._values(indices)
        flights = int(flight_of.max()) + 1
        if flights < 2:
            return {name: Estimate(_rounded(values[name])) for name in METRICS}
        members = [indices[flight_of == flight] for flight in range(flights)]
        random = np.random.default_rng(self.seed)
        drawn = [
            self._values(np.concatenate([members[flight] for flight in random.integers(0, flights, flights)]))
            for _ in range(RESAMPLES)
        ]
        return {name: _estimate(values[name], [one[name] for one in drawn], flights) for name in METRICS}

    def _values(self, indices: NDArray[np.int64]) -> dict[str, float | None]:
        right, found, true = (float(total) for total in self.counts[indices].sum(axis=0))
        return {
            "precision": right / found if found else None,
            "recall": right / true if true else None,
            "f1": 2 * right / (found + true) if found + true else None,
            "map50": self.bootstrap.map50(indices) if true else None,
        }


def matches(labelled: Sequence[Labelled]) -> NDArray[np.float64]:
    """Of each answer: detections that are right at IoU 0.5, detections, true objects; n x 3."""
    return _counts(_evaluate(labelled), len(labelled)) if labelled else np.zeros((0, 3))


def _evaluate(labelled: Sequence[Labelled]) -> Any:
    classes = sorted({box.name for one in labelled for box in one.truth} | _answered_classes(labelled))
    # COCOeval refuses a set without categories; an empty answer to an empty image is right all the same.
    scored = [_scored(one, {name: index for index, name in enumerate(classes)}) for one in labelled]
    return coco_scores.evaluate(scored, classes or ["none"], by_size=False)


def _counts(evaluator: Any, count: int) -> NDArray[np.float64]:
    counts = np.zeros((count, 3))
    for cell in evaluator.evalImgs:
        if cell is not None:
            right = int((cell["dtMatches"][coco_scores.IOU_50] > 0).sum())
            counts[cell["image_id"] - 1] += (right, len(cell["dtScores"]), len(cell["gtIds"]))
    return counts


def _answered_classes(labelled: Sequence[Labelled]) -> set[str]:
    return {name for one in labelled for name in one.answer.names}


def _scored(one: Labelled, index_of: Mapping[str, int]) -> Scored:
    return Scored(
        np.array([box.box for box in one.truth], np.float64).reshape(-1, 4),
        np.array([index_of[box.name] for box in one.truth], np.int64),
        one.answer.boxes.reshape(-1, 4).astype(np.float32),
        one.answer.scores.astype(np.float32),
        np.array([index_of[name] for name in one.answer.names], np.int64),
    )


def _estimate(value: float | None, drawn: Sequence[float | None], flights: int) -> Estimate:
    known = [one for one in drawn if one is not None]
    if value is None or len(known) < len(drawn) / 2:
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
