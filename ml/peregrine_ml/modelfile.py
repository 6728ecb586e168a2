"""model.json and the archive around it: what a model says about itself."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest

SCHEMA = "peregrine.model/1"
MAX_MEMBERS = 100
MAX_UNPACKED = 4 * 1024**3
"""Bytes. YOLO11x takes 0.4 GB in both formats; an archive that grows beyond this was made to fill a disk."""
LICENCE = {
    "spdx": "AGPL-3.0-only",
    "note": "Trained with Ultralytics YOLO11. Serving it over a network falls under section 13 of the AGPL, "
    "or needs an Ultralytics Enterprise licence.",
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Which answers count as detections: least confidence, overlap that suppresses, and at most so many."""

    confidence: float = 0.25
    iou: float = 0.6
    max_detections: int = 500


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model on disk, checked."""

    onnx: Path
    sha256: str
    classes: tuple[str, ...]
    imgsz: int
    tile: int
    overlap: float
    thresholds: Thresholds
    document: dict[str, Any]


def load(folder: Path) -> ModelFile:
    """Read model.json and check the ONNX file against its digest.

    Raises:
        InputError: a missing file, a model.json that lacks something, or an ONNX file that is not the one described.
    """
    path, onnx = folder / "model.json", folder / "model.onnx"
    missing = [file.name for file in (path, onnx) if not file.is_file()]
    if missing:
        raise InputError(
            f"{' and '.join(missing)} missing in {folder}.", "The model archive must hold both at its top."
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        thresholds = document["thresholds"]
        model = ModelFile(
            onnx, digest(onnx), tuple(document["classes"]), int(document["imgsz"]),
            int(document["tile"]), float(document["overlap"]),
            Thresholds(float(thresholds["confidence"]), float(thresholds["iou"]), int(thresholds["max_detections"])),
            document,
        )  # fmt: skip
        described = document["digests"]["onnx"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is no model description: {error!r}.", "It must come from `peregrine_ml train`."
        ) from None
    if model.sha256 != described:
        raise InputError(
            f"{onnx} has SHA-256 {model.sha256[:12]}…, but model.json describes {str(described)[:12]}….",
            "The archive was changed or cut off after training; take it from the registry again.",
        )
    return model


def unpack(archive: Path, target: Path) -> Path:
    """Unpack a model.tar.gz and return the folder that holds model.json.

    Only plain files and folders are taken, and only below the folder (PEP 706, filter `data`).

    Raises:
        InputError: not there, truncated, not a tar.gz, members that lead out of the folder or are no
            files, or too large.
    """
    if not archive.is_file():
        raise InputError(f"No model archive {archive}.", "Check the step's input.")
    try:
        with tarfile.open(archive, "r:gz") as stream:
            # Sizes are checked member by member before each is written: the headers come with the data.
            total = 0
            for count, member in enumerate(stream, 1):
                total += member.size
                if not (member.isreg() or member.isdir()):
                    raise _refused(archive, f"{member.name} is no plain file")
                if count > MAX_MEMBERS or total > MAX_UNPACKED:
                    raise _refused(archive, f"it holds more than {MAX_MEMBERS} files or {MAX_UNPACKED} bytes")
                stream.extract(member, target, filter="data")
    except tarfile.FilterError as error:
        raise _refused(archive, str(error)) from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(
            f"{archive.name} ({archive.stat().st_size} bytes) is no whole tar.gz: {error}",
            "It was cut off or is another kind of file; take it from the registry again.",
        ) from None
    return target


def _refused(archive: Path, why: str) -> InputError:
    return InputError(
        f"{archive.name} is no archive of a training job: {why}.",
        "Nobody made it by accident: find out who wrote it (the trail of object writes), and train again.",
    )
