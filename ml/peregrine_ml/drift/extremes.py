"""The most extreme answers of a window, by feature: what a person looks at first."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEPT = 5
"""Answers at each end of each feature."""

Entry = tuple[float, str]


@dataclass(slots=True)
class Extremes:
    """For each feature the answers with its least and its largest values; mergeable.

    Attributes:
        least: by feature, (value, inference id), smallest first.
        largest: by feature, (value, inference id), largest first.
    """

    least: list[list[Entry]] = field(default_factory=list)
    largest: list[list[Entry]] = field(default_factory=list)

    def add(self, row: NDArray[np.float64], name: str) -> None:
        """Look at one answer's features."""
        if not name:
            return
        if not self.least:
            self.least, self.largest = [[] for _ in row], [[] for _ in row]
        for value, least, largest in zip(row.tolist(), self.least, self.largest, strict=True):
            if len(least) < KEPT or value < least[-1][0]:
                least[:] = sorted([*least, (value, name)])[:KEPT]
            if len(largest) < KEPT or value > largest[-1][0]:
                largest[:] = sorted([*largest, (value, name)], reverse=True)[:KEPT]

    def merge(self, other: "Extremes") -> None:
        """Look at another window's extremes."""
        if not self.least:
            self.least, self.largest = other.least, other.largest
            return
        for own, given in zip(self.least, other.least, strict=False):
            own[:] = sorted({*own, *given})[:KEPT]
        for own, given in zip(self.largest, other.largest, strict=False):
            own[:] = sorted({*own, *given}, reverse=True)[:KEPT]

    def of(self, columns: list[int]) -> "Extremes":
        """Those of some features alone."""
        if not self.least:
            return Extremes()
        return Extremes([list(self.least[one]) for one in columns], [list(self.largest[one]) for one in columns])

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {"least": self.least, "largest": self.largest}

    @classmethod
    def parse(cls, document: Any) -> "Extremes":
        """What `document` wrote, read from JSON."""
        return cls(*([[(float(value), str(name)) for value, name in ends] for ends in document[side]]
                     for side in ("least", "largest")))  # fmt: skip
