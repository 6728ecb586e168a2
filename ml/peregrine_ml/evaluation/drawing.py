"""Detections drawn on images, for people."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

TRUE_COLOUR, FOUND_COLOUR = (255, 255, 255), (64, 200, 255)
DARK, LIGHT = (24, 24, 24), (240, 240, 240)
"""All as blue, green, red."""
MAGNIFICATION = 2
GAP = 10


def draw(image: NDArray[np.uint8], true_boxes: NDArray[np.float64], boxes: NDArray[np.float32],
         scores: NDArray[np.float32], caption: str) -> NDArray[np.uint8]:  # fmt: skip
    """An image twice as large with true boxes thin and white, found ones amber with their confidence."""
    canvas = cv2.resize(image, None, fx=MAGNIFICATION, fy=MAGNIFICATION, interpolation=cv2.INTER_CUBIC)
    for box in true_boxes:
        _rectangle(canvas, box, TRUE_COLOUR, 1)
    for box, score in zip(boxes, scores, strict=True):
        _rectangle(canvas, box, FOUND_COLOUR, 2)
        _tag(canvas, f"{score:.2f}", round(box[0] * MAGNIFICATION), round(box[1] * MAGNIFICATION))
    cv2.rectangle(canvas, (0, canvas.shape[0] - 22), (canvas.shape[1], canvas.shape[0]), DARK, -1)
    cv2.putText(canvas, caption, (8, canvas.shape[0] - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, LIGHT, 1, cv2.LINE_AA)
    return canvas


def sheet(pictures: Sequence[NDArray[np.uint8]], columns: int, target: Path) -> None:
    """Pictures in a grid on a dark ground, as one JPEG."""
    height = max(picture.shape[0] for picture in pictures)
    width = max(picture.shape[1] for picture in pictures)
    rows = -(-len(pictures) // columns)
    canvas = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), DARK[0], np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    cv2.imwrite(str(target), canvas, [cv2.IMWRITE_JPEG_QUALITY, 88])


def _rectangle(canvas: NDArray[np.uint8], box: NDArray[np.float32] | NDArray[np.float64], colour: tuple[int, int, int],
               thickness: int) -> None:  # fmt: skip
    x1, y1, x2, y2 = (round(float(value) * MAGNIFICATION) for value in box)
    cv2.rectangle(canvas, (x1, y1), (x2, y2), colour, thickness, cv2.LINE_AA)


def _tag(canvas: NDArray[np.uint8], text: str, x: int, y: int) -> None:
    """Dark text on a label of the box's colour, kept inside the picture."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.36, 1)
    x, y = max(x, 0), max(y, 0)
    cv2.rectangle(canvas, (x, y), (x + width + 5, y + height + 6), FOUND_COLOUR, -1)
    cv2.putText(canvas, text, (x + 3, y + height + 3), cv2.FONT_HERSHEY_SIMPLEX, 0.36, DARK, 1, cv2.LINE_AA)
