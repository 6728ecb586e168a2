"""One invocation: bytes of an image in, detections and flat features out."""

import base64
import binascii
import json
import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from peregrine_ml import features
from peregrine_ml.detector import Detector

IMAGE_TYPES = frozenset({"image/jpeg", "image/jpg", "image/png"})
JSON_TYPE = "application/json"
MAX_PIXELS = 64_000_000
"""A few bytes of PNG can claim gigapixels; the largest drone photographs have some 50 megapixels."""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The request is wrong: HTTP status, a code for programs, a sentence for people."""

    status: int
    code: str
    message: str


def answer(detector: Detector, content_type: str, body: bytes) -> dict[str, Any]:
    """Detect objects in the image of a request.

    Returns:
        `image` (w, h), `detections` (class, name, confidence, box as x1, y1, x2, y2 in pixels), `model`,
        `features` (flat numbers for drift), `timing_ms`.

    Raises:
        Refused: 415 for another content type, 400 for a body that holds no image, 413 for too large a one.
    """
    started = time.perf_counter()
    image = decode(content_type, body)
    decoded = time.perf_counter()
    found = detector.detect(image)
    detected = time.perf_counter()
    height, width = image.shape[:2]
    measured = {
        **features.of_image(image), **features.of_detections(found.boxes, found.scores, width, height),
        **found.signals, "width": float(width), "height": float(height), "bytes": float(len(body)),
    }  # fmt: skip
    names = detector.model.classes
    ended = time.perf_counter()
    return {
        "image": {"w": width, "h": height},
        "detections": [
            {"class": int(index), "name": names[index], "confidence": round(float(score), 4),
             "box": [round(float(value), 1) for value in box]}
            for box, score, index in zip(found.boxes, found.scores, found.classes, strict=True)
        ],
        "model": {
            "sha256": detector.model.sha256, "architecture": detector.model.document.get("architecture", ""),
            "imgsz": detector.model.imgsz, "tiles": found.tiles,
        },
        "features": measured,
        "timing_ms": {
            "decode": round((decoded - started) * 1000, 3), **found.timing_ms,
            "features": round((ended - detected) * 1000, 3), "total": round((ended - started) * 1000, 3),
        },
    }  # fmt: skip


def decode(content_type: str, body: bytes) -> NDArray[np.uint8]:
    """The BGR image of a body; see `answer` for what is refused."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == JSON_TYPE:
        body = _image_of_json(body)
    elif kind not in IMAGE_TYPES:
        raise Refused(
            415, "UnsupportedMediaType", f"Content type {kind or 'none'} is none of image/jpeg, image/png, {JSON_TYPE}."
        )
    if not body:
        raise Refused(400, "NotAnImage", "The body is empty.")
    try:
        image = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # OpenCV's own limit on pixels ends here.
        image = None
    if image is None:
        raise Refused(400, "NotAnImage", f"The {len(body)} bytes are no readable JPEG or PNG image.")
    if image.shape[0] * image.shape[1] > MAX_PIXELS:
        raise Refused(413, "ImageTooLarge", f"{image.shape[1]}x{image.shape[0]} pixels; the limit is {MAX_PIXELS}.")
    return image


def _image_of_json(body: bytes) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        raise Refused(400, "NotJson", "The body is no JSON.") from None
    encoded = document.get("image") if isinstance(document, dict) else None
    if not isinstance(encoded, str):
        raise Refused(400, "NoImage", 'Expected {"image": "<base64 of a JPEG or PNG>"}.')
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "NotBase64", "The member image is no base64.") from None
