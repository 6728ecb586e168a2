"""Pascal VOC: one XML file beside each image."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from peregrine_ml.annotations.model import Box, LabelledImage, image_files
from peregrine_ml.errors import InputError

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read(folder: Path) -> list[LabelledImage]:
    """Read a folder of images with XML side by side; an image without XML counts as not labelled.

    Raises:
        InputError: all XML files that are malformed, and those without an image.
    """
    images = image_files(folder)
    problems: list[str] = []
    result: list[LabelledImage] = []
    annotated: set[Path] = set()
    for path in images:
        xml = path.with_suffix(".xml")
        annotated.add(xml)
        if not xml.is_file():
            result.append(LabelledImage(path, None))
            continue
        try:
            result.append(_read_file(path, xml))
        except (ElementTree.ParseError, ValueError) as error:
            problems.append(f"{xml.relative_to(folder)}: {error}")
    for xml in sorted(folder.rglob("*.xml")):
        if xml not in annotated:
            problems.append(f"{xml.relative_to(folder)}: no image of that name beside it")
    if problems:
        raise InputError.of_problems("Pascal VOC annotations", problems, "Correct or remove these files.")
    return result


def _read_file(image: Path, xml: Path) -> LabelledImage:
    root = ElementTree.parse(xml).getroot()
    if root.tag != "annotation":
        raise ValueError(f"root element is <{root.tag}>, not <annotation>")
    boxes = tuple(_box(item, index) for index, item in enumerate(root.findall("object"), start=1))
    width, height = root.findtext("size/width"), root.findtext("size/height")
    return LabelledImage(image, boxes, (int(width), int(height)) if width and height else None)


def _box(item: ElementTree.Element, index: int) -> Box:
    name = (item.findtext("name") or "").strip()
    if not name:
        raise ValueError(f"object {index} has no <name>")
    corners = [item.findtext(f"bndbox/{corner}") for corner in CORNERS]
    missing = [corner for corner, text in zip(CORNERS, corners, strict=True) if text is None]
    if missing:
        raise ValueError(f"object {index} ({name}) has no <{missing[0]}>")
    try:
        return Box(name, *(float(text) for text in corners if text is not None))
    except ValueError:
        raise ValueError(f"object {index} ({name}) has a corner that is no number: {corners}") from None
