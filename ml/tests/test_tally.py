"""What a container says of its answers; `test/contract/answer-tally.spec.ts` reads the same cases."""

import asyncio
import json
import math
from pathlib import Path
from typing import Any

import pytest

from peregrine_ml.serving import tally

CASES = json.loads((Path(__file__).parent / "answered.json").read_text())


class Log:
    """Keeps lines, and lets a test wait for one."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.written = asyncio.Event()

    def __call__(self, **facts: Any) -> None:
        self.lines.append(facts)
        self.written.set()


@pytest.mark.parametrize("case", CASES["answers"])
def test_an_answer_is_sound_or_unsure_or_empty(case: dict[str, Any]) -> None:
    assert tally.kind_of(case["answer"]) == case["kind"]


def test_values_that_are_no_numbers_are_none_that_a_detector_can_mean() -> None:
    for confidence, left in [(math.nan, 1.0), (0.9, math.nan), (math.inf, 1.0)]:
        found = {"confidence": confidence, "box": [left, 1.0, 20.0, 20.0]}
        assert tally.kind_of({"image": {"w": 100, "h": 100}, "detections": [found]}) == "empty"


def test_answers_of_a_second_are_one_line_with_the_package_that_gave_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_PACKAGE_ARN", CASES["package"])
    monkeypatch.setattr(tally, "INTERVAL_SECONDS", 0.01)

    async def serve() -> list[dict[str, Any]]:
        log = Log()
        counted = tally.Tally(log)
        for case in CASES["answers"]:
            counted.count(case["answer"])
        assert log.lines == []
        await asyncio.wait_for(log.written.wait(), 10)
        counted.flush()
        return log.lines

    assert asyncio.run(serve()) == [CASES["line"]]


def test_what_is_left_is_said_before_the_end() -> None:
    async def serve() -> list[dict[str, Any]]:
        log = Log()
        counted = tally.Tally(log)
        counted.count(CASES["answers"][0]["answer"])
        counted.flush()
        counted.flush()
        return log.lines

    assert asyncio.run(serve()) == [{"event": "answered", "answers": 1, "empty": 0, "unsure": 0, "package": ""}]
