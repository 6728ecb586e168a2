"""Captured files of a window: below a folder that is mounted, or in S3, by the hour folders that data capture makes."""

import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from peregrine_ml.monitoring import store
from peregrine_ml.monitoring.capture import CHUNK
from peregrine_ml.monitoring.job import Job, floor_hour
from peregrine_ml.monitoring.names import CAPTURE

_PLACE = re.compile(r"(?:^|/)([^/]+)/([^/]+)/(\d{4}/\d\d/\d\d/\d\d)/[^/]+\.jsonl$")


DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CapturedFile:
    """A file of captured lines: where it lies, whose it is, and the hour of its folder."""

    name: str
    variant: str
    hour: datetime
    size: int

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a chunk at a time."""
        if self.name.startswith("s3://"):
            yield from store.stream(self.name)
            return
        with Path(self.name).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def files(job: Job) -> list[CapturedFile]:
    """Files of the window's hours that are this instance's to read, in the order of their names."""
    return files_of(job, job.hours())


def files_of(job: Job, hours: Sequence[datetime]) -> list[CapturedFile]:
    """The same of other hours."""
    found = _in_s3(job, hours) if job.source.startswith("s3://") else _in_folder(job, frozenset(hours))
    if len(job.hosts) > 1 and not job.sharded:
        mine = job.hosts.index(job.host)
        found = (one for one in found if zlib.crc32(_tail(one.name).encode()) % len(job.hosts) == mine)
    return sorted(found, key=lambda one: (one.hour, one.variant, one.name))


def silent(job: Job, heard: Collection[str]) -> set[str]:
    """Variants that were captured the day before and not in the window: their gap in capture is told, too."""
    if not job.artifacts:
        return set()
    return {one.variant for one in since(job, floor_hour(job.start) - DAY) if one.variant not in heard}


def since(job: Job, first: datetime) -> list[CapturedFile]:
    """Files in S3 from an hour up to the end of the window, those of other instances among them.

    The mounted folder of a managed run holds its window's hours alone; earlier ones lie where the endpoint wrote them.
    """
    root = job.source.rstrip("/") if not job.managed else f"{job.artifacts}/{CAPTURE}{job.endpoint}"
    found = (
        _placed(uri, size, job.endpoint)
        for variant in store.folders(f"{root}/")
        for uri, size in store.objects(f"{root}/{variant}/", after=f"{first:%Y/%m/%d/%H}")
    )
    return sorted(
        (one for one in found if one and one.hour < job.end), key=lambda one: (one.hour, one.variant, one.name)
    )


def _in_folder(job: Job, hours: frozenset[datetime]) -> Iterator[CapturedFile]:
    folder = Path(job.source)
    for path in folder.rglob("*.jsonl") if folder.is_dir() else ():
        placed = _placed(path.as_posix(), path.stat().st_size, job.endpoint)
        if placed and placed.hour in hours:
            yield placed


def _in_s3(job: Job, hours: Sequence[datetime]) -> Iterator[CapturedFile]:
    root = job.source.rstrip("/")
    for variant in store.folders(f"{root}/"):
        for hour in hours:
            for uri, size in store.objects(f"{root}/{variant}/{hour:%Y/%m/%d/%H}/"):
                placed = _placed(uri, size, job.endpoint)
                if placed:
                    yield placed


def _placed(name: str, size: int, endpoint: str) -> CapturedFile | None:
    found = _PLACE.search(name)
    if not found or found[1] != endpoint:
        return None
    try:
        hour = datetime.strptime(found[3], "%Y/%m/%d/%H").replace(tzinfo=UTC)
    except ValueError:
        return None
    return CapturedFile(name, found[2], hour, size)


def _tail(name: str) -> str:
    """The part of a name that is the same wherever the files are mounted."""
    return "/".join(name.rsplit("/", 6)[1:])
