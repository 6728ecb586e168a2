"""Annotation formats become one shape; bad files are named, all at once."""

import json
from pathlib import Path

import cv2
import pytest
from conftest import add_flight, picture

from peregrine_ml import flights
from peregrine_ml.annotations import coco, visdrone, voc, yolo
from peregrine_ml.annotations.model import Box
from peregrine_ml.errors import InputError


def test_voc_reads_boxes_and_tells_unlabelled_from_background(tmp_path: Path) -> None:
    add_flight(tmp_path, "a", 1, [Box("tree", 1, 2, 30, 40)])
    add_flight(tmp_path, "b", 2, [])
    add_flight(tmp_path, "c", 3, None)
    found = {image.path.stem: image.boxes for image in voc.read(tmp_path)}
    assert found == {"a": (Box("tree", 1, 2, 30, 40),), "b": (), "c": None}


def test_voc_names_every_broken_file_at_once(tmp_path: Path) -> None:
    for name in ("cut", "numberless", "nameless"):
        add_flight(tmp_path, name, 1, [Box("tree", 1, 2, 30, 40)])
    folder = tmp_path / "flights"
    (folder / "cut" / "cut.xml").write_text("<annotation><object>")
    for name, old, new in (("numberless", "<xmin>1</xmin>", "<xmin>one</xmin>"), ("nameless", "tree", " ")):
        file = folder / name / f"{name}.xml"
        file.write_text(file.read_text().replace(old, new))
    (folder / "cut" / "orphan.xml").write_text("<annotation/>")
    with pytest.raises(InputError) as caught:
        voc.read(tmp_path)
    text = str(caught.value)
    assert "4 problems" in text
    for words in ("cut.xml: no element found", "is no number", "has no <name>", "orphan.xml: no image of that name"):
        assert words in text


def test_yolo_lines_survive_a_round_trip() -> None:
    box = Box("car", 10, 20, 50, 80)
    read = yolo.parse_line(yolo.format_line(box, ["tree", "car"], 640, 480), ["tree", "car"], 640, 480)
    assert read.label == "car"
    assert (read.x1, read.y1, read.x2, read.y2) == pytest.approx((10, 20, 50, 80), abs=1e-3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 0.5 0.5 0.1", "4 fields"),
        ("7 0.5 0.5 0.1 0.1", "class 7"),
        ("0 1.5 0.5 0.1 0.1", "fractions"),
        ("x 0 0 0 0", "invalid"),
    ],
)
def test_yolo_refuses_malformed_lines(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        yolo.parse_line(line, ["tree"], 10, 10)


def test_yolo_reads_labels_from_the_twin_folder(tmp_path: Path) -> None:
    for kind in ("images", "labels"):
        (tmp_path / kind / "train").mkdir(parents=True)
    (tmp_path / "data.yaml").write_text("names: {0: tree}\n")
    cv2.imwrite(str(tmp_path / "images/train/a.png"), picture(1, 200, 100))
    (tmp_path / "labels/train/a.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    assert yolo.read(tmp_path)[0].boxes == (Box("tree", 50, 25, 150, 75),)


def test_yolo_without_class_names_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"classes\.txt"):
        yolo.read(tmp_path)


def test_coco_leaves_crowds_out_and_names_dangling_references(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), picture(1))
    document = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 5, "name": "bus"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 5, "bbox": [10, 20, 30, 40]},
            {"id": 2, "image_id": 1, "category_id": 5, "bbox": [0, 0, 99, 99], "iscrowd": 1},
        ],
    }
    (tmp_path / "instances.json").write_text(json.dumps(document))
    (image,) = coco.read(tmp_path)
    assert image.boxes == (Box("bus", 10, 20, 40, 60),)
    assert image.notes == ("1 crowd annotations left out",)
    document["annotations"] += [{"id": 3, "image_id": 9, "category_id": 5, "bbox": [0, 0, 1, 1]},
                                {"id": 4, "image_id": 1, "category_id": 6, "bbox": [0, 0, 1, 1]}]  # fmt: skip
    (tmp_path / "instances.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="2 problems") as caught:
        coco.read(tmp_path)
    assert "image 9" in str(caught.value) and "category 6" in str(caught.value)


def test_visdrone_leaves_ignored_regions_out(tmp_path: Path) -> None:
    for kind in ("images", "annotations"):
        (tmp_path / kind).mkdir()
    cv2.imwrite(str(tmp_path / "images/0000001_02999_d_0000005.jpg"), picture(1))
    lines = "10,20,30,40,1,4,0,0\n0,0,9,9,0,0,0,0\n5,5,9,9,1,11,0,0\n"
    (tmp_path / "annotations/0000001_02999_d_0000005.txt").write_text(lines)
    (image,) = visdrone.read(tmp_path)
    assert image.boxes == (Box("car", 10, 20, 40, 60),)
    assert visdrone.sequence_of(image.path) == "0000001"
    (tmp_path / "annotations/0000001_02999_d_0000005.txt").write_text("1,2,3\n1,2,3,4,1,99,0,0\n")
    with pytest.raises(InputError, match="2 problems"):
        visdrone.read(tmp_path)


def test_flights_csv_reports_all_its_problems(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "flights.csv").write_text(
        "file,flight,light,altitude,split\na.png,f,day,low,train\na.png,f,day,low,train\nb.png,f,day,low,\na.png,,day,low,\n"
    )
    with pytest.raises(InputError, match="3 problems"):
        flights.read(tmp_path)
    (tmp_path / "flights.csv").write_text("file,flight\n")
    with pytest.raises(InputError, match="lacks the columns light, altitude"):
        flights.read(tmp_path)
