"""The threshold for windows of one shape, from the user's budget of false alarms."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import null
from peregrine_ml.drift.spread import Spread
from peregrine_ml.drift.statistic import Statistic

Matrix = NDArray[np.float64]

DRAWS = 20_000
POWER = 0.8
SEED = 7
"""The same window always gets the same threshold."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What windows with certain flights are judged by.

    Attributes:
        spread: of the baseline.
        weights: of the window's flights in its mean.
        statistic: of a difference.
        quiet: differences of quiet windows, draws x features.
        threshold: what the statistic of quiet windows exceeds with the probability of a false alarm.
    """

    spread: Spread
    weights: Matrix
    statistic: Statistic
    quiet: Matrix
    threshold: float

    def tests(self, differences: Matrix) -> Matrix:
        """The statistic of each row of differences over the threshold."""
        return self.statistic.of(differences) / self.threshold

    def visible_effect(self) -> float:
        """Joint shift of all features, in standard deviations, that is found with 80 % power."""
        direction = self.statistic.directions[0]
        needed = self.threshold * self.statistic.threshold_along() + NormalDist().inv_cdf(POWER)
        return float(needed * self.statistic.deviations_along()[0] / np.abs(direction).sum())


def calibrate(spread: Spread, sizes: Matrix, blocks: int, alpha: float, draws: int = DRAWS) -> Calibration:
    """Calibrate for a window.

    Args:
        spread: of the baseline.
        sizes: images of each flight of the window.
        blocks: circumstances in the window.
        alpha: probability of a false alarm.
        draws: quiet windows to draw.
    """
    statistic = Statistic(null.covariance(spread, sizes, blocks), spread.leading[None], alpha)
    quiet = null.draws(spread, sizes, blocks, draws, np.random.default_rng(SEED))
    threshold = float(np.quantile(statistic.of(quiet), 1.0 - alpha))
    return Calibration(spread, spread.weights(sizes), statistic, quiet, threshold)
