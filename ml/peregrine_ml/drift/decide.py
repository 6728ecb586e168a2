"""Whether a window has drifted: the statistic against a threshold that is calibrated for just this window."""

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import signals, spread
from peregrine_ml.drift.calibration import calibrate
from peregrine_ml.drift.model import Baseline, Budget, Shift, Verdict, Window
from peregrine_ml.drift.spread import Spread

Matrix = NDArray[np.float64]

LEAST_RECORDS = 10
LEAST_IMAGES = 20
HARMLESS_REACH = 1.5
"""A harmless change of other images than the test images may move features so much more."""


def decide(baseline: Baseline, window: Window, budget: Budget) -> Verdict:
    """Judge a window.

    Args:
        baseline: of the model that answered.
        window: its answers.
        budget: how many false alarms the user allows, and how often windows are judged.
    """
    problem = _not_judged(baseline, window)
    if problem:
        return Verdict(judged=False, drifted=False, score=None, records=window.count, reasons=(problem,))
    measured = spread.of(baseline)
    sizes, means = flight_means(baseline, window, measured)
    judge = calibrate(measured, sizes, max(1, len(window.blocks)), budget.alpha)
    difference = judge.weights @ means - measured.centre
    harmful = less_harmless(difference, baseline.harmless / measured.scale, judge.statistic.covariance)
    test = float(judge.tests(harmful[None])[0])
    largest = float(np.abs(harmful).max())
    score = min(test, largest / budget.minimum_effect) if budget.minimum_effect > 0 else test
    visible = judge.visible_effect()
    shifts = _shifts(baseline.names, difference, judge.quiet)
    return Verdict(
        judged=True, drifted=score >= 1.0, score=score, records=window.count, features=shifts,
        examples=_examples(baseline, window, shifts), visible_effect=visible,
        reasons=_reasons(baseline, budget, window, test, largest, visible, shifts, len(sizes)),
    )  # fmt: skip


def flight_means(baseline: Baseline, window: Window, measured: Spread) -> tuple[Matrix, Matrix]:
    """Sizes and means of the window's flights, in standard deviations from the baseline's mean.

    Answers of unknown flights are spread over flights of the baseline's mean size, all with the same mean.
    """
    columns = [window.names.index(name) for name in baseline.names]
    sizes: list[float] = []
    means: list[Matrix] = []
    for flight, sums in sorted(window.flights.items()):
        mean = (sums[1:][columns] / sums[0] - measured.mean) / measured.scale
        parts = 1 if flight else max(1, round(sums[0] / measured.flight_size))
        sizes += [sums[0] / parts] * parts
        means += [mean] * parts
    return np.array(sizes), np.array(means)


def less_harmless(difference: Matrix, harmless: Matrix, covariance: Matrix) -> Matrix:
    """What of a difference no mix of harmless changes explains (least squares in the metric of quiet differences).

    Args:
        difference: features.
        harmless: changes x features; each counts from 0 to `HARMLESS_REACH` times.
        covariance: of quiet differences.
    """
    if not harmless.size:
        return difference
    metric = np.linalg.inv(covariance + np.diag(np.diag(covariance) * 1e-3 + 1e-12))
    amounts = np.zeros(len(harmless))
    for _ in range(50):  # Coordinate descent: convex, few changes.
        for index, change in enumerate(harmless):
            rest = difference - amounts @ harmless + amounts[index] * change
            length = change @ metric @ change
            if length > 0:
                amounts[index] = np.clip(rest @ metric @ change / length, 0.0, HARMLESS_REACH)
    return np.asarray(difference - amounts @ harmless)


def _not_judged(baseline: Baseline, window: Window) -> str:
    if len(baseline.values) < LEAST_IMAGES:
        return f"The baseline has {len(baseline.values)} images; at least {LEAST_IMAGES} are needed."
    missing = [name for name in baseline.names if name not in window.names]
    if missing:
        return f"The window has no {', '.join(missing)}, which the baseline compares."
    if window.count < LEAST_RECORDS:
        unreadable = f", and {window.unreadable} could not be read" if window.unreadable else ""
        return f"The window has {window.count} answers{unreadable}; at least {LEAST_RECORDS} are needed."
    return ""


def _shifts(names: tuple[str, ...], difference: Matrix, quiet: Matrix) -> tuple[Shift, ...]:
    exceeded = (np.abs(quiet) >= np.abs(difference)).sum(axis=0)
    found = [Shift(name, float(effect), float((1 + count) / (1 + len(quiet))), signals.SIGNALS[name][1])
             for name, effect, count in zip(names, difference, exceeded, strict=True)]  # fmt: skip
    return tuple(sorted(found, key=lambda shift: -abs(shift.effect)))


def _examples(baseline: Baseline, window: Window, shifts: tuple[Shift, ...]) -> tuple[str, ...]:
    """The most extreme answers of the features that moved most, in the direction in which they moved."""
    found: dict[str, None] = {}
    for shift in shifts[:3]:
        column = window.names.index(shift.name)
        ends = window.extremes.largest if shift.effect > 0 else window.extremes.least
        if column < len(ends):
            found |= dict.fromkeys(name for _, name in ends[column][:3])
    return tuple(found)


def _reasons(baseline: Baseline, budget: Budget, window: Window, test: float, largest: float, visible: float,
             shifts: tuple[Shift, ...], flights: int) -> tuple[str, ...]:  # fmt: skip
    moved = ", ".join(f"{shift.meaning} {shift.effect:+.2f}" for shift in shifts[:3])
    compared = f"{window.count} answers of {flights} flights"
    reasons = [
        f"{compared}: the test statistic is {test:.2f} times its threshold"
        f" (at most 1 false alarm in {budget.false_alarm_days:g} days).",
        f"Largest shift that harmless changes do not explain: {largest:.2f} standard deviations"
        f" (drift counts from {budget.minimum_effect:g}). Moved most: {moved}.",
        f"This window shows a joint shift of {visible:.2f} standard deviations with 80 % power, and less than that"
        " seldom.",
    ]
    known = len(set(baseline.flights))
    if known < 10:
        reasons.append(
            f"The baseline has {known} flights, too few to know how flights differ: that images of a flight correlate"
            f" by {spread.ASSUMED_ICC} is assumed."
        )
    if window.unreadable:
        reasons.append(f"{window.unreadable} answers could not be read and are not in it.")
    return tuple(reasons)
