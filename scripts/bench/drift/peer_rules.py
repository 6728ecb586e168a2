"""Default rules of other libraries, re-implemented from their documentation.

- Evidently: of more than 1,000 reference rows, a column drifts from a Wasserstein distance of 0.1 standard deviations
  on (Kolmogorov-Smirnov at 0.05 for fewer); the data set drifts when half of its columns do.
- NannyML: a chunk's statistic is outside of the mean plus or minus three standard deviations of the reference's chunks;
  here the Kolmogorov-Smirnov distance of any column.
- deepchecks (vision): Kolmogorov-Smirnov distance of 0.2 for properties of images, of 0.15 for those of predictions;
  here half of the columns are the one and half the other.
"""

import numpy as np

LEAST_CHUNKS = 6
"""NannyML warns about fewer: then it is left out."""
ROWS, CHUNKS = 4000, 12
"""Of the reference: more would change the rules' rates little and take most of the time."""


def distances(reference: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kolmogorov-Smirnov and normed Wasserstein distances, by column.

    Args:
        reference: rows x columns, each column sorted.
        values: rows x columns.
    """
    apart, moved = np.empty(values.shape[1]), np.empty(values.shape[1])
    for column in range(values.shape[1]):
        known, seen = reference[:, column], np.sort(values[:, column])
        points = np.concatenate([known, seen])
        points.sort()
        below = np.searchsorted(known, points, "right") / len(known)
        above = np.searchsorted(seen, points, "right") / len(seen)
        apart[column] = np.abs(below - above).max()
        moved[column] = (np.abs(below - above)[:-1] * np.diff(points)).sum() / known.std()
    return apart, moved


class Peers:
    """The rules, for one baseline and windows of one size."""

    def __init__(self, values: np.ndarray, images: int) -> None:
        self.reference = np.sort(values[:: max(1, len(values) // ROWS)], axis=0)
        # Chunks of the window's size, as NannyML cuts its reference.
        chunks = [values[start : start + images] for start in range(0, len(values) - images + 1, images)][:CHUNKS]
        self.chunked = len(chunks) >= LEAST_CHUNKS
        known = np.array([distances(self.reference, chunk)[0] for chunk in chunks or [values]])
        self.upper = known.mean(axis=0) + 3 * known.std(axis=0)
        self.lower = known.mean(axis=0) - 3 * known.std(axis=0)

    def alarms(self, values: np.ndarray) -> dict[str, bool]:
        """Which of them call a window drifted."""
        apart, moved = distances(self.reference, values)
        half = values.shape[1] // 2
        found = {
            "Evidently": bool((moved >= 0.1).mean() >= 0.5),
            "deepchecks": bool((apart[:half] > 0.2).any() or (apart[half:] > 0.15).any()),
        }
        if self.chunked:
            found["NannyML"] = bool(((apart > self.upper) | (apart < self.lower)).any())
        return found
