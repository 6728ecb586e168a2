"""One feature's values as a mergeable sketch: counts, moments and quantiles, in a few kilobytes however many."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import datasketches
import numpy as np
from numpy.typing import NDArray

K = 400
"""Of the KLL sketch: ranks are right within 0.7 % (99 % of the time), and it holds some 12 kB."""
C = 2 / 3
"""By what part the sketch's levels shrink; fixed in Apache DataSketches, named in Model Monitor's files."""
BATCH = 4096
"""Values that wait to be taken in together."""
BUCKETS = 10
"""Of a distribution in Model Monitor's files; "you can't change this" (developer guide, statistics.json)."""


def _sketch() -> Any:
    return datasketches.kll_doubles_sketch(K)


@dataclass(slots=True)
class Column:
    """Values of one feature; the longer of two windows is a merge."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    """Sum of squared differences from the mean."""
    least: float = math.inf
    largest: float = -math.inf
    integral: bool = True
    """Every value is a whole number."""
    sketch: Any = field(default_factory=_sketch)
    _waiting: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """Take in one value."""
        self._waiting.append(value)
        if len(self._waiting) >= BATCH:
            self.settle()

    def settle(self) -> None:
        """Take in what waits; called before anything is read."""
        if self._waiting:
            values, self._waiting = np.array(self._waiting), []
            self._take(len(values), float(values.sum()), float(((values - values.mean()) ** 2).sum()))
            self.least, self.largest = min(self.least, float(values.min())), max(self.largest, float(values.max()))
            self.integral = self.integral and bool((values == np.floor(values)).all())
            self.sketch.update(values)

    def merge(self, other: "Column") -> None:
        """Take in another window's values."""
        self.settle()
        other.settle()
        if other.count:
            self._take(other.count, other.total, other.squares)
            self.least, self.largest = min(self.least, other.least), max(self.largest, other.largest)
            self.integral = self.integral and other.integral
            self.sketch.merge(other.sketch)

    def _take(self, count: int, total: float, squares: float) -> None:
        # Chan, Golub, LeVeque (1979): moments of two samples together, without the loss of summed squares.
        if self.count:
            apart = total / count - self.total / self.count
            squares += apart * apart * self.count * count / (self.count + count)
        self.count, self.total, self.squares = self.count + count, self.total + total, self.squares + squares

    @property
    def mean(self) -> float:
        """Mean value; 0 without values."""
        return self.total / self.count if self.count else 0.0

    @property
    def deviation(self) -> float:
        """Standard deviation of the values; 0 without values."""
        return math.sqrt(self.squares / self.count) if self.count else 0.0

    def quantiles(self, ranks: Sequence[float]) -> list[float]:
        """Values at ranks from 0 to 1; empty without values."""
        self.settle()
        return [float(value) for value in self.sketch.get_quantiles(list(ranks))] if self.count else []

    def shares(self, edges: Sequence[float]) -> NDArray[np.float64]:
        """Part of the values between neighbouring edges, both ends of the last part included.

        Values outside of the edges count in the first and the last part.
        """
        self.settle()
        if not self.count:
            return np.zeros(len(edges) - 1)
        inner = [float(edge) for edge in edges[1:-1]]
        below = self.sketch.get_cdf(inner, False) if inner else [1.0]
        return np.diff(np.array([0.0, *below]))

    def buckets(self) -> list[tuple[float, float, int]]:
        """Lower bound, upper bound and count of ten parts of equal width; of one, where all values are the same."""
        self.settle()
        if not self.count:
            return []
        if self.least == self.largest:
            return [(self.least, self.largest, self.count)]
        edges = np.linspace(self.least, self.largest, BUCKETS + 1)
        if not (np.diff(edges) > 0).all():
            return [(self.least, self.largest, self.count)]
        # Rounded so that the counts add up to all values.
        ends = np.rint(np.cumsum(self.shares(edges.tolist())) * self.count).astype(int)
        counts = np.diff(np.concatenate([[0], ends]))
        return [(float(low), float(high), int(n)) for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)]

    def levels(self) -> list[list[float]]:
        """What the sketch holds: values of weight 1, of weight 2, of weight 4 and so on."""
        self.settle()
        found: list[list[float]] = []
        for value, weight in self.sketch:
            level = int(weight).bit_length() - 1
            found.extend([] for _ in range(level + 1 - len(found)))
            found[level].append(float(value))
        return found

    def document(self) -> dict[str, Any]:
        """For the summary of an hour."""
        self.settle()
        return {
            "count": self.count, "total": self.total, "squares": self.squares, "integral": self.integral,
            "least": self.least if self.count else None, "largest": self.largest if self.count else None,
            "sketch": base64.b64encode(self.sketch.serialize()).decode(),
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Column":
        """What `document` wrote, read from JSON.

        Raises:
            ValueError, KeyError, TypeError: it is no column.
        """
        least, largest = document["least"], document["largest"]
        try:
            sketch = datasketches.kll_doubles_sketch.deserialize(base64.b64decode(document["sketch"], validate=True))
        except Exception as error:  # The library raises what its C++ raises.
            raise ValueError(f"a sketch that cannot be read: {error}") from None
        column = cls(
            int(document["count"]), float(document["total"]), float(document["squares"]),
            math.inf if least is None else float(least), -math.inf if largest is None else float(largest),
            bool(document["integral"]), sketch,
        )  # fmt: skip
        if sketch.n != column.count:
            raise ValueError(f"a sketch of {sketch.n} values for {column.count}")
        return column


def distance(one: Column, other: Column) -> float:
    """Largest difference of the two distribution functions, 0 to 1 (Kolmogorov-Smirnov), by their sketches."""
    one.settle()
    other.settle()
    if not one.count or not other.count:
        return 0.0
    points = sorted({float(value) for value, _ in one.sketch} | {float(value) for value, _ in other.sketch})
    first, second = (np.array(column.sketch.get_cdf(points, True)) for column in (one, other))
    return float(np.abs(first - second).max())
