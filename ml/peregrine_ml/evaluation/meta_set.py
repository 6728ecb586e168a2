"""What damage does to a model's answers: the test images under each kind of damage, and under harmless changes.

The estimate of mAP50 learns from it, and drift decisions learn which shifts nobody wants to hear of.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from peregrine_ml import damage, features
from peregrine_ml.detector import Detections, Detector
from peregrine_ml.drift import estimate, signals
from peregrine_ml.drift.estimate import Estimator
from peregrine_ml.evaluation import coco_scores
from peregrine_ml.evaluation.coco_scores import Scored
from peregrine_ml.evaluation.ground_truth import Sample

Matrix = NDArray[np.float64]

STRENGTHS = (1, 3, 5)
"""Learned from; the others lie between them."""
MAX_IMAGES = 20
"""Of the test images, spread over flights: some forty times as many are answered, which takes seconds."""
LEAST_IMAGES = 8
LEAST_SCORE = 0.01
"""Average precision ranks answers that no user is shown as well. Ten times that of `evaluate`: suppression of thousands
of candidates would take most of the time, and changes mAP50 by less than its sampling error.
"""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a baseline takes besides the answers (`drift.model.Baseline`).

    Attributes:
        harmless: shifts of the features' means under harmless changes, changes x features.
        estimator: of mAP50; None where there are too few test images.
    """

    harmless: Matrix
    estimator: Estimator | None


def learn(detector: Detector, samples: Sequence[Sample], map50: float) -> Learned:
    """Answer damaged test images and learn from the answers.

    Args:
        detector: of the model.
        samples: real test tiles.
        map50: that they scored all together: what the subset scores is brought to this level.
    """
    chosen = subset(samples)
    parts = flights(chosen)
    points: list[Matrix] = []
    targets: list[float] = []
    kinds: list[str] = []
    plain, moved = np.zeros(0), []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (kind, change) in enumerate(changes()):
            rows, scored = answers(detector, chosen, change, pool)
            if number == 0:
                plain = rows
            elif number <= len(damage.HARMLESS):
                moved.append(rows.mean(axis=0) - plain.mean(axis=0))
            points += [rows[part].mean(axis=0) for part in parts]
            targets += [coco_scores.map50(scored, detector.model.classes)] * len(parts)
            kinds += [kind] * len(parts)
    estimator = None
    if len(chosen) >= LEAST_IMAGES and targets[0] > 0:
        names = tuple(signals.SIGNALS)
        level = np.clip(np.array(targets) * (map50 / targets[0]), 0.0, 1.0)
        estimator = estimate.learn(names, plain, np.array(points), level, kinds)
    return Learned(np.array(moved), estimator)


def changes() -> Iterator[tuple[str, Callable[[Sample], NDArray[np.uint8]]]]:
    """Kinds and what they do: none, harmless ones (which count as none), and each damage at three strengths."""
    yield estimate.SANE, lambda sample: sample.image
    for change in damage.HARMLESS.values():
        yield estimate.SANE, partial(harmless, change=change)
    for kind in damage.KINDS:
        for strength in STRENGTHS:
            yield kind, partial(damaged, kind=kind, strength=strength)


def subset(samples: Sequence[Sample]) -> list[Sample]:
    """At most `MAX_IMAGES` samples, evenly from each flight."""
    by_flight: dict[str, list[Sample]] = {}
    for sample in samples:
        by_flight.setdefault(sample.flight, []).append(sample)
    each = max(1, MAX_IMAGES // max(len(by_flight), 1))
    found: list[Sample] = []
    for of_flight in by_flight.values():
        places = np.linspace(0, len(of_flight) - 1, min(each, len(of_flight)))
        found += [of_flight[int(place)] for place in places.round()]
    return found[:MAX_IMAGES]


def flights(samples: Sequence[Sample]) -> list[NDArray[np.int64]]:
    """Indices of the samples of all flights together, and of each flight that has enough."""
    names = np.array([sample.flight for sample in samples])
    parts = [np.flatnonzero(names == name) for name in dict.fromkeys(names)]
    return [np.arange(len(samples)), *(part for part in parts if LEAST_IMAGES <= len(part) < len(samples))]


def row(image: NDArray[np.uint8], found: Detections, confidence: float) -> dict[str, float]:
    """Features as a server tells them: of what is above the threshold, which suppressed the rest either way."""
    shown = found.scores >= confidence
    height, width = image.shape[:2]
    of_shown = features.of_detections(found.boxes[shown], found.scores[shown], width, height)
    return {**features.of_image(image), **of_shown, **found.signals}


def answers(detector: Detector, samples: Sequence[Sample], change: Callable[[Sample], NDArray[np.uint8]],
             pool: ThreadPoolExecutor) -> tuple[Matrix, list[Scored]]:  # fmt: skip
    """Feature rows and scored answers of samples under a change."""
    names = tuple(signals.SIGNALS)

    def answer(sample: Sample) -> tuple[Matrix, Scored]:
        image = change(sample)
        found = detector.detect(image, LEAST_SCORE)
        values = signals.vector(row(image, found, detector.model.thresholds.confidence), names)
        assert values is not None  # Our own features are numbers.
        return values, Scored(sample.boxes, sample.classes, found.boxes, found.scores, found.classes)

    done = list(pool.map(answer, samples))
    return np.array([values for values, _ in done]), [scored for _, scored in done]


def harmless(sample: Sample, change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """A sample under a change."""
    return change(sample.image)


def damaged(sample: Sample, kind: str, strength: int) -> NDArray[np.uint8]:
    """A sample under a kind of damage."""
    return damage.damaged(kind, strength, sample.image, sample.file)
