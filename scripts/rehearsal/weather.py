"""What the rehearsal's drones meet: harmless changes, and flights in fog and at night, which come with labels.

python scripts/rehearsal/weather.py harmless TILES OUT
python scripts/rehearsal/weather.py flights FLIGHTS OUT
"""

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from peregrine_ml import conditions, flights

BRIGHTNESS = (0.92, 1.08)
JPEG_QUALITY = 90
FLIGHT_QUALITY = 95
FLIGHTS_EACH = 2


def harmless(tiles: Path, out: Path) -> None:
    """The same tiles from another camera: JPEG quality 90, and a little darker or brighter."""
    out.mkdir(parents=True, exist_ok=True)
    for index, tile in enumerate(sorted(tiles.glob("*.jpg"))):
        pixels = cv2.imread(str(tile)).astype(np.float32) * BRIGHTNESS[index % 2]
        changed = np.clip(pixels, 0, 255).astype(np.uint8)
        cv2.imwrite(str(out / tile.name), changed, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def dim_flights(source: Path, out: Path) -> None:
    """Some labelled training flights once more in fog and at night, and the owner's list of all flights."""
    known = flights.read(source)
    labelled = [row for row in known.values() if (source / row.file).with_suffix(".xml").is_file()]
    chosen = [row for row in labelled if row.split == "train"][:FLIGHTS_EACH]
    added = []
    for light, row in itertools.product(conditions.LIGHTS, chosen):
        image = source / row.file
        flight = f"{row.flight}-{light}"
        target = out / flight / f"{flight}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        pixels = conditions.apply_light(light, cv2.imread(str(image)), flight)
        cv2.imwrite(str(target), pixels, [cv2.IMWRITE_JPEG_QUALITY, FLIGHT_QUALITY])
        labels = image.with_suffix(".xml").read_text(encoding="utf-8")
        target.with_suffix(".xml").write_text(labels.replace(image.name, target.name), encoding="utf-8")
        file = target.relative_to(out).as_posix()
        added.append(replace(row, file=file, flight=flight, light=light, sha256=flights.digest(target)))
    flights.write(out, [*known.values(), *added])


if __name__ == "__main__":
    {"harmless": harmless, "flights": dim_flights}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
