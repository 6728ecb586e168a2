"""Hour summaries in S3: written by each instance, merged by the one that leads."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import names, store
from peregrine_ml.monitoring.job import HOUR, Job, floor_hour
from peregrine_ml.monitoring.summary import Summary

WAIT_SECONDS = 900.0
"""For instances that are slower than the one that leads; they have as much to read."""
LOOK_SECONDS = 3.0
EXTENDED_HOURS = 23
"""Before the window: with it a day."""

Hours = Mapping[tuple[str, datetime], Summary]


def write(job: Job, hours: Hours) -> None:
    """Keep this instance's part of each hour, and a list of them, last: who finds the list finds the parts."""
    number = job.hosts.index(job.host) + 1
    written = []
    for (variant, hour), summary in sorted(hours.items(), key=lambda one: one[0]):
        # An hour that the window's start cuts belongs to the run before: its summary must not become a part of it.
        folder = _prefix(job, variant, hour) if hour >= job.start else f"{_run(job)}{variant}-"
        uri = f"{folder}part-{number}-of-{len(job.hosts)}.json"
        store.write(uri, json.dumps({"run": job.run, **summary.document()}).encode())
        written.append([variant, hour.isoformat(), uri])
    if len(job.hosts) > 1:
        store.write(_list_uri(job, number), json.dumps({"run": job.run, "parts": written}).encode())


def gather(job: Job, own: Hours) -> dict[tuple[str, datetime], Summary]:
    """The hours of all instances together, once every one has written its part.

    Raises:
        InputError: an instance was not done in time, or its part cannot be read.
    """
    whole: dict[tuple[str, datetime], Summary] = dict(own)
    deadline = time.monotonic() + WAIT_SECONDS
    for number, host in enumerate(job.hosts, start=1):
        if host == job.host:
            continue
        for variant, hour, uri in _listed(job, number, host, deadline):
            part = Summary.parse(_json(store.read(uri)))
            key = (variant, datetime.fromisoformat(hour))
            if key in whole:
                whole[key].merge(part)
            else:
                whole[key] = part
    return whole


def before(job: Job, variant: str) -> Iterator[Summary]:
    """Hours of a variant before the window, the latest first, as far back as a window may be extended.

    An hour whose summary is not there, or cannot be read, is passed over: nobody watched it.
    """
    hour = floor_hour(job.start)
    for _ in range(EXTENDED_HOURS):
        hour -= HOUR
        whole: Summary | None = None
        for uri, _size in store.objects(_prefix(job, variant, hour)):
            try:
                part = Summary.parse(_json(store.read(uri)))
            except (ValueError, InputError):
                continue
            if whole is None:
                whole = part
            else:
                whole.merge(part)
        if whole is not None:
            yield whole


def _listed(job: Job, number: int, host: str, deadline: float) -> list[tuple[str, str, str]]:
    while True:
        document = _json(store.read(_list_uri(job, number)))
        if document and document.get("run") == job.run:
            return [(str(variant), str(hour), str(uri)) for variant, hour, uri in document["parts"]]
        if time.monotonic() > deadline:
            raise InputError(
                f"The instance {host} has not written its part of the window within {WAIT_SECONDS:.0f} s.",
                "Look at its log; the next run reads the hours of its own window only.",
            )
        time.sleep(LOOK_SECONDS)


def _prefix(job: Job, variant: str, hour: datetime) -> str:
    return f"{job.artifacts}/{names.SUMMARIES}{job.endpoint}/{variant}/{hour:%Y/%m/%d/%H}/"


def _run(job: Job) -> str:
    return f"{job.artifacts}/{names.SUMMARIES}{job.endpoint}/runs/{job.run}/"


def _list_uri(job: Job, number: int) -> str:
    return f"{_run(job)}part-{number}-of-{len(job.hosts)}.json"


def _json(content: bytes | None) -> Any:
    return json.loads(content) if content else None
