"""The threshold for windows of one shape, from the user's budget of false alarms."""

from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import null
from peregrine_ml.drift.estimate import Estimator
from peregrine_ml.drift.spread import Spread
from peregrine_ml.drift.statistic import HARM_SHARE, Statistic

Matrix = NDArray[np.float64]

DRAWS = 20_000
POWER = 0.8
LEAST_FALL = 0.01
"""Of the estimated mAP50: a fall below this is none, however surely it was measured."""
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
        needed = self.threshold * self.statistic.threshold_along() + NormalDist().inv_cdf(POWER)
        return float(needed * self.statistic.deviation_along() / np.abs(self.statistic.leading).sum())


def calibrate(spread: Spread, sizes: Matrix, blocks: int, alpha: float, estimator: Estimator | None = None,
              draws: int = DRAWS) -> Calibration:  # fmt: skip
    """Calibrate for a window.

    Args:
        spread: of the baseline.
        sizes: images of each flight of the window.
        blocks: circumstances in the window.
        alpha: probability of a false alarm.
        estimator: of mAP50 by the same features; None where there is none.
        draws: quiet windows to draw.
    """
    quiet = null.draws(spread, sizes, blocks, draws, np.random.default_rng(SEED))
    return of_draws(spread, sizes, blocks, alpha, quiet, estimator)


def of_draws(spread: Spread, sizes: Matrix, blocks: int, alpha: float, quiet: Matrix,
             estimator: Estimator | None = None) -> Calibration:  # fmt: skip
    """Calibrate by quiet windows that were drawn already; see `calibrate`."""
    covariance = null.covariance(spread, sizes, blocks)
    statistic = Statistic(covariance, spread.leading, alpha)
    if estimator is not None:
        harm = partial(_fall, spread, estimator)
        threshold = _exceeded(harm(quiet), alpha * HARM_SHARE)
        statistic = Statistic(covariance, spread.leading, alpha, harm, max(threshold, LEAST_FALL))
    threshold = _exceeded(statistic.of(quiet), alpha)
    return Calibration(spread, spread.weights(sizes), statistic, quiet, threshold)


def _exceeded(values: Matrix, probability: float) -> float:
    """What one more value exceeds with this probability (Weibull's rule: without it, 20,000 draws give 4 % more)."""
    return float(np.quantile(values, 1.0 - probability, method="weibull"))


def _fall(spread: Spread, estimator: Estimator, differences: Matrix) -> Matrix:
    """By how much the estimated mAP50 falls from the baseline's with differences from it."""
    points = np.concatenate([np.zeros((1, len(spread.scale))), differences]) + spread.centre
    values = estimator.values(points * spread.scale + spread.mean)
    return np.asarray(values[0] - values[1:])
