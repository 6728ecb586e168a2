"""Effects of circumstances are told from the noise of the few flights that showed them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from peregrine_ml.drift import calibration, mixture, spread
from peregrine_ml.drift.model import Baseline

Matrix = NDArray[np.float64]
FEATURES = 4
UNITS = 400
NOISE = 1.5
LOADS = np.array([[2.0, 2.0, 0.0, 1.0], [1.0, -1.0, 3.0, 0.0]])


def waves(random: np.random.Generator, count: int) -> Matrix:
    """Two seasons with unit variance: their norm ends at 2."""
    return np.asarray(np.sqrt(2) * np.sin(random.uniform(0, 2 * np.pi, (count, 2))))


def seen(seed: int) -> tuple[Matrix, Matrix]:
    random = np.random.default_rng(seed)
    return waves(random, UNITS) @ LOADS + NOISE * random.normal(size=(UNITS, FEATURES)), LOADS.T @ LOADS


def end(norms: Matrix) -> float:
    return float(np.quantile(norms, 0.998))


def test_the_end_of_a_season_is_found_beyond_which_noise_went() -> None:
    found, naive = [], []
    for seed in range(12):
        means, effects = seen(seed)
        drawn = mixture.of(means - means.mean(axis=0), effects, NOISE**2 * np.eye(FEATURES)).draw(
            20_000, 1, np.random.default_rng(1)
        )[:, 0]
        axes = np.linalg.eigh(effects)[1]
        found.append(end(np.linalg.norm(drawn @ axes[:, -2:], axis=1)))
        projected = means @ axes[:, -2:]
        naive.append(end(np.linalg.norm((projected - projected.mean(axis=0)) / projected.std(axis=0), axis=1)))
        assert np.cov(drawn, rowvar=False) == pytest.approx(np.eye(FEATURES), abs=0.06)
    assert np.mean(naive) > 2.6
    assert np.mean(found) == pytest.approx(2.0, abs=0.25)


def test_circumstances_that_noise_cannot_explain_stay() -> None:
    random = np.random.default_rng(2)
    places = random.normal(size=(60, 2)) * 1000
    points, chances = mixture.unmixed(places)
    assert len(points) == 60
    assert chances == pytest.approx(np.full(60, 1 / 60))
    fog = np.concatenate([random.normal(size=(297, 1)), 12 + random.normal(size=(3, 1))])
    points, chances = mixture.unmixed(fog)
    assert chances[points[:, 0] > 8].sum() == pytest.approx(0.01, abs=1e-4)
    assert len(points) <= 3


def test_noise_alone_is_one_point() -> None:
    points, _ = mixture.unmixed(np.random.default_rng(3).normal(size=(1000, 3)))
    assert np.linalg.norm(points, axis=1).max() < 1.0


def test_quiet_windows_of_an_hour_alarm_as_often_as_the_budget_allows_though_seasons_decide() -> None:
    blocks, flights, size, own = 300, 4, 5, 0.2
    window = np.full(25, float(size))
    rates = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        common = waves(random, blocks)[:, None, None] @ LOADS / 6
        of_flights = random.normal(size=(blocks, flights, 1, FEATURES)) * own
        values = common + of_flights + random.normal(size=(blocks, flights, size, FEATURES))
        names = np.repeat(np.arange(blocks * flights), size)
        days = tuple(str(name // flights) for name in names)
        base = Baseline(tuple("abcd"), values.reshape(-1, FEATURES), tuple(map(str, names)), days)
        measured = spread.of(base)
        assert measured.shape is not None
        judge = calibration.calibrate(measured, window, 1, 0.05)
        noise = np.sqrt(own**2 / len(window) + 1 / window.sum())
        # Each window meets a baseline's mean of its own: rates are over baselines.
        around = np.sqrt((own**2 + 1 / size) / (blocks * flights))
        wrong = random.normal(size=(4000, FEATURES)) * around + waves(random, 4000) @ LOADS / 6 / np.sqrt(blocks)
        means = waves(random, 4000) @ LOADS / 6 + random.normal(size=(4000, FEATURES)) * noise
        rates.append(float((judge.tests((means - wrong) / measured.scale) >= 1).mean()))
    assert np.mean(rates) == pytest.approx(0.05, rel=0.25)
