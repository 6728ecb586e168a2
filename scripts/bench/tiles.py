"""Cuts tiles of 192 pixels, as drones send them, out of labelled images; each shows the trees around one of them.

Usage: python tiles.py IMAGES OUT COUNT. IMAGES is searched for JPEG files with Pascal VOC labels beside them.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

SIDE = 192


def main(images: Path, out: Path, count: int) -> None:
    """Write `COUNT` tiles, in turn from all images."""
    out.mkdir(parents=True, exist_ok=True)
    labelled = [path for path in sorted(images.rglob("*.jpg")) if path.with_suffix(".xml").exists()]
    for number in range(count):
        path = labelled[number % len(labelled)]
        boxes = ElementTree.parse(path.with_suffix(".xml")).findall("object/bndbox")
        if not boxes:
            continue
        box = boxes[(number * 7) % len(boxes)]
        x, y = ((int(box.find(f"{axis}min").text) + int(box.find(f"{axis}max").text)) // 2 for axis in "xy")
        with Image.open(path) as image:
            left = min(max(0, x - SIDE // 2), image.width - SIDE)
            top = min(max(0, y - SIDE // 2), image.height - SIDE)
            image.crop((left, top, left + SIDE, top + SIDE)).save(out / f"{number:03}.jpg", quality=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
