"""What people said about answers: lines of ground truth, read with all that is wrong with them.

The layout is Model Monitor's (developer guide, "Ingest ground truth labels and merge them with predictions"): one JSON
line a label, `eventMetadata.eventId` is the inference id, `groundTruthData.data` is the JSON of a label. What a label
holds is agreed in `contract/labels.ts` (`answerLabel`); `ml/tests/labels.json` is read by both sides' tests.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any

Box = tuple[float, float, float, float]
"""Pixels of the image as it was sent: left, top, right, bottom."""
VERDICTS = frozenset({"right", "wrong", "other-class"})
EVENT_VERSION = "0"
SAMPLES = ("", "random", "chosen")


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """An object that a person drew."""

    name: str
    box: Box


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of one detection, named by its place in the answer."""

    detection: int
    verdict: str
    name: str = ""
    """True class, where the verdict is `other-class`."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said about one answer at one time.

    Attributes:
        inference_id: of the answer.
        by: who delivered it.
        at: when it was said, UTC.
        boxes: all true objects; or None, and then `verdicts` about the detections and `missed` objects hold.
    """

    inference_id: str
    by: str
    at: datetime
    boxes: tuple[LabelledBox, ...] | None = None
    verdicts: tuple[Verdict, ...] = ()
    missed: tuple[LabelledBox, ...] = ()
    annotator: str = ""
    """Who said it, where the tool knows and it is not whoever delivered."""
    sample: str = ""
    """`random` or `chosen`, where the answer was picked out to be labelled."""

    @property
    def person(self) -> str:
        """Whose word it is."""
        return self.annotator or self.by


@dataclass(slots=True)
class Reading:
    """Labels in the order read, how many lines there were, and what is wrong with those that could not be read."""

    labels: list[Label] = field(default_factory=list)
    lines: int = 0
    problems: list[str] = field(default_factory=list)


def read(lines: Iterable[tuple[str, str]]) -> Reading:
    """Read lines of ground truth; never raises.

    Args:
        lines: where each comes from (file and line, for people) and its text. Blank lines are none.
    """
    reading = Reading()
    for where, text in lines:
        if not text.strip():
            continue
        reading.lines += 1
        try:
            reading.labels.append(parse(text))
        except ValueError as error:
            reading.problems.append(f"{where}: {error}")
    return reading


def parse(text: str) -> Label:
    """One line.

    Raises:
        ValueError: the first thing that is wrong with it.
    """
    line = _object(_json(text, "the line"), "the line")
    if line.get("eventVersion") != EVENT_VERSION:
        raise ValueError(f"eventVersion is {line.get('eventVersion')!r}, not {EVENT_VERSION!r}")
    inference_id = _object(line.get("eventMetadata"), "eventMetadata").get("eventId")
    if not isinstance(inference_id, str) or not inference_id:
        raise ValueError("eventMetadata.eventId is no inference id")
    truth = _object(line.get("groundTruthData"), "groundTruthData")
    if truth.get("encoding") != "JSON" or not isinstance(truth.get("data"), str):
        raise ValueError("groundTruthData is no text with the encoding JSON")
    label = _object(_json(truth["data"], "groundTruthData.data"), "groundTruthData.data")
    by, at = label.get("by"), label.get("at")
    if not isinstance(by, str) or not by:
        raise ValueError("by does not say who labelled")
    annotator, sample = label.get("annotator", ""), label.get("sample", "")
    if not isinstance(annotator, str) or ("annotator" in label and not annotator):
        raise ValueError("annotator is nobody")
    if sample not in SAMPLES:
        raise ValueError(f"sample is {sample!r}, neither random nor chosen")
    known: dict[str, Any] = {
        "inference_id": inference_id, "by": by, "at": _time(at), "annotator": annotator, "sample": sample,
    }  # fmt: skip
    if ("boxes" in label) == ("verdicts" in label):
        raise ValueError("a label has either boxes or verdicts")
    if "boxes" in label:
        return Label(**known, boxes=_boxes(label["boxes"], "boxes"))
    return Label(**known, verdicts=_verdicts(label["verdicts"]), missed=_boxes(label.get("missed", []), "missed"))


def _json(text: str, what: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{what} is no JSON") from None


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object")
    return value


def _time(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"at is {value!r}, no time with its zone (ISO 8601)")
    return at.astimezone(UTC)


def _boxes(value: object, what: str) -> tuple[LabelledBox, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list")
    return tuple(_box(one, f"{what}[{index}]") for index, one in enumerate(value))


def _box(value: object, what: str) -> LabelledBox:
    entry = _object(value, what)
    name, corners = entry.get("class"), entry.get("box")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{what} has no class")
    if not isinstance(corners, list) or len(corners) != 4 or not all(_is_number(number) for number in corners):
        raise ValueError(f"{what}.box is not four numbers: left, top, right, bottom")
    left, top, right, bottom = (float(number) for number in corners)
    if right <= left or bottom <= top:
        raise ValueError(f"{what}.box has no extent: {corners}")
    return LabelledBox(name, (left, top, right, bottom))


def _verdicts(value: object) -> tuple[Verdict, ...]:
    if not isinstance(value, list):
        raise ValueError("verdicts is no list")
    found: dict[int, Verdict] = {}
    for index, one in enumerate(value):
        entry = _object(one, f"verdicts[{index}]")
        detection, verdict, name = entry.get("detection"), entry.get("verdict"), entry.get("class", "")
        if not isinstance(detection, int) or isinstance(detection, bool) or detection < 0:
            raise ValueError(f"verdicts[{index}].detection is no place in the answer")
        if verdict not in VERDICTS:
            raise ValueError(f"verdicts[{index}].verdict is {verdict!r}, none of {', '.join(sorted(VERDICTS))}")
        if not isinstance(name, str) or (verdict == "other-class") != bool(name):
            raise ValueError(f"verdicts[{index}]: the verdict other-class, and no other, names the true class")
        if detection in found:
            raise ValueError(f"verdicts: two about detection {detection}")
        found[detection] = Verdict(detection, verdict, name)
    return tuple(found.values())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
