"""How quiet answers differ: within a flight, between flights, and between the circumstances that flights share.

Images of one flight are alike, and flights of one day have their light in common. So a window of 500 images may say as
much as 12 independent ones. Each level has a covariance of its own, by the method of moments (nested analysis of
variance; Searle, Casella, McCulloch: Variance Components, chapter 3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift.model import Baseline

Matrix = NDArray[np.float64]

ASSUMED_ICC = 0.2
"""Correlation of images of a flight where the baseline has too few flights to tell. Aerial images of one site and hour
have more rather than less.
"""
ENOUGH = 10
"""Degrees of freedom beyond the number of features from which on a covariance is taken as it was measured."""


@dataclass(frozen=True, slots=True)
class Level:
    """One source of variation.

    Attributes:
        covariance: features x features, in units of an image's standard deviations.
        freedom: degrees of freedom behind it.
        effects: measured effects, whitened to unit covariance, rows x features: their shape is drawn from.
    """

    covariance: Matrix
    freedom: float
    effects: Matrix


@dataclass(frozen=True, slots=True)
class Spread:
    """The baseline's mean and how answers spread around it.

    Attributes:
        mean, scale: of the images, features; `scale` turns shifts into standard deviations.
        image, flight, block: levels from the innermost to the outermost; `block` is None where the baseline has one
            circumstance a flight.
        centre: mean over flights, weighted by what each says, in units of `scale` from `mean`.
        uncertainty: by level, the variance of `centre` as a multiple of the level's covariance.
        leading: direction in which features move together, of unit length.
    """

    mean: Matrix
    scale: Matrix
    image: Level
    flight: Level
    block: Level | None
    centre: Matrix
    uncertainty: tuple[float, float, float]
    leading: Matrix
    flight_size: float

    def weights(self, sizes: Matrix) -> Matrix:
        """Weights of flights of these sizes in a mean: what each says for itself, summing to 1."""
        within, between = np.trace(self.image.covariance), np.trace(self.flight.covariance)
        precision = 1.0 / np.maximum(between + within / sizes, 1e-12)
        return np.asarray(precision / precision.sum())


def of(baseline: Baseline) -> Spread:
    """Measure the levels of a baseline."""
    mean = baseline.values.mean(axis=0)
    deviation = baseline.values.std(axis=0)
    # A feature that never differed has no scale; any change of it then shows as a large one.
    scale = np.where(deviation > 1e-9, deviation, np.maximum(1e-3 * np.abs(mean), 1e-3))
    values = (baseline.values - mean) / scale
    _, flight_of = np.unique(np.array(baseline.flights), return_inverse=True)
    sizes = np.bincount(flight_of).astype(np.float64)
    flights = len(sizes)
    means = _means(values, flight_of, sizes)
    image = _images(values - means[flight_of], flights)
    first = np.zeros(flights, np.int64)
    first[flight_of] = np.arange(len(values))
    _, block_of = np.unique(np.array(baseline.blocks)[first], return_inverse=True)
    in_block = np.bincount(block_of).astype(np.float64)
    blocks = len(in_block)
    nested = 1 < blocks < flights
    groups = block_of if nested else np.zeros(flights, np.int64)
    block_means = _means(means, groups, np.bincount(groups).astype(np.float64))
    flight = _flights(means - block_means[groups], flights - len(block_means), image, float((1.0 / sizes).mean()))
    block = _blocks(block_means, flight, image, in_block, sizes, block_of) if nested else None

    within, between = np.trace(image.covariance), np.trace(flight.covariance)
    precision = 1.0 / np.maximum(between + within / sizes, 1e-12)
    if block is None:
        weight = precision / precision.sum()
        shared = 0.0
    else:
        of_block = np.bincount(block_of, precision)
        outer = 1.0 / (np.trace(block.covariance) + 1.0 / of_block)
        outer /= outer.sum()
        weight, shared = precision * (outer / of_block)[block_of], float((outer**2).sum())
    uncertainty = (float((weight**2 / sizes).sum()), float((weight**2).sum()), shared)
    leading = np.linalg.eigh(np.cov(values, rowvar=False).reshape(len(scale), -1))[1][:, -1]
    return Spread(mean, scale, image, flight, block, weight @ means, uncertainty, leading, float(sizes.mean()))


def _images(residuals: Matrix, flights: int) -> Level:
    freedom = len(residuals) - flights
    features = residuals.shape[1]
    if freedom <= features:  # Flights of one image each: all variation is between flights.
        return Level(np.zeros((features, features)), max(freedom, 1), np.zeros((0, features)))
    return Level(residuals.T @ residuals / freedom, freedom, _whitened(residuals))


def _flights(residuals: Matrix, freedom: int, image: Level, inverse_size: float) -> Level:
    features = residuals.shape[1]
    measured = np.zeros((features, features))
    if freedom > 0:
        measured = _positive(residuals.T @ residuals / freedom - image.covariance * inverse_size)
    if not image.covariance.any():
        return Level(measured, max(freedom, 1), _whitened(residuals))
    assumed = image.covariance * ASSUMED_ICC / (1.0 - ASSUMED_ICC)
    return _level(measured, assumed, freedom, residuals)


def _blocks(means: Matrix, flight: Level, image: Level, in_block: Matrix, sizes: Matrix,
            block_of: NDArray[np.int64]) -> Level:  # fmt: skip
    residuals = means - means.mean(axis=0)
    freedom = len(means) - 1
    noise = flight.covariance * (1.0 / in_block).mean()
    noise += image.covariance * (np.bincount(block_of, 1.0 / sizes) / in_block**2).mean()
    measured = _positive(residuals.T @ residuals / freedom - noise)
    size = np.trace(measured) / max(np.trace(flight.covariance), 1e-12)
    return _level(measured, flight.covariance * size, freedom, residuals)


def _level(measured: Matrix, assumed: Matrix, freedom: int, residuals: Matrix) -> Level:
    """A covariance of few observations is mended by an assumed one, as if that had been observed as well."""
    added = max(0.0, residuals.shape[1] + ENOUGH - freedom)
    total = freedom + added
    return Level((measured * freedom + assumed * added) / total, total, _whitened(residuals))


def _means(values: Matrix, groups: NDArray[np.int64], sizes: Matrix) -> Matrix:
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, groups, values)
    return sums / sizes[:, None]


def _positive(matrix: Matrix) -> Matrix:
    """The nearest covariance: what sampling made negative is 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def _whitened(residuals: Matrix) -> Matrix:
    """Effects with unit covariance; none where there are too few to show a shape."""
    rows, features = residuals.shape
    if rows < 5 * features:
        return np.zeros((0, features))
    values, vectors = np.linalg.eigh(residuals.T @ residuals / rows)
    kept = np.maximum(values, 1e-9 * values[-1])
    return np.asarray(residuals @ (vectors / np.sqrt(kept)) @ vectors.T)
