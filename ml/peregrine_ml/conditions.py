"""Night, fog and altitude, derived from real daylight images.

They make evaluation slices and drift rehearsals possible before such flights exist. Everything derived is marked so in
the data set's metadata (`derived`), and no derived image is ever trained on.
"""

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

LIGHTS = ("night", "fog")
ALTITUDES = {"low": 0.5, "high": 2.0}
"""Ground side length that one tile shows, as a multiple of the nominal tile."""

NIGHT_EXPOSURE = 0.16
NIGHT_TINT = (1.15, 1.0, 0.85)
"""Blue, green, red: moonlight and cheap sensors lean to blue."""
READ_NOISE = 5.0
FOG_DENSITY = 0.6
FOG_COLOUR = (206.0, 204.0, 200.0)


def generator(name: str) -> np.random.Generator:
    """A random generator that depends on a file's name only, so that a data set is the same every time."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


def night(image: Image, name: str) -> Image:
    """Little light and a blue cast, with shot and read noise, as a sensor at high gain gives."""
    random = generator(name)
    dark = (image.astype(np.float32) / 255.0) ** 1.25 * NIGHT_EXPOSURE * np.array(NIGHT_TINT, np.float32)
    photons = random.poisson(np.clip(dark, 0, 1) * 400.0) / 400.0 * 255.0
    return np.clip(photons + random.normal(0.0, READ_NOISE, image.shape), 0, 255).astype(np.uint8)


def fog(image: Image, name: str) -> Image:
    """An even veil with slow swells, and the loss of fine detail that scattering brings."""
    import cv2

    height, width = image.shape[:2]
    swells = generator(name).uniform(-0.12, 0.12, (4, 4)).astype(np.float32)
    density = FOG_DENSITY + cv2.resize(swells, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    soft = cv2.GaussianBlur(image, (0, 0), 1.4).astype(np.float32)
    return np.clip(soft * (1 - density) + np.array(FOG_COLOUR, np.float32) * density, 0, 255).astype(np.uint8)


def apply_light(light: str, image: Image, name: str) -> Image:
    """An image under another light; `day` leaves it as it is."""
    under: dict[str, Callable[[], Image]] = {
        "day": lambda: image,
        "night": lambda: night(image, name),
        "fog": lambda: fog(image, name),
    }
    return under[light]()
