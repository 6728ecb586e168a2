"""Answers that people labelled, found again: labels come days later, when the window of their answers is long past.

What was found is kept in one file, so that each captured line is looked for once. An hour is read again only where its
summary says that it may hold an id that is new; hours without a summary are read as well.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import capture, labels, names, slices, sources, store
from peregrine_ml.monitoring.baseline import Baseline
from peregrine_ml.monitoring.capture import Record
from peregrine_ml.monitoring.job import Job, floor_hour
from peregrine_ml.monitoring.label_rules import Answer
from peregrine_ml.monitoring.labels import Reading
from peregrine_ml.monitoring.quality import Captured
from peregrine_ml.monitoring.sources import CapturedFile
from peregrine_ml.monitoring.summary import Summary

SCHEMA = "peregrine.labelled/1"
LABEL_WINDOW = timedelta(days=14)
"""For so long labels of an answer count."""
PATIENCE = timedelta(hours=3)
"""An answer that a label names may be captured late; after so long it is not looked for again."""
SAME_ID = 2
"""Answers of one id that are kept: with two, a label does not say which one it is about."""

Hours = Mapping[tuple[str, datetime], Summary]


@dataclass(slots=True)
class Found:
    """Labelled answers and how many answers there were, over the label window.

    Attributes:
        answers: by inference id; members of JSON, see `_kept`.
        captured: answers by variant and hour (ISO 8601).
        sliced: the same by kind of slice and slice.
        missed: ids that no captured line had, to when the label that named them was given.
    """

    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    captured: dict[str, dict[str, int]] = field(default_factory=dict)
    sliced: dict[str, dict[str, dict[str, dict[str, int]]]] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, Captured]:
        """Captured answers by variant."""
        found = {}
        for variant, hours in self.captured.items():
            by_kind: dict[str, Counter[str]] = {}
            for kinds in self.sliced.get(variant, {}).values():
                for kind, counts in kinds.items():
                    by_kind.setdefault(kind, Counter()).update(counts)
            found[variant] = Captured(sum(hours.values()), by_kind)
        return found

    def forget(self, before: datetime) -> None:
        """Leave out what lies before the label window."""
        oldest = before.isoformat()
        self.answers = {name: kept for name, kept in self.answers.items() if kept[0]["at"] >= oldest}
        self.missed = {name: at for name, at in self.missed.items() if at >= oldest}
        for variant, hours in self.captured.items():
            self.captured[variant] = {hour: count for hour, count in hours.items() if hour >= oldest}
        for variant, sliced in self.sliced.items():
            self.sliced[variant] = {hour: kinds for hour, kinds in sliced.items() if hour >= oldest}


def read_labels(job: Job) -> Reading:
    """Labels that came within the label window, in the order in which they came."""
    first = floor_hour(job.now - LABEL_WINDOW)
    root = f"{job.artifacts}/{names.LABELS}{job.endpoint}/"

    def lines() -> Iterator[tuple[str, str]]:
        for uri, _ in store.objects(root, after=f"{first:%Y/%m/%d/%H}"):
            for number, line in enumerate(capture.lines(store.stream(uri)), start=1):
                # A line that is too long has no text; it is no label either way.
                text = line.decode("utf-8", "replace") if isinstance(line, bytes) else str(line)
                yield f"{uri} line {number}", text

    return labels.read(lines())


def find(job: Job, hours: Hours, reading: Reading, baselines: Mapping[str, Baseline | None]) -> Found:
    """The answers that labels name; what is new is looked for in captured data and kept for the next run.

    Args:
        job: the run.
        hours: of its window.
        reading: labels of the label window.
        baselines: of the models that answered in the window, by digest: slices are counted by them.
    """
    uri = f"{job.artifacts}/{names.SUMMARIES}{job.endpoint}/labelled.json"
    found = _parse(store.read(uri))
    for (variant, hour), summary in hours.items():
        if hour >= job.start:
            found.captured.setdefault(variant, {})[hour.isoformat()] = summary.records
            found.sliced.setdefault(variant, {})[hour.isoformat()] = slices.count(summary.models, baselines)
    named = {label.inference_id: label.at.isoformat() for label in reading.labels}
    given_up = (job.now - PATIENCE).isoformat()
    new = {
        name for name in named.keys() - found.answers.keys()
        if name not in found.missed or found.missed[name] >= given_up
    }  # fmt: skip
    if new:
        _search(job, hours, new, found)
    found.missed |= {name: named[name] for name in new - found.answers.keys()}
    found.forget(floor_hour(job.now - LABEL_WINDOW))
    store.write(uri, json.dumps({"schema": SCHEMA, **_document(found)}).encode())
    return found


def _search(job: Job, hours: Hours, wanted: set[str], found: Found) -> None:
    for file in _files(job, hours, wanted):
        for line in capture.lines(file.chunks()):
            record = capture.read(line) if isinstance(line, bytes) else line
            if isinstance(record, Record) and record.inference_id in wanted:
                kept = found.answers.setdefault(record.inference_id, [])
                if len(kept) < SAME_ID:
                    kept.append(_kept(record, file.variant))


def _files(job: Job, hours: Hours, wanted: set[str]) -> Iterator[CapturedFile]:
    """Captured files of the label window that may hold one of the ids."""
    first = floor_hour(job.now - LABEL_WINDOW)
    maybe: dict[tuple[str, datetime], bool] = {}
    for file in sources.since(job, first):
        key = (file.variant, file.hour)
        if key not in maybe:
            summaries = [hours[key]] if key in hours else list(_summaries(job, *key))
            maybe[key] = not summaries or any(name in one.ids for one in summaries for name in wanted)
        if maybe[key]:
            yield file


def _summaries(job: Job, variant: str, hour: datetime) -> Iterator[Summary]:
    for uri, _ in store.objects(f"{job.artifacts}/{names.SUMMARIES}{job.endpoint}/{variant}/{hour:%Y/%m/%d/%H}/"):
        try:
            yield Summary.parse(json.loads(store.read(uri) or b""))
        except (ValueError, InputError):
            return  # As if there were none: the hour is read.


def _kept(record: Record, variant: str) -> dict[str, Any]:
    return {
        "variant": variant, "at": record.at.isoformat(), "model": record.model_sha256, "features": record.features,
        "detections": [[one["name"], one["confidence"], *one["box"]] for one in record.detections],
    }  # fmt: skip


def answer(name: str, kept: Mapping[str, Any], in_slices: Mapping[str, str]) -> Answer:
    """A kept answer as quality is measured on it."""
    detections = kept["detections"]
    return Answer(
        name, kept["variant"], datetime.fromisoformat(kept["at"]),
        np.array([one[2:] for one in detections], np.float64).reshape(-1, 4),
        np.array([one[1] for one in detections], np.float64), tuple(str(one[0]) for one in detections), in_slices,
    )  # fmt: skip


def _document(found: Found) -> dict[str, Any]:
    return {
        "answers": found.answers, "captured": found.captured, "sliced": found.sliced, "missed": found.missed,
    }  # fmt: skip


def _parse(content: bytes | None) -> Found:
    """What was kept; a file that cannot be read is as if there were none, since all of it can be found again."""
    try:
        document = json.loads(content or b"{}")
        if document.get("schema") != SCHEMA:
            return Found()
        found = Found(
            dict(document["answers"]), dict(document["captured"]), dict(document.get("sliced", {})),
            dict(document["missed"]),
        )  # fmt: skip
        found.counts()
        for name, kept in found.answers.items():
            for one in kept:
                answer(name, one, {})
        return found
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Found()
