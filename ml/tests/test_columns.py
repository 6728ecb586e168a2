"""Sketches tell what the values tell, and two of them together tell what all values tell."""

import json

import numpy as np
import pytest

from peregrine_ml.monitoring import columns
from peregrine_ml.monitoring.columns import Column


def column(values: np.ndarray) -> Column:
    made = Column()
    for value in values.tolist():
        made.add(value)
    return made


VALUES = np.random.default_rng(3).gamma(2.0, 30.0, 50_000)


def test_moments_are_exact_and_ranks_within_the_bound() -> None:
    made = column(VALUES)
    made.settle()
    assert (made.count, made.least, made.largest) == (50_000, VALUES.min(), VALUES.max())
    assert made.mean == pytest.approx(VALUES.mean()) and made.deviation == pytest.approx(VALUES.std())
    for rank, value in zip((0.05, 0.5, 0.95), made.quantiles((0.05, 0.5, 0.95)), strict=True):
        assert abs((value > VALUES).mean() - rank) < 0.01
    assert len(json.dumps(made.document())) < 20_000


@pytest.mark.parametrize("parts", [2, 24])
def test_hours_together_are_the_day(parts: int) -> None:
    whole = Column()
    for part in np.array_split(VALUES, parts):
        whole.merge(Column.parse(json.loads(json.dumps(column(part).document()))))
    assert whole.count == len(VALUES) and whole.largest == VALUES.max()
    assert whole.mean == pytest.approx(VALUES.mean()) and whole.deviation == pytest.approx(VALUES.std())
    assert abs((whole.quantiles([0.9])[0] > VALUES).mean() - 0.9) < 0.01


def test_buckets_hold_every_value_once() -> None:
    buckets = column(VALUES).buckets()
    assert len(buckets) == 10 and sum(count for _, _, count in buckets) == len(VALUES)
    counts, _ = np.histogram(VALUES, 10)
    assert np.abs(np.array([count for _, _, count in buckets]) - counts).max() < 0.02 * len(VALUES)
    assert column(np.full(7, 3.0)).buckets() == [(3.0, 3.0, 7)]
    assert Column().buckets() == []


def test_levels_weigh_as_much_as_there_were_values() -> None:
    made = column(VALUES)
    assert sum(len(level) << index for index, level in enumerate(made.levels())) == len(VALUES)


def test_distances_of_distributions() -> None:
    assert columns.distance(column(VALUES), column(VALUES)) < 0.01
    assert columns.distance(column(VALUES[:300]), column(VALUES[:300])) == 0
    assert columns.distance(column(np.zeros(50)), column(np.ones(50))) == 1
    assert columns.distance(column(VALUES[:25_000]), column(VALUES[25_000:] + 20)) == pytest.approx(
        np.abs(np.searchsorted(np.sort(VALUES[:25_000]), np.sort(VALUES)) / 25_000
               - np.searchsorted(np.sort(VALUES[25_000:] + 20), np.sort(VALUES)) / 25_000).max(), abs=0.02
    )  # fmt: skip
    assert columns.distance(column(VALUES), Column()) == 0


@pytest.mark.parametrize("change", [{"sketch": "AAAA"}, {"count": 3}, {"sketch": "?"}, {"least": "x"}])
def test_a_damaged_column_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Column.parse(column(VALUES[:100]).document() | change)
