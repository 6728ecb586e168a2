"""A data set is split by flight, is the same every time, and refuses what would leak."""

import csv
import shutil
from pathlib import Path

import cv2
import pytest
from conftest import add_flight

from peregrine_ml import flights, manifest, splits, tiling
from peregrine_ml.annotations.model import Box
from peregrine_ml.errors import InputError
from peregrine_ml.prepare import Options, parse, prepare

SMALL = Options(tile=160, overlap=0.2)


def test_tiles_cover_an_image_and_end_with_it() -> None:
    assert tiling.starts(600, 256, 0.2) == [0, 172, 344]
    assert tiling.starts(256, 256, 0.2) == [0]
    covered = set()
    for left, top, right, bottom in tiling.windows(300, 280, 160, 0.2):
        assert right - left == 160 and bottom - top == 160
        covered |= {(x, y) for x in range(left, right) for y in range(top, bottom)}
    assert len(covered) == 300 * 280


def test_a_box_cut_by_a_tile_is_clipped_or_dropped() -> None:
    boxes = [Box("tree", 90, 10, 130, 50), Box("tree", 99, 10, 139, 50)]
    assert tiling.boxes_in((0, 0, 110, 110), boxes) == [Box("tree", 90, 10, 110, 50)]


def test_prepare_writes_what_yolo_reads_and_keeps_flights_together(source: Path, tmp_path: Path) -> None:
    document = prepare(source, tmp_path / "out", SMALL)
    assert document["classes"] == ["tree"]
    assert document["splits"]["train"]["flights"] == ["alder-01", "cedar-01"]
    assert document["splits"]["test"]["flights"] == ["birch-01"]
    assert document["left_out"]["unlabelled_images"] == 1
    with (tmp_path / "out" / "metadata.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    by_flight: dict[str, set[str]] = {}
    for row in rows:
        by_flight.setdefault(row["flight"], set()).add(row["split"])
        label = tmp_path / "out" / row["file"].replace("images/", "labels/", 1).replace(".jpg", ".txt")
        assert len(label.read_text().splitlines()) == int(row["boxes"])
    assert all(len(found) == 1 for found in by_flight.values())
    assert {row["file"].split("/")[1] for row in rows if row["derived"] == "false"} == {"train", "val", "test"}


def test_the_manifest_names_every_file_it_was_made_of(source: Path, tmp_path: Path) -> None:
    document = prepare(source, tmp_path / "out", SMALL)
    assert set(document["sources"]) == {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()}
    for name, described in document["sources"].items():
        assert described == {"sha256": flights.digest(source / name), "bytes": (source / name).stat().st_size}


def test_only_test_flights_are_derived_and_marked_so(source: Path, tmp_path: Path) -> None:
    prepare(source, tmp_path / "out", SMALL)
    with (tmp_path / "out" / "metadata.csv").open() as stream:
        derived = [row for row in csv.DictReader(stream) if row["derived"] == "true"]
    assert {(row["light"], row["altitude"]) for row in derived} == {
        ("night", "nominal"), ("fog", "nominal"), ("day", "low"), ("day", "high")
    }  # fmt: skip
    assert {row["split"] for row in derived} == {"test"}
    assert all(row["file"].startswith("images/slices/") for row in derived)
    night = cv2.imread(str(tmp_path / "out" / next(row["file"] for row in derived if row["light"] == "night")))
    assert night.mean() < 40


def test_the_digest_is_the_same_every_time_and_changes_with_the_data(source: Path, tmp_path: Path) -> None:
    first = prepare(source, tmp_path / "one", SMALL)["digest"]
    assert prepare(source, tmp_path / "two", SMALL)["digest"] == first
    file = source / "flights/alder-01/alder-01.xml"
    file.write_text(file.read_text().replace("<xmin>20<", "<xmin>22<"))
    assert prepare(source, tmp_path / "three", SMALL)["digest"] != first


def test_a_manifest_notices_changed_and_missing_files(source: Path, tmp_path: Path) -> None:
    prepare(source, tmp_path / "out", SMALL)
    manifest.read(tmp_path / "out")
    (tmp_path / "out/data.yaml").write_text("names: [cat]\n")
    next((tmp_path / "out/labels/val").iterdir()).unlink()
    with pytest.raises(InputError, match="2 problems"):
        manifest.read(tmp_path / "out")


def test_a_flight_in_two_splits_is_refused(source: Path, tmp_path: Path) -> None:
    rows = list(flights.read(source).values())
    second = add_flight(source, "alder-01b", 7, [], split="test")
    flights.write(source, [*rows, flights.FlightImage(second.file, "alder-01", split="test")])
    with pytest.raises(InputError, match="flight alder-01 is in test, train"):
        prepare(source, tmp_path / "out", SMALL)


def test_the_same_picture_under_two_flights_is_refused(source: Path, tmp_path: Path) -> None:
    shutil.copyfile(source / "flights/alder-01/alder-01.png", source / "flights/birch-01/birch-01.png")
    with pytest.raises(InputError, match=r"alder-01\.png \(train\) and .*birch-01\.png \(test\) show the same picture"):
        prepare(source, tmp_path / "out", SMALL)


def test_flights_without_a_given_split_keep_theirs_when_others_come() -> None:
    names = [f"flight-{number}" for number in range(40)]
    before = splits.assign([flights.FlightImage(f"{name}.jpg", name) for name in names])
    after = splits.assign([flights.FlightImage(f"{name}.jpg", name) for name in [*names, "new-1", "new-2"]])
    assert {name: after[name] for name in names} == before
    assert set(before.values()) == {"train", "val", "test"}


def test_few_flights_still_fill_every_split() -> None:
    assigned = splits.assign([flights.FlightImage(f"{name}.jpg", name) for name in ("a", "b", "c")])
    assert sorted(assigned.values()) == ["test", "train", "val"]
    with pytest.raises(InputError, match="at least three flights"):
        splits.assign([flights.FlightImage("a.jpg", "a"), flights.FlightImage("b.jpg", "b")])


def test_an_image_that_is_none_and_a_wrong_size_are_both_named(source: Path, tmp_path: Path) -> None:
    (source / "flights/alder-01/alder-01.png").write_bytes(b"no image")
    file = source / "flights/birch-01/birch-01.xml"
    file.write_text(file.read_text().replace("<width>300<", "<width>999<"))
    with pytest.raises(InputError, match="2 problems") as caught:
        prepare(source, tmp_path / "out", SMALL)
    assert "no readable image" in str(caught.value) and "999" in str(caught.value)


def test_wrong_options_are_all_named() -> None:
    with pytest.raises(InputError, match="3 problems"):
        parse(["--tile", "3", "--overlap", "2", "--formats", "png"])


def test_an_absent_or_empty_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No input folder"):
        prepare(tmp_path / "nowhere", tmp_path / "out", SMALL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="No images"):
        prepare(tmp_path / "empty", tmp_path / "out", SMALL)
