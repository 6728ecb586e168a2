"""The false-alarm budget is kept and shifts are found, on streams whose truth is known (`npm run bench` has more)."""

import numpy as np
import pytest

from peregrine_ml.drift import calibration, spread
from peregrine_ml.drift.model import Baseline, Budget

FEATURES, CORRELATION = 8, 0.3
ROOT = np.linalg.cholesky(np.full((FEATURES, FEATURES), CORRELATION) + np.eye(FEATURES) * (1 - CORRELATION))
OFTEN = Budget(false_alarm_days=30 / 36)
"""Once in 30 days cannot be verified by some thousand windows; 36 times can."""


def rate(budget: Budget, flights: int, size: int, icc: float, images: int, shift: float, baselines: int) -> float:
    """Share of windows that alarm, of 1,000 for each baseline."""
    found = []
    sizes = np.full(max(1, images // size), float(min(size, images)))
    for seed in range(baselines):
        random = np.random.default_rng(seed)
        common = random.normal(size=(flights, 1, FEATURES)) * icc**0.5
        values = ((common + random.normal(size=(flights, size, FEATURES)) * (1 - icc) ** 0.5) @ ROOT.T).reshape(-1, 8)
        names = tuple(str(flight) for flight in np.repeat(np.arange(flights), size))
        measured = spread.of(Baseline(tuple("abcdefgh"), values, names, names))
        judge = calibration.calibrate(measured, sizes, 1, budget.alpha, draws=10_000)
        variance = (judge.weights**2).sum() * icc + (judge.weights**2 / sizes).sum() * (1 - icc)
        means = random.normal(size=(1000, FEATURES)) @ ROOT.T * variance**0.5 + shift
        tests = judge.tests((means - measured.mean) / measured.scale - measured.centre)
        found.append(float((tests >= 1).mean()))
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("flights", "size", "icc", "images"), [(1500, 1, 0.0, 50), (300, 20, 0.2, 60), (300, 20, 0.2, 400)]
)
def test_quiet_windows_alarm_as_often_as_the_budget_allows(flights: int, size: int, icc: float, images: int) -> None:
    assert OFTEN.alpha == pytest.approx(0.05)
    # Windows share their baseline: eight of them leave an error of about 8 % of the rate.
    assert rate(OFTEN, flights, size, icc, images, 0.0, 8) == pytest.approx(0.05, rel=0.25)


def test_a_joint_shift_of_a_fifth_of_a_deviation_is_found_in_500_independent_images() -> None:
    assert rate(Budget(), 2000, 1, 0.0, 500, 0.2, 2) >= 0.9


def test_flights_whose_images_are_alike_show_less_and_the_window_says_so() -> None:
    random = np.random.default_rng(0)
    values = np.repeat(random.normal(size=(200, 1, FEATURES)), 20, axis=1) + random.normal(size=(200, 20, FEATURES)) * 2
    names = tuple(str(flight) for flight in np.repeat(np.arange(200), 20))
    measured = spread.of(Baseline(tuple("abcdefgh"), values.reshape(-1, FEATURES), names, names))
    visible = [
        calibration.calibrate(measured, np.array(sizes), 1, Budget().alpha, draws=5000).visible_effect()
        for sizes in ([20.0] * 10, [1.0] * 200)
    ]
    assert visible[0] > 1.5 * visible[1]
