"""`flights.csv`: what is known about each image apart from its labels."""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from peregrine_ml.annotations.model import LabelledImage
from peregrine_ml.errors import InputError

FILE_NAME = "flights.csv"
REQUIRED = ("file", "flight", "light", "altitude")
SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class FlightImage:
    """One row of flights.csv.

    Attributes:
        file: path of the image below the data set's folder, with forward slashes.
        flight: the recording it comes from. Images of one flight show the same ground: they never part.
        light: day, dusk, night, fog, ...
        altitude: nominal, low, high, or metres above ground.
        region: the larger area, where known.
        split: train, val or test where the owner of the data decides it; empty: decided by the flight's name.
        sha256: digest of the image file, where known.
    """

    file: str
    flight: str
    light: str = "day"
    altitude: str = "nominal"
    region: str = ""
    split: str = ""
    sha256: str = ""


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, rows: Iterable[FlightImage]) -> None:
    """Write flights.csv."""
    with (folder / FILE_NAME).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [field.name for field in fields(FlightImage)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def read(folder: Path) -> dict[str, FlightImage]:
    """Read flights.csv by file; an absent file gives an empty answer.

    Raises:
        InputError: missing columns, doubled files, unknown splits, files that are not there: all at once.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    known = {field.name for field in fields(FlightImage)}
    problems: list[str] = []
    rows: dict[str, FlightImage] = {}
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
        if missing:
            raise InputError(f"{FILE_NAME} lacks the columns {', '.join(missing)}.", f"Needed: {', '.join(REQUIRED)}.")
        for number, raw in enumerate(reader, start=2):
            row = FlightImage(**{key: (value or "").strip() for key, value in raw.items() if key in known})
            if not row.file or not row.flight:
                problems.append(f"line {number}: file and flight must not be empty")
            elif row.file in rows:
                problems.append(f"line {number}: {row.file} is listed twice")
            elif row.split and row.split not in SPLITS:
                problems.append(f"line {number}: split {row.split!r} is none of {', '.join(SPLITS)}")
            elif not (folder / row.file).is_file():
                problems.append(f"line {number}: {row.file} is not there")
            else:
                rows[row.file] = row
    if problems:
        raise InputError.of_problems(FILE_NAME, problems)
    return rows


def describe(folder: Path, images: Iterable[LabelledImage], default_flight: str = "folder") -> list[FlightImage]:
    """Metadata of every image, in order; images that flights.csv does not name get defaults.

    Args:
        folder: the data set's folder.
        images: what a reader found there.
        default_flight: `folder` takes the image's folder as its flight, `sequence` the first part of its file name.
    """
    known = read(folder)
    described = []
    for image in images:
        file = image.path.relative_to(folder).as_posix()
        if file in known:
            described.append(known[file])
            continue
        parent = image.path.parent.name if image.path.parent != folder else image.path.stem
        flight = image.path.stem.split("_", 1)[0] if default_flight == "sequence" else parent
        described.append(FlightImage(file, flight))
    return described
