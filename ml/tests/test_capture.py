"""Captured lines are read without their images, and whatever is wrong with one has a name."""

import base64
import json

import pytest
from monitoring_data import MODEL, START, answer, features, line

from peregrine_ml.monitoring import capture
from peregrine_ml.monitoring.capture import Fault, Record

import numpy as np  # isort: skip

SAID = answer(features(np.random.default_rng(1)))


def test_an_answer_is_read_with_its_model_time_and_flight() -> None:
    record = capture.read(line(SAID, "flight-7/0001", START))
    assert isinstance(record, Record)
    assert (record.inference_id, record.flight, record.at, record.model_sha256) == (
        "flight-7/0001",
        "flight-7",
        START,
        MODEL,
    )
    assert record.features == SAID["features"]
    assert len(record.detections) == len(SAID["detections"])


def test_an_id_without_a_slash_names_no_flight_and_an_absent_one_is_the_event() -> None:
    record = capture.read(line(SAID, "photo-1", START))
    assert isinstance(record, Record) and record.flight == ""
    document = json.loads(line(SAID, "photo-1", START))
    del document["eventMetadata"]["inferenceId"]
    record = capture.read(json.dumps(document).encode())
    assert isinstance(record, Record) and record.inference_id == "event-photo-1"


def test_answers_in_base64_are_read() -> None:
    document = json.loads(line(SAID, "a/1", START))
    output = document["captureData"]["endpointOutput"]
    output |= {"data": base64.b64encode(output["data"].encode()).decode(), "encoding": "BASE64"}
    assert isinstance(capture.read(json.dumps(document).encode()), Record)


@pytest.mark.parametrize(
    "sent",
    ['{"image": "aGVsbG8="}', 'with "endpointOutput": {"data": "in it"}', "a backslash at its end \\", "", "\\\\\"}{"],
)  # fmt: skip
@pytest.mark.parametrize("order", ["as captured", "data first", "output first", "spread out"])
def test_what_was_sent_is_cut_out_wherever_it_stands_and_whatever_it_holds(sent: str, order: str) -> None:
    document = json.loads(line(SAID, "a/1", START))
    given = document["captureData"]["endpointInput"] | {"data": sent, "encoding": "JSON"}
    if order == "data first":
        given = dict(sorted(given.items()))
    document["captureData"]["endpointInput"] = given
    if order == "output first":
        document["captureData"] = dict(sorted(document["captureData"].items(), reverse=True))
    text = json.dumps(document, separators=(" , ", " : ") if order == "spread out" else None).encode()
    assert capture.read(text) == capture.read(line(SAID, "a/1", START))
    assert len(capture._without_input(text)) == len(text) - len(json.dumps(sent)) + 2


def changed(path: str, value: object) -> bytes:
    document = json.loads(line(SAID, "a/1", START))
    *folders, last = path.split(".")
    place = document
    for folder in folders:
        place = place[folder]
    place[last] = value
    return json.dumps(document).encode()


OUTPUT = "captureData.endpointOutput.data"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (line(SAID, "a/1", START)[:-40], Fault.NOT_JSON),
        (line(SAID, "a/1", START)[:120], Fault.NOT_JSON),
        (b"[1]", Fault.NOT_JSON),
        (b"[" * 100_000, Fault.NOT_JSON),
        (b"\xff\xfe", Fault.NOT_JSON),
        (changed("eventVersion", "1"), Fault.VERSION),
        (changed("eventVersion", 0), Fault.VERSION),
        (changed("captureData", {}), Fault.NO_ANSWER),
        (changed("captureData.endpointOutput.encoding", "CSV"), Fault.NO_ANSWER),
        (changed(OUTPUT, "<html>"), Fault.NO_ANSWER),
        (changed(OUTPUT, "[]"), Fault.NO_ANSWER),
        (changed(OUTPUT, '{"error": {"code": "NotAnImage"}}'), Fault.REFUSED),
        (changed(OUTPUT, '{"predictions": [1]}'), Fault.NOT_OURS),
        (changed(OUTPUT, json.dumps(SAID | {"model": {"sha256": "../../x"}})), Fault.NOT_OURS),
        (changed(OUTPUT, json.dumps(SAID | {"features": {"blur": "high"}})), Fault.NOT_OURS),
        (changed(OUTPUT, json.dumps(SAID | {"detections": [{"name": "tree"}]})), Fault.NOT_OURS),
        (changed("eventMetadata.inferenceTime", "yesterday"), Fault.NO_TIME),
        (changed("eventMetadata.inferenceTime", "2026-11-29T12:00:00"), Fault.NO_TIME),
    ],
)
def test_what_is_wrong_with_a_line_has_a_name(text: bytes, fault: Fault) -> None:
    assert capture.read(text) is fault


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "1" * 400])
def test_numbers_beyond_all_bounds_are_no_features(number: str) -> None:
    said = json.dumps(SAID).replace('"blur": ' + json.dumps(SAID["features"]["blur"]), f'"blur": {number}')
    record = capture.read(changed(OUTPUT, said))
    assert isinstance(record, Record) and "blur" not in record.features


@pytest.mark.parametrize("size", [1, 7, 1000, 10_000])
def test_lines_are_the_same_however_the_bytes_come(size: int) -> None:
    whole = b"\n".join([b"one", b"", b"two" * 500, b"three"])
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert list(capture.lines(chunks)) == [b"one", b"two" * 500, b"three"]


def test_a_line_longer_than_any_is_told_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "LONGEST_LINE", 100)
    for chunks in ([b"x" * 90, b"x" * 90 + b"\nshort\n"], [b"x" * 180 + b"\nshort"], [b"short\n", b"x" * 101]):
        assert sorted(map(str, capture.lines(chunks))) == sorted([str(Fault.TOO_LONG), str(b"short")])
