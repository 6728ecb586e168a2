"""Whether a window has drifted: the statistic against a threshold that is calibrated for just this window."""

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import signals, spread
from peregrine_ml.drift.calibration import Calibration, calibrate
from peregrine_ml.drift.estimate import Estimator
from peregrine_ml.drift.model import Baseline, Budget, Estimate, Shift, Verdict, Window
from peregrine_ml.drift.spread import Spread

Matrix = NDArray[np.float64]

LEAST_RECORDS = 10
LEAST_IMAGES = 20
HARMLESS_REACH = 1.5
"""A harmless change of other images than the test images may move features so much more."""


def decide(baseline: Baseline, window: Window, budget: Budget, calibration: Calibration | None = None) -> Verdict:
    """Judge a window.

    Args:
        baseline: of the model that answered.
        window: its answers.
        budget: how many false alarms the user allows, and how often windows are judged.
        calibration: for just these baseline, flights and budget, if it was made already.
    """
    problem = _not_judged(baseline, window)
    if problem:
        return Verdict(judged=False, drifted=False, score=None, records=window.count, reasons=(problem,))
    measured = spread.of(baseline)
    sizes, means = flight_means(baseline, window, measured)
    estimator = None if baseline.estimator is None else Estimator.parse(baseline.estimator)
    same = estimator if estimator is not None and estimator.names == baseline.names else None
    judge = calibration or calibrate(measured, sizes, max(1, len(window.blocks)), budget.alpha, same)
    difference = judge.weights @ means - measured.centre
    harmful = less_harmless(difference, baseline.harmless / measured.scale, judge.statistic.covariance)
    test = float(judge.tests(harmful[None])[0])
    largest = float(np.abs(harmful).max())
    estimate, drop = _estimate(estimator, baseline, window)
    score = min(test, *relevance(largest, drop, budget))
    shifts = _shifts(baseline.names, difference, judge.quiet)
    return Verdict(
        judged=True, drifted=score >= 1.0, score=score, records=window.count, features=shifts,
        examples=_examples(window, shifts), visible_effect=judge.visible_effect(), estimate=estimate,
        reasons=_reasons(baseline, budget, window, test, largest, drop, judge.visible_effect(), shifts, len(sizes)),
    )  # fmt: skip


def relevance(largest: float, drop: float | None, budget: Budget) -> tuple[float, float]:
    """Whether a shift is worth a person's time: each above 1 if it is.

    Args:
        largest: shift of a feature in standard deviations, harmless changes taken out.
        drop: of the estimated mAP50 below that of the test images; None where it is unknown, and then it may be large.
        budget: with the least that counts.
    """
    by_shift = largest / budget.minimum_effect if budget.minimum_effect > 0 else float("inf")
    if drop is None or budget.relevant_drop <= 0:
        return by_shift, float("inf")
    return by_shift, max(0.0, drop / budget.relevant_drop)


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


def _estimate(estimator: Estimator | None, baseline: Baseline, window: Window) -> tuple[Estimate, float | None]:
    """The estimated mAP50 of the window, and how far below the test images' it is; None where it is unknown."""
    if estimator is None:
        return Estimate(None, reason="The baseline has learned nothing to estimate mAP50 by."), None
    missing = [name for name in estimator.names if name not in window.names]
    if missing:
        return Estimate(None, reason=f"The window has no {', '.join(missing)}."), None
    columns = [1 + window.names.index(name) for name in estimator.names]
    total = np.sum(list(window.flights.values()), axis=0)
    found = estimator.estimate(total[columns] / total[0])
    if found.map50 is None or estimator.names != baseline.names:
        return found, None
    # Against what the curve says of the test images, not what they scored: the curve's own error cancels.
    return found, float(estimator.values(baseline.values.mean(axis=0)[None])[0]) - found.map50


def _not_judged(baseline: Baseline, window: Window) -> str:
    if len(baseline.values) < LEAST_IMAGES:
        return f"The baseline has {len(baseline.values)} images; at least {LEAST_IMAGES} are needed."
    if window.count < LEAST_RECORDS:
        unreadable = f", and {window.unreadable} could not be read" if window.unreadable else ""
        return f"The window has {window.count} answers{unreadable}; at least {LEAST_RECORDS} are needed."
    missing = [name for name in baseline.names if name not in window.names]
    if missing:
        return f"The window has no {', '.join(missing)}, which the baseline compares."
    return ""


def _shifts(names: tuple[str, ...], difference: Matrix, quiet: Matrix) -> tuple[Shift, ...]:
    exceeded = (np.abs(quiet) >= np.abs(difference)).sum(axis=0)
    found = [Shift(name, float(effect), float((1 + count) / (1 + len(quiet))), signals.SIGNALS[name][1])
             for name, effect, count in zip(names, difference, exceeded, strict=True)]  # fmt: skip
    return tuple(sorted(found, key=lambda shift: -abs(shift.effect)))


def _examples(window: Window, shifts: tuple[Shift, ...]) -> tuple[str, ...]:
    """The most extreme answers of the features that moved most, in the direction in which they moved."""
    found: dict[str, None] = {}
    for shift in shifts[:3]:
        column = window.names.index(shift.name)
        ends = window.extremes.largest if shift.effect > 0 else window.extremes.least
        if column < len(ends):
            found |= dict.fromkeys(name for _, name in ends[column][:3])
    return tuple(found)


def _reasons(baseline: Baseline, budget: Budget, window: Window, test: float, largest: float, drop: float | None,
             visible: float, shifts: tuple[Shift, ...], flights: int) -> tuple[str, ...]:  # fmt: skip
    moved = ", ".join(f"{shift.meaning} {shift.effect:+.2f}" for shift in shifts[:3])
    compared = f"{window.count} answers of {flights} flights"
    reasons = [
        f"{compared}: the test statistic is {test:.2f} times its threshold"
        f" (at most 1 false alarm in {budget.false_alarm_days:g} days).",
        f"Largest shift that harmless changes do not explain: {largest:.2f} standard deviations"
        f" (drift counts from {budget.minimum_effect:g}). Moved most: {moved}.",
        "The estimated mAP50 is unknown, so harm cannot be ruled out."
        if drop is None
        else f"The estimated mAP50 is {100 * -drop:+.1f} points away from that of the test images"
        f" (drift counts from -{100 * budget.relevant_drop:g} points).",
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
