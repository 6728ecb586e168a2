"""Checkpoints that survive a spot interruption: whole files only, and bound to what they were trained on."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from peregrine_ml.errors import InputError

STATE_FILE = "state.json"
KEPT = ("last.pt", "best.pt")


@dataclass(frozen=True, slots=True)
class State:
    """What a checkpoint belongs to and how far it is."""

    dataset_digest: str
    hyperparameters: dict[str, object]
    base_weights: str
    run_id: str
    epochs_done: int


class Checkpoints:
    """The folder that SageMaker mirrors to S3 while a job runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, dataset_digest: str, hyperparameters: dict[str, object], base_weights: str) -> State | None:
        """The state to resume from, or None.

        Raises:
            InputError: there is a checkpoint, but of other data, settings or base weights, or it is broken.
        """
        path = self.folder / STATE_FILE
        if not path.is_file():
            return None
        try:
            state = State(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise InputError(
                f"The checkpoint {path} is broken: {error}", f"Empty {self.folder} to start afresh."
            ) from None
        wanted = (dataset_digest, hyperparameters, base_weights)
        found = (state.dataset_digest, state.hyperparameters, state.base_weights)
        differing = [
            name
            for name, one, other in zip(("data set", "hyperparameters", "base weights"), wanted, found, strict=True)
            if one != other
        ]
        if differing:
            raise InputError(
                f"The checkpoint in {self.folder} was made with other {' and '.join(differing)}.",
                "Point CheckpointConfig at a prefix of its own for every training job.",
            )
        return state

    def save(self, weights: Path, state: State) -> None:
        """Keep the weights of an epoch; the state comes last, so that it never names weights that are not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in (*KEPT, "../results.csv"):
            if (weights / name).is_file():
                _replace(weights / name, self.folder / Path(name).name)
        scratch = self.folder / f".{STATE_FILE}"
        scratch.write_text(json.dumps(asdict(state)), encoding="utf-8")
        scratch.replace(self.folder / STATE_FILE)

    def restore(self, run_folder: Path) -> Path:
        """Put the kept files where Ultralytics looks for them; returns last.pt."""
        weights = run_folder / "weights"
        weights.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            if (self.folder / name).is_file():
                shutil.copyfile(self.folder / name, weights / name)
        if (self.folder / "results.csv").is_file():
            shutil.copyfile(self.folder / "results.csv", run_folder / "results.csv")
        return weights / "last.pt"


def _replace(source: Path, target: Path) -> None:
    """Copy so that a reader, such as the S3 mirror, sees the old file or the new one, never half of it."""
    scratch = target.with_name(f".{target.name}")
    shutil.copyfile(source, scratch)
    scratch.replace(target)
