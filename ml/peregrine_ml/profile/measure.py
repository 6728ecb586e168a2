"""What is measured on a folder of labelled images."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from peregrine_ml import features, flights, tiling
from peregrine_ml.annotations.model import Box, LabelledImage
from peregrine_ml.fingerprint import difference_hash

SCHEMA = "peregrine.profile/1"
TILE, OVERLAP = 256, 0.2
"""The drift baseline is measured on views as large as those that are served."""
NEAR_DUPLICATE_BITS = 4
TINY_SIDE = 8.0
"""Pixels; YOLO's finest grid cell."""
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(slots=True)
class Measured:
    """One image with all that is known about it."""

    meta: flights.FlightImage
    boxes: tuple[Box, ...] | None
    width: int = 0
    height: int = 0
    sha256: str = ""
    fingerprint: int = 0
    own: dict[str, float] = field(default_factory=dict)
    tiles: list[dict[str, float]] = field(default_factory=list)
    problem: str = ""
    picture: NDArray[np.uint8] | None = None


def measure(folder: Path, images: Sequence[LabelledImage]) -> list[Measured]:
    """Decode and measure all images, on all cores; unreadable ones carry a `problem` instead."""
    described = flights.describe(folder, images)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_measure, images, described))


def _measure(image: LabelledImage, meta: flights.FlightImage) -> Measured:
    result = Measured(meta, image.boxes)
    pixels = cv2.imread(str(image.path))
    if pixels is None:
        result.problem = "no readable image"
        return result
    result.height, result.width = pixels.shape[:2]
    result.sha256 = flights.digest(image.path)
    result.fingerprint = difference_hash(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    result.own = features.of_image(pixels)
    result.picture = pixels
    for left, top, right, bottom in tiling.windows(result.width, result.height, TILE, OVERLAP):
        result.tiles.append(features.of_image(pixels[top:bottom, left:right]))
    if image.declared_size not in (None, (0, 0), (result.width, result.height)):
        result.problem = f"is {result.width}x{result.height}, its annotation says {image.declared_size}"
    elif meta.sha256 and meta.sha256 != result.sha256:
        result.problem = "SHA-256 differs from flights.csv"
    return result


def summarise(images: Sequence[Measured]) -> dict[str, Any]:
    """profile.json: counts, distributions, duplicates, faults, findings and the drift baseline."""
    readable = [image for image in images if image.width]
    labelled = [image for image in readable if image.boxes is not None]
    boxes = [(image, box) for image in labelled for box in image.boxes or ()]
    faulty = {
        "out_of_range": [_where(image, box) for image, box in boxes if _outside(image, box)],
        "without_extent": [_where(image, box) for image, box in boxes if box.area <= 0],
        "tiny": [_where(image, box) for image, box in boxes if 0 < box.area < TINY_SIDE**2],
    }
    tiles = [tile for image in readable for tile in image.tiles]
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "images": {
            "all": len(images), "labelled": len(labelled), "unlabelled": len(readable) - len(labelled),
            "unreadable_or_changed": [f"{image.meta.file}: {image.problem}" for image in images if image.problem],
            "megapixels": round(sum(image.width * image.height for image in readable) / 1e6, 2),
        },
        "boxes": len(boxes),
        "classes": dict(Counter(box.label for _, box in boxes).most_common()),
        "flights": _by_flight(readable),
        "distributions": {
            "box_side_px": distribution([box.area**0.5 for _, box in boxes if box.area > 0]),
            "box_aspect": distribution([(box.x2 - box.x1) / (box.y2 - box.y1) for _, box in boxes if box.area > 0]),
            "boxes_per_image": distribution([float(len(image.boxes or ())) for image in labelled]),
            "boxes_per_megapixel": distribution(
                [len(image.boxes or ()) / (image.width * image.height / 1e6) for image in labelled]
            ),
        },
        "baseline": {
            "view": {"tile": TILE, "overlap": OVERLAP, "tiles": len(tiles)},
            "features": {name: distribution([tile[name] for tile in tiles]) for name in (tiles[0] if tiles else ())},
        },
        "duplicates": duplicates(readable),
        "faults": faulty,
    }  # fmt: skip
    document["findings"] = findings(document)
    return document


def distribution(values: Sequence[float], bins: int = 20) -> dict[str, Any]:
    """Count, mean, deviation, quantiles and a histogram; the tails beyond 1 % lie in the outermost bins."""
    if not values:
        return {"count": 0}
    array = np.asarray(values, np.float64)
    low, high = np.quantile(array, [0.01, 0.99])
    low, high = (low, high) if high > low else (low - 0.5, low + 0.5)
    counts, edges = np.histogram(array.clip(low, high), bins=bins, range=(low, high))
    quantiles = zip(QUANTILES, np.quantile(array, QUANTILES), strict=True)
    return {
        "count": len(array), "mean": _rounded(array.mean()), "std": _rounded(array.std()),
        "min": _rounded(array.min()), "max": _rounded(array.max()),
        "quantiles": {f"{share:g}": _rounded(value) for share, value in quantiles},
        "histogram": {"edges": [_rounded(edge) for edge in edges], "counts": counts.tolist()},
    }  # fmt: skip


def duplicates(images: Sequence[Measured]) -> dict[str, list[list[str]]]:
    """Groups of files that are the same byte by byte, and pairs that look the same (dHash)."""
    by_digest: dict[str, list[str]] = defaultdict(list)
    for image in images:
        by_digest[image.sha256].append(image.meta.file)
    hashes = np.array([image.fingerprint for image in images], np.uint64)
    near = []
    for index, first in enumerate(images):
        distance = np.bitwise_count(hashes[index + 1 :] ^ hashes[index])
        alike = [images[index + 1 + int(at)] for at in np.flatnonzero(distance <= NEAR_DUPLICATE_BITS)]
        near += [[first.meta.file, second.meta.file] for second in alike if second.sha256 != first.sha256]
    return {"exact": [files for files in by_digest.values() if len(files) > 1], "near": near}


def findings(document: dict[str, Any]) -> list[dict[str, str]]:
    """What a person should look at, worst first: {severity: error | warning | note, text}."""
    images, faults, copies = document["images"], document["faults"], document["duplicates"]
    found: list[dict[str, str]] = []

    def say(severity: str, amount: int, text: str) -> None:
        if amount:
            found.append({"severity": severity, "text": text.format(n=amount, s="" if amount == 1 else "s")})

    say("error", len(images["unreadable_or_changed"]), "{n} file{s} unreadable or not as described")
    say("error", len(faults["without_extent"]), "{n} box{s} without extent: they will be dropped")
    say("error", int(document["boxes"] == 0), "no labelled object at all: nothing can be learnt")
    say("warning", len(faults["out_of_range"]), "{n} box{s} reach beyond their image: they will be clipped")
    say("warning", len(copies["exact"]), "{n} group{s} of identical files")
    say("warning", len(copies["near"]), "{n} pair{s} of images that look alike: keep them in one flight")
    say("note", len(faults["tiny"]), f"{{n}} box{{s}} smaller than {TINY_SIDE:g} pixels, hard for any detector")
    say("note", images["unlabelled"], "{n} image{s} without labels: not used for training")
    counts = list(document["classes"].values())
    if len(counts) > 1 and max(counts) > 10 * min(counts):
        found.append(
            {"severity": "warning", "text": f"classes are unbalanced: {max(counts)} against {min(counts)} boxes"}
        )
    if not found:
        found.append({"severity": "note", "text": "nothing unusual"})
    return found


def _by_flight(images: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Measured]] = defaultdict(list)
    for image in images:
        groups[image.meta.flight].append(image)
    return {
        name: {
            "region": group[0].meta.region, "split": group[0].meta.split, "light": group[0].meta.light,
            "altitude": group[0].meta.altitude, "images": len(group),
            "boxes": _count(group),
            "megapixels": round(sum(image.width * image.height for image in group) / 1e6, 2),
            "luminance": round(float(np.mean([image.own["luminance_mean"] for image in group])), 1),
            "blur": round(float(np.mean([image.own["blur"] for image in group])), 1),
        }
        for name, group in sorted(groups.items())
    }  # fmt: skip


def _count(group: Sequence[Measured]) -> int | None:
    """Boxes of a flight; None when nobody labelled it."""
    labelled = [image.boxes for image in group if image.boxes is not None]
    return sum(map(len, labelled)) if labelled else None


def _outside(image: Measured, box: Box) -> bool:
    return box.x1 < 0 or box.y1 < 0 or box.x2 > image.width or box.y2 > image.height


def _where(image: Measured, box: Box) -> str:
    return f"{image.meta.file}: {box.label} {box.x1:g},{box.y1:g},{box.x2:g},{box.y2:g}"


def _rounded(value: float) -> float:
    return float(f"{float(value):.6g}")
