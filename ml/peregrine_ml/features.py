"""Flat numbers about an image and its detections: what drift is measured on."""

import cv2
import numpy as np
from numpy.typing import NDArray

THUMBNAIL = 512
"""Images are shrunk to this side before measuring: a large one costs no more, and sharpness stays comparable."""


def of_image(image: NDArray[np.uint8]) -> dict[str, float]:
    """Brightness, contrast and sharpness.

    Returns:
        `luminance_mean` and `luminance_std` (0 to 255), `blur` (variance of the Laplacian: low is blurred).
    """
    height, width = image.shape[:2]
    factor = THUMBNAIL / max(height, width)
    if factor < 1:
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mean, deviation = cv2.meanStdDev(grey)
    return {
        "luminance_mean": round(float(mean[0, 0]), 3),
        "luminance_std": round(float(deviation[0, 0]), 3),
        "blur": round(float(cv2.Laplacian(grey, cv2.CV_32F).var()), 3),
    }


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
