"""COCO: JSON files that list images, categories and annotations."""

import json
from pathlib import Path
from typing import Any

from peregrine_ml.annotations.model import Box, LabelledImage
from peregrine_ml.errors import InputError

SECTIONS = ("images", "annotations", "categories")


def read(folder: Path) -> list[LabelledImage]:
    """Read every COCO detection file below a folder; `file_name` is looked up beside the file, then below the folder.

    Crowd annotations (`iscrowd` 1) cover groups, not objects, and are left out with a note.

    Raises:
        InputError: no COCO file, malformed files, references that lead nowhere.
    """
    problems: list[str] = []
    result: dict[Path, LabelledImage] = {}
    files = [path for path in sorted(folder.rglob("*.json")) if path.name != "manifest.json"]
    found = False
    for path in files:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            problems.append(f"{path.relative_to(folder)}: no JSON ({error})")
            continue
        if not isinstance(document, dict) or not all(isinstance(document.get(section), list) for section in SECTIONS):
            continue
        found = True
        for image in _read_document(folder, path, document, problems):
            result[image.path] = image
    if not found and not problems:
        problems.append(f"no JSON file with {', '.join(SECTIONS)} below {folder}")
    if problems:
        raise InputError.of_problems("COCO annotations", problems, "Correct or remove these files.")
    return [result[path] for path in sorted(result)]


def _read_document(folder: Path, source: Path, document: dict[str, Any], problems: list[str]) -> list[LabelledImage]:
    where = source.relative_to(folder)
    names = {category.get("id"): category.get("name") for category in document["categories"]}
    boxes: dict[Any, list[Box]] = {image.get("id"): [] for image in document["images"]}
    crowds: dict[Any, int] = {}
    for annotation in document["annotations"]:
        image_id, category, bbox = (annotation.get(key) for key in ("image_id", "category_id", "bbox"))
        if annotation.get("iscrowd"):
            crowds[image_id] = crowds.get(image_id, 0) + 1
        elif image_id not in boxes:
            problems.append(f"{where}: annotation {annotation.get('id')} names image {image_id}, which is not listed")
        elif category not in names:
            problems.append(f"{where}: annotation {annotation.get('id')} names category {category}, not listed")
        elif not _is_bbox(bbox):
            problems.append(f"{where}: annotation {annotation.get('id')} has bbox {bbox}, not [x, y, width, height]")
        else:
            x, y, width, height = bbox
            boxes[image_id].append(Box(str(names[category]), x, y, x + width, y + height))
    images = []
    for image in document["images"]:
        path = _locate(folder, source, str(image.get("file_name")))
        if path is None:
            problems.append(f"{where}: image {image.get('file_name')} is not there")
            continue
        size = (image["width"], image["height"]) if "width" in image and "height" in image else None
        skipped = crowds.get(image.get("id"), 0)
        notes = (f"{skipped} crowd annotations left out",) if skipped else ()
        images.append(LabelledImage(path, tuple(boxes[image.get("id")]), size, notes))
    return images


def _is_bbox(value: object) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(isinstance(number, int | float) for number in value)


def _locate(folder: Path, source: Path, name: str) -> Path | None:
    for base in (source.parent, source.parent / "images", folder, folder / "images"):
        if (base / name).is_file():
            return base / name
    return None
