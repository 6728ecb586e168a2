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
    """The best weights by validation, their metrics, and how long it took in this process."""

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
    run_folder = request.work / "run"
    finished = request.state.epochs_done >= request.hyperparameters.epochs
    if request.checkpoints and request.state.epochs_done:
        last = request.checkpoints.restore(run_folder)
        model, extra = _open(last, request.hyperparameters), {"resume": True}
    elif request.weights:
        model, extra = _open(request.weights, request.hyperparameters), {}
    else:
        from ultralytics import YOLO

        model, extra = YOLO(f"{request.hyperparameters.model}.yaml"), {"pretrained": False}
    started = time.monotonic()
    history: dict[int, dict[str, float]] = {}
    if not finished:
        _follow(model, request, history)
        arguments = {**recipe.arguments(request.hyperparameters, request.weights is None), **extra}
        model.train(data=str(data), save_dir=str(run_folder), exist_ok=True, **arguments)
    weights = run_folder / "weights"
    best = weights / "best.pt" if (weights / "best.pt").is_file() else weights / "last.pt"
    metrics = max(history.values(), key=lambda epoch: epoch["map"], default={})
    epochs_done = request.state.epochs_done + len(history)
    return Fitted(best, metrics or _stored_metrics(best), epochs_done, time.monotonic() - started)


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


def _open(weights: Path, hyperparameters: Hyperparameters) -> Any:
    from ultralytics import YOLO

    try:
        model = YOLO(str(weights))
        architecture = str(getattr(model.model, "yaml", {}).get("yaml_file", ""))
        scale = str(getattr(model.model, "yaml", {}).get("scale", ""))
    except Exception as error:  # Pickle, zip and Ultralytics raise a dozen kinds for a broken file.
        raise InputError(f"{weights.name} is no YOLO weights file: {error}", "Give a *.pt file of YOLO11.") from None
    if "11" not in architecture or scale != hyperparameters.model[-1]:
        raise InputError(
            f"{weights.name} holds {architecture or 'another network'} of scale {scale or 'unknown'}, "
            f"but hyperparameter model is {hyperparameters.model}.",
            "Give base weights of that scale, or none to start from random ones.",
        )
    return model


def _follow(model: Any, request: Request, history: dict[int, dict[str, float]]) -> None:
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
        if request.checkpoints:
            done = State(**{**asdict(request.state), "epochs_done": epoch})
            request.checkpoints.save(trainer.wdir, done)
        request.on_epoch(epoch, metrics)

    for event in (on_train_start, on_train_batch_end, on_fit_epoch_end):
        model.add_callback(event.__name__, event)


def _stored_metrics(weights: Path) -> dict[str, float]:
    """Metrics that Ultralytics keeps in a checkpoint, for a run that was already finished."""
    import torch

    stored = torch.load(weights, map_location="cpu", weights_only=False).get("train_metrics") or {}
    return {METRIC_NAMES[name]: float(value) for name, value in stored.items() if name in METRIC_NAMES}
