"""YOLO: one text file per image, `class cx cy w h`, all but the class in 0..1 of the image."""

from pathlib import Path

from peregrine_ml.annotations.model import Box, LabelledImage, image_files
from peregrine_ml.errors import InputError


def read(folder: Path) -> list[LabelledImage]:
    """Read images with labels beside them or in the `labels/` twin of their `images/` folder.

    Class names come from data.yaml (`names`) or classes.txt (a name per line). An empty file is background,
    a missing one means not labelled.

    Raises:
        InputError: no class names, or all lines that are malformed.
    """
    import cv2

    names = class_names(folder)
    problems: list[str] = []
    result: list[LabelledImage] = []
    for path in image_files(folder):
        label = label_file(path)
        if label is None:
            result.append(LabelledImage(path, None))
            continue
        image = cv2.imread(str(path))
        if image is None:
            problems.append(f"{path.relative_to(folder)}: no readable image")
            continue
        height, width = image.shape[:2]
        boxes = []
        for number, line in enumerate(label.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    boxes.append(parse_line(line, names, width, height))
                except ValueError as error:
                    problems.append(f"{label.relative_to(folder)} line {number}: {error}")
        result.append(LabelledImage(path, tuple(boxes), (width, height)))
    if problems:
        raise InputError.of_problems("YOLO annotations", problems, "Correct or remove these files.")
    return result


def parse_line(line: str, names: list[str], width: int, height: int) -> Box:
    """A box in pixels from one line of a label file; ValueError says what is wrong with it."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"{len(fields)} fields, expected 5: class cx cy w h")
    index = int(fields[0])
    if not 0 <= index < len(names):
        raise ValueError(f"class {index}, but there are {len(names)} class names")
    cx, cy, w, h = (float(field) for field in fields[1:])
    if not all(0.0 <= value <= 1.0 for value in (cx, cy, w, h)):
        raise ValueError("coordinates must be fractions of the image, 0 to 1")
    return Box(names[index], (cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height)


def format_line(box: Box, names: list[str], width: int, height: int) -> str:
    """The line of a label file for a box in pixels."""
    cx, cy = (box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height
    w, h = (box.x2 - box.x1) / width, (box.y2 - box.y1) / height
    return f"{names.index(box.label)} {cx:.6f} {cy:.6f} {w:.6f} {h:.6f}"


def label_file(image: Path) -> Path | None:
    """The label file of an image, or None."""
    beside = image.with_suffix(".txt")
    if beside.is_file():
        return beside
    parts = list(image.parts)
    if "images" in parts:
        at = len(parts) - 1 - parts[::-1].index("images")
        twin = Path(*parts[:at], "labels", *parts[at + 1 :]).with_suffix(".txt")
        if twin.is_file():
            return twin
    return None


def class_names(folder: Path) -> list[str]:
    """Class names in index order, from data.yaml or classes.txt."""
    yaml_file, text_file = folder / "data.yaml", folder / "classes.txt"
    if yaml_file.is_file():
        import yaml

        try:
            names = (yaml.safe_load(yaml_file.read_text(encoding="utf-8")) or {}).get("names")
        except (yaml.YAMLError, AttributeError) as error:
            raise InputError(f"{yaml_file} is no YAML mapping: {error}") from None
        if isinstance(names, dict):
            names = [names[key] for key in sorted(names)]
        if isinstance(names, list) and names:
            return [str(name) for name in names]
        raise InputError(f"{yaml_file} has no class names.", "Add `names:` with a list of class names.")
    if text_file.is_file():
        return [line.strip() for line in text_file.read_text(encoding="utf-8").splitlines() if line.strip()]
    raise InputError(f"No class names in {folder}.", "YOLO data need data.yaml with `names`, or classes.txt.")
