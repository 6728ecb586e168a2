"""Checkpoints that survive a spot interruption: whole files of tensors, bound to what they were trained on."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from peregrine_ml.errors import InputError
from peregrine_ml.training import weights as weights_files
from peregrine_ml.training.weights import Weights

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
    """A folder of checkpoints: the job's own, or the one that SageMaker mirrors to S3 while a job runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last, self.best = (folder / name for name in KEPT)

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

    def write(self, reached: Weights, is_best: bool, state: State) -> None:
        """Keep what an epoch reached; also as the best so far, without the state of training."""
        self.folder.mkdir(parents=True, exist_ok=True)
        weights_files.save(reached, self.last)
        if is_best or not self.best.is_file():
            weights_files.save(reached.final(), self.best)
        self._write_state(state)

    def save(self, source: Path, state: State) -> None:
        """Copy an epoch's weights here; the state comes last, so that it never names weights that are not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            if (source / name).is_file():
                _replace(source / name, self.folder / name)
        self._write_state(state)

    def restore(self, target: Path) -> Path:
        """Copy the kept weights into a folder of the job's own, where nobody changes them; returns last.pt."""
        target.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            if not (self.folder / name).is_file():
                raise InputError(f"The checkpoint {self.folder} lacks {name}.", f"Empty {self.folder} to start afresh.")
            shutil.copyfile(self.folder / name, target / name)
        return target / KEPT[0]

    def _write_state(self, state: State) -> None:
        scratch = self.folder / f".{STATE_FILE}"
        scratch.write_text(json.dumps(asdict(state)), encoding="utf-8")
        scratch.replace(self.folder / STATE_FILE)


def _replace(source: Path, target: Path) -> None:
    """Copy so that a reader, such as the S3 mirror, sees the old file or the new one, never half of it."""
    scratch = target.with_name(f".{target.name}")
    shutil.copyfile(source, scratch)
    scratch.replace(target)
