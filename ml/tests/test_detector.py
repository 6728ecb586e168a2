"""Boxes come back in the image's own pixels, without doubles."""

from pathlib import Path

import numpy as np
import pytest
from conftest import write_model

from peregrine_ml import consistency, features, modelfile
from peregrine_ml.detector import Detector, letterbox, suppress
from peregrine_ml.errors import InputError


def test_suppression_keeps_the_best_of_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 4, 4], [50, 50, 60, 60]], np.float32)
    scores = np.array([0.5, 0.9, 0.8, 0.1], np.float32)
    # Box 0 shares 90 of 110 with box 1 (0.82); box 2 shares 12 of 104 (0.12).
    assert suppress(boxes, scores, 0.6).tolist() == [1, 2, 3]
    assert suppress(boxes, scores, 0.9).tolist() == [1, 2, 0, 3]
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5).tolist() == []


def test_suppression_counts_an_overlap_equal_to_the_limit_as_allowed() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 5, 10, 15]], np.float32)
    assert len(suppress(boxes, np.array([0.9, 0.8], np.float32), 50 / 150)) == 2


def test_letterbox_centres_and_keeps_proportions() -> None:
    square, placement = letterbox(np.zeros((50, 100, 3), np.uint8), 64)
    assert square.shape == (64, 64, 3)
    assert (placement.scale, placement.left, placement.top) == (0.64, 0, 16)
    assert square[0, 0, 0] == 114 and square[32, 32, 0] == 0


def test_boxes_are_given_in_pixels_of_the_image(model_folder: Path) -> None:
    detector = Detector(modelfile.load(model_folder))
    found = detector.detect(np.zeros((64, 128, 3), np.uint8))
    # 128x64 into 64: scale 0.5, 16 rows of padding above. 22..42 becomes x 44..84, y 12..52.
    assert found.boxes.tolist() == [[44, 12, 84, 52]]
    assert found.scores.tolist() == pytest.approx([0.9])


def test_a_lower_threshold_shows_more(model_folder: Path) -> None:
    detector = Detector(modelfile.load(model_folder))
    assert len(detector.detect(np.zeros((64, 64, 3), np.uint8), 0.05)) == 2


def test_a_large_image_is_searched_tile_by_tile(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tiled", [[32, 32, 8, 8, 0.9]], tile=64)
    found = Detector(modelfile.load(folder)).detect(np.zeros((64, 115, 3), np.uint8))
    assert found.tiles == 2
    assert sorted(box[0] for box in found.boxes.tolist()) == [28, 28 + 51]


def test_features_have_the_same_columns_with_and_without_detections() -> None:
    empty = features.of_detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 10, 10)
    one = features.of_detections(np.array([[0, 0, 2, 5]], np.float32), np.array([0.5], np.float32), 10, 10)
    assert empty.keys() == one.keys() and set(empty.values()) == {0.0}
    assert (one["n_det"], one["median_box_area"], one["covered"]) == (1, 10, 0.1)
    grey = {
        "luminance_mean": 77,
        "luminance_std": 0,
        "blur": 0,
        "noise": 0,
        "flat": 1,
        "saturation_mean": 0,
    }
    for shape in ((8, 8, 3), (3, 20, 3), (1, 1, 3)):
        assert features.of_image(np.full(shape, 77, np.uint8)) == grey


def test_a_detector_tells_how_sure_it_was_before_suppression() -> None:
    scores = np.array([[0.9, 0.5, 0.01], [0.06, 0.02, 0.01]], np.float32)
    sure = consistency.of_scores(scores)
    assert sure["candidates"] == 1.5 and sure["top_conf"] == pytest.approx(0.25)
    assert sure["entropy"] == pytest.approx((0.469 + 1.0 + 0.3274) / 3, abs=1e-3)
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [50, 50, 60, 60]], np.float32)
    assert consistency.of_boxes(boxes, boxes[[0, 2]]) == {"agreement": 1.5, "consistency": 0.5}
    assert set(consistency.of_boxes(boxes[:0], boxes[:0]).values()) == {0.0}


def test_a_changed_or_missing_model_is_named(model_folder: Path, tmp_path: Path) -> None:
    with (model_folder / "model.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(InputError, match=r"model\.json describes"):
        modelfile.load(model_folder)
    (model_folder / "model.onnx").unlink()
    with pytest.raises(InputError, match=r"model\.onnx missing"):
        modelfile.load(model_folder)


def test_a_network_of_another_shape_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", [[32, 32, 8, 8, 0.9, 0.1]])
    with pytest.raises(InputError, match="gives 6 channels"):
        Detector(modelfile.load(folder))


def test_a_truncated_archive_is_named(model_folder: Path, tmp_path: Path) -> None:
    import tarfile

    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as stream:
        stream.add(model_folder, ".")
    modelfile.load(modelfile.unpack(archive, tmp_path / "whole"))
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(InputError, match=r"no whole tar\.gz"):
        modelfile.unpack(archive, tmp_path / "half")
    with pytest.raises(InputError, match="No model archive"):
        modelfile.unpack(tmp_path / "none.tar.gz", tmp_path / "none")
