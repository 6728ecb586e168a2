"""Scores agree with cases worked out by hand."""

import gzip
import hashlib
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import write_model
from mlflow.tracking.client import MlflowClient

from peregrine_ml import __main__ as command
from peregrine_ml import prepare
from peregrine_ml.detector import Detections
from peregrine_ml.drift.model import Baseline
from peregrine_ml.evaluation import coco_scores, outcomes
from peregrine_ml.evaluation.coco_scores import Bootstrap, Scored
from peregrine_ml.evaluation.ground_truth import Sample
from peregrine_ml.monitoring import names


def scored(true: list[list[float]], found: list[list[float]], scores: list[float]) -> Scored:
    return Scored(
        np.array(true, np.float64).reshape(-1, 4), np.zeros(len(true), np.int64),
        np.array(found, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.zeros(len(found), np.int64),
    )  # fmt: skip


A, B, FAR = [0, 0, 40, 40], [100, 100, 140, 140], [200, 200, 240, 240]


def test_average_precision_of_a_worked_example() -> None:
    # Ranked: hit (0.9), miss (0.8), hit (0.7). Precision 1 up to recall 0.5, then 2/3: (51 + 50 * 2/3) / 101.
    evaluator = coco_scores.evaluate([scored([A, B], [A, FAR, B], [0.9, 0.8, 0.7])], ["tree"])
    expected = (51 + 50 * 2 / 3) / 101
    assert coco_scores.summary(evaluator)["map50"] == pytest.approx(expected)
    assert Bootstrap(evaluator).map50(np.array([0])) == pytest.approx(expected)


def test_a_loose_box_counts_at_50_but_not_at_75() -> None:
    loose = [0, 0, 40, 60]
    summary = coco_scores.summary(coco_scores.evaluate([scored([A], [loose], [0.9])], ["tree"]))
    assert (summary["map50"], summary["map75"]) == (pytest.approx(1), 0)
    # IoU 1600/2400 = 0.667: hits at 0.50, 0.55, 0.60, 0.65 of ten thresholds.
    assert summary["map"] == pytest.approx(0.4)


def test_sizes_without_objects_are_left_out_and_no_answers_score_nothing() -> None:
    summary = coco_scores.summary(coco_scores.evaluate([scored([A], [], [])], ["tree"]))
    assert summary["map50"] == 0
    assert "map50_medium" in summary and "map50_large" not in summary


def test_boxes_are_counted_by_the_sizes_that_are_scored() -> None:
    # Areas of 1,024 (32 x 32, small and medium by COCO's closed ranges), 1,600 twice (medium) and 40,000 (large).
    images = [scored([[0, 0, 32, 32], A, [0, 0, 200, 200]], [A], [0.9]), scored([B], [B], [0.9])]
    evaluator = coco_scores.evaluate(images, ["tree"])
    sizes = coco_scores.boxes_by_size(evaluator)
    assert sizes == {"small": 1, "medium": 3, "large": 1}
    assert {f"map50_{name}" for name in sizes} <= coco_scores.summary(evaluator).keys()
    without = coco_scores.evaluate([scored([A], [A], [0.9])], ["tree"])
    assert coco_scores.boxes_by_size(without) == {"medium": 1}


def test_more_than_a_hundred_objects_are_counted() -> None:
    many = [[x * 12.0, y * 12.0, x * 12 + 10.0, y * 12 + 10.0] for x in range(15) for y in range(15)]
    evaluator = coco_scores.evaluate([scored(many, many, [0.5] * len(many))], ["tree"])
    assert coco_scores.summary(evaluator)["map50"] == pytest.approx(1)


def test_the_bootstrap_agrees_with_scoring_the_resample_itself() -> None:
    random = np.random.default_rng(4)
    images = []
    for _ in range(6):
        corners = random.uniform(0, 200, (5, 2))
        true = np.hstack([corners, corners + 30])
        wrong = random.uniform(0, 200, (2, 4)) + np.array([0, 0, 230, 230])
        found = np.vstack([true[:4] + random.normal(0, 5, (4, 4)), wrong])
        images.append(scored(true.tolist(), found.tolist(), random.uniform(0, 1, 6).tolist()))
    draw = np.array([0, 0, 3, 5, 5, 1])
    expected = coco_scores.summary(coco_scores.evaluate([images[index] for index in draw], ["tree"]))["map50"]
    assert Bootstrap(coco_scores.evaluate(images, ["tree"])).map50(draw) == pytest.approx(expected, abs=2e-3)


def test_outcomes_say_of_each_box_what_became_of_it() -> None:
    tile = np.zeros((256, 256, 3), np.uint8)
    near = [105, 100, 145, 140]
    first = Sample("images/test/a.jpg", tile, np.array([A, B], float), np.array([0, 1]), "day", "nominal", False, "oak")
    # The second answer hits B, which is of the other class; the third one hits it below the threshold.
    answers = [
        Detections(np.array([A, B, near], np.float32), np.array([0.9, 0.8, 0.1], np.float32), np.array([0, 0, 1]), {}),
        Detections(np.array([FAR], np.float32), np.array([0.7], np.float32), np.array([1]), {}),
    ]
    second = replace(first, file="images/slices/fog/a.jpg", light="fog", derived=True)
    cells = [
        Scored(sample.boxes, sample.classes, found.boxes, found.scores, found.classes)
        for sample, found in zip((first, second), answers, strict=True)
    ]
    outcome = outcomes.document([first, second], answers, cells, ["tree", "pole"], 0.25, {first.file: "f" * 64})
    real, derived = outcome["images"]
    assert real["true"] == [[*A, 0, 1], [*B, 1, 0]]
    assert real["shown"] == [[*A, 0, 0.9, 1], [*B, 0, 0.8, 0]]
    assert real["ranked"] == [{"scores": [9000, 8000], "hits": "10"}, {"scores": [1000], "hits": "1"}]
    assert (real["sha256"], derived["sha256"]) == ("f" * 64, "")
    assert derived["true"] == [[*A, 0, 0], [*B, 1, 0]] and derived["shown"] == [[*FAR, 1, 0.7, 0]]
    assert outcome["operating"] == {
        "tree": {"true": 1, "right": 1, "wrong": 1, "precision": 0.5, "recall": 1.0, "f1": 0.6667},
        "pole": {"true": 1, "right": 0, "wrong": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0},
    }
    assert outcome["curves"]["tree"]["precision"] == [1.0] * 101
    assert outcome["curves"]["tree"]["score"] == [0.9] * 101
    assert outcome["curves"]["pole"]["score"] == [0.1] * 101


def test_the_verb_writes_numbers_where_the_pipeline_looks(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "opt"
    monkeypatch.setenv("SM_ROOT", str(root))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.chdir(tmp_path)
    prepare.prepare(source, root / "processing/input/dataset", prepare.Options(tile=160))
    for name, score in (("model", 0.9), ("champion", 0.8)):
        folder = write_model(tmp_path / name, [[32, 32, 30, 30, score]], tile=160)
        target = root / "processing/input" / name
        target.mkdir(parents=True)
        with tarfile.open(target / "model.tar.gz", "w:gz") as stream:
            stream.add(folder, ".")
    assert command.main(["evaluate"]) == 0
    document = json.loads((root / "processing/output/evaluation/evaluation.json").read_text())
    metrics, comparison = document["detection_metrics"], document["comparison"]
    assert 0 <= metrics["map50"]["value"] <= 1 and metrics["model_bytes"] > 0
    assert {"day", "night", "fog"} == set(metrics["slices"]["light"])
    assert {"nominal", "low", "high"} <= set(metrics["slices"]["scale"])
    assert comparison["champion"] is True and comparison["map50_gain"]["value"] == pytest.approx(0)
    assert document["verdict"] == "undecided"
    # What the gate reads: all that was measured of the champion, and which archives these were.
    assert document["schema"] == "peregrine.evaluation/2"
    slices = metrics["slices"]
    assert comparison["champion_slices"].keys() == slices.keys()
    assert all(score["boxes"] > 0 for kind in slices.values() for score in kind.values())
    assert comparison["champion_slices"]["light"]["night"]["map50"] == slices["light"]["night"]["map50"]
    assert comparison["champion_model_bytes"] == metrics["model_bytes"]
    assert comparison["champion_latency_ms"].keys() == {"p50", "p99"}
    archives = {name: (root / f"processing/input/{name}/model.tar.gz").read_bytes() for name in ("model", "champion")}
    assert document["model"]["archive_sha256"] == hashlib.sha256(archives["model"]).hexdigest()
    assert document["champion_model"]["archive_sha256"] == hashlib.sha256(archives["champion"]).hexdigest()
    assert document["model"]["archive_sha256"] != document["champion_model"]["archive_sha256"]
    assert (root / "processing/output/evaluation/detections.jpg").is_file()
    # What models are compared by, tile by tile.
    outcome = json.loads(gzip.decompress((root / "processing/output/evaluation/outcomes.json.gz").read_bytes()))
    assert sum(not image["derived"] for image in outcome["images"]) == metrics["images"]
    assert np.mean(outcome["curves"]["tree"]["precision"]) == pytest.approx(metrics["map50"]["value"], abs=1e-4)
    assert outcome["operating"]["tree"]["true"] == metrics["boxes"]
    assert all(len(image["sha256"]) == 64 for image in outcome["images"])
    client = MlflowClient(f"sqlite:///{tmp_path}/runs.db")
    (run,) = client.search_runs([client.get_experiment_by_name("peregrine").experiment_id])
    assert {file.path for file in client.list_artifacts(run.info.run_id, "evaluation")} == {
        f"evaluation/{name}" for name in ("evaluation.json", "outcomes.json.gz", "detections.jpg", "slices.jpg")
    }
    assert run.data.metrics["test_map50_low"] <= metrics["map50"]["value"] <= run.data.metrics["test_map50_high"]
    assert run.data.metrics["test_ap50_class_tree"] == metrics["per_class"]["tree"]["value"]
    assert run.data.metrics["test_recall_class_tree"] == outcome["operating"]["tree"]["recall"]
    # The release compares these digests, and monitoring looks for the model that answers.
    folder = root / "processing/output/evaluation/baseline"
    written = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert document["baseline"] == written and set(written) == {*names.BASELINE_FILES}
    baseline = Baseline.parse(json.loads((folder / names.BASELINE).read_text()))
    assert baseline.model_sha256 == document["model"]["sha256"]
    assert len(baseline.values) == metrics["images"] and set(baseline.flights) == {"birch-01"}


def test_without_a_champion_the_gain_is_the_map_itself() -> None:
    from peregrine_ml.evaluation.evaluate import Measured, compare, verdict

    evaluator = coco_scores.evaluate([scored([A, B], [A], [0.9])], ["tree"])
    summary = coco_scores.summary(evaluator)
    measured = Measured(
        {"map50": {"value": summary["map50"]}, "map": {"value": summary["map"]}}, Bootstrap(evaluator), [], []
    )
    comparison = compare(measured, None, 1)
    assert comparison["map50_gain"]["value"] == summary["map50"] and comparison["champion"] is False
    assert verdict(comparison)["verdict"] == "first"
