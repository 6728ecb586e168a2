"""Giving up root once the container has started.

SageMaker starts every container as root and asks for images without another `USER` ("SageMaker AI expects all
containers to run with root users", developer guide, "Custom Inference Code with Hosting Services"; the pages on
training and processing name no user). What the program needs root for is over when it starts: the folders for results
are handed to a user without rights, and the process becomes that user, before it reads the first byte of any input.
The program itself is root's and stays unwritable.

Whether SageMaker's own files are readable by that user is believed, not known; so it is looked up first, and where
anything would be out of reach the process stays what it is and says so.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from peregrine_ml import paths

USER = GROUP = 10001
"""Of nobody else; the image needs no entry in /etc/passwd for it."""


def give_up(results: Sequence[Path]) -> bool:
    """Become the user without rights, for good; must run while the process has one thread.

    Args:
        results: folders that the verb writes into; made where they are not there, and handed over.

    Returns:
        False where the process was no root before, or stays root because it could not work otherwise.
    """
    if os.geteuid() != 0:
        return False
    problem = _problem()
    if problem:
        print(f"runs as root: {problem}", file=sys.stderr, flush=True)
        return False
    for folder in results:
        folder.mkdir(parents=True, exist_ok=True)
        _hand_over(folder)
    os.setgroups([])
    os.setresgid(GROUP, GROUP, GROUP)
    os.setresuid(USER, USER, USER)
    os.environ["HOME"] = tempfile.mkdtemp(prefix="home-")
    return True


def _problem() -> str:
    """Why the process cannot work as the other user; empty when it can. Changes nothing for good."""
    needed = list(_needed())
    groups = os.getgroups()
    try:
        os.setgroups([])
        os.setegid(GROUP)
        os.seteuid(USER)
        closed = next((path for path in needed if not os.access(path, os.R_OK, effective_ids=True)), None)
        return f"{closed} is closed to others" if closed else ""
    except OSError as error:
        return f"this container knows no other user ({error.strerror})"
    finally:
        os.seteuid(0)
        os.setegid(0)
        with contextlib.suppress(OSError):
            os.setgroups(groups)


def _needed() -> Iterator[Path]:
    """The program, its libraries, the devices of GPUs, and all inputs; what lies in a closed folder is closed."""
    yield Path(__file__)
    yield from (Path(entry) for entry in sys.path if Path(entry).exists())
    yield Path(sys.executable)
    yield from Path("/dev").glob("nvidia*")
    processing = paths.root() / "processing"
    # Model Monitor mounts captured data and baselines beside the inputs of other jobs.
    inputs = [processing / name for name in ("input", "endpointdata", "baseline")]
    for place in (*inputs, paths.root() / "input", paths.model(), paths.checkpoints()):
        if place.exists():
            yield place
            yield from place.rglob("*")


def _hand_over(folder: Path) -> None:
    """The folder and what lies in it; links are handed over as links."""
    try:
        os.chown(folder, USER, GROUP, follow_symlinks=False)
        for inner, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(inner) / name, USER, GROUP, follow_symlinks=False)
    except OSError as error:
        print(f"{folder} stays root's: {error.strerror}", file=sys.stderr, flush=True)
