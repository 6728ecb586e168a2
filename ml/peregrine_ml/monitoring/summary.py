"""What a variant answered in an hour, as sums and sketches that merge: a window of any length is a merge of hours.

Several instances share an hour: each writes a part, and a part merges like an hour.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peregrine_ml.drift.model import Answer, Window
from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import capture
from peregrine_ml.monitoring.capture import Fault, Record
from peregrine_ml.monitoring.columns import Column
from peregrine_ml.monitoring.ids import Ids
from peregrine_ml.monitoring.sources import CapturedFile

SCHEMA = "peregrine.summary/1"
MAX_MODELS, MAX_FEATURES, MAX_CLASSES = 32, 128, 1000
"""More of them come from no server of ours; beyond, records count as not ours, classes as `other`."""
OTHER = "other"
SKEW = timedelta(hours=1)
"""An inference may be told so far outside of its folder's hour: captures of a slow host come late."""


@dataclass(slots=True)
class Answers:
    """Answers of one model.

    Attributes:
        records: how many.
        columns: by feature.
        classes: detections by class.
        window: what drift is decided by.
        first: time of the earliest answer.
        last: time of the latest.
    """

    records: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    classes: Counter[str] = field(default_factory=Counter)
    window: Window = field(default_factory=Window)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, record: Record) -> None:
        """Count one answer in."""
        self.records += 1
        for name, value in record.features.items():
            column = self.columns.get(name)
            if column is None:
                if len(self.columns) >= MAX_FEATURES:
                    continue
                column = self.columns[name] = Column()
            column.add(value)
        for one in record.detections:
            name = one["name"]
            self.classes[name if name in self.classes or len(self.classes) < MAX_CLASSES else OTHER] += 1
        # Light and season are shared by what was taken on one day.
        self.window.add(Answer(record.features, record.flight, record.inference_id, f"{record.at:%Y-%m-%d}"))
        self._seen(record.at, record.at)

    def merge(self, other: "Answers") -> None:
        """Count another window's answers in."""
        self.records += other.records
        for name, column in other.columns.items():
            self.columns.setdefault(name, Column()).merge(column)
        self.classes.update(other.classes)
        self.window.merge(other.window)
        self._seen(other.first, other.last)

    def _seen(self, first: datetime | None, last: datetime | None) -> None:
        self.first = min(filter(None, (self.first, first)), default=None)
        self.last = max(filter(None, (self.last, last)), default=None)

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "records": self.records, "columns": {name: one.document() for name, one in sorted(self.columns.items())},
            "classes": dict(sorted(self.classes.items())), "window": self.window.document(),
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Answers":
        """What `document` wrote. Raises: InputError, ValueError, KeyError, TypeError, AttributeError otherwise."""
        first, last = (document[name] and datetime.fromisoformat(document[name]) for name in ("first", "last"))
        return cls(
            int(document["records"]),
            {str(name): Column.parse(one) for name, one in document["columns"].items()},
            Counter({str(name): int(count) for name, count in document["classes"].items()}),
            Window.parse(document["window"]), first, last,
        )  # fmt: skip


@dataclass(slots=True)
class Summary:
    """What a variant answered in a while.

    Attributes:
        models: answers by the digest of the model that gave them.
        faults: lines that say nothing, by why.
        lines: all lines, readable or not.
        files: captured files behind it.
        size: bytes of these files.
        skewed: answers whose time lies outside of their folder's hour.
        outside: readable answers of the window's hours that lie before or after the window.
        ids: inference ids of the answers.
    """

    models: dict[str, Answers] = field(default_factory=dict)
    faults: Counter[Fault] = field(default_factory=Counter)
    lines: int = 0
    files: int = 0
    size: int = 0
    skewed: int = 0
    outside: int = 0
    ids: Ids = field(default_factory=Ids)

    def add(self, record: Record) -> None:
        """Count one answer in."""
        answers = self.models.get(record.model_sha256)
        if answers is None:
            if len(self.models) >= MAX_MODELS:
                self.faults[Fault.NOT_OURS] += 1
                return
            answers = self.models[record.model_sha256] = Answers()
        answers.add(record)
        self.ids.add(record.inference_id)

    def merge(self, other: "Summary") -> None:
        """Count another while in."""
        for sha256, answers in other.models.items():
            self.models.setdefault(sha256, Answers()).merge(answers)
        self.faults.update(other.faults)
        self.ids.merge(other.ids)
        for name in ("lines", "files", "size", "skewed", "outside"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def records(self) -> int:
        """Readable answers."""
        return sum(answers.records for answers in self.models.values())

    @property
    def unreadable(self) -> int:
        """Lines that say nothing."""
        return sum(self.faults.values())

    @property
    def last(self) -> datetime | None:
        """Time of the latest answer."""
        return max((answers.last for answers in self.models.values() if answers.last), default=None)

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": SCHEMA, "models": {sha256: one.document() for sha256, one in sorted(self.models.items())},
            "faults": {fault.name: count for fault, count in sorted(self.faults.items())}, "lines": self.lines,
            "files": self.files, "size": self.size, "skewed": self.skewed, "outside": self.outside,
            "ids": self.ids.document(),
        }  # fmt: skip

    @classmethod
    def parse(cls, document: Any) -> "Summary":
        """What `document` wrote, read from JSON.

        Raises:
            InputError: it is no summary.
        """
        try:
            if document["schema"] != SCHEMA:
                raise ValueError(f"schema {document['schema']!r} is not {SCHEMA}")
            lines, files, size, skewed, outside = (
                int(document[name]) for name in ("lines", "files", "size", "skewed", "outside")
            )
            return cls(
                {str(sha256): Answers.parse(one) for sha256, one in document["models"].items()},
                Counter({Fault[name]: int(count) for name, count in document["faults"].items()}),
                lines, files, size, skewed, outside, Ids.parse(document["ids"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"A summary of an hour cannot be read: {error!r}.", "Run the monitoring again.") from None


def summarise(
    files: Iterable[CapturedFile], start: datetime, end: datetime, look: Callable[[str, Record], None] | None = None
) -> dict[tuple[str, datetime], Summary]:
    """Read captured files.

    Args:
        files: to read; memory does not grow with what they hold.
        start: of the window. Hours that it cuts are taken in part, by the time of the inference.
        end: of the window.
        look: is shown each answer with its variant.

    Returns:
        A summary by variant and hour.
    """
    found: dict[tuple[str, datetime], Summary] = {}
    for file in files:
        summary = found.setdefault((file.variant, file.hour), Summary())
        summary.files += 1
        summary.size += file.size
        whole = file.hour >= start and file.hour + SKEW <= end
        for line in capture.lines(file.chunks()):
            summary.lines += 1
            record = line if isinstance(line, Fault) else capture.read(line)
            if isinstance(record, Fault):
                summary.faults[record] += 1
                continue
            if not file.hour - SKEW <= record.at < file.hour + 2 * SKEW:
                # A clock that is wrong says nothing about the answer; the folder's hour is the service's.
                summary.skewed += 1
            elif not whole and not start <= record.at < end:
                summary.outside += 1
                continue
            summary.add(record)
            if look:
                look(file.variant, record)
    return found
