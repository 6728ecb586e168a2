"""Small flights, and a model whose answers are known."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from peregrine_ml import dataset, flights, modelfile
from peregrine_ml.annotations.model import Box

SIDE = 64
ROOT = Path(__file__).resolve().parents[1]
ISOLATED = (
    "-I", "-c",
    f"import runpy, sys; sys.path.append({str(ROOT)!r}); runpy.run_module('peregrine_ml', run_name='__main__')",
)  # fmt: skip
"""Python's arguments that start the program as the image does, which has it in site-packages."""


def picture(seed: int, width: int = 300, height: int = 280) -> np.ndarray:
    return (
        np.random.default_rng(seed)
        .integers(0, 255, (height // 20, width // 20, 3), np.uint8)
        .repeat(20, 0)
        .repeat(20, 1)
    )


def add_flight(folder: Path, name: str, seed: int, boxes: list[Box] | None, **known: str) -> flights.FlightImage:
    target = folder / "flights" / name / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    image = picture(seed)
    cv2.imwrite(str(target), image)
    if boxes is not None:
        target.with_suffix(".xml").write_text(dataset.voc_xml(target.name, image.shape[1], image.shape[0], boxes))
    return flights.FlightImage(target.relative_to(folder).as_posix(), name, **known)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four labelled flights and one without labels, with splits in flights.csv."""
    folder = tmp_path / "source"
    trees = [Box("tree", 20, 20, 60, 70), Box("tree", 200, 150, 250, 210)]
    rows = [
        add_flight(folder, "alder-01", 1, trees, split="train"),
        add_flight(folder, "alder-02", 2, trees[:1], split="val"),
        add_flight(folder, "birch-01", 3, trees, split="test"),
        add_flight(folder, "cedar-01", 4, [], split="train"),
        add_flight(folder, "pond-01", 5, None, split="test"),
    ]
    flights.write(folder, rows)
    return folder


def write_onnx(path: Path, rows: list[list[float]], side: int = SIDE) -> None:
    """A network that answers the same anchors (cx, cy, w, h, score) to every picture."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    answers = np.array(rows, np.float32).T[None]
    graph = helper.make_graph(
        [
            helper.make_node("Shape", ["images"], ["shape"], start=0, end=1),
            helper.make_node("Concat", ["shape", "rest"], ["wanted"], axis=0),
            helper.make_node("Expand", ["answers", "wanted"], ["output0"]),
        ],
        "fixed",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["batch", *answers.shape[1:]])],
        [
            numpy_helper.from_array(answers, "answers"),
            numpy_helper.from_array(np.array(answers.shape[1:], np.int64), "rest"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def write_model(folder: Path, rows: list[list[float]], side: int = SIDE, tile: int = 256) -> Path:
    """A model folder as `train` leaves it, around `write_onnx`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(folder / "model.onnx", rows, side)
    document = {
        "schema": modelfile.SCHEMA, "architecture": "yolo11n", "classes": ["tree"], "imgsz": side, "tile": tile,
        "overlap": 0.2, "thresholds": asdict(modelfile.Thresholds()), "licence": modelfile.LICENCE,
        "digests": {"onnx": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()},
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(document))
    return folder


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """Finds one tree in the middle with 0.9, one that overlaps it with 0.6, and one in a corner with 0.1."""
    return write_model(tmp_path / "model", [[32, 32, 20, 20, 0.9], [33, 32, 20, 20, 0.6], [8, 8, 10, 10, 0.1]])
