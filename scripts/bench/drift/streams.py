"""Streams whose truth is known: correlated features, flights whose images are alike, seasons that a window shares.

Eight features correlate by 0.3, as in the simulations that the goals were set by. A window is an hour: all its flights
are in one phase of the day and of the week.
"""

from dataclasses import dataclass

import numpy as np

FEATURES = 8
CORRELATION = 0.3
NAMES = tuple(f"feature {number}" for number in range(FEATURES))
ROOT = np.linalg.cholesky(np.full((FEATURES, FEATURES), CORRELATION) + np.eye(FEATURES) * (1 - CORRELATION))
LOADS = np.array([[1.0, 0.8, 0.5, -0.5, 0.3, -0.7, 0.2, 0.6], [0.6, 0.2, -0.7, 0.3, -0.5, 0.5, 0.8, 1.0]])
"""What the waves of day and week do to each feature."""
LOADS *= np.array([[0.8], [0.6]]) / np.sqrt((LOADS**2).mean(axis=1, keepdims=True))


@dataclass(frozen=True)
class Stream:
    """What traffic is like.

    Attributes:
        name: for people.
        flight_size: images of a flight.
        icc: correlation of images of a flight.
        season: variance of the seasons in a feature, against 1 of an image.
        blocks: circumstances (hours) in the baseline, each with some flights.
        flights: of each circumstance.
    """

    name: str
    flight_size: int
    icc: float
    season: float
    blocks: int
    flights: int


STREAMS = (
    Stream("independent images", 1, 0.0, 0.0, 4000, 1),
    Stream("flights of 40 images, ICC 0.2", 40, 0.2, 0.0, 400, 1),
    Stream("the same, with seasons of day and week", 40, 0.2, 0.05, 400, 4),
)


def waves(hours: np.ndarray) -> np.ndarray:
    """Waves of day and week at hours of the week, of unit variance, one more axis than hours."""
    return np.sqrt(2) * np.sin(2 * np.pi * hours[..., None] / np.array([24, 168]))


def season(stream: Stream, hours: np.ndarray) -> np.ndarray:
    """Shift of each feature at hours of the week, hours x features."""
    return np.sqrt(stream.season) * waves(hours) @ LOADS


def baseline(stream: Stream, random: np.random.Generator):
    """Values (images x features), flights and circumstances of a baseline."""
    common = season(stream, random.uniform(0, 168, stream.blocks))[:, None, None]
    of_flights = random.normal(size=(stream.blocks, stream.flights, 1, FEATURES)) @ ROOT.T * np.sqrt(stream.icc)
    shape = (stream.blocks, stream.flights, stream.flight_size, FEATURES)
    values = common + of_flights + random.normal(size=shape) @ ROOT.T * np.sqrt(1 - stream.icc)
    flights = np.repeat(np.arange(stream.blocks * stream.flights), stream.flight_size)
    blocks = flights // stream.flights if stream.season else flights
    return values.reshape(-1, FEATURES), flights, blocks


def mean_errors(stream: Stream, count: int, random) -> np.ndarray:
    """How far the means of `count` baselines are from the truth, count x features."""
    variance = (stream.icc + (1 - stream.icc) / stream.flight_size) / (stream.blocks * stream.flights)
    drawn = random.normal(size=(count, FEATURES)) @ ROOT.T * np.sqrt(variance)
    if not stream.season:
        return drawn
    phases = waves(random.uniform(0, 168, (count, stream.blocks))).mean(axis=1)
    return drawn + np.sqrt(stream.season) * phases @ LOADS


def sizes(stream: Stream, images: int) -> np.ndarray:
    """Images of each flight of a window."""
    whole, rest = divmod(images, stream.flight_size)
    return np.array([stream.flight_size] * whole + ([rest] if rest else []), np.float64)


def window_means(stream: Stream, weights: np.ndarray, of_flights: np.ndarray, count: int, shift: float, random):
    """Weighted means of `count` windows, count x features: normal, so that single images need not be drawn."""
    variance = stream.icc * (weights**2).sum() + (1 - stream.icc) * (weights**2 / of_flights).sum()
    drawn = random.normal(size=(count, FEATURES)) @ ROOT.T * np.sqrt(variance)
    return drawn + season(stream, random.uniform(0, 168, count)) + shift


def window(stream: Stream, images: int, shift: float, random) -> np.ndarray:
    """One window, images x features."""
    of_flights = sizes(stream, images).astype(int)
    effects = random.normal(size=(len(of_flights), FEATURES)) @ ROOT.T * np.sqrt(stream.icc)
    own = random.normal(size=(images, FEATURES)) @ ROOT.T * np.sqrt(1 - stream.icc)
    return own + np.repeat(effects, of_flights, axis=0) + season(stream, random.uniform(0, 168, 1)) + shift
