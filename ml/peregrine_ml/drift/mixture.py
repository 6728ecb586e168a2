"""What circumstances do, apart from the noise of the few flights that showed it.

The mean of a circumstance's flights is its effect and noise. Its covariance less that of the noise is the effects';
their shape is not that of the means: seasons have an end that noise goes beyond. A large window of one hour is nearly a
season alone, so this end decides its threshold. The distribution of the effects is taken as a mixture of points
(Kiefer and Wolfowitz 1956), found by expectation and maximisation (Laird 1978), with no more points than the means
prove (Akaike 1974).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

SWEEPS, STEPS = 6, 10
"""Rounds after which points are taken out, and steps of each."""
MAX_POINTS = 400
"""To begin with."""
LEAST_VARIANCE = 0.25
"""Of that which the effects' covariance has; a direction with less of it has no shape."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """A distribution of effects with unit covariance.

    Attributes:
        points: in the directions that have effects, points x features.
        chances: of the points, summing to 1.
        rest: projection onto the other directions, features x features; there effects are normal.
    """

    points: Matrix
    chances: Matrix
    rest: Matrix

    def draw(self, count: int, units: int, random: np.random.Generator) -> Matrix:
        """Effects of independent units, count x units x features."""
        which = random.choice(len(self.points), (count, units), p=self.chances)
        return self.points[which] + random.standard_normal((count, units, len(self.rest))) @ self.rest


def of(means: Matrix, effects: Matrix, noise: Matrix) -> Mixture:
    """Find the distribution of effects.

    Args:
        means: around their mean, units x features.
        effects: covariance of the effects, features x features; it may have directions without any.
        noise: covariance of the means around the effects.
    """
    rank = int(np.linalg.matrix_rank(effects, 1e-9))
    values, vectors = np.linalg.eigh(noise)
    values = np.maximum(values, 1e-9 * values[-1])
    root, inverse_root = (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T
    axes = np.linalg.eigh(inverse_root @ effects @ inverse_root)[1][:, len(noise) - rank :]
    points, chances = unmixed(means @ inverse_root @ axes)
    variances, directions = np.linalg.eigh(effects)
    used = directions[:, len(noise) - rank :]
    whitened = (points - chances @ points) @ axes.T @ root @ used / np.sqrt(variances[len(noise) - rank :])
    # The covariance is known better than the shape: the points get it.
    own, turn = np.linalg.eigh((whitened.T * chances) @ whitened)
    whitened = whitened @ (turn / np.sqrt(np.maximum(own, LEAST_VARIANCE))) @ turn.T
    return Mixture(whitened @ used.T, chances, np.eye(len(noise)) - used @ used.T)


def unmixed(values: Matrix) -> tuple[Matrix, Matrix]:
    """Points and their chances, of values that are points and standard normal noise.

    Args:
        values: units x directions.
    """
    points = values[:: -(-len(values) // MAX_POINTS)]
    chances = np.full(len(points), 1.0 / len(points))
    for _ in range(SWEEPS):
        for _ in range(STEPS):
            shares = _joint(values, points, chances)
            shares /= shares.sum(axis=1, keepdims=True)
            kept = shares.sum(axis=0) > 1e-6
            units = shares[:, kept].sum(axis=0)
            points, chances = (shares[:, kept].T @ values) / units[:, None], units / units.sum()
        proven = _proven(_joint(values, points, chances), chances, points.shape[1] + 1.0)
        points, chances = points[proven], chances[proven] / chances[proven].sum()
    return points, chances


def _joint(values: Matrix, points: Matrix, chances: Matrix) -> Matrix:
    """Probability of each value and point together, up to a factor for each value."""
    squares = (values**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2.0 * values @ points.T
    return np.asarray(chances * np.exp((squares.min(axis=1, keepdims=True) - squares) / 2.0))


def _proven(joint: Matrix, chances: Matrix, price: float) -> NDArray[np.bool_]:
    """The points without which the likelihood's logarithm falls by their price; from the least needed on."""
    total, left = joint.sum(axis=1), 1.0
    proven = np.ones(len(chances), np.bool_)

    def fall(point: int) -> float:
        others = np.maximum(1.0 - joint[:, point] / total, 1e-300)
        return float(len(joint) * np.log1p(-min(chances[point] / left, 1.0 - 1e-12)) - np.log(others).sum())

    for point in np.argsort([fall(point) for point in range(len(chances))]):
        if proven.sum() > 1 and fall(point) < price:
            proven[point] = False
            total, left = total - joint[:, point], left - chances[point]
    return proven
