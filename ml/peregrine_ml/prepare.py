"""`prepare`: labelled flights of any known format become a YOLO data set with a manifest.

Splits by flight, never by tile; cuts tiles with overlap; derives night, fog and altitude slices of the test flights.
"""

import argparse
import csv
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from peregrine_ml import conditions, flights, manifest, paths, recorded, splits, tiling
from peregrine_ml.annotations import coco, visdrone, voc, yolo
from peregrine_ml.annotations.model import Box, LabelledImage
from peregrine_ml.errors import InputError
from peregrine_ml.fingerprint import difference_hash

READERS: dict[str, Callable[[Path], list[LabelledImage]]] = {
    "voc": voc.read, "coco": coco.read, "yolo": yolo.read, "visdrone": visdrone.read,
}  # fmt: skip
METADATA_FILE = "metadata.csv"
JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Tile:
    """A row of metadata.csv: where a tile comes from and what it shows."""

    file: str
    split: str
    flight: str
    region: str
    light: str
    altitude: str
    derived: bool
    source: str
    left: int
    top: int
    right: int
    bottom: int
    boxes: int


@dataclass(frozen=True, slots=True)
class Options:
    """How to cut: tile side in pixels, overlap as a fraction of it, formats to read, and class renames."""

    tile: int = 256
    overlap: float = 0.2
    formats: tuple[str, ...] = ("voc",)
    class_map: tuple[tuple[str, str], ...] = ()
    slices: bool = True


def parse(arguments: Sequence[str]) -> Options:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="peregrine_ml prepare", description=__doc__)
    parser.add_argument("--tile", type=int, default=256, help="tile side in pixels (default 256)")
    parser.add_argument("--overlap", type=float, default=0.2, help="overlap of tiles, 0 to 0.9 (default 0.2)")
    parser.add_argument("--formats", default="voc", help="comma-separated: voc, coco, yolo, visdrone (default voc)")
    parser.add_argument("--class-map", default="", help="renames, such as Alive=tree,Dead=tree")
    parser.add_argument("--no-slices", action="store_true", help="derive no night, fog and altitude slices")
    given = parser.parse_args(arguments)
    formats = tuple(name.strip() for name in given.formats.split(",") if name.strip())
    problems = [f"format {name!r} is none of {', '.join(READERS)}" for name in formats if name not in READERS]
    if not formats:
        problems.append("--formats is empty")
    if not 64 <= given.tile <= 4096:
        problems.append(f"--tile {given.tile} is not between 64 and 4096")
    if not 0 <= given.overlap <= 0.9:
        problems.append(f"--overlap {given.overlap} is not between 0 and 0.9")
    pairs = [pair.split("=") for pair in given.class_map.split(",") if pair]
    problems += [f"--class-map {'='.join(pair)!r} is not OLD=NEW" for pair in pairs if len(pair) != 2]
    if problems:
        raise InputError.of_problems("prepare", problems)
    return Options(given.tile, given.overlap, formats, tuple((p[0], p[1]) for p in pairs), not given.no_slices)


def read_images(source: Path, formats: Sequence[str]) -> list[LabelledImage]:
    """Images of a folder through one or more readers; a labelled answer wins over an unlabelled one."""
    if not source.is_dir():
        raise InputError(f"No input folder {source}.", "Mount the flights there, or check the step's inputs.")
    found: dict[Path, LabelledImage] = {}
    for name in formats:
        for image in READERS[name](source):
            if image.path not in found or found[image.path].boxes is None:
                found[image.path] = image
    if not found:
        raise InputError(f"No images in {source}.", "Expected images with annotations side by side.")
    return [found[path] for path in sorted(found)]


def prepare(source: Path, target: Path, options: Options) -> dict[str, Any]:
    """Write the data set and return its manifest.

    Raises:
        InputError: nothing labelled, unreadable images, annotations of another size, leaking splits.
    """
    found = read_images(source, options.formats)
    default_flight = "sequence" if "visdrone" in options.formats else "folder"
    described = flights.describe(source, found, default_flight)
    labelled = [(image, meta) for image, meta in zip(found, described, strict=True) if image.boxes is not None]
    if not labelled:
        raise InputError(f"None of the {len(found)} images in {source} has labels.", "Add annotations beside them.")
    split_of = splits.assign([meta for _, meta in labelled])
    renames = dict(options.class_map)
    names = sorted({renames.get(box.label, box.label) for image, _ in labelled for box in image.boxes or ()})
    if not names:
        raise InputError(f"The annotations in {source} hold no object at all.", "A detector needs labelled objects.")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        cut = list(
            pool.map(lambda pair: _Cutter(source, target, options, names, renames, split_of).cut(*pair), labelled)
        )
    problems = [problem for result in cut for problem in result.problems]
    if problems:
        raise InputError.of_problems("Images", problems, "Correct or remove these files.")
    splits.check_no_leak([(result.name, result.split, result.fingerprint) for result in cut])
    tiles = sorted((tile for result in cut for tile in result.tiles), key=lambda tile: tile.file)
    _write_metadata(target, tiles)
    (target / "data.yaml").write_text(_data_yaml(names))
    return manifest.write(target, _facts(options, names, tiles, found, cut) | {"sources": manifest.sources(source)})


@dataclass(slots=True)
class _Cut:
    name: str
    split: str
    fingerprint: int
    tiles: list[Tile]
    problems: list[str]
    dropped: int = 0


class _Cutter:
    """Cuts one image; separate per image so that images can be cut in parallel."""

    def __init__(self, source: Path, target: Path, options: Options, names: list[str], renames: dict[str, str],
                 split_of: dict[str, str]) -> None:  # fmt: skip
        self.source, self.target, self.options = source, target, options
        self.names, self.renames, self.split_of = names, renames, split_of

    def cut(self, image: LabelledImage, meta: flights.FlightImage) -> _Cut:
        import cv2

        result = _Cut(meta.file, self.split_of[meta.flight], 0, [], [])
        pixels = cv2.imread(str(image.path))
        if pixels is None:
            result.problems.append(f"{meta.file}: no readable image")
            return result
        height, width = pixels.shape[:2]
        if image.declared_size not in (None, (0, 0), (width, height)):
            result.problems.append(f"{meta.file}: {width}x{height}, but its annotation says {image.declared_size}")
        if meta.sha256 and flights.digest(image.path) != meta.sha256:
            result.problems.append(f"{meta.file}: SHA-256 differs from flights.csv")
        result.fingerprint = difference_hash(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
        boxes = [self._within(box, width, height) for box in image.boxes or ()]
        usable = [box for box in boxes if box.area > 0]
        result.dropped = len(boxes) - len(usable)
        self._nominal(result, meta, pixels, usable)
        if result.split == "test" and self.options.slices:
            self._altitudes(result, meta, pixels, usable)
        return result

    def _within(self, box: Box, width: int, height: int) -> Box:
        inside = box.inside(0, 0, width, height)
        return Box(self.renames.get(box.label, box.label), inside.x1, inside.y1, inside.x2, inside.y2)

    def _nominal(self, result: _Cut, meta: flights.FlightImage, pixels: conditions.Image, boxes: list[Box]) -> None:
        height, width = pixels.shape[:2]
        for window in tiling.windows(width, height, self.options.tile, self.options.overlap):
            left, top, right, bottom = window
            tile, inside = pixels[top:bottom, left:right], tiling.boxes_in(window, boxes)
            self._write(result, meta, result.split, tile, inside, window, meta.light, meta.altitude, derived=False)
            if result.split == "test" and self.options.slices and meta.light == "day":
                for light in conditions.LIGHTS:
                    changed = conditions.apply_light(light, tile, f"{meta.file}@{left},{top}")
                    self._write(result, meta, f"slices/{light}", changed, inside, window, light, meta.altitude, True)

    def _altitudes(self, result: _Cut, meta: flights.FlightImage, pixels: conditions.Image, boxes: list[Box]) -> None:
        import cv2

        height, width = pixels.shape[:2]
        for altitude, ground in conditions.ALTITUDES.items():
            side = round(self.options.tile * ground)
            for window in tiling.windows(width, height, side, 0.0):
                left, top, right, bottom = window
                factor = 1 / ground
                shape = (max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor)))
                method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
                seen = cv2.resize(pixels[top:bottom, left:right], shape, interpolation=method)
                inside = [box.scaled(factor) for box in tiling.boxes_in(window, boxes)]
                self._write(
                    result, meta, f"slices/altitude-{altitude}", seen, inside, window, meta.light, altitude, True
                )

    def _write(self, result: _Cut, meta: flights.FlightImage, folder: str, pixels: conditions.Image, boxes: list[Box],
               window: tiling.Window, light: str, altitude: str, derived: bool) -> None:  # fmt: skip
        import cv2

        left, top = window[:2]
        stem = f"{_stem(meta.file)}__{left:05d}_{top:05d}"
        image = self.target / "images" / folder / f"{stem}.jpg"
        label = self.target / "labels" / folder / f"{stem}.txt"
        image.parent.mkdir(parents=True, exist_ok=True)
        label.parent.mkdir(parents=True, exist_ok=True)
        if not cv2.imwrite(str(image), pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]):
            raise InputError(
                f"{image} could not be written.", "Check the free space and the rights of the output folder."
            )
        height, width = pixels.shape[:2]
        label.write_text("".join(yolo.format_line(box, self.names, width, height) + "\n" for box in boxes))
        file = image.relative_to(self.target).as_posix()
        result.tiles.append(
            Tile(file, result.split, meta.flight, meta.region, light, altitude, derived, meta.file, *window, len(boxes))
        )


def _stem(file: str) -> str:
    """A flat name for the tiles of an image: its path, without a folder that only repeats the file's name."""
    path = PurePosixPath(file).with_suffix("")
    parts = [part for part in path.parts if part != "flights"]
    return "__".join(parts[:-2] + parts[-1:] if parts[-2:-1] == parts[-1:] else parts)


def _write_metadata(target: Path, tiles: Sequence[Tile]) -> None:
    with (target / METADATA_FILE).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [field.name for field in fields(Tile)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**asdict(tile), "derived": str(tile.derived).lower()} for tile in tiles)


def _data_yaml(names: Sequence[str]) -> str:
    listed = "".join(f"  {index}: {name}\n" for index, name in enumerate(names))
    return f"path: .\ntrain: images/train\nval: images/val\ntest: images/test\nnames:\n{listed}"


def _facts(options: Options, names: list[str], tiles: Sequence[Tile], found: Sequence[LabelledImage],
           cut: Sequence[_Cut]) -> dict[str, Any]:  # fmt: skip
    def summary(split: str) -> dict[str, Any]:
        own = [tile for tile in tiles if tile.split == split and not tile.derived]
        return {
            "images": len(own), "boxes": sum(tile.boxes for tile in own),
            "flights": sorted({tile.flight for tile in own}), "regions": sorted({tile.region for tile in own}),
        }  # fmt: skip

    derived = Counter(tile.file.split("/")[2] for tile in tiles if tile.derived)
    return {
        "classes": names,
        "options": {**asdict(options), "formats": list(options.formats), "class_map": dict(options.class_map)},
        "splits": {split: summary(split) for split in flights.SPLITS},
        "derived_slices": dict(sorted(derived.items())),
        "left_out": {
            "unlabelled_images": sum(image.boxes is None for image in found),
            "boxes_without_extent": sum(result.dropped for result in cut),
        },
        "notes": sorted({note for image in found for note in image.notes}),
    }


def main(arguments: Sequence[str]) -> None:
    """The verb: from the Processing job's input `flights` to its output `dataset`."""
    recorded.check()
    document = prepare(paths.processing_input("flights"), paths.processing_output("dataset"), parse(arguments))
    for split, facts in document["splits"].items():
        print(f"{split}: {facts['images']} tiles, {facts['boxes']} boxes, flights {', '.join(facts['flights'])}")
    print(f"data set digest {document['digest']}")
