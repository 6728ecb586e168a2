"""What happens to aerial images: damage of twelve kinds at five strengths, and changes that do no harm.

They show what moves when a model's answers get worse, before such flights exist. Strengths grow from hardly visible to
clearly harmful, in the manner of ImageNet-C (Hendrycks and Dietterich 2019).
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from peregrine_ml import conditions

Image = NDArray[np.uint8]
STRENGTHS = (1, 2, 3, 4, 5)


def damaged(kind: str, strength: int, image: Image, name: str) -> Image:
    """An image under one kind of damage.

    Args:
        kind: of `KINDS`.
        strength: 1 to 5.
        image: height x width x 3, BGR.
        name: of the file; what is random depends on it alone.
    """
    changed = KINDS[kind](image.astype(np.float32), strength, conditions.generator(f"{kind} {name}"))
    return np.asarray(np.clip(changed, 0, 255), np.uint8)


def _fog(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    density = (0.15, 0.3, 0.45, 0.6, 0.75)[strength - 1]
    swells = random.uniform(-0.12, 0.12, (4, 4)).astype(np.float32)
    veil = density + cv2.resize(swells, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    soft = cv2.GaussianBlur(image, (0, 0), 0.4 + 1.6 * density)
    return np.asarray(soft * (1 - veil) + np.array(conditions.FOG_COLOUR, np.float32) * veil)


def _night(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    exposure = (0.7, 0.5, 0.35, 0.22, 0.14)[strength - 1]
    dark = (image / 255.0) ** (1.0 + 0.05 * strength) * exposure * np.array(conditions.NIGHT_TINT, np.float32)
    photons = random.poisson(np.clip(dark, 0, 1) * 400.0) / 400.0 * 255.0
    return np.asarray(photons + random.normal(0.0, strength, image.shape), np.float32)


def _shot_noise(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    photons = (200.0, 80.0, 40.0, 20.0, 10.0)[strength - 1]
    return np.asarray(random.poisson(image / 255.0 * photons) / photons * 255.0, np.float32)


def _noise(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    return np.asarray(image + random.normal(0.0, (5, 10, 18, 28, 42)[strength - 1], image.shape), np.float32)


def _defocus(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), (0.5, 0.9, 1.4, 2.2, 3.2)[strength - 1]))


def _motion(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    length = (3, 5, 8, 12, 17)[strength - 1]
    kernel = np.zeros((length, length), np.float32)
    angle = random.uniform(0, np.pi)
    for step in np.linspace(-0.5, 0.5, 4 * length):
        row, column = ((length - 1) * (0.5 + step * turn) for turn in (np.sin(angle), np.cos(angle)))
        kernel[round(row), round(column)] = 1.0
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()))


def _jpeg(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    return compressed(image.astype(np.uint8), (60, 35, 20, 10, 5)[strength - 1]).astype(np.float32)


def _brighter(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    return image * np.float32((1.2, 1.5, 1.9, 2.5, 3.3)[strength - 1])


def _darker(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    # Rounded to whole numbers, as the camera does: that is where the detail is lost.
    return np.asarray(np.round(image * (0.75, 0.5, 0.3, 0.15, 0.07)[strength - 1]), np.float32)


def _flatter(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    mean = image.mean(axis=(0, 1), keepdims=True)
    return np.asarray(mean + (image - mean) * (0.75, 0.5, 0.33, 0.2, 0.1)[strength - 1], np.float32)


def _pixels(image: NDArray[np.float32], strength: int, _random: np.random.Generator) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    factor = (0.7, 0.5, 0.35, 0.25, 0.17)[strength - 1]
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _rain(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    drops = np.zeros((height, width), np.float32)
    count = round((0.0005, 0.001, 0.002, 0.004, 0.007)[strength - 1] * height * width)
    slant = int(random.integers(-3, 4))
    for x, y in random.integers(0, (width, height), (count, 2)):
        cv2.line(drops, (int(x), int(y)), (int(x) + slant, int(y) + 8), 1.0, 1, cv2.LINE_AA)
    drops = cv2.GaussianBlur(drops, (0, 0), 0.7)[..., None] * 0.75
    return np.asarray(image * (1 - drops) * (1 - 0.06 * strength) + 200.0 * drops)


def _dirt(image: NDArray[np.float32], strength: int, random: np.random.Generator) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    spots = np.zeros((height, width), np.float32)
    for _ in range((2, 4, 7, 11, 16)[strength - 1]):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        cv2.circle(spots, (x, y), int(random.uniform(0.05, 0.12) * width), 1.0, -1)
    covered = cv2.GaussianBlur(spots, (0, 0), width * 0.015)[..., None] * 0.9
    return np.asarray(image * (1 - covered) + np.array((40.0, 55.0, 65.0), np.float32) * covered)


KINDS: dict[str, Callable[[NDArray[np.float32], int, np.random.Generator], NDArray[np.float32]]] = {
    "fog": _fog, "night": _night, "shot noise": _shot_noise, "sensor noise": _noise, "defocus": _defocus,
    "motion blur": _motion, "JPEG": _jpeg, "over-exposure": _brighter, "under-exposure": _darker,
    "low contrast": _flatter, "low resolution": _pixels, "rain": _rain, "dirt on the lens": _dirt,
}  # fmt: skip


def compressed(image: Image, quality: int) -> Image:
    """An image as JPEG of a quality gives it back."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)


HARMLESS: dict[str, Callable[[Image], Image]] = {
    "brightness +10 %": lambda image: np.asarray(np.clip(image * np.float32(1.1), 0, 255), np.uint8),
    "brightness -10 %": lambda image: np.asarray(np.round(image * np.float32(0.9)), np.uint8),
    "JPEG quality 90": lambda image: compressed(image, 90),
}
"""Changes that nobody wants to be woken for: another exposure, another encoder."""
