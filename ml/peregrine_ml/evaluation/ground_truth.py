"""The labelled tiles a model is scored on."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.annotations import yolo
from peregrine_ml.errors import InputError
from peregrine_ml.prepare import METADATA_FILE


@dataclass(frozen=True, slots=True)
class Sample:
    """A tile: its picture, its true boxes (x1, y1, x2, y2) and classes, and the slice it belongs to."""

    file: str
    image: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    classes: NDArray[np.int64]
    light: str
    altitude: str
    derived: bool
    flight: str


def read(dataset: Path, split: str = "test") -> list[Sample]:
    """All tiles of a split with those derived from it, in the order of metadata.csv.

    Raises:
        InputError: no metadata, unreadable images, labels that do not parse, an empty split.
    """
    import cv2

    path = dataset / METADATA_FILE
    if not path.is_file():
        raise InputError(f"No {METADATA_FILE} in {dataset}.", "The data set must come from `peregrine_ml prepare`.")
    names = yolo.class_names(dataset)
    problems: list[str] = []
    samples: list[Sample] = []
    with path.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == split]
    for row in rows:
        file = row["file"]
        image = cv2.imread(str(dataset / file))
        label = dataset / Path("labels", *Path(file).parts[1:]).with_suffix(".txt")
        if image is None or not label.is_file():
            problems.append(f"{file}: picture or label is missing or unreadable")
            continue
        height, width = image.shape[:2]
        try:
            boxes = [yolo.parse_line(line, names, width, height) for line in label.read_text().splitlines() if line]
        except ValueError as error:
            problems.append(f"{label.relative_to(dataset)}: {error}")
            continue
        corners = np.array([[box.x1, box.y1, box.x2, box.y2] for box in boxes], np.float64).reshape(-1, 4)
        classes = np.array([names.index(box.label) for box in boxes], np.int64)
        samples.append(
            Sample(
                file, image, corners, classes, row["light"], row["altitude"], row["derived"] == "true", row["flight"]
            )
        )
    if problems:
        raise InputError.of_problems("The data set", problems, "Prepare it again.")
    if not any(not sample.derived for sample in samples):
        raise InputError(f"The data set has no {split} tiles.", "Prepare it with a flight for that split.")
    return samples
