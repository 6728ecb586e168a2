"""One training run by Ultralytics: from scratch, from base weights, or from a checkpoint."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.training import offline, recipe
from peregrine_ml.training import weights as weights_files
from peregrine_ml.training.checkpoints import Checkpoints, State
from peregrine_ml.training.hyperparameters import Hyperparameters

Metrics = Mapping[str, float]
METRIC_NAMES = {
    "metrics/mAP50(B)": "map50", "metrics/mAP50-95(B)": "map",
    "metrics/precision(B)": "precision", "metrics/recall(B)": "recall",
    "train/box_loss": "train_box_loss", "train/cls_loss": "train_cls_loss", "train/dfl_loss": "train_dfl_loss",
    "val/box_loss": "val_box_loss", "val/cls_loss": "val_cls_loss", "val/dfl_loss": "val_dfl_loss",
    "lr/pg0": "lr",
}  # fmt: skip


class StoppedBySignal(Exception):
    """SIGTERM came: a spot interruption, a stopped job or a time limit. The last whole epoch is kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to train on and where to work.

    Attributes:
        dataset: prepared data set with images/, labels/ and data.yaml.
        train_flights: restricts training to tiles of these flights; None takes all.
        weights: base weights, or None to start from random ones.
        work: folder for everything temporary.
        checkpoints: kept across interruptions; None keeps nothing.
        state: what checkpoints belong to; `epochs_done` above 0 resumes.
        on_start: told all of Ultralytics' arguments. on_epoch: told the epoch (from 1) and its metrics.
    """

    dataset: Path
    hyperparameters: Hyperparameters
    work: Path
    state: State
    weights: Path | None = None
    checkpoints: Checkpoints | None = None
    train_flights: frozenset[str] | None = None
    on_start: Callable[[Mapping[str, Any]], None] = lambda _: None
    on_epoch: Callable[[int, Metrics], None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best weights by validation (a file of `weights`), their metrics, and how long it took in this process."""

    weights: Path
    metrics: dict[str, float]
    epochs_done: int
    seconds: float


def run(request: Request) -> Fitted:
    """Train and return the best weights.

    Raises:
        InputError: base weights that are no YOLO11 of the wanted scale.
        StoppedBySignal: on SIGTERM, after the current batch.
    """
    offline.configure(request.work / "ultralytics")
    data = link_dataset(request.dataset, request.work / "linked", request.train_flights)
    kept = Checkpoints(request.work / "kept")
    arguments = recipe.arguments(request.hyperparameters, request.weights is None)
    done = _resumed(request, kept)
    started = time.monotonic()
    history: dict[int, dict[str, float]] = {}
    if done < request.hyperparameters.epochs:
        model, extra = _model(request, kept if done else None, arguments)
        _follow(model, request, kept, history)
        model.train(data=str(data), save_dir=str(request.work / "run"), exist_ok=True, **arguments, **extra)
    best = weights_files.load(kept.best).final()
    weights_files.save(best, request.work / "model.pt")
    return Fitted(request.work / "model.pt", best.metrics, done + len(history), time.monotonic() - started)


def _resumed(request: Request, kept: Checkpoints) -> int:
    """Bring an earlier job's checkpoint into the folder of this one; how many whole epochs it is worth.

    Raises:
        InputError: files that are no weights, or of another network.
    """
    if not (request.checkpoints and request.state.epochs_done):
        return 0
    request.checkpoints.restore(kept.folder)
    for path in (kept.last, kept.best):
        _of_wanted(weights_files.load(path), path, request.hyperparameters)
    progress = weights_files.load(kept.last).progress
    if progress is None:
        raise InputError(f"{kept.last.name} holds no state of training.", "Empty the checkpoints to start afresh.")
    # The mirror copies file by file: the weights may be an epoch further than what is written beside them.
    return progress.epoch + 1


def _model(request: Request, kept: Checkpoints | None, arguments: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Ultralytics' model to train, and what its arguments need besides."""
    from ultralytics import YOLO

    source = kept.last if kept else request.weights
    if source is None:
        return YOLO(f"{request.hyperparameters.model}.yaml"), {"pretrained": False}
    found = _of_wanted(weights_files.load(source), source, request.hyperparameters)
    # Ultralytics loads Python objects. It gets those that this process made of tensors, and never the file itself.
    place = request.work / "run" / "weights" / "last.pt" if kept else request.work / "start" / "base.pt"
    weights_files.for_ultralytics(found if kept else found.final(), place, arguments)
    return YOLO(str(place)), {"resume": True} if kept else {}


def _of_wanted(found: weights_files.Weights, path: Path, hyperparameters: Hyperparameters) -> weights_files.Weights:
    if found.architecture != hyperparameters.model:
        raise InputError(
            f"{path.name} holds {found.architecture}, but hyperparameter model is {hyperparameters.model}.",
            "Give base weights of that scale, or none to start from random ones.",
        )
    return found


def link_dataset(dataset: Path, work: Path, train_flights: frozenset[str] | None = None) -> Path:
    """A writable twin of a data set, since Ultralytics writes caches beside the labels. Returns its data.yaml."""
    import csv

    import yaml

    try:
        names = yaml.safe_load((dataset / "data.yaml").read_text(encoding="utf-8"))["names"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(f"{dataset / 'data.yaml'} cannot be used: {error}", "Prepare the data set again.") from None
    kept: set[str] | None = None
    if train_flights is not None:
        with (dataset / "metadata.csv").open(newline="", encoding="utf-8") as stream:
            kept = {Path(row["file"]).name for row in csv.DictReader(stream) if row["flight"] in train_flights}
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            folder = work / kind / split
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted((dataset / kind / split).iterdir()):
                wanted = split != "train" or kept is None or f"{path.stem}.jpg" in kept
                if wanted and not (folder / path.name).is_symlink():
                    (folder / path.name).symlink_to(path.resolve())
        if not any((work / "images" / split).iterdir()):
            raise InputError(f"The data set has no {split} images.", "Prepare it with flights for every split.")
    data = work / "data.yaml"
    data.write_text(yaml.safe_dump({"path": str(work), "train": "images/train", "val": "images/val", "names": names}))
    return data


def _follow(model: Any, request: Request, kept: Checkpoints, history: dict[int, dict[str, float]]) -> None:
    stop = {"wanted": False}

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop["wanted"] = True

    def on_train_start(trainer: Any) -> None:
        # Ultralytics puts its own handlers in place while it starts.
        signal.signal(signal.SIGTERM, on_signal)
        recipe.average_weights(trainer)
        request.on_start(vars(trainer.args))

    def on_train_batch_end(_trainer: Any) -> None:
        if stop["wanted"]:
            raise StoppedBySignal("SIGTERM")

    def on_fit_epoch_end(trainer: Any) -> None:
        epoch = trainer.epoch + 1
        if epoch in history or epoch > request.hyperparameters.epochs:
            return  # Ultralytics calls once more after its final validation.
        raw = {**trainer.label_loss_items(trainer.tloss), **trainer.metrics, **trainer.lr}
        metrics = {METRIC_NAMES[name]: float(value) for name, value in raw.items() if name in METRIC_NAMES}
        history[epoch] = metrics
        done = State(**{**asdict(request.state), "epochs_done": epoch})
        reached = weights_files.of_trainer(trainer, request.hyperparameters.model, metrics)
        kept.write(reached, is_best=trainer.fitness == trainer.best_fitness, state=done)
        if request.checkpoints:
            request.checkpoints.save(kept.folder, done)
        request.on_epoch(epoch, metrics)

    for event in (on_train_start, on_train_batch_end, on_fit_epoch_end):
        model.add_callback(event.__name__, event)
