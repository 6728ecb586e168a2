"""The manifest of a prepared data set: a digest per file and one for the whole."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest as file_digest

FILE_NAME = "manifest.json"
SCHEMA = "peregrine.dataset/1"


def of_files(files: Mapping[str, str]) -> str:
    """Digest of the whole: SHA-256 over `<sha256>  <path>` lines in path order, as `sha256sum` writes them."""
    lines = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def sources(folder: Path) -> dict[str, dict[str, Any]]:
    """Digest and size of every file that a data set is made of, by path.

    The job is cut off from every network and sees no versions of S3; by these whoever asks S3 recognises them.
    """
    return {
        path.relative_to(folder).as_posix(): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(dataset: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Digest every file of a data set and write its manifest.

    Args:
        dataset: folder of the data set; an older manifest in it is not part of it.
        facts: what else to record, such as splits and options.

    Returns:
        The manifest.
    """
    files = {
        path.relative_to(dataset).as_posix(): file_digest(path)
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name != FILE_NAME
    }
    document = {"schema": SCHEMA, "digest": of_files(files), **facts, "files": files}
    (dataset / FILE_NAME).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


def read(dataset: Path, verify: bool = True) -> dict[str, Any]:
    """Read a data set's manifest and check that the files are those it names.

    Raises:
        InputError: no manifest, no JSON, or files that are missing or changed.
    """
    path = dataset / FILE_NAME
    if not path.is_file():
        raise InputError(f"No {FILE_NAME} in {dataset}.", "The data set must come from `peregrine_ml prepare`.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        files: dict[str, str] = document["files"]
        whole: str = document["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no data set manifest: {error!r}.", "Run `peregrine_ml prepare` again.") from None
    problems = []
    if of_files(files) != whole:
        problems.append("the digest of the whole does not match the list of files")
    if verify:
        for name, expected in files.items():
            if not (dataset / name).is_file():
                problems.append(f"{name} is missing")
            elif file_digest(dataset / name) != expected:
                problems.append(f"{name} was changed")
    if problems:
        raise InputError.of_problems("The data set is not what its manifest says", problems, "Prepare it again.")
    return document
