"""The baseline of a model: how it answered the test images. `evaluate` makes it, the release puts it in place.

Three files: Model Monitor's `statistics.json` and `constraints.json`, and `baseline.json` with the features by flight.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peregrine_ml.drift import model as drift
from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import model_monitor, names, store
from peregrine_ml.monitoring.capture import Record
from peregrine_ml.monitoring.columns import Column
from peregrine_ml.monitoring.job import Job
from peregrine_ml.monitoring.summary import Answers

MAX_IMAGES = 1_000_000
"""In a baseline; a file that claims more was made to fill the memory."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a window is compared with.

    Attributes:
        constraints: Model Monitor's.
        drift: features of the test images, by flight.
        columns: the same features as the window's, for distributions.
        place: where it was found, for people.
    """

    constraints: dict[str, Any]
    drift: drift.Baseline
    columns: dict[str, Column]
    place: str


def write(folder: Path, answers: Iterable[tuple[drift.Answer, dict[str, int]]], model_sha256: str,
          **learned: Any) -> None:  # fmt: skip
    """Write the three files.

    Args:
        folder: made if absent.
        answers: to the real test images, each with its detections by class.
        model_sha256: digest of the model file that answered.
        learned: what `drift.Baseline.of` takes besides: `harmless`, `estimator`.

    Raises:
        InputError: there are no answers.
    """
    given = list(answers)
    counted = Answers()
    for answer, classes in given:
        features = {
            str(name): float(value) for name, value in answer.features.items() if isinstance(value, int | float)
        }
        detections = [{"name": name} for name, count in classes.items() for _ in range(count)]
        counted.add(Record(answer.id, datetime.now(UTC), model_sha256, features, detections))
    whole = drift.Baseline.of((answer for answer, _ in given), model_sha256, **learned)
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in (
        (names.STATISTICS, model_monitor.statistics(counted)),
        (names.CONSTRAINTS, model_monitor.constraints(counted)),
        (names.BASELINE, whole.document()),
    ):
        (folder / name).write_text(json.dumps(document) + "\n", encoding="utf-8")


def find(job: Job, model_sha256: str) -> Baseline | str:
    """The baseline of a model; a sentence about why there is none otherwise.

    The model's own place comes first; then the one that the job names, where it is the same model's.
    """
    places = [f"{job.artifacts}/{names.BASELINES}{model_sha256}"] if job.artifacts else []
    places += [job.baseline] if job.baseline else []
    for place in places:
        files = {name: _read(place, name) for name in (names.STATISTICS, names.CONSTRAINTS, names.BASELINE)}
        missing = [name for name, content in files.items() if content is None]
        if len(missing) == len(files):
            continue
        if missing:
            return f"the baseline {place} lacks {', '.join(missing)}"
        try:
            found = _parse(files, place)
        except InputError as error:
            return f"the baseline {place} cannot be read: {error}"
        if found.drift.model_sha256 == model_sha256:
            return found
    return "there is no baseline of this model"


def _read(place: str, name: str) -> bytes | None:
    if place.startswith("s3://"):
        return store.read(f"{place}/{name}")
    path = Path(place) / name
    return path.read_bytes() if path.is_file() else None


def _parse(files: dict[str, bytes | None], place: str) -> Baseline:
    try:
        statistics, constraints, document = (json.loads(content or b"") for content in files.values())
        found = {
            str(one["name"]): _column(one["numerical_statistics"])
            for one in statistics["features"] if "numerical_statistics" in one
        }  # fmt: skip
        if not isinstance(constraints["features"], list):
            raise ValueError("constraints without features")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{error!r}") from None
    return Baseline(constraints, drift.Baseline.parse(document), found, place)


def _column(statistics: dict[str, Any]) -> Column:
    """A column with the distribution of a statistics file: a value counts as often as its level says."""
    levels = statistics["distribution"]["kll"]["sketch"]["data"]
    if sum(len(values) << level for level, values in enumerate(levels)) > MAX_IMAGES:
        raise ValueError(f"a distribution of more than {MAX_IMAGES} images")
    column = Column()
    for level, values in enumerate(levels):
        for value in values:
            for _ in range(2**level):
                column.add(float(value))
    column.settle()
    return column
