"""Captured lines: what an endpoint was asked and what it answered, one JSON object a line, as data capture writes them.

A line is mostly the image, in base64. It is cut out of the bytes before the line is parsed: nothing decodes it, nothing
copies it twice. Whatever is wrong with a line becomes a `Fault` by name, never an exception: bad lines are counted.

Source: "Capture data from real-time endpoint", SageMaker developer guide.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

VERSION = "0"
"""`eventVersion` of the lines that this reader knows."""
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. An endpoint takes 25 MB, which base64 makes 34 MB; more is no captured line."""
CHUNK = 1024 * 1024
LARGEST = 1e300
"""Numbers beyond, infinities and not-a-number among them, are none that a server measured."""

_INPUT = re.compile(rb'"endpointInput"\s*:\s*\{')
_DATA = re.compile(rb'"data"\s*:\s*"')
_OUTSIDE_DATA = 1024
"""Bytes within which the other members of `endpointInput` fit: content type, mode, encoding."""


class Fault(StrEnum):
    """Why a line says nothing."""

    NOT_JSON = "not JSON, such as a truncated line"
    TOO_LONG = "longer than any captured line"
    VERSION = "unknown schema version"
    NO_ANSWER = "no captured answer"
    REFUSED = "the endpoint answered with an error"
    NOT_OURS = "an answer without model, features or detections"
    NO_TIME = "no time of inference"


@dataclass(frozen=True, slots=True)
class Record:
    """What one answer said.

    Attributes:
        inference_id: as the caller named it; the event's own id where the caller named none.
        at: when it was given, UTC.
        model_sha256: digest of the model file that answered, hexadecimal.
        features: flat numbers about image and answer.
        detections: `class`, `name`, `confidence`, `box` each, as the server wrote them.
    """

    inference_id: str
    at: datetime
    model_sha256: str
    features: dict[str, float]
    detections: list[dict[str, Any]]

    @property
    def flight(self) -> str:
        """What stands before the first slash of the inference id; empty where an id has none: nobody knows it."""
        flight, slash, _ = self.inference_id.partition("/")
        return flight if slash else ""


def lines(chunks: Iterable[bytes]) -> Iterator[bytes | Fault]:
    """Lines of a stream of bytes; one longer than any captured line is skipped and told. Empty lines are left out."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            size += end - start
            if size > LONGEST_LINE:
                yield Fault.TOO_LONG
            elif size:
                held.append(chunk[start:end])
                yield b"".join(held) if len(held) > 1 else held[0]
            held, size, start = [], 0, end + 1
        size += len(chunk) - start
        if size <= LONGEST_LINE:
            held.append(chunk[start:])
        else:
            held = []
    if size > LONGEST_LINE:
        yield Fault.TOO_LONG
    elif size:
        yield b"".join(held)


def read(line: bytes) -> Record | Fault:
    """What a captured line says."""
    try:
        document = json.loads(_without_input(line))
    except (ValueError, RecursionError):
        return Fault.NOT_JSON
    if not isinstance(document, dict):
        return Fault.NOT_JSON
    if document.get("eventVersion") != VERSION:
        return Fault.VERSION
    event, captured = document.get("eventMetadata"), document.get("captureData")
    output = captured.get("endpointOutput") if isinstance(captured, dict) else None
    if not isinstance(event, dict) or not isinstance(output, dict):
        return Fault.NO_ANSWER
    at = _time(event.get("inferenceTime"))
    if at is None:
        return Fault.NO_TIME
    answer = _answer(output)
    if answer is None:
        return Fault.NO_ANSWER
    if "error" in answer and "features" not in answer:
        return Fault.REFUSED
    name = event.get("inferenceId") or event.get("eventId")
    return _record(str(name or ""), at, answer) or Fault.NOT_OURS


def _without_input(line: bytes) -> bytes:
    """The line with an empty string for the data of `endpointInput`; the line itself where that is not found."""
    found = _INPUT.search(line)
    if not found:
        return line
    data = _DATA.search(line, found.end(), found.end() + _OUTSIDE_DATA)
    if not data or b"}" in line[found.end() : data.start()]:
        return line
    end = _end_of_string(line, data.end())
    return line if end < 0 else line[: data.end()] + line[end:]


def _end_of_string(line: bytes, start: int) -> int:
    """Where the quote stands that ends a JSON string; -1 where none does."""
    end = line.find(b'"', start)
    while end >= 0:
        slashes = end
        while slashes > start and line[slashes - 1] == 0x5C:
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end
        end = line.find(b'"', end + 1)
    return -1


def _answer(output: dict[str, Any]) -> dict[str, Any] | None:
    data, encoding = output.get("data"), output.get("encoding")
    if not isinstance(data, str) or encoding not in {"JSON", "BASE64"}:
        return None
    try:
        answer = json.loads(data if encoding == "JSON" else base64.b64decode(data, validate=True))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _record(name: str, at: datetime, answer: dict[str, Any]) -> Record | None:
    model, features, detections = answer.get("model"), answer.get("features"), answer.get("detections")
    if not isinstance(model, dict) or not isinstance(features, dict) or not isinstance(detections, list):
        return None
    sha256 = model.get("sha256")
    if not isinstance(sha256, str) or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    numbers = {str(key): float(value) for key, value in features.items() if _is_number(value)}
    if not numbers or not all(_is_detection(one) for one in detections):
        return None
    return Record(name, at, sha256, numbers, detections)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _is_detection(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not _is_number(one.get("confidence")):
        return False
    box = one.get("box")
    return isinstance(box, list) and len(box) == 4 and all(_is_number(value) for value in box)


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None
