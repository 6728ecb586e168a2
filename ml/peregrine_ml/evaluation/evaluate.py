"""`evaluate`: a model against the held-out flights, and against the champion on the same tiles."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from peregrine_ml import manifest, modelfile, paths, tracking
from peregrine_ml.detector import Detections, Detector
from peregrine_ml.errors import InputError
from peregrine_ml.evaluation import baseline, coco_scores, drawing, ground_truth, outcomes
from peregrine_ml.evaluation.coco_scores import Scored
from peregrine_ml.evaluation.ground_truth import Sample
from peregrine_ml.flights import digest
from peregrine_ml.monitoring import names

SCHEMA = "peregrine.evaluation/2"
"""2: what the champion scored is in `comparison` in full, and both models are named by the digest of their archives."""
LEAST_SCORE = 0.001
"""Average precision ranks all answers, not only those a user would be shown."""
RESAMPLES = 1000
LATENCY_RUNS = 200
"""The gate looks at the 99th percentile: of fewer runs a single hiccup of the machine would decide."""
DRAWN_TILES = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """What one model scored."""

    metrics: dict[str, Any]
    bootstrap: coco_scores.Bootstrap
    answers: list[Detections]
    scored: list[Scored]


def measure(detector: Detector, samples: Sequence[Sample], classes: Sequence[str]) -> Measured:
    """Score a model: overall on real tiles, and by slice on those derived from them."""
    # ONNX Runtime lets go of Python's lock: one image per core at a time.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda sample: detector.detect(sample.image, LEAST_SCORE), samples))
    scored = [
        Scored(sample.boxes, sample.classes, found.boxes, found.scores, found.classes)
        for sample, found in zip(samples, answers, strict=True)
    ]
    real = [index for index, sample in enumerate(samples) if not sample.derived]
    evaluator = coco_scores.evaluate([scored[index] for index in real], classes)
    overall = coco_scores.summary(evaluator)
    slices = slice_scores(samples, scored, classes)
    for size, boxes in coco_scores.boxes_by_size(evaluator).items():
        slices["scale"][size] = {"map50": {"value": overall[f"map50_{size}"]}, "boxes": boxes}
    metrics = {
        "map50": {"value": overall["map50"]}, "map": {"value": overall["map"]}, "map75": {"value": overall["map75"]},
        "recall50": {"value": overall["recall50"]},
        "per_class": {name: {"value": value} for name, value in coco_scores.per_class(evaluator, classes).items()},
        "slices": slices, "images": len(real), "boxes": int(sum(len(samples[index].boxes) for index in real)),
        "model_bytes": detector.model.onnx.stat().st_size, "evaluator": coco_scores.EVALUATOR,
    }  # fmt: skip
    return Measured(metrics, coco_scores.Bootstrap(evaluator), answers, scored)


def slice_scores(
    samples: Sequence[Sample], scored: Sequence[Scored], classes: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """mAP by light (at nominal altitude) and by scale (by day); slices of the same tiles are scored once."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, sample in enumerate(samples):
        if sample.altitude == "nominal":
            groups.setdefault(("light", sample.light), []).append(index)
        if sample.light == "day":
            groups.setdefault(("scale", sample.altitude), []).append(index)
    done: dict[tuple[int, ...], dict[str, Any]] = {}
    result: dict[str, dict[str, Any]] = {"light": {}, "scale": {}}
    for (kind, name), chosen in groups.items():
        if tuple(chosen) not in done:
            scores = coco_scores.summary(
                coco_scores.evaluate([scored[index] for index in chosen], classes, by_size=False)
            )
            done[tuple(chosen)] = {
                "map50": {"value": scores["map50"]}, "map": {"value": scores["map"]}, "images": len(chosen),
                "boxes": sum(len(samples[index].boxes) for index in chosen),
                "derived": any(samples[index].derived for index in chosen),
            }  # fmt: skip
        result[kind][name] = done[tuple(chosen)]
    return result


def latencies(detectors: Sequence[Detector], samples: Sequence[Sample]) -> list[dict[str, float]]:
    """Milliseconds from a decoded tile to its detections, one at a time, as a server with one worker sees it.

    The detectors take turns: what else the machine does meanwhile slows them all alike, and they are to be compared.
    """
    taken: list[list[float]] = [[] for _ in detectors]
    for index in range(LATENCY_RUNS):
        for times, detector in zip(taken, detectors, strict=True):
            started = time.perf_counter()
            detector.detect(samples[index % len(samples)].image)
            times.append((time.perf_counter() - started) * 1000)
    percentiles = [np.percentile(times, [50, 99]) for times in taken]
    return [{"p50": round(float(p50), 2), "p99": round(float(p99), 2)} for p50, p99 in percentiles]


def compare(candidate: Measured, champion: Measured | None, count: int) -> dict[str, Any]:
    """The candidate's gain over the champion with a paired bootstrap over images.

    Without a champion the gain is the candidate's own map50, so that a first model passes a gate on gain.
    """
    own = candidate.metrics["map50"]["value"]
    random = np.random.default_rng(0)
    draws = random.integers(0, count, (RESAMPLES, count))
    alone = [candidate.bootstrap.map50(draw) for draw in draws]
    if champion is None:
        return {
            "champion": False, "map50_gain": {"value": own}, "map_gain": {"value": candidate.metrics["map"]["value"]},
            "map50_ci95": _interval(alone),
        }  # fmt: skip
    paired = [one - champion.bootstrap.map50(draw) for one, draw in zip(alone, draws, strict=True)]
    return {
        "champion": True,
        "champion_map50": champion.metrics["map50"], "champion_map": champion.metrics["map"],
        "champion_slices": champion.metrics["slices"], "champion_latency_ms": champion.metrics["latency_ms"],
        "champion_model_bytes": champion.metrics["model_bytes"],
        "map50_gain": {"value": own - champion.metrics["map50"]["value"]},
        "map_gain": {"value": candidate.metrics["map"]["value"] - champion.metrics["map"]["value"]},
        "map50_ci95": _interval(alone), "map50_gain_ci95": _interval(paired),
        "probability_better": float(np.mean(np.array(paired) > 0)),
    }  # fmt: skip


def _interval(values: Sequence[float]) -> list[float]:
    """The middle 95 % of resampled values."""
    return [float(value) for value in np.percentile(values, [2.5, 97.5])]


def verdict(comparison: Mapping[str, Any]) -> dict[str, Any]:
    """In words, for people; the pipeline's condition decides by the numbers."""
    if not comparison["champion"]:
        return {"verdict": "first", "reasons": ["There is no champion yet."]}
    gain, (low, high) = comparison["map50_gain"]["value"], comparison["map50_gain_ci95"]
    said = f"mAP50 {gain:+.3f} against the champion, 95 % interval {low:+.3f} to {high:+.3f}."
    return {"verdict": "better" if low > 0 else "worse" if high < 0 else "undecided", "reasons": [said]}


def draw_samples(
    samples: Sequence[Sample], answers: Sequence[Detections], confidence: float, folder: Path
) -> list[Path]:
    """Sheets of detections: real tiles from the most crowded downwards, and one tile in every slice."""

    def picture(index: int) -> Any:
        sample, found = samples[index], answers[index]
        shown = found.scores >= confidence
        what = "derived" if sample.derived else "real"
        caption = f"{sample.flight}, {sample.light}, altitude {sample.altitude} ({what})"
        return drawing.draw(sample.image, sample.boxes, found.boxes[shown], found.scores[shown], caption)

    real = [index for index, sample in enumerate(samples) if not sample.derived]
    by_flight: dict[str, list[int]] = {}
    for index in sorted(real, key=lambda index: -len(samples[index].boxes)):
        by_flight.setdefault(samples[index].flight, []).append(index)
    each = -(-DRAWN_TILES // len(by_flight))
    crowded = [index for indices in by_flight.values() for index in indices[:each]][:DRAWN_TILES]
    drawing.sheet([picture(index) for index in crowded], 3, folder / "detections.jpg")
    kinds: dict[tuple[str, str], int] = {}
    for index in sorted(range(len(samples)), key=lambda index: -len(samples[index].boxes)):
        kinds.setdefault((samples[index].light, samples[index].altitude), index)
    drawing.sheet([picture(index) for index in kinds.values()], 3, folder / "slices.jpg")
    return [folder / "detections.jpg", folder / "slices.jpg"]


def main(arguments: Sequence[str]) -> None:
    """The verb: evaluation.json, pictures, and the same numbers in the model's MLflow run."""
    argparse.ArgumentParser(prog="peregrine_ml evaluate", description=__doc__).parse_args(arguments)
    dataset, target = paths.processing_input("dataset"), paths.processing_output("evaluation")
    contents = manifest.read(dataset)
    samples = ground_truth.read(dataset)
    with tempfile.TemporaryDirectory(prefix="evaluate-") as scratch:
        archive = paths.processing_input("model") / "model.tar.gz"
        candidate = _detector(archive, Path(scratch) / "candidate")
        crowned = paths.processing_input("champion") / "model.tar.gz"
        champion = _detector(crowned, Path(scratch) / "champion") if crowned.is_file() else None
        for detector in filter(None, (candidate, champion)):
            known, labelled = ", ".join(detector.model.classes), ", ".join(contents["classes"])
            if known != labelled:
                raise InputError(
                    f"The model knows {known}; the data set has {labelled}.",
                    "Compare models and data of the same classes.",
                )
        measured = measure(candidate, samples, contents["classes"])
        measured_champion = measure(champion, samples, contents["classes"]) if champion else None
        models = [(candidate, measured), (champion, measured_champion)]
        pairs = [(detector, result) for detector, result in models if detector and result]
        taken = latencies([detector for detector, _ in pairs], [sample for sample in samples if not sample.derived])
        for (_, result), milliseconds in zip(pairs, taken, strict=True):
            result.metrics["latency_ms"] = milliseconds
        comparison = compare(measured, measured_champion, measured.metrics["images"])
        baseline.write(
            target / names.BASELINE_FOLDER, candidate, dataset,
            [(sample, found) for sample, found in zip(samples, measured.answers, strict=True) if not sample.derived],
            measured.metrics["map50"]["value"],
        )  # fmt: skip
        document = {
            "schema": SCHEMA, "detection_metrics": measured.metrics, "comparison": comparison, **verdict(comparison),
            # Promotion releases the archive, so the registry has to know the digest of exactly these bytes.
            "model": {"archive_sha256": digest(archive), "sha256": candidate.model.sha256,
                      "architecture": candidate.model.document.get("architecture"),
                      "licence": candidate.model.document.get("licence", {}).get("spdx", "")},
            "champion_model": champion and {"archive_sha256": digest(crowned), "sha256": champion.model.sha256},
            "dataset": {"digest": contents["digest"], "split": "test"},
            # Beside the archive and not in it: it is made of the archive's answers. These digests tie it to them.
            "baseline": {name: digest(target / names.BASELINE_FOLDER / name) for name in names.BASELINE_FILES},
        }  # fmt: skip
        (target / "evaluation.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        confidence = candidate.model.thresholds.confidence
        outcome = outcomes.document(
            samples, measured.answers, measured.scored, contents["classes"], confidence, contents["files"]
        )
        outcomes.write(target / outcomes.FILE_NAME, outcome)
        pictures = draw_samples(samples, measured.answers, confidence, target)
        _track(
            candidate.model.document.get("mlflow", {}).get("run_id", ""),
            document,
            outcome["operating"],
            [target / "evaluation.json", target / outcomes.FILE_NAME, *pictures],
        )
    metrics = measured.metrics
    print(f"map50={metrics['map50']['value']:.4f}; map={metrics['map']['value']:.4f}; on {metrics['images']} tiles; "
          f"p50={metrics['latency_ms']['p50']} ms; {document['reasons'][0]}")  # fmt: skip


def _detector(archive: Path, scratch: Path) -> Detector:
    return Detector(modelfile.load(modelfile.unpack(archive, scratch)))


def _track(
    run_id: str, document: Mapping[str, Any], operating: Mapping[str, Mapping[str, float]], files: Sequence[Path]
) -> None:
    run = tracking.start("evaluate", tracking.job_tags(), run_id)
    metrics = document["detection_metrics"]
    flat = {"test_map50": metrics["map50"]["value"], "test_map": metrics["map"]["value"],
            "test_map50_gain": document["comparison"]["map50_gain"]["value"],
            "latency_p50_ms": metrics["latency_ms"]["p50"], "latency_p99_ms": metrics["latency_ms"]["p99"],
            "model_bytes": metrics["model_bytes"]}  # fmt: skip
    flat |= dict(zip(("test_map50_low", "test_map50_high"), document["comparison"]["map50_ci95"], strict=True))
    for name, ap in metrics["per_class"].items():
        flat[tracking.metric_name(f"test_ap50_class_{name}")] = ap["value"]
        for fact in ("precision", "recall", "f1"):
            flat[tracking.metric_name(f"test_{fact}_class_{name}")] = operating[name][fact]
    for kind, slices in metrics["slices"].items():
        flat |= {f"test_map50_{kind}_{name}": value["map50"]["value"] for name, value in slices.items()}
    run.metrics(flat)
    for path in files:
        run.artifact(path, "evaluation")
    run.finish()
