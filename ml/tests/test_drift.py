"""Drift decisions: windows that merge, thresholds that keep the budget, shifts that are found and named."""

import json

import numpy as np
import pytest

from peregrine_ml import damage
from peregrine_ml.drift import estimate
from peregrine_ml.drift.decide import decide
from peregrine_ml.drift.model import Answer, Baseline, Budget, Window
from peregrine_ml.errors import InputError

CENTRE = {"luminance_mean": 110.0, "luminance_std": 40.0, "blur": 600.0, "n_det": 12.0, "mean_conf": 0.5,
          "max_conf": 0.8, "median_box_side": 30.0, "covered": 0.2}  # fmt: skip
NAMES = tuple(CENTRE)


def answers(
    seed: int, flights: int, size: int, shift: float = 0.0, icc: float = 0.2, name: str = "flight"
) -> list[Answer]:
    """Answers whose features are all correlated, `shift` in standard deviations of an image."""
    random, icc = np.random.default_rng(seed), 0.2
    found = []
    for flight in range(flights):
        common = random.normal(size=len(NAMES)) * icc**0.5
        for image in range(size):
            own = random.normal(size=len(NAMES)) * (1 - icc) ** 0.5
            moved = common + own * 0.84 + random.normal() * 0.55 * (1 - icc) ** 0.5 + shift
            features = {key: max(0.0, CENTRE[key] * (1 + 0.2 * value)) for key, value in zip(NAMES, moved, strict=True)}
            found.append(Answer(features, f"flight {flight}", f"flight-{flight}/{image}"))
    return found


def window(given: list[Answer]) -> Window:
    result = Window()
    for answer in given:
        assert result.add(answer)
    return result


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return Baseline.of(answers(1, 60, 20), "ab" * 32)


def test_a_quiet_window_is_no_drift_and_says_what_it_could_have_seen(baseline: Baseline) -> None:
    verdict = decide(baseline, window(answers(2, 10, 20)), Budget())
    assert verdict.judged and not verdict.drifted
    assert verdict.score is not None and 0 < verdict.score < 1
    assert verdict.visible_effect is not None and 0.1 < verdict.visible_effect < 1.5
    assert verdict.reasons[0].startswith("200 answers of 10 flights")


def test_a_shift_is_drift_and_its_features_and_examples_are_named(baseline: Baseline) -> None:
    dark = [
        answer._replace(features={**answer.features, "luminance_mean": 30.0 + index % 7})
        for index, answer in enumerate(answers(2, 10, 20))
    ]
    verdict = decide(baseline, window(dark), Budget())
    assert verdict.drifted and verdict.score is not None and verdict.score > 1
    assert verdict.features[0].name == "luminance_mean" and verdict.features[0].effect < -2
    assert verdict.features[0].p_value < 0.001
    darkest = {answer.id for answer in dark if answer.features["luminance_mean"] == 30.0}
    assert set(verdict.examples[:3]) <= darkest


def test_windows_merge_to_the_same_verdict_through_json(baseline: Baseline) -> None:
    given = answers(3, 8, 25, shift=0.5)
    halves = [window(given[:77]), window(given[77:])]
    merged = Window.parse(json.loads(json.dumps(halves[0].document())))
    merged.merge(Window.parse(json.loads(json.dumps(halves[1].document()))))
    stored = Baseline.parse(json.loads(json.dumps(baseline.document())))
    whole = decide(baseline, window(given), Budget())
    again = decide(stored, merged, Budget())
    assert again.score == pytest.approx(whole.score, rel=1e-3)
    assert again.examples == whole.examples


def test_a_window_without_readable_answers_is_not_judged_and_says_so(baseline: Baseline) -> None:
    empty = Window()
    assert not empty.add(Answer({"luminance_mean": "dark"}))
    assert not empty.add(Answer({**CENTRE, "blur": float("nan")}))
    verdict = decide(baseline, empty, Budget())
    assert not verdict.judged and not verdict.drifted and verdict.score is None
    assert "2 could not be read" in verdict.reasons[0]


def test_answers_of_unknown_flights_count_as_flights_of_the_usual_size(baseline: Baseline) -> None:
    given = answers(4, 10, 20)
    known = decide(baseline, window(given), Budget())
    unknown = decide(baseline, window([answer._replace(flight="") for answer in given]), Budget())
    assert unknown.visible_effect == pytest.approx(known.visible_effect, rel=0.1)


def test_a_small_shift_below_the_relevant_effect_is_no_drift_however_large_the_window(baseline: Baseline) -> None:
    many = window(answers(5, 400, 20, shift=0.3))
    assert decide(baseline, many, Budget(minimum_effect=0.1)).drifted
    assert not decide(baseline, many, Budget(minimum_effect=0.6)).drifted


def test_a_baseline_of_two_flights_assumes_how_flights_differ(baseline: Baseline) -> None:
    small = Baseline.of(answers(6, 2, 30))
    quiet = decide(small, window(answers(7, 2, 30)), Budget())
    assert not quiet.drifted and any("is assumed" in reason for reason in quiet.reasons)
    assert decide(small, window(answers(7, 2, 30, shift=4.0)), Budget()).drifted


@pytest.mark.parametrize("document", [{}, [], {"schema": "other"}, None])
def test_a_file_that_is_no_baseline_is_refused(document: object) -> None:
    with pytest.raises(InputError, match=r"baseline\.json is no baseline"):
        Baseline.parse(document)


def test_a_baseline_names_every_answer_that_it_cannot_use() -> None:
    broken = [answer._replace(features={}) if index % 2 else answer for index, answer in enumerate(answers(8, 1, 4))]
    with pytest.raises(InputError, match="2 problems"):
        Baseline.of(broken)


def test_windows_of_programs_with_more_and_with_fewer_features_merge_to_what_both_told(baseline: Baseline) -> None:
    given = answers(9, 4, 20)
    more = window([answer._replace(features={**answer.features, "entropy": 0.5}) for answer in given[:40]])
    merged = window(given[40:])
    merged.merge(more)
    more.merge(window(given[40:]))
    assert merged.names == more.names == NAMES
    verdicts = [decide(baseline, one, Budget()) for one in (merged, more, window(given))]
    assert verdicts[0].score == pytest.approx(verdicts[2].score) == pytest.approx(verdicts[1].score)


def test_an_estimate_learns_what_damage_costs_and_says_unknown_far_from_it() -> None:
    names, random = ("a", "b", "c"), np.random.default_rng(3)
    undamaged = random.normal(size=(40, 3))
    kinds, points, targets = ["clean"], [np.zeros(3)], [0.6]
    for kind in range(8):
        towards = random.normal(size=3)
        for strength in (1.0, 2.0, 3.0):
            kinds.append(f"kind {kind}")
            points.append(towards * strength)
            targets.append(0.6 * np.exp(-0.1 * strength * np.linalg.norm(towards)))
    learned = estimate.learn(names, undamaged, np.array(points), np.array(targets), kinds)
    stored = estimate.Estimator.parse(json.loads(json.dumps(learned.document())))
    near = stored.estimate(undamaged.mean(axis=0))
    assert near.map50 is not None and near.low is not None and near.high is not None
    assert near.map50 == pytest.approx(0.6, abs=0.05) and near.low < near.map50 < near.high
    worse = stored.estimate(np.array(points[3]))
    assert worse.map50 is not None and worse.map50 < near.map50 - 0.05
    unknown = stored.estimate(np.array([60.0, -60.0, 60.0]))
    assert unknown.map50 is None and "as far from all that was learned" in unknown.reason


@pytest.mark.parametrize("document", [{}, None, {"names": ["a"], "targets": [float("nan")]}])
def test_an_estimate_that_cannot_be_read_is_refused(document: object) -> None:
    with pytest.raises(InputError, match="estimate of mAP50 cannot be read"):
        estimate.Estimator.parse(document)


def test_damage_changes_an_image_more_the_stronger_it_is_and_always_alike() -> None:
    image = np.random.default_rng(1).integers(60, 200, (64, 64, 3), np.uint8)
    for kind in damage.KINDS:
        weak, strong = (damage.damaged(kind, strength, image, "a.jpg") for strength in (1, 5))
        apart = [np.abs(one.astype(float) - image).mean() for one in (weak, strong)]
        assert 0 < apart[0] < apart[1], kind
        assert np.array_equal(strong, damage.damaged(kind, 5, image, "a.jpg")), kind
