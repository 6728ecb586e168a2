"""What drift decisions are made of: baseline of a model, window of its answers, the user's budget, the verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.drift import signals
from peregrine_ml.drift.extremes import Extremes
from peregrine_ml.errors import InputError

SCHEMA = "peregrine.drift-baseline/1"
MAX_FLIGHTS = 4096
"""A window keeps a sum for each flight. Beyond this, flights share sums: together they are a cluster as well."""


class Answer(NamedTuple):
    """What is compared of one answer.

    Attributes:
        features: flat features of the answer (`features` of serving).
        flight: the recording that it belongs to; empty where nobody knows: such answers of a window count as flights of
            the baseline's mean size.
        id: the inference id or file, to name it as an example.
        block: what flights of one circumstance have in common, such as their day: light and season are shared within.
    """

    features: Mapping[str, object]
    flight: str = ""
    id: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Features of the test images, as the model answered them.

    Attributes:
        names: of the features, columns of `values`.
        values: images x features, on the scales of `signals`.
        flights: flight of each image.
        blocks: circumstance of each image (see `Answer.block`); that of the flight where nothing is known.
        harmless: features' shifts under changes that do no harm (JPEG quality, brightness), changes x features.
        estimator: what the estimate of mAP50 has learned (`estimate.Estimator.document`); None without one.
        model_sha256: digest of the model file that answered.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    flights: tuple[str, ...]
    blocks: tuple[str, ...]
    harmless: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    estimator: Mapping[str, Any] | None = None
    model_sha256: str = ""

    @classmethod
    def of(cls, answers: Iterable[Answer], model_sha256: str = "", harmless: NDArray[np.float64] | None = None,
           estimator: Mapping[str, Any] | None = None) -> "Baseline":  # fmt: skip
        """The baseline of answers to the test images.

        Raises:
            InputError: no answers, or answers without the features that the first one has.
        """
        given = list(answers)
        names = signals.names(given[0].features) if given else ()
        rows = [signals.vector(answer.features, names) for answer in given]
        problems = [f"{answer.id or 'an answer'}: features are missing or no numbers"
                    for answer, row in zip(given, rows, strict=True) if row is None]  # fmt: skip
        if not given or not names:
            problems.append("no answers with features")
        if problems:
            raise InputError.of_problems("The baseline", problems, "Evaluate the model again.")
        flights = tuple(answer.flight or f"image {number}" for number, answer in enumerate(given))
        blocks = tuple(answer.block or flight for answer, flight in zip(given, flights, strict=True))
        values = np.array(rows, np.float64)
        moved = np.zeros((0, len(names))) if harmless is None else harmless
        return cls(names, values, flights, blocks, moved, estimator, model_sha256)

    def document(self) -> dict[str, Any]:
        """For `baseline.json`."""
        return {
            "schema": SCHEMA, "model_sha256": self.model_sha256, "names": list(self.names),
            "images": [[flight, block, *(round(float(value), 5) for value in row)]
                       for flight, block, row in zip(self.flights, self.blocks, self.values, strict=True)],
            "harmless": [[round(float(value), 5) for value in row] for row in self.harmless],
            "estimator": self.estimator,
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Baseline":
        """What `document` wrote, read from JSON.

        Raises:
            InputError: another schema, missing members, rows of another length, values that are no numbers.
        """
        try:
            if document["schema"] != SCHEMA:
                raise ValueError(f"schema {document['schema']!r} is not {SCHEMA}")
            names = tuple(str(name) for name in document["names"])
            rows = document["images"]
            values = np.array([row[2:] for row in rows], np.float64).reshape(len(rows), len(names))
            harmless = np.array(document["harmless"], np.float64).reshape(-1, len(names))
            if not names or not rows or not np.isfinite(values).all() or not np.isfinite(harmless).all():
                raise ValueError("it holds no images, or values that are no numbers")
            return cls(names, values, tuple(str(row[0]) for row in rows), tuple(str(row[1]) for row in rows),
                       harmless, document.get("estimator"), str(document.get("model_sha256", "")))  # fmt: skip
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise InputError(
                f"baseline.json is no baseline: {error!r}.", "It must come from `peregrine_ml evaluate`."
            ) from None


@dataclass(slots=True)
class Window:
    """Answers of a while as sums: a longer window is a merge, and memory does not grow with traffic.

    Attributes:
        names: of the features that are summed, see `signals`: those of the first readable answer. Windows of programs
            that tell more and fewer features merge to those that all tell.
        count: answers in it.
        unreadable: answers whose features are missing or no numbers; they are not in `count`.
        flights: flight to [count, sum of each feature]; flight "" has the answers whose flight nobody knows.
        blocks: circumstances seen, such as days.
        extremes: most extreme answers by feature, to be named as examples.
    """

    names: tuple[str, ...] = ()
    count: int = 0
    unreadable: int = 0
    flights: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)
    extremes: Extremes = field(default_factory=Extremes)

    def add(self, answer: Answer) -> bool:
        """Count one answer in; False when its features cannot be read, which is counted, too."""
        names = self.names or signals.names(answer.features)
        row = signals.vector(answer.features, names) if signals.whole(names) else None
        if row is None:
            self.unreadable += 1
            return False
        self.names = names
        self.count += 1
        self._sum(answer.flight, np.concatenate([[1.0], row]))
        if answer.block:
            self.blocks.add(answer.block)
        self.extremes.add(row, answer.id)
        return True

    def merge(self, other: "Window") -> None:
        """Count another window in, such as that of the next hour or of another instance."""
        self.unreadable += other.unreadable
        if not other.count:
            return
        if not self.count:
            self.names = other.names
        common = tuple(name for name in self.names if name in other.names)
        self._keep(common)
        columns = [0, *(1 + other.names.index(name) for name in common)]
        self.count += other.count
        for flight, sums in other.flights.items():
            self._sum(flight, sums[columns])
        self.blocks |= other.blocks
        self.extremes.merge(other.extremes.of([column - 1 for column in columns[1:]]))

    def _keep(self, names: tuple[str, ...]) -> None:
        if names != self.names:
            columns = [self.names.index(name) for name in names]
            self.flights = {flight: sums[[0, *(1 + one for one in columns)]] for flight, sums in self.flights.items()}
            self.extremes = self.extremes.of(columns)
            self.names = names

    def _sum(self, flight: str, sums: NDArray[np.float64]) -> None:
        if flight and flight not in self.flights and len(self.flights) >= MAX_FLIGHTS:
            # Which one does not matter, as long as the same flight always comes to the same sum.
            flight = f"many {sum(flight.encode()) % 64}"
        before = self.flights.get(flight)
        self.flights[flight] = sums if before is None else before + sums

    def document(self) -> dict[str, Any]:
        """For the summary of an hour."""
        return {
            "names": list(self.names), "count": self.count, "unreadable": self.unreadable,
            "flights": {flight: sums.tolist() for flight, sums in self.flights.items()},
            "blocks": sorted(self.blocks), "extremes": self.extremes.document(),
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Window":
        """What `document` wrote, read from JSON.

        Raises:
            InputError: it is no summary of a window.
        """
        try:
            names = tuple(str(name) for name in document["names"])
            flights = {str(flight): np.array(sums, np.float64).reshape(1 + len(names))
                       for flight, sums in document["flights"].items()}  # fmt: skip
            extremes = Extremes.parse(document["extremes"])
            blocks = {str(block) for block in document["blocks"]}
            return cls(names, int(document["count"]), int(document["unreadable"]), flights, blocks, extremes)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"The summary of the window cannot be read: {error!r}.", "Summarise again.") from None


@dataclass(frozen=True, slots=True)
class Budget:
    """What the user allows, and how often windows are judged.

    Attributes:
        false_alarm_days: at most one false alarm in so many days.
        every_hours: hours from one judged window to the next.
        minimum_effect: shifts of all features below this are no drift, in standard deviations of an image.
        relevant_drop: of the estimated mAP50 against that of the test images; a shift that costs less is no drift. Does
            not count where mAP50 cannot be estimated.
    """

    false_alarm_days: float = 30.0
    every_hours: float = 1.0
    minimum_effect: float = 0.1
    relevant_drop: float = 0.05

    @property
    def alpha(self) -> float:
        """Probability of a false alarm that one window may have."""
        return min(0.5, self.every_hours / (24.0 * self.false_alarm_days))


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a feature moved: in standard deviations of an image, with sign; how often chance alone moves it so."""

    name: str
    effect: float
    p_value: float
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """mAP50 without labels: value with a 90 % interval, or None and why it is unknown."""

    map50: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about a window.

    Attributes:
        judged: whether there was enough to judge by. `drifted` is False otherwise, which says nothing.
        drifted: whether people are told.
        score: test statistic over its calibrated threshold, effect over the least relevant one, estimated drop of mAP50
            over the least relevant one: the smallest. 1 and more is drift; None where not judged.
        records: answers that were compared.
        features: all features, those that moved most first.
        examples: inference ids of answers that show it.
        visible_effect: joint shift of all features that this window shows with 80 % power, in standard deviations of an
            image; None where not judged.
        estimate: mAP50 without labels.
        reasons: sentences for people.
    """

    judged: bool
    drifted: bool
    score: float | None
    records: int
    features: tuple[Shift, ...] = ()
    examples: tuple[str, ...] = ()
    visible_effect: float | None = None
    estimate: Estimate = Estimate(None, reason="Nothing was learned to estimate it by.")
    reasons: tuple[str, ...] = ()
