"""Flat numbers about an image and its detections: what drift is measured on."""

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 8
"""Side in pixels of the cells that are flat or not."""
FLAT = 6.0
"""Standard deviation in grey levels below which a cell shows nothing: fog, dirt on the lens, a black frame."""
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Immerkaer, Fast noise variance estimation (1996): blind to edges, so that noise and finest texture are left."""
THUMBNAIL = 512
"""Images are shrunk to this side before measuring: a large one costs no more, and sharpness stays comparable."""


def of_image(image: NDArray[np.uint8]) -> dict[str, float]:
    """Brightness, contrast, sharpness, noise and colour.

    Returns:
        `luminance_mean` and `luminance_std` (0 to 255), `blur` (variance of the Laplacian: low is blurred), `noise`
        (grey levels), `flat` (part of the image's cells that show nothing), `saturation_mean` (0 to 255).
    """
    height, width = image.shape[:2]
    factor = THUMBNAIL / max(height, width)
    if factor < 1:
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mean, deviation = cv2.meanStdDev(grey)
    noise = cv2.norm(cv2.filter2D(grey, cv2.CV_32F, NOISE_KERNEL), cv2.NORM_L1) / grey.size * np.sqrt(np.pi / 2) / 6
    saturation = cv2.mean(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))[1]
    return {
        "luminance_mean": round(float(mean[0, 0]), 3),
        "luminance_std": round(float(deviation[0, 0]), 3),
        "blur": round(float(cv2.Laplacian(grey, cv2.CV_32F).var()), 3),
        "noise": round(float(noise), 3),
        "flat": round(_flat(grey), 4),
        "saturation_mean": round(float(saturation), 3),
    }


def _flat(grey: NDArray[np.uint8]) -> float:
    """Part of the cells that show nothing; of an image smaller than a cell, whether it does."""
    height, width = (max(side // CELL, 1) * min(CELL, side) for side in grey.shape)
    rows, columns = max(height // CELL, 1), max(width // CELL, 1)
    cells = grey[:height, :width].astype(np.float32).reshape(rows, height // rows, columns, width // columns)
    means, squares = cells.mean(axis=(1, 3)), (cells * cells).mean(axis=(1, 3))
    return float((squares - means * means < FLAT**2).mean())


def of_detections(boxes: NDArray[np.float32], scores: NDArray[np.float32], width: int, height: int) -> dict[str, float]:
    """Counts, confidences and sizes; all 0 when nothing was found, so that every answer has the same columns.

    Returns:
        `n_det`, `mean_conf`, `min_conf`, `max_conf`, `median_box_area` (pixels squared), `median_box_side` (pixels),
        `covered` (sum of box areas as a fraction of the image).
    """
    if not len(scores):
        names = ("n_det", "mean_conf", "min_conf", "max_conf", "median_box_area", "median_box_side", "covered")
        return dict.fromkeys(names, 0.0)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    median = float(np.median(areas))
    return {
        "n_det": float(len(scores)),
        "mean_conf": round(float(scores.mean()), 4),
        "min_conf": round(float(scores.min()), 4),
        "max_conf": round(float(scores.max()), 4),
        "median_box_area": round(median, 1),
        "median_box_side": round(median**0.5, 2),
        "covered": round(float(areas.sum()) / (width * height), 4),
    }
