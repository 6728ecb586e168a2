"""Cutting large aerial images into overlapping tiles, and their labels with them."""

from collections.abc import Iterator, Sequence

from peregrine_ml.annotations.model import Box

VISIBLE_FRACTION = 0.4
"""An object cut by a tile's border stays labelled if at least this part of it is inside."""
MIN_SIDE_PIXELS = 4.0
"""Slivers below this are noise to a network whose finest stride is 8."""

Window = tuple[int, int, int, int]
"""left, top, right, bottom"""


def starts(length: int, tile: int, overlap: float) -> list[int]:
    """Where tiles begin along one side; the last one is pulled back to end with the image.

    >>> starts(600, 256, 0.2)
    [0, 172, 344]
    """
    if length <= tile:
        return [0]
    step = max(1, round(tile * (1 - overlap)))
    count = -(-(length - tile) // step) + 1
    return [round(index * (length - tile) / (count - 1)) for index in range(count)]


def windows(width: int, height: int, tile: int, overlap: float) -> Iterator[Window]:
    """Tiles that cover an image completely, row by row; an image smaller than a tile is one window."""
    for top in starts(height, tile, overlap):
        for left in starts(width, tile, overlap):
            yield left, top, min(left + tile, width), min(top + tile, height)


def boxes_in(window: Window, boxes: Sequence[Box]) -> list[Box]:
    """The boxes that count as objects of a tile, clipped to it, in its coordinates."""
    kept = []
    for box in boxes:
        inside = box.inside(*window)
        large = min(inside.x2 - inside.x1, inside.y2 - inside.y1) >= MIN_SIDE_PIXELS
        if large and inside.area >= VISIBLE_FRACTION * box.area:
            kept.append(inside)
    return kept
