"""The profile as one HTML file: styles, charts and pictures inside, nothing fetched."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from peregrine_ml.profile import charts
from peregrine_ml.profile.measure import Measured

SAMPLES = 8
SAMPLE_WIDTH, SAMPLE_HEIGHT = 560, 420
BOX_COLOUR = (64, 200, 255)
"""Blue, green, red."""
GRID = 12


def render(document: dict[str, Any], images: Sequence[Measured], title: str = "Data set profile") -> str:
    """The whole page."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    spread, view = document["distributions"], document["baseline"]
    cards = [
        _card("Objects by class", "labelled boxes", charts.bars(document["classes"])),
        _card("Object size", "square root of box area, pixels", charts.histogram(spread["box_side_px"], "px")),
        _card("Objects per image", "labelled images", charts.histogram(spread["boxes_per_image"])),
        _card("Shape", "box width divided by height", charts.histogram(spread["box_aspect"])),
        _card("Where objects lie", "all images laid over each other", charts.heatmap(_positions(images))),
        _card("Density", "objects per megapixel", charts.histogram(spread["boxes_per_megapixel"])),
    ]
    texts = {
        "luminance_mean": ("Luminance", "mean grey level of a tile, 0 to 255"),
        "luminance_std": ("Contrast", "deviation of grey levels in a tile"),
        "blur": ("Sharpness", "variance of the Laplacian in a tile; low is blurred"),
    }
    baseline = [_card(*texts[name], charts.histogram(data)) for name, data in view["features"].items() if name in texts]
    points = [(image.own["luminance_mean"], image.own["blur"], image.meta.file) for image in images if image.own]
    baseline.append(
        _card("Images apart from the rest", "one dot per image", charts.scatter(points, "luminance", "sharpness"))
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<header><h1>{escape(title)}</h1><p class="sub">{_regions(document)}</p></header>'
        f'<section class="tiles">{_tiles(document)}</section>'
        f'<h2>Findings</h2><ul class="card findings">{_findings(document)}</ul>'
        f'<h2>Objects</h2><section class="cards">{"".join(cards)}</section>'
        f'<h2>Picture quality</h2><section class="cards four">{"".join(baseline)}</section>'
        f'<h2>Samples</h2><section class="gallery">{"".join(_sample(image) for image in _chosen(images))}</section>'
        f'<h2>Flights</h2><section class="card scroll" style="padding:4px 0">{_flights(document)}</section>'
        f"<footer>Picture quality is measured on {view['view']['tiles']} tiles of {view['view']['tile']} pixels, "
        "as they are served: it is the baseline for drift. Same numbers in "
        f"<code>profile.json</code> ({escape(document['schema'])}).</footer>"
        "</main></body></html>"
    )


def _tiles(document: dict[str, Any]) -> str:
    spread = document["distributions"]

    def median(name: str, unit: str) -> str:
        data = spread[name]
        return f"{charts.number(data['quantiles']['0.5'])}{unit}" if data["count"] else "none"

    values = [
        (str(document["images"]["all"]), "images"), (str(len(document["flights"])), "flights"),
        (f"{document['boxes']:,}".replace(",", " "), "labelled objects"), (str(len(document["classes"])), "classes"),
        (median("box_side_px", " px"), "median object size"), (f"{document['images']['megapixels']:g}", "megapixels"),
    ]  # fmt: skip
    return "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for value, name in values
    )


def _regions(document: dict[str, Any]) -> str:
    regions = sorted({flight["region"] for flight in document["flights"].values() if flight["region"]})
    return escape(" · ".join(regions))


def _findings(document: dict[str, Any]) -> str:
    return "".join(
        f'<li><span class="badge {finding["severity"]}">{finding["severity"]}</span>{escape(finding["text"])}</li>'
        for finding in document["findings"]
    )


def _card(title: str, text: str, chart: str) -> str:
    return f'<div class="card"><h3>{escape(title)}</h3><p>{escape(text)}</p>{chart}</div>'


def _flights(document: dict[str, Any]) -> str:
    head = (
        "flight",
        "region",
        "split",
        "light",
        "altitude",
        "images",
        "objects",
        "megapixels",
        "luminance",
        "sharpness",
    )
    rows = [
        "<tr>" + "".join(f'<th class="{"right" if i > 4 else ""}">{name}</th>' for i, name in enumerate(head)) + "</tr>"
    ]
    for name, flight in document["flights"].items():
        split = (
            f'<span class="split {escape(flight["split"])}">{escape(flight["split"])}</span>'
            if flight["split"]
            else "by name"
        )
        boxes = "no labels" if flight["boxes"] is None else str(flight["boxes"])
        left = (escape(name), escape(flight["region"]), split, escape(flight["light"]), escape(flight["altitude"]))
        right = (
            str(flight["images"]),
            boxes,
            f"{flight['megapixels']:g}",
            f"{flight['luminance']:g}",
            f"{flight['blur']:.0f}",
        )
        cells = "".join(f"<td>{cell}</td>" for cell in left) + "".join(
            f'<td class="right">{cell}</td>' for cell in right
        )
        rows.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _positions(images: Sequence[Measured]) -> np.ndarray:
    grid = np.zeros((GRID, GRID))
    for image in images:
        for box in image.boxes or ():
            if image.width:
                column = int(np.clip((box.x1 + box.x2) / 2 / image.width * GRID, 0, GRID - 1))
                row = int(np.clip((box.y1 + box.y2) / 2 / image.height * GRID, 0, GRID - 1))
                grid[row, column] += 1
    return grid


def _chosen(images: Sequence[Measured]) -> list[Measured]:
    """One image of every region first, then the most crowded ones."""
    readable = sorted(
        (image for image in images if image.picture is not None), key=lambda image: -len(image.boxes or ())
    )
    regions: dict[str, Measured] = {}
    for image in readable:
        regions.setdefault(image.meta.region or image.meta.flight, image)
    first = list(regions.values())
    return (first + [image for image in readable if image not in first])[:SAMPLES]


def _sample(image: Measured) -> str:
    assert image.picture is not None
    picture = image.picture
    # Cut the middle to the frame's proportions, then scale: boxes stay legible on large images.
    side = min(1.0, max(SAMPLE_WIDTH / image.width, SAMPLE_HEIGHT / image.height, 0.75))
    picture = cv2.resize(picture, None, fx=side, fy=side, interpolation=cv2.INTER_AREA) if side < 1 else picture.copy()
    for box in image.boxes or ():
        scaled = box.scaled(side)
        corners = (round(scaled.x1), round(scaled.y1)), (round(scaled.x2), round(scaled.y2))
        cv2.rectangle(picture, *corners, BOX_COLOUR, 1, cv2.LINE_AA)
    top, left = max(0, (picture.shape[0] - SAMPLE_HEIGHT) // 2), max(0, (picture.shape[1] - SAMPLE_WIDTH) // 2)
    done, encoded = cv2.imencode(
        ".jpg", picture[top : top + SAMPLE_HEIGHT, left : left + SAMPLE_WIDTH], [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    source = base64.b64encode(encoded.tobytes()).decode() if done else ""
    count = "no labels" if image.boxes is None else f"{len(image.boxes)} objects"
    return (
        f'<figure class="card"><img alt="{escape(image.meta.file)}" src="data:image/jpeg;base64,{source}">'
        f"<figcaption>{escape(image.meta.flight)}<span>{count}</span></figcaption></figure>"
    )
