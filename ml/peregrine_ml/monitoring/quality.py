"""Quality on the labelled sample: precision, recall, F1 and mAP50 by variant, slice and class, with coverage and lag.

Answers hold only what the endpoint showed, above the model's confidence threshold. Average precision of those is lower
than what `evaluate` measures of all detections: compare it with itself over time, not with the evaluation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.monitoring.label_rules import Answer, Settled, settle
from peregrine_ml.monitoring.labels import Label
from peregrine_ml.monitoring.sample import Metrics, Sample

SAMPLES = {"random": "random", "chosen": "chosen", "": "feedback"}
ENOUGH_LABELS = 20
"""Labelled answers that were picked at random, from which on they speak for all; true objects of a class, likewise."""

Counts = Mapping[str, Mapping[str, int]]
"""Answers by kind of slice and slice."""


@dataclass(frozen=True, slots=True)
class Captured:
    """How many answers a variant gave, in all and by slice."""

    answers: int
    slices: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the answers scored that were picked at random to be labelled."""

    labelled: int
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Quality:
    """What a variant scored, on all its labelled answers or on those of a slice.

    Attributes:
        answers: captured in the window, labelled or not; None where nobody counted them.
        labelled: of these.
        flights: with a labelled answer.
        true_boxes: objects in the labelled answers.
        coverage: labelled / answers; None where these were not counted.
        lag_hours: median from an answer to its label.
        metrics: of all labelled answers.
        drawn: those that were picked at random, where they are enough and there are others (see `representative`).
    """

    answers: int | None
    labelled: int
    flights: int
    true_boxes: int
    coverage: float | None
    lag_hours: float | None
    metrics: Metrics
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """What a variant scored on one class, on the answers that tell most about all.

    Attributes:
        labelled: answers with a true object of it.
        true_boxes: objects of it.
        metrics: of the class; `map50` is its average precision.
    """

    labelled: int
    true_boxes: int
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class QualityReport:
    """By variant, by variant and slice (`light` to `darker` to its quality), by variant and class; and the labels.

    The slice `sample` says how answers were picked to be labelled: `random` tells of all answers; `chosen` ones were
    picked since they looked hard, and `feedback` came from people who noticed something. Both look worse than it is.
    """

    variants: Mapping[str, Quality]
    slices: Mapping[str, Mapping[str, Mapping[str, Quality]]]
    classes: Mapping[str, Mapping[str, ClassQuality]]
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
            "classes": {
                variant: {name: asdict(quality) for name, quality in classes.items()}
                for variant, classes in self.classes.items()
            },
            "labels": self.settled.to_dict(),
        }


def report(labels: Iterable[Label], answers: Sequence[Answer], now: datetime, seed: int = 0,
           captured: Mapping[str, Captured] | None = None) -> QualityReport:  # fmt: skip
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
    if captured is None:
        captured = {variant: Captured(len(own), _counted(own)) for variant, own in by_variant.items()}
    else:
        settled.counts.answers = sum(one.answers for one in captured.values())
    variants, slices, classes = {}, {}, {}
    for variant in sorted(by_variant.keys() | captured.keys()):
        labelled = [one for one in settled.labelled.values() if one.answer.variant == variant]
        sample, counts = Sample(labelled, seed), captured.get(variant, Captured(0))
        variants[variant], classes[variant] = _whole(sample, counts.answers)
        slices[variant] = _slices(sample, counts)
    return QualityReport(variants, slices, classes, settled)


def representative(quality: Mapping[str, Any]) -> dict[str, Any]:
    """A quality of a report's JSON, on the answers that tell most about all of them.

    Answers that were picked since they looked hard, or that people reported, look worse than all do; those that were
    picked at random are taken alone as soon as there are enough.
    """
    return {**quality, **(quality["drawn"] or {})}


def _counted(answers: Sequence[Answer]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for answer in answers:
        for kind, name in answer.slices.items():
            values = counts.setdefault(kind, {})
            values[name] = values.get(name, 0) + 1
    return counts


def _whole(sample: Sample, answers: int) -> tuple[Quality, dict[str, ClassQuality]]:
    indices = np.arange(len(sample.labelled))
    drawn = _drawn(sample, indices)
    metrics, by_class = sample.measure(indices)
    of_drawn, drawn_by_class = sample.measure(drawn) if len(drawn) else (None, by_class)
    told = drawn if len(drawn) else indices
    true = sample.counts[told, :, 2]
    classes = {
        name: ClassQuality(int((true[:, index] > 0).sum()), int(true[:, index].sum()), drawn_by_class[name])
        for index, name in enumerate(sample.classes)
    }
    return _quality(sample, indices, answers, metrics, Drawn(len(drawn), of_drawn) if of_drawn else None), classes


def _slices(sample: Sample, captured: Captured) -> dict[str, dict[str, Quality]]:
    names = {kind: set(values) for kind, values in captured.slices.items()}
    for one in sample.labelled:
        for kind, name in one.answer.slices.items():
            names.setdefault(kind, set()).add(name)
    slices = {
        kind: {
            name: _slice(
                sample,
                [one.answer.slices.get(kind) == name for one in sample.labelled],
                captured.slices.get(kind, {}).get(name, 0),
            )
            for name in sorted(values)
        }
        for kind, values in sorted(names.items())
    }
    picked = {one.sample for one in sample.labelled}
    slices["sample"] = {
        name: _slice(sample, [one.sample == key for one in sample.labelled], captured.answers)
        for key, name in SAMPLES.items()
        if key in picked
    }
    return slices


def _slice(sample: Sample, holds: Sequence[bool], answers: int) -> Quality:
    indices = np.flatnonzero(holds)
    drawn = _drawn(sample, indices)
    metrics, _ = sample.measure(indices)
    return _quality(
        sample, indices, answers, metrics, Drawn(len(drawn), sample.measure(drawn)[0]) if len(drawn) else None
    )


def _drawn(sample: Sample, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of some answers those picked at random; none where they are too few, or all."""
    random = np.array([index for index in indices if sample.labelled[index].sample == "random"], np.int64)
    return random if ENOUGH_LABELS <= len(random) < len(indices) else random[:0]


def _quality(
    sample: Sample, indices: NDArray[np.int64], answers: int, metrics: Metrics, drawn: Drawn | None
) -> Quality:
    lags = [
        max(0.0, (one.at - one.answer.at).total_seconds() / 3600)
        for one in (sample.labelled[index] for index in indices)
    ]
    # Hours from before slices were counted say nothing of them: fewer than were labelled cannot have been.
    known = answers if answers >= len(indices) else None
    return Quality(
        answers=known,
        labelled=len(indices),
        flights=len(sample.flights(indices)),
        true_boxes=int(sample.counts[indices, :, 2].sum()) if len(indices) else 0,
        coverage=None if known is None else round(len(indices) / known, 4) if known else 0.0,
        lag_hours=round(float(np.median(lags)), 2) if lags else None,
        metrics=metrics,
        drawn=drawn,
    )
