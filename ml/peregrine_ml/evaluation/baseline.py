"""The baseline for monitoring: what the endpoint would have answered to the test images, with features and flights."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from peregrine_ml.detector import Detections, Detector
from peregrine_ml.drift.model import Answer
from peregrine_ml.evaluation import meta_set
from peregrine_ml.evaluation.ground_truth import Sample
from peregrine_ml.monitoring import baseline


def write(folder: Path, detector: Detector, dataset: Path, answered: Iterable[tuple[Sample, Detections]],
          map50: float) -> None:  # fmt: skip
    """Write the baseline's three files.

    Args:
        folder: made if absent.
        detector: that answered.
        dataset: folder of the data set.
        answered: real test tiles with all detections, those below the model's confidence threshold included.
        map50: that these scored.
    """
    pairs = list(answered)
    learned = meta_set.learn(detector, [sample for sample, _ in pairs], map50)
    given = [_answer(detector, dataset, sample, found) for sample, found in pairs]
    baseline.write(folder, given, detector.model.sha256, harmless=learned.harmless,
                   estimator=learned.estimator and learned.estimator.document())  # fmt: skip


def _answer(detector: Detector, dataset: Path, sample: Sample, found: Detections) -> tuple[Answer, Counter[str]]:
    confidence = detector.model.thresholds.confidence
    height, width = sample.image.shape[:2]
    measured = {
        **meta_set.row(sample.image, found, confidence),
        "width": float(width), "height": float(height), "bytes": float((dataset / sample.file).stat().st_size),
    }  # fmt: skip
    classes = Counter(detector.model.classes[int(index)] for index in found.classes[found.scores >= confidence])
    return Answer(measured, sample.flight, sample.file), classes
