"""One number for the shift of correlated features: three tests that see different shifts, on one scale.

- along a known direction (features that move together, as weather and light move them): most power where it counts;
- Hotelling's T-squared: any direction, with less power for each;
- the feature that moved most: one feature alone.

Each is divided by the threshold that it would have alone at its share of the false alarms; the largest counts. What
threshold the largest needs is calibrated by `null.draws`.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

SHARES = (0.65, 0.2, 0.15)
"""Of the false alarms: along directions, T-squared, single features."""
RIDGE = 1e-3
"""Features that follow from each other make the covariance singular; so much of each variance is added."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """The tests for one covariance.

    Attributes:
        covariance: of quiet differences, features x features.
        directions: rows of unit length or not; each gets an equal part of the first share.
        alpha: probability of a false alarm.
    """

    covariance: Matrix
    directions: Matrix
    alpha: float

    def of(self, differences: Matrix) -> Matrix:
        """The statistic of each row of differences."""
        features = len(self.covariance)
        deviation = np.sqrt(np.diag(self.covariance)) + 1e-12
        along = np.abs(differences @ self.directions.T) / self.deviations_along()
        single = (np.abs(differences) / deviation).max(axis=1)
        regular = self.covariance + np.diag(np.diag(self.covariance) * RIDGE + 1e-12)
        squared = np.einsum("cp,cp->c", differences @ np.linalg.inv(regular), differences)
        # Wilson and Hilferty (1931): the cube root of a chi-squared value is nearly normal.
        spread = 2.0 / (9.0 * features)
        joint = (np.cbrt(squared / features) - 1.0 + spread) / np.sqrt(spread)
        ratios = [
            along.max(axis=1) / self.threshold_along(),
            joint / _upper(self.alpha * SHARES[1]),
            single / _upper(self.alpha * SHARES[2] / (2 * features)),
        ]
        return np.asarray(np.max(ratios, axis=0))

    def deviations_along(self) -> Matrix:
        """Standard deviation of quiet differences along each direction."""
        variances = np.einsum("dp,pq,dq->d", self.directions, self.covariance, self.directions)
        return np.asarray(np.sqrt(variances) + 1e-12)

    def threshold_along(self) -> float:
        """What one direction would need alone, in standard deviations."""
        return _upper(self.alpha * SHARES[0] / (2 * len(self.directions)))


def _upper(probability: float) -> float:
    """The standard normal value that is exceeded with this probability."""
    return NormalDist().inv_cdf(1.0 - probability)
