"""One number for the shift of correlated features: tests that see different shifts, on one scale.

- along the direction in which features move together, as weather and light move them: most power where it counts;
- Hotelling's T-squared: any direction, with less power for each;
- the feature that moved most: one feature alone;
- the fall of the estimated mAP50, where it can be estimated: what harms.

Each is divided by the threshold that it would have alone at its share of the false alarms; the largest counts. What
threshold the largest needs is calibrated by `null.draws`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

SHARES = (0.65, 0.2, 0.15)
"""Of the false alarms: along the leading direction, T-squared, single features."""
HARM_SHARE = 0.4
"""Of the false alarms, where mAP50 is estimated; the others share the rest."""
RIDGE = 1e-3
"""Features that follow from each other make the covariance singular; so much of each variance is added."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """The tests for one covariance.

    Attributes:
        covariance: of quiet differences, features x features.
        leading: direction in which features move together.
        alpha: probability of a false alarm.
        harm: by how much the estimated mAP50 falls with differences (rows); None where nobody knows.
        harm_threshold: what the fall of quiet windows exceeds at its share of the false alarms.
    """

    covariance: Matrix
    leading: Matrix
    alpha: float
    harm: Callable[[Matrix], Matrix] | None = None
    harm_threshold: float = 0.0

    def of(self, differences: Matrix) -> Matrix:
        """The statistic of each row of differences."""
        features = len(self.covariance)
        deviation = np.sqrt(np.diag(self.covariance)) + 1e-12
        along = np.abs(differences @ self.leading) / self.deviation_along()
        single = (np.abs(differences) / deviation).max(axis=1)
        regular = self.covariance + np.diag(np.diag(self.covariance) * RIDGE + 1e-12)
        squared = np.einsum("cp,cp->c", differences @ np.linalg.inv(regular), differences)
        # Wilson and Hilferty (1931): the cube root of a chi-squared value is nearly normal.
        spread = 2.0 / (9.0 * features)
        joint = (np.cbrt(squared / features) - 1.0 + spread) / np.sqrt(spread)
        rest = self.alpha * (1.0 - HARM_SHARE if self.harm else 1.0)
        ratios = [
            along / self.threshold_along(),
            joint / _upper(rest * SHARES[1]),
            single / _upper(rest * SHARES[2] / (2 * features)),
        ]
        if self.harm:
            ratios.append(self.harm(differences) / self.harm_threshold)
        return np.asarray(np.max(ratios, axis=0))

    def deviation_along(self) -> float:
        """Standard deviation of quiet differences along the leading direction."""
        return float(np.sqrt(self.leading @ self.covariance @ self.leading) + 1e-12)

    def threshold_along(self) -> float:
        """What the leading direction would need alone, in standard deviations."""
        rest = self.alpha * (1.0 - HARM_SHARE if self.harm else 1.0)
        return _upper(rest * SHARES[0] / 2)


def _upper(probability: float) -> float:
    """The standard normal value that is exceeded with this probability."""
    return NormalDist().inv_cdf(1.0 - probability)
