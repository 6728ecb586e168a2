"""VisDrone-DET: `annotations/<name>.txt` beside `images/<name>.jpg`.

A line is left, top, width, height, score, category, truncation, occlusion. Category 0 is an ignored region, 11 is
"others", and a score of 0 means that the evaluation must not count the box.
"""

from pathlib import Path

from peregrine_ml.annotations.model import Box, LabelledImage, image_files
from peregrine_ml.errors import InputError

CATEGORIES = (
    "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle", "awning-tricycle", "bus", "motor",
)  # fmt: skip
IGNORED_REGION, OTHERS = 0, 11


def read(folder: Path) -> list[LabelledImage]:
    """Read a VisDrone folder; ignored regions and "others" are left out and counted in the notes.

    Raises:
        InputError: all malformed lines.
    """
    problems: list[str] = []
    result: list[LabelledImage] = []
    for path in image_files(folder):
        annotation = path.parent.parent / "annotations" / f"{path.stem}.txt"
        if not annotation.is_file():
            result.append(LabelledImage(path, None))
            continue
        boxes, ignored = [], 0
        for number, line in enumerate(annotation.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                left, top, width, height, score, category = (int(value) for value in line.strip(", ").split(",")[:6])
            except ValueError:
                problems.append(f"{annotation.relative_to(folder)} line {number}: expected eight whole numbers")
                continue
            if not 0 <= category <= OTHERS:
                problems.append(f"{annotation.relative_to(folder)} line {number}: category {category}, known are 0-11")
            elif category in (IGNORED_REGION, OTHERS) or score == 0:
                ignored += 1
            else:
                boxes.append(Box(CATEGORIES[category - 1], left, top, left + width, top + height))
        notes = (f"{ignored} ignored regions or others left out",) if ignored else ()
        result.append(LabelledImage(path, tuple(boxes), None, notes))
    if problems:
        raise InputError.of_problems("VisDrone annotations", problems, "Correct or remove these files.")
    return result


def sequence_of(path: Path) -> str:
    """The recording an image comes from: the first field of VisDrone's file names."""
    return path.stem.split("_", 1)[0]
