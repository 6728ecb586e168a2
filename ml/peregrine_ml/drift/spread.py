"""How quiet answers differ: within a flight, between flights, and between the circumstances that flights share.

Images of one flight are alike, and flights of one day have their light in common. So a window of 500 images may say as
much as 12 independent ones. Each level has a covariance of its own, by the method of moments (nested analysis of
variance; Searle, Casella, McCulloch: Variance Components, chapter 3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import mixture
from peregrine_ml.drift.mixture import Mixture
from peregrine_ml.drift.model import Baseline

Matrix = NDArray[np.float64]

ASSUMED_ICC = 0.2
"""Correlation of images of a flight where the baseline has too few flights to tell. Aerial images of one site and hour
have more rather than less.
"""
ENOUGH = 30
"""Degrees of freedom beyond the number of features from which on a covariance is taken as it was measured."""
LEAST_FREEDOM = 4
"""Degrees of freedom a feature that it takes to tell effects from noise direction by direction."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """How units of one level (images, flights, circumstances) were seen to scatter around their mean.

    Attributes:
        covariance: of the units' means, features x features; it holds the noise of the levels inside as well.
        freedom: degrees of freedom behind it.
        effects: deviations, whitened to unit covariance, units x features: the shape of their distribution.
    """

    covariance: Matrix
    freedom: float
    effects: Matrix


@dataclass(frozen=True, slots=True)
class Components:
    """Covariances of the effects themselves, each features x features: of images, flights, circumstances."""

    image: Matrix
    flight: Matrix
    block: Matrix


@dataclass(frozen=True, slots=True)
class Spread:
    """The baseline's mean and how answers spread around it.

    Attributes:
        mean, scale: of the images, features; `scale` turns shifts into standard deviations.
        images, flights, blocks: scatters; `blocks` is None where the baseline has one circumstance a flight.
        inverse_sizes: mean of 1 / images over flights; of 1 / flights and of 1 / images over circumstances.
        components: the covariances that follow.
        shape: of the effects of circumstances; None where too few were seen to show one.
        centre: mean over flights, weighted by what each says, in units of `scale` from `mean`.
        uncertainty: variance of `centre` as multiples of the covariances of images, flights, circumstances.
        leading: direction in which features move together, of unit length.
        flight_size: images of a flight, on average.
    """

    mean: Matrix
    scale: Matrix
    images: Scatter
    flights: Scatter
    blocks: Scatter | None
    inverse_sizes: tuple[float, float, float]
    components: Components
    shape: Mixture | None
    centre: Matrix
    uncertainty: tuple[float, float, float]
    leading: Matrix
    flight_size: float

    def weights(self, sizes: Matrix) -> Matrix:
        """Weights of flights of these sizes in a mean: what each says for itself, summing to 1."""
        precision = _precision(self.components, sizes)
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
    first = np.zeros(len(sizes), np.int64)
    first[flight_of] = np.arange(len(values))
    _, block_of = np.unique(np.array(baseline.blocks)[first], return_inverse=True)
    in_block = np.bincount(block_of).astype(np.float64)
    nested = 1 < len(in_block) < len(sizes)

    means = _means(values, flight_of, sizes)
    images = _scatter(values - means[flight_of], len(values) - len(sizes))
    groups = block_of if nested else np.zeros(len(sizes), np.int64)
    block_means = _means(means, groups, np.bincount(groups).astype(np.float64))
    inverse = (
        float((1.0 / sizes).mean()),
        float((1.0 / in_block).mean()),
        float((np.bincount(block_of, 1.0 / sizes) / in_block**2).mean()),
    )
    flights = _scatter(means - block_means[groups], len(sizes) - len(block_means))
    assumed = images.covariance * (ASSUMED_ICC / (1.0 - ASSUMED_ICC) + inverse[0])
    flights = _mended(flights, assumed) if images.covariance.any() else flights
    blocks = None
    if nested:
        blocks = _scatter(block_means - block_means.mean(axis=0), len(in_block) - 1)
        share = np.trace(blocks.covariance) / max(np.trace(flights.covariance), 1e-12)
        blocks = _mended(blocks, flights.covariance * share)
    found = components(images.covariance, flights, blocks, inverse)
    shape = None
    if blocks is not None and len(blocks.effects) and found.block.any():
        around = found.flight * inverse[1] + images.covariance * inverse[2]
        shape = mixture.of(block_means - block_means.mean(axis=0), found.block, around)
    weight, shared = _centre_weights(found, sizes, block_of if nested else None)
    uncertainty = (float((weight**2 / sizes).sum()), float((weight**2).sum()), shared)
    leading = np.linalg.eigh(np.cov(values, rowvar=False).reshape(len(scale), -1))[1][:, -1]
    return Spread(mean, scale, images, flights, blocks, inverse, found, shape, weight @ means, uncertainty, leading,
                  float(sizes.mean()))  # fmt: skip


def components(images: Matrix, flights: Scatter, blocks: Scatter | None,
               inverse: tuple[float, float, float], ranks: tuple[int, int] | None = None) -> Components:  # fmt: skip
    """Covariances of effects from those of means: each less the noise of the levels inside.

    Args:
        images, flights, blocks: covariance of images within flights, scatter of the means of flights, of circumstances.
        inverse: see `Spread.inverse_sizes`.
        ranks: in how many directions flights and circumstances have effects; looked for if absent.
    """
    flight = effect(flights, images * inverse[0], ranks and ranks[0])
    if blocks is None:
        return Components(images, flight, np.zeros_like(flight))
    return Components(images, flight, effect(blocks, flight * inverse[1] + images * inverse[2], ranks and ranks[1]))


def effect(means: Scatter, noise: Matrix, rank: int | None = None) -> Matrix:
    """Covariance of effects, from that of means with noise.

    Directions in which the means scatter as noise alone would let them (Johnstone 2001: the largest eigenvalue's 95 %
    point) have no effect; the others are corrected for what noise adds (Baik and Silverstein 2006).

    Args:
        means: as they were seen to scatter.
        noise: covariance that they would have without effects.
        rank: how many directions have effects, if that is known already.
    """
    features = len(noise)
    if means.freedom < LEAST_FREEDOM * features or not noise.any():
        return _positive(means.covariance - noise)
    values, vectors = np.linalg.eigh(noise)
    values = np.maximum(values, 1e-9 * values[-1])
    root, inverse_root = (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T
    ratios, axes = np.linalg.eigh(inverse_root @ means.covariance @ inverse_root)
    wide, narrow = np.sqrt(means.freedom), np.sqrt(features)
    largest = (wide + narrow) ** 2 + 0.98 * (wide + narrow) * np.cbrt(1 / wide + 1 / narrow)
    aspect = features / means.freedom
    part = ratios + 1.0 - aspect
    true = (part + np.sqrt(np.maximum(part**2 - 4.0 * ratios, 0.0))) / 2.0
    seen = ratios > largest / means.freedom if rank is None else np.arange(features) >= features - rank
    kept = np.where(seen, np.maximum(true - 1.0, 0.0), 0.0)
    half = root @ axes
    return np.asarray((half * kept) @ half.T)


def _positive(matrix: Matrix) -> Matrix:
    """A covariance of the same trace: what sampling made negative is 0, and the rest is no larger for it."""
    values, vectors = np.linalg.eigh(matrix)
    kept = np.maximum(values, 0.0)
    kept *= max(values.sum(), 0.0) / max(kept.sum(), 1e-12)
    return np.asarray((vectors * kept) @ vectors.T)


def _precision(found: Components, sizes: Matrix) -> Matrix:
    within, between = np.trace(found.image), np.trace(found.flight)
    return np.asarray(1.0 / np.maximum(between + within / sizes, 1e-12))


def _centre_weights(found: Components, sizes: Matrix, block_of: NDArray[np.int64] | None) -> tuple[Matrix, float]:
    """Weights of the flights in the baseline's mean, and the sum of squares of the circumstances' weights."""
    precision = _precision(found, sizes)
    if block_of is None:
        return precision / precision.sum(), 0.0
    in_block = np.bincount(block_of, precision)
    outer = 1.0 / (np.trace(found.block) + 1.0 / in_block)
    outer /= outer.sum()
    return precision * (outer / in_block)[block_of], float((outer**2).sum())


def _scatter(residuals: Matrix, freedom: int) -> Scatter:
    features = residuals.shape[1]
    if freedom < 1:
        return Scatter(np.zeros((features, features)), 0, np.zeros((0, features)))
    return Scatter(residuals.T @ residuals / freedom, freedom, _whitened(residuals))


def _mended(scatter: Scatter, assumed: Matrix) -> Scatter:
    """A covariance of few observations is mended by an assumed one, as if that had been observed as well."""
    added = max(0.0, len(assumed) + ENOUGH - scatter.freedom)
    total = scatter.freedom + added
    return Scatter((scatter.covariance * scatter.freedom + assumed * added) / total, total, scatter.effects)


def _means(values: Matrix, groups: NDArray[np.int64], sizes: Matrix) -> Matrix:
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, groups, values)
    return sums / sizes[:, None]


def _whitened(residuals: Matrix) -> Matrix:
    """Effects with unit covariance; none where there are too few to show a shape."""
    rows, features = residuals.shape
    if rows < 5 * features:
        return np.zeros((0, features))
    values, vectors = np.linalg.eigh(residuals.T @ residuals / rows)
    kept = np.maximum(values, 1e-9 * values[-1])
    return np.asarray(residuals @ (vectors / np.sqrt(kept)) @ vectors.T)
