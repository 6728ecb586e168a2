"""The baseline for monitoring: what the endpoint would have answered to the test images, with features and flights."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from peregrine_ml import features
from peregrine_ml.detector import Detections, Detector
from peregrine_ml.drift.model import Answer
from peregrine_ml.evaluation.ground_truth import Sample
from peregrine_ml.monitoring import baseline


def write(folder: Path, detector: Detector, dataset: Path, answered: Iterable[tuple[Sample, Detections]]) -> None:
    """Write the baseline's three files.

    Args:
        folder: made if absent.
        detector: that answered.
        dataset: folder of the data set.
        answered: real test tiles with all detections, those below the model's confidence threshold included.
    """
    given = [_answer(detector, dataset, sample, found) for sample, found in answered]
    baseline.write(folder, given, detector.model.sha256)


def _answer(detector: Detector, dataset: Path, sample: Sample, found: Detections) -> tuple[Answer, Counter[str]]:
    """Features as a server tells them: of what is above the threshold, which suppressed the rest either way."""
    shown = found.scores >= detector.model.thresholds.confidence
    height, width = sample.image.shape[:2]
    measured = {
        **features.of_image(sample.image),
        **features.of_detections(found.boxes[shown], found.scores[shown], width, height),
        "width": float(width), "height": float(height), "bytes": float((dataset / sample.file).stat().st_size),
    }  # fmt: skip
    classes = Counter(detector.model.classes[int(index)] for index in found.classes[shown])
    return Answer(measured, sample.flight, sample.file), classes
