"""Detections drawn on images, for people."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

TRUE_COLOUR, FOUND_COLOUR, CHAMPION_COLOUR = (255, 255, 255), (64, 200, 255), (255, 140, 80)
"""Blue, green, red."""
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
        x, y = int(box[0] * MAGNIFICATION), int(box[1] * MAGNIFICATION)
        _text(canvas, f"{score:.2f}", (x + 3, y + 13), 0.38, FOUND_COLOUR)
    cv2.rectangle(canvas, (0, canvas.shape[0] - 22), (canvas.shape[1], canvas.shape[0]), (24, 24, 24), -1)
    _text(canvas, caption, (8, canvas.shape[0] - 7), 0.42, (240, 240, 240))
    return canvas


def sheet(pictures: Sequence[NDArray[np.uint8]], columns: int, target: Path) -> None:
    """Pictures in a grid on a dark ground, as one JPEG."""
    height = max(picture.shape[0] for picture in pictures)
    width = max(picture.shape[1] for picture in pictures)
    rows = -(-len(pictures) // columns)
    canvas = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), 24, np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    cv2.imwrite(str(target), canvas, [cv2.IMWRITE_JPEG_QUALITY, 88])


def _rectangle(canvas: NDArray[np.uint8], box: NDArray[np.float32] | NDArray[np.float64], colour: tuple[int, int, int],
               thickness: int) -> None:  # fmt: skip
    x1, y1, x2, y2 = (round(float(value) * MAGNIFICATION) for value in box)
    cv2.rectangle(canvas, (x1, y1), (x2, y2), colour, thickness, cv2.LINE_AA)


def _text(canvas: NDArray[np.uint8], text: str, at: tuple[int, int], size: float, colour: tuple[int, int, int]) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
