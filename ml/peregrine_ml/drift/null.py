"""How far the mean of a quiet window lies from the baseline: draws, by a bootstrap over circumstances, flights, images.

Drawn are window and baseline both: a small baseline is wrong about its own mean and spread, and thresholds have to
allow for it. Covariances are drawn from their posterior (inverse Wishart), which gives Hotelling's T-squared its exact
distribution where effects are normal (Box and Tiao: Bayesian Inference in Statistical Analysis, 8.4).
"""

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import spread as levels
from peregrine_ml.drift.mixture import Mixture
from peregrine_ml.drift.spread import Components, Scatter, Spread

Matrix = NDArray[np.float64]

MANY = 100
"""Means of more effects than this are normal enough; fewer are drawn from those that were measured."""
CHUNK = 2_000_000
"""Numbers drawn at a time: memory stays within some tens of MB."""
WORLDS = 400
"""Covariances drawn: what the true ones might be, given the baseline."""


def shares(spread: Spread, sizes: Matrix, blocks: int) -> Matrix:
    """Variance of a quiet window's mean as multiples of the covariances of images, flights, circumstances.

    Args:
        spread: of the baseline.
        sizes: images of each flight of the window.
        blocks: circumstances in the window.
    """
    weights = spread.weights(sizes)
    return np.array([(weights**2 / sizes).sum(), (weights**2).sum(), 1.0 / blocks])


def covariance(spread: Spread, sizes: Matrix, blocks: int) -> Matrix:
    """Covariance of a quiet window's mean less the baseline's, features x features; see `shares`."""
    factors = shares(spread, sizes, blocks) + np.array(spread.uncertainty)
    found = spread.components
    return np.asarray(found.image * factors[0] + found.flight * factors[1] + found.block * factors[2])


def draws(spread: Spread, sizes: Matrix, blocks: int, count: int, random: np.random.Generator) -> Matrix:
    """Differences of quiet windows of these sizes from the baseline, count x features, in standard deviations."""
    weights = spread.weights(sizes)
    squares = shares(spread, sizes, blocks)
    # Within flights, an image of flight k weighs weights[k] / sizes[k].
    each = np.repeat(weights / sizes, sizes.astype(np.int64)) if sizes.sum() <= MANY else np.zeros(0)
    each_block = np.full(blocks, 1.0 / blocks)
    of_level = [(spread.images, each), (spread.flights, weights)]
    if spread.blocks is not None:
        of_level.append((spread.blocks, each_block))
    whitened = [
        _effects(scatter, of_units, square, own, count, random, spread.shape if scatter is spread.blocks else None)
        for (scatter, of_units), square, own in zip(of_level, squares, spread.uncertainty, strict=False)
    ]
    result = np.empty_like(whitened[0])
    for rows in np.array_split(np.arange(count), min(WORLDS, count)):
        world = _world(spread, random)
        roots = (_root(world.image), _root(world.flight), _root(world.block))
        result[rows] = sum(drawn[rows] @ root for drawn, root in zip(whitened, roots, strict=False))
    return result


def _effects(scatter: Scatter, weights: Matrix, squares: float, baseline: float, count: int,
             random: np.random.Generator, shape: Mixture | None) -> Matrix:  # fmt: skip
    """Weighted means of effects of one level, whitened, and the baseline's own error at that level.

    Effects are drawn from their shape where it is known, else from means with the noise inside: flights are many.
    """
    features, known = len(scatter.covariance), scatter.effects
    if not scatter.covariance.any():
        return np.zeros((count, features))
    drawn = np.empty((count, features))
    if 0 < len(weights) <= MANY and len(known):
        step = max(1, CHUNK // (len(weights) * features))
        for start in range(0, count, step):
            size = (min(step, count - start), len(weights))
            units = shape.draw(*size, random) if shape else known[random.integers(0, len(known), size)]
            drawn[start : start + step] = np.einsum("k,ckp->cp", weights, units)
    else:
        drawn[:] = random.standard_normal((count, features)) * np.sqrt(squares)
    return drawn + random.standard_normal((count, features)) * np.sqrt(baseline)


def _world(spread: Spread, random: np.random.Generator) -> Components:
    """Covariances as they might be, given those that were found."""
    found, (of_flights, in_blocks, of_blocks) = spread.components, spread.inverse_sizes
    images = _posterior(found.image, spread.images, random)
    flights = _posterior(found.flight + found.image * of_flights, spread.flights, random)
    blocks = None
    if spread.blocks is not None:
        noise = found.flight * in_blocks + found.image * of_blocks
        blocks = _posterior(found.block + noise, spread.blocks, random)
    # In directions where no effect was seen, there is none in any world: a bare possibility would decide the threshold.
    ranks = (np.linalg.matrix_rank(found.flight, 1e-9), np.linalg.matrix_rank(found.block, 1e-9))
    return levels.components(images.covariance, flights, blocks, spread.inverse_sizes, ranks)


def _posterior(found: Matrix, scatter: Scatter, random: np.random.Generator) -> Scatter:
    """What the covariance might be around the one that was found.

    Units are drawn again, and the covariance is moved the other way: if a draw is smaller than what was found, what was
    found may be smaller than the truth. Too few units for that: the inverse Wishart distribution (Bartlett's
    decomposition).
    """
    features, units = len(found), len(scatter.effects)
    if scatter.freedom > 200 * features or scatter.freedom < features or not found.any():
        return Scatter(found, scatter.freedom, scatter.effects)
    if units:
        counts = np.bincount(random.integers(0, units, units), minlength=units)
        lower = np.linalg.cholesky((scatter.effects * counts[:, None]).T @ scatter.effects / units)
    else:
        lower = np.tril(random.standard_normal((features, features)), -1)
        np.fill_diagonal(lower, np.sqrt(random.chisquare(scatter.freedom - np.arange(features))))
        lower /= np.sqrt(scatter.freedom)
    half = np.linalg.solve(lower, _root(found))
    return Scatter(half.T @ half, scatter.freedom, scatter.effects)


def _root(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
