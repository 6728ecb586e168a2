"""What a container says of its own answers: the counts that a rollout or an experiment is judged by."""

import asyncio
import math
import os
from collections.abc import Callable
from typing import Any

INTERVAL_SECONDS = 1.0
"""A line at most so often: a minute of CloudWatch has whole lines, and a log few of them."""
SURE = 0.5
"""An answer whose best detection is below this confidence is unsure."""


class Tally:
    """Answers since the last line; the names are those of `contract/answer-tally.ts`."""

    def __init__(self, log: Callable[..., None]) -> None:
        self._log = log
        self._package = os.environ.get("MODEL_PACKAGE_ARN", "")
        self._counts = {"answers": 0, "empty": 0, "unsure": 0}
        self._timer: asyncio.TimerHandle | None = None

    def count(self, answer: dict[str, Any]) -> None:
        """Count an answer that was given; the line follows within `INTERVAL_SECONDS`."""
        self._counts["answers"] += 1
        kind = kind_of(answer)
        if kind != "sound":
            self._counts[kind] += 1
        self._timer = self._timer or asyncio.get_running_loop().call_later(INTERVAL_SECONDS, self.flush)

    def flush(self) -> None:
        """Say what was counted, if anything was."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self._counts["answers"]:
            return
        self._log(event="answered", **self._counts, package=self._package)
        self._counts = dict.fromkeys(self._counts, 0)


def kind_of(answer: dict[str, Any]) -> str:
    """`empty`: nothing was found, or values that no detector can mean; `unsure`: nothing above `SURE`; else `sound`."""
    found = answer["detections"]
    width, height = answer["image"]["w"], answer["image"]["h"]
    if not found or any(not _possible(one, width, height) for one in found):
        return "empty"
    return "unsure" if max(one["confidence"] for one in found) < SURE else "sound"


def _possible(detection: dict[str, Any], width: int, height: int) -> bool:
    left, top, right, bottom = detection["box"]
    # Rounding may put a corner a pixel outside; what is not a number fails every comparison.
    inside = -1 <= left < right <= width + 1 and -1 <= top < bottom <= height + 1
    return inside and 0 <= detection["confidence"] <= 1 and math.isfinite(detection["confidence"])
