"""Labels meet answers: which label counts where several came, came late, or fit no answer.

- Late labels count as soon as they are there: quality is measured again for as long as the window holds the answer.
- Of one person the last word counts: the same again is a repetition, something else a correction.
- Of several people those count who are more than half and see the same objects (same classes, boxes that overlap by an
  IoU of 0.5 or more). Otherwise the answer is contradicted: nobody is right, and people must look again.
- Verdicts must cover all detections of the answer. A verdict about some of them tells nothing of the others, and people
  report what annoys them: such a sample would look worse than the model is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peregrine_ml.monitoring.labels import Label, LabelledBox

MAX_SKEW = timedelta(minutes=5)
"""Clocks may differ so much: a label that is earlier than its answer, or later than now, by more is left out."""
SAME_OBJECT_IOU = 0.5
NAMED_IDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A captured answer.

    Attributes:
        inference_id: by which labels name it.
        variant: of the endpoint that gave it.
        at: when it was given, UTC.
        boxes: n x 4, left, top, right, bottom in pixels, in the order of the answer.
        scores: n confidences.
        names: n classes.
        slices: such as light: night.
    """

    inference_id: str
    variant: str
    at: datetime
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    names: tuple[str, ...]
    slices: Mapping[str, str] = field(default_factory=dict)

    @property
    def flight(self) -> str:
        """What stands before the first slash of the inference id; an id without one is a flight of its own."""
        return self.inference_id.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An answer with its true objects, when the first of the labels that agree was given, and how it was picked."""

    answer: Answer
    truth: tuple[LabelledBox, ...]
    at: datetime
    sample: str = ""


@dataclass(slots=True)
class Counts:
    """Labels by what became of them; every label is counted once, but for `answers` and what follows it."""

    labels: int = 0
    used: int = 0
    """Labels that agree with what counts."""
    repeated: int = 0
    corrected: int = 0
    """Earlier words of somebody who said something else later."""
    outvoted: int = 0
    contradicted: int = 0
    """Labels of answers about which nobody has the majority."""
    incomplete: int = 0
    unknown_id: int = 0
    unknown_detection: int = 0
    before_answer: int = 0
    from_future: int = 0
    unreadable: int = 0
    """Lines that are no label; set by who read them."""
    answers: int = 0
    """Answers that labels could be for."""
    labelled: int = 0
    """Answers with a truth."""
    same_id: int = 0
    """Answers left out since another has the same inference id: a label would not say which one it is about."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Answers with their truth by inference id, what became of the labels, and inference ids by what is wrong."""

    labelled: dict[str, Labelled]
    counts: Counts
    ids: dict[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Counts, and the first ids of each kind, for a report."""
        return {"counts": asdict(self.counts), "ids": {kind: list(ids[:NAMED_IDS]) for kind, ids in self.ids.items()}}


def settle(labels: Iterable[Label], answers: Iterable[Answer], now: datetime) -> Settled:
    """Find the truth of each labelled answer; never raises.

    Args:
        labels: in the order in which they came.
        answers: captured in the window that labels are awaited for.
        now: cloud time, UTC.
    """
    counts, ids = Counts(), dict[str, dict[str, None]]()

    def leave_out(kind: str, inference_id: str, count: int = 1) -> None:
        setattr(counts, kind, getattr(counts, kind) + count)
        ids.setdefault(kind, {})[inference_id] = None

    known = _by_id(answers, leave_out)
    counts.answers = len(known)
    by_answer: dict[str, dict[str, Label]] = {}
    for label in labels:
        counts.labels += 1
        answer = known.get(label.inference_id)
        problem = _problem(label, answer, now)
        if problem:
            leave_out(problem, label.inference_id)
            continue
        people = by_answer.setdefault(label.inference_id, {})
        earlier = people.get(label.person)
        # Of two words of the same time the one that came last counts.
        if earlier and label.at < earlier.at:
            earlier, label = label, earlier
        if earlier:
            leave_out("repeated" if _says(earlier) == _says(label) else "corrected", label.inference_id)
            if _says(earlier) == _says(label):
                label = earlier  # The first time counts for the lag.
        people[label.person] = label
    labelled: dict[str, Labelled] = {}
    for inference_id, people in by_answer.items():
        answer = known[inference_id]
        agreed = _majority([(truth_of(label, answer), label) for label in people.values()])
        if agreed is None:
            leave_out("contradicted", inference_id, len(people))
            continue
        if len(agreed) < len(people):
            leave_out("outvoted", inference_id, len(people) - len(agreed))
        counts.used += len(agreed)
        truth, _ = max(agreed, key=lambda said: said[1].at)
        samples = {label.sample for _, label in agreed}
        labelled[inference_id] = Labelled(
            answer,
            truth,
            min(label.at for _, label in agreed),
            next((sample for sample in ("random", "chosen") if sample in samples), ""),
        )
    counts.labelled = len(labelled)
    return Settled(labelled, counts, {kind: tuple(found) for kind, found in ids.items()})


def truth_of(label: Label, answer: Answer) -> tuple[LabelledBox, ...]:
    """All true objects that a label tells of; a detection's own box stands for an object that it found."""
    if label.boxes is not None:
        return label.boxes
    found = []
    for verdict in label.verdicts:
        left, top, right, bottom = (float(value) for value in answer.boxes[verdict.detection])
        name = answer.names[verdict.detection] if verdict.verdict == "right" else verdict.name
        if verdict.verdict != "wrong":
            found.append(LabelledBox(name, (left, top, right, bottom)))
    return (*found, *label.missed)


def same_objects(one: Sequence[LabelledBox], other: Sequence[LabelledBox]) -> bool:
    """Whether both see the same objects: each box of one has its own box of the same class in the other."""
    if sorted(box.name for box in one) != sorted(box.name for box in other):
        return False
    if not one:
        return True
    from scipy.optimize import linear_sum_assignment

    overlaps = iou(np.array([box.box for box in one], np.float64), np.array([box.box for box in other], np.float64))
    same_class = np.array([[first.name == second.name for second in other] for first in one])
    fits = (overlaps >= SAME_OBJECT_IOU) & same_class
    rows, columns = linear_sum_assignment(~fits)
    return bool(fits[rows, columns].all())


def iou(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each box with each other one: n x m."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.clip(group[:, 2:] - group[:, :2], 0, None).prod(axis=1) for group in (boxes, others)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _by_id(answers: Iterable[Answer], leave_out: Any) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    doubled: set[str] = set()
    for answer in answers:
        if answer.inference_id in found or answer.inference_id in doubled:
            doubled.add(answer.inference_id)
            leave_out("same_id", answer.inference_id, 2 if found.pop(answer.inference_id, None) else 1)
        else:
            found[answer.inference_id] = answer
    return found


def _problem(label: Label, answer: Answer | None, now: datetime) -> str | None:
    if label.at > now + MAX_SKEW:
        return "from_future"
    if answer is None:
        return "unknown_id"
    if label.at < answer.at - MAX_SKEW:
        return "before_answer"
    if label.boxes is None:
        judged = {verdict.detection for verdict in label.verdicts}
        if any(detection >= len(answer.names) for detection in judged):
            return "unknown_detection"
        if len(judged) < len(answer.names):
            return "incomplete"
    return None


def _says(label: Label) -> tuple[object, ...]:
    return (label.boxes, frozenset(label.verdicts), label.missed)


Said = tuple[tuple[LabelledBox, ...], Label]


def _majority(said: Sequence[Said]) -> list[Said] | None:
    """Those who agree with each other, if they are more than half."""
    for one in said:
        agreed = [other for other in said if other is one or same_objects(one[0], other[0])]
        if 2 * len(agreed) > len(said):
            return agreed
    return None
