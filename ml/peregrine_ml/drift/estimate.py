"""mAP50 without labels: learned from damaged test images, with an interval, and "unknown" beyond what was learned.

A Gaussian process (Rasmussen and Williams 2006, chapter 2) from the mean features of a flight, before and after
suppression, to mAP50. Its intervals are conformal: whole kinds of damage are left out in turn, and the interval is as
wide as it has to be to hold what was left out. A new kind of damage is met in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift.model import Estimate
from peregrine_ml.errors import InputError

Matrix = NDArray[np.float64]

COVERAGE = 0.9
LENGTH = 3.0
"""Over which the process forgets, in standard deviations of an image."""
BEND = 2.0
"""Shifts are taken as they are up to here, and by their logarithm beyond."""
LINEAR = 0.3
NOISE = 0.1
"""Shares of a straight line and of noise, against that of the curve."""
SURE = 0.1
"""The noise of undamaged images against that of damaged ones: where most windows lie, the curve goes through."""
REACH = 1.5
"""Unknown is what is farther from all that was learned than any kind of damage is from the others, by this factor."""
SANE = "clean"
"""The kind of images without damage: never left out."""


@dataclass(frozen=True, slots=True)
class Estimator:
    """What was learned.

    Attributes:
        names: of the features.
        mean, scale: of the test images' features.
        inputs: points x features, bent shifts.
        targets: mAP50 of each point, 0 to 1.
        noise: of each point.
        width: half of the interval over the process's own standard deviation.
        reach: distance from all inputs beyond which mAP50 is unknown.
        clean: mAP50 of the undamaged test images.
    """

    names: tuple[str, ...]
    mean: Matrix
    scale: Matrix
    inputs: Matrix
    targets: Matrix
    noise: Matrix
    width: float
    reach: float
    clean: float

    def estimate(self, means: Matrix) -> Estimate:
        """mAP50 of images with these mean features (on the scales of `signals`, in the order of `names`)."""
        point = bent((means - self.mean) / self.scale)[None]
        distance = float(np.sqrt(((self.inputs - point) ** 2).sum(axis=1)).min())
        if not distance <= self.reach:
            return Estimate(None, reason=f"The features are {distance / self.reach:.1f} times as far from all that was"
                            " learned as the estimate reaches.")  # fmt: skip
        value, deviation = (float(one[0]) for one in predict(self.inputs, self.targets, self.noise, point))
        low, high = (float(np.clip(value + sign * self.width * deviation, 0.0, 1.0)) for sign in (-1, 1))
        return Estimate(float(np.clip(value, 0.0, 1.0)), low, high)

    def values(self, means: Matrix) -> Matrix:
        """mAP50 of rows of mean features, as the curve has it, however far they are."""
        return _values(self.inputs, self.targets, self.noise, bent((means - self.mean) / self.scale))

    def document(self) -> dict[str, Any]:
        """For `baseline.json`."""
        return {
            "names": list(self.names), "mean": _rounded(self.mean), "scale": _rounded(self.scale),
            "inputs": [_rounded(row) for row in self.inputs], "targets": _rounded(self.targets),
            "noise": _rounded(self.noise), "width": self.width, "reach": self.reach, "clean": self.clean,
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Estimator":
        """What `document` wrote, read from JSON.

        Raises:
            InputError: members are missing, of another shape, or no numbers.
        """
        try:
            names = tuple(str(name) for name in document["names"])
            targets = np.array(document["targets"], np.float64)
            inputs = np.array(document["inputs"], np.float64).reshape(len(targets), len(names))
            mean, scale = (np.array(document[key], np.float64).reshape(len(names)) for key in ("mean", "scale"))
            noise = np.array(document["noise"], np.float64).reshape(len(targets))
            numbers = [float(document[key]) for key in ("width", "reach", "clean")]
            if not all(np.isfinite(one).all() for one in (targets, inputs, mean, scale, noise, numbers)) or not len(
                targets
            ):
                raise ValueError("values that are no numbers")
            return cls(names, mean, scale, inputs, targets, noise, *numbers)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"The estimate of mAP50 cannot be read: {error!r}.", "Evaluate the model again.") from None


def learn(names: Sequence[str], undamaged: Matrix, points: Matrix, targets: Matrix, kinds: Sequence[str]) -> Estimator:
    """Learn from damaged images.

    Args:
        names: of the features.
        undamaged: images x features, without damage, on the scales of `signals`.
        points: mean features of some images each under one damage, points x features, on the same scales.
        targets: mAP50 of each point, 0 to 1.
        kinds: of damage, by point; `SANE` without.
    """
    mean, deviation = undamaged.mean(axis=0), undamaged.std(axis=0)
    scale = np.where(deviation > 1e-6, deviation, 1.0)
    inputs = bent((points - mean) / scale)
    sane = np.array([kind == SANE for kind in kinds])
    noise = np.where(sane, NOISE * SURE, NOISE)
    width, reach = calibrated(inputs, targets, noise, kinds)
    return Estimator(tuple(names), mean, scale, inputs, targets, noise, width, reach, float(targets[sane].mean()))


def calibrated(inputs: Matrix, targets: Matrix, noise: Matrix, kinds: Sequence[str]) -> tuple[float, float]:
    """Half of the interval over the process's own deviation, and its reach: from kinds left out in turn."""
    labels = np.array(kinds)
    scores, distances = [np.zeros(0)], [0.0]
    for kind in sorted(set(kinds) - {SANE}):
        out = labels == kind
        values, deviations = predict(inputs[~out], targets[~out], noise[~out], inputs[out])
        scores.append(np.abs(values - targets[out]) / deviations)
        apart = np.sqrt(((inputs[out][:, None] - inputs[~out][None]) ** 2).sum(axis=2))
        distances.append(float(apart.min(axis=1).max()))
    every = np.concatenate(scores)
    # The next point is one more: its place among those seen counts as well (Vovk et al. 2005).
    level = min(1.0, COVERAGE * (len(every) + 1) / max(len(every), 1))
    width = float(np.quantile(every, level)) if len(every) else float("inf")
    return width, REACH * max(distances)


def predict(inputs: Matrix, targets: Matrix, noise: Matrix, points: Matrix) -> tuple[Matrix, Matrix]:
    """Means and standard deviations of the process at points."""
    spread = targets.std() + 1e-6
    kernel = _kernel(inputs, inputs) + np.diag(noise)
    cross = _kernel(points, inputs)
    values = _values(inputs, targets, noise, points)
    own = 1.0 + LINEAR * (points**2).sum(axis=1) / points.shape[1]
    variances = own - np.einsum("ij,ji->i", cross, np.linalg.solve(kernel, cross.T))
    return values, np.sqrt(np.maximum(variances, 0.0) + NOISE) * spread


def _values(inputs: Matrix, targets: Matrix, noise: Matrix, points: Matrix) -> Matrix:
    centre = targets.mean()
    weights = np.linalg.solve(_kernel(inputs, inputs) + np.diag(noise), targets - centre)
    return np.asarray(centre + _kernel(points, inputs) @ weights)


def bent(shifts: Matrix) -> Matrix:
    """Large shifts by their logarithm: a black frame is not ten times as far as a dark one."""
    return np.asarray(np.sign(shifts) * np.log1p(np.abs(shifts) / BEND) * BEND)


def _kernel(one: Matrix, other: Matrix) -> Matrix:
    products = one @ other.T
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2.0 * products
    return np.asarray(np.exp(-squares / (2 * LENGTH**2)) + LINEAR * products / one.shape[1])


def _rounded(values: Matrix) -> list[float]:
    return [round(float(value), 5) for value in values]
