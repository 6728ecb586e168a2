"""How far the mean of a quiet window lies from the baseline: draws, by a bootstrap over circumstances, flights, images.

Drawn are window and baseline both: a small baseline is wrong about its own mean and spread, and thresholds have to
allow for it. Covariances are drawn from their posterior (inverse Wishart), which gives Hotelling's T-squared its exact
distribution where effects are normal (Box and Tiao: Bayesian Inference in Statistical Analysis, 8.4).
"""

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift.spread import Level, Spread

Matrix = NDArray[np.float64]

MANY = 100
"""Means of more effects than this are normal enough; fewer are drawn from those that were measured."""
CHUNK = 2_000_000
"""Numbers drawn at a time: memory stays within some tens of MB."""


def covariance(spread: Spread, sizes: Matrix, blocks: int) -> Matrix:
    """Covariance of a quiet window's mean less the baseline's, features x features.

    Args:
        spread: of the baseline.
        sizes: images of each flight of the window.
        blocks: circumstances in the window.
    """
    weights = spread.weights(sizes)
    image, flight, block = spread.uncertainty
    total = spread.image.covariance * ((weights**2 / sizes).sum() + image)
    total = total + spread.flight.covariance * ((weights**2).sum() + flight)
    if spread.block is not None:
        total = total + spread.block.covariance * (1.0 / blocks + block)
    return np.asarray(total)


def draws(spread: Spread, sizes: Matrix, blocks: int, count: int, random: np.random.Generator) -> Matrix:
    """Differences of quiet windows of these sizes from the baseline, count x features, in standard deviations."""
    weights = spread.weights(sizes)
    image, flight, block = spread.uncertainty
    # Within flights, an image of flight k weighs weights[k] / sizes[k].
    each = np.repeat(weights / sizes, sizes.astype(np.int64)) if sizes.sum() <= MANY else np.zeros(0)
    result = _level(spread.image, each, float((weights**2 / sizes).sum()), image, count, random)
    result += _level(spread.flight, weights, float((weights**2).sum()), flight, count, random)
    if spread.block is not None:
        result += _level(spread.block, np.full(blocks, 1.0 / blocks), 1.0 / blocks, block, count, random)
    return result


def _level(level: Level, weights: Matrix, squares: float, baseline: float, count: int,
           random: np.random.Generator) -> Matrix:  # fmt: skip
    """Weighted means of effects of one level, and the baseline's own error at that level."""
    features = len(level.covariance)
    if not level.covariance.any():
        return np.zeros((count, features))
    if 0 < len(weights) <= MANY and len(level.effects):
        drawn = np.empty((count, features))
        step = max(1, CHUNK // (len(weights) * features))
        for start in range(0, count, step):
            rows = random.integers(0, len(level.effects), (min(step, count - start), len(weights)))
            drawn[start : start + step] = np.einsum("k,ckp->cp", weights, level.effects[rows])
    else:
        drawn = random.standard_normal((count, features)) * np.sqrt(squares)
    drawn += random.standard_normal((count, features)) * np.sqrt(baseline)
    return np.asarray(_posterior(drawn, level.freedom, random) @ _root(level.covariance))


def _posterior(drawn: Matrix, freedom: float, random: np.random.Generator) -> Matrix:
    """Rows of unit covariance, each scaled as a covariance of that freedom is uncertain (Bartlett's decomposition)."""
    count, features = drawn.shape
    if freedom > 100 * features:
        return drawn
    lower = np.tril(random.standard_normal((count, features, features)), -1)
    diagonal = np.sqrt(random.chisquare(freedom - np.arange(features), (count, features)))
    lower[:, np.arange(features), np.arange(features)] = diagonal
    solved = np.linalg.solve(lower.transpose(0, 2, 1), drawn[..., None])[..., 0]
    return np.asarray(solved * np.sqrt(freedom))


def _root(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
