"""Weights as tensors and plain values: the one form in which they cross a line.

Ultralytics keeps whole Python objects. To load such a file is to run whatever whoever wrote it wished for: a pickle
may call any function. Files of this form hold tensors, numbers and text, and are read by PyTorch's restricted reader
(`weights_only=True`), which builds nothing else; the network is built from its name, by the code of the image, and
must fit the tensors exactly.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.training.hyperparameters import VARIANTS

SCHEMA = "peregrine.weights/1"
MAX_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """What training needs to go on after a whole epoch.

    Attributes:
        epoch: the last whole one, from 0. updates: steps of the average of weights. optimizer, scaler: their states.
        best_fitness, best_epoch: of the best epoch so far.
    """

    epoch: int
    updates: int
    best_fitness: float
    best_epoch: int
    optimizer: dict[str, Any]
    scaler: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Weights:
    """A network's weights (half precision), by name, with what validation said of them.

    `progress` is there in a checkpoint only.
    """

    architecture: str
    classes: tuple[str, ...]
    tensors: dict[str, Any]
    metrics: dict[str, float]
    progress: Progress | None = None

    def final(self) -> "Weights":
        """Without what only training needs."""
        return replace(self, progress=None)


def save(weights: Weights, path: Path) -> None:
    """Write the file; the same weights under the same file name give the same bytes."""
    import torch

    progress = weights.progress
    document = {
        "schema": SCHEMA, "architecture": weights.architecture, "classes": list(weights.classes),
        "tensors": weights.tensors, "metrics": weights.metrics,
        "progress": progress and {name: getattr(progress, name) for name in Progress.__slots__},
    }  # fmt: skip
    torch.save(document, path)


def load(path: Path) -> Weights:
    """Read a file that anybody may have written.

    Raises:
        InputError: anything but tensors and plain values in the form above; nothing of the file is executed.
    """
    import torch

    try:
        document = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # The restricted reader, zip and the file system raise a dozen kinds.
        raise _refused(path, str(error).split("\n")[0]) from None
    try:
        return _checked(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(path, f"{type(error).__name__}: {error}") from None


def network(weights: Weights) -> Any:
    """Ultralytics' detection network with these weights, in full precision, for inference.

    Raises:
        InputError: the tensors do not fit the network of that name.
    """
    from ultralytics.nn.tasks import DetectionModel

    built = DetectionModel(f"{weights.architecture}.yaml", nc=len(weights.classes), verbose=False)
    try:
        built.load_state_dict(weights.tensors)
    except (RuntimeError, AttributeError) as error:
        raise InputError(
            f"These weights are not of {weights.architecture} with {len(weights.classes)} classes: "
            f"{str(error).splitlines()[0]}",
            "Take weights that `peregrine_ml train` wrote.",
        ) from None
    built.names = dict(enumerate(weights.classes))
    return built.float().eval()


def for_ultralytics(weights: Weights, path: Path, arguments: Mapping[str, Any]) -> Path:
    """Write the file that Ultralytics starts or goes on from, into a folder that nobody else can write to.

    Args:
        weights: with `progress` to go on, without to start.
        path: where to.
        arguments: training arguments that the file is to name as its own; none are taken over from anywhere else.

    Raises:
        InputError: the tensors do not fit the network of that name.
    """
    import torch

    built = network(weights).half()
    built.args = dict(arguments)
    built.task = "detect"
    progress = weights.progress
    document: dict[str, Any] = {"epoch": -1, "model": built, "ema": None, "train_args": dict(arguments)}
    if progress:
        best = {"best_fitness": progress.best_fitness, "best_epoch": progress.best_epoch}
        document |= {
            "epoch": progress.epoch, "model": None, "ema": built, "updates": progress.updates, "stopper": best,
            "best_fitness": progress.best_fitness, "optimizer": progress.optimizer, "scaler": progress.scaler,
        }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(document, path)
    return path


def of_network(
    built: Any, architecture: str, metrics: Mapping[str, float], progress: Progress | None = None
) -> Weights:
    """The weights of a network in memory, in half precision, without values that it cannot hold."""
    import torch

    def half(tensor: Any) -> Any:
        kept = tensor.detach().cpu()
        return torch.nan_to_num(kept.half()).contiguous() if kept.is_floating_point() else kept.clone()

    names = built.names
    classes = tuple(str(names[index]) for index in range(len(names)))
    tensors = {name: half(tensor) for name, tensor in built.state_dict().items()}
    return Weights(architecture, classes, tensors, dict(metrics), progress)


def of_trainer(trainer: Any, architecture: str, metrics: Mapping[str, float]) -> Weights:
    """A checkpoint of Ultralytics' trainer, after a whole epoch."""
    from copy import deepcopy

    from ultralytics.utils.torch_utils import convert_optimizer_state_dict_to_fp16, unwrap_model

    optimizer = convert_optimizer_state_dict_to_fp16(deepcopy(trainer.optimizer.state_dict()))
    progress = Progress(
        int(trainer.epoch), int(trainer.ema.updates), float(trainer.best_fitness), int(trainer.stopper.best_epoch),
        _plain(optimizer), _plain(trainer.scaler.state_dict()),
    )  # fmt: skip
    return of_network(unwrap_model(trainer.ema.ema), architecture, metrics, progress)


def _plain(value: Any) -> Any:
    """Numbers of NumPy as Python's, which the restricted reader knows."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(inner) for inner in value)
    return value.item() if type(value).__module__ == "numpy" else value


def _checked(document: Any) -> Weights:
    """By hand, since everything in it is somebody's claim."""
    import torch

    if not isinstance(document, dict) or document["schema"] != SCHEMA:
        raise ValueError(f"no {SCHEMA}")
    architecture, classes, tensors, metrics = (
        document[name] for name in ("architecture", "classes", "tensors", "metrics")
    )
    if architecture not in VARIANTS:
        raise ValueError(f"architecture {architecture!r} is none of {', '.join(VARIANTS)}")
    if not (
        isinstance(classes, list) and 0 < len(classes) <= MAX_CLASSES and all(isinstance(one, str) for one in classes)
    ):
        raise ValueError("classes are no list of names")
    if not all(isinstance(name, str) and isinstance(one, torch.Tensor) for name, one in tensors.items()):
        raise ValueError("tensors are no tensors by name")
    metrics = {str(name): float(value) for name, value in metrics.items()}
    progress = document["progress"]
    if progress is not None:
        progress = Progress(**progress)
        for name in ("epoch", "updates", "best_epoch"):
            if type(getattr(progress, name)) is not int or getattr(progress, name) < 0:
                raise ValueError(f"{name} is no count")
        if not math.isfinite(progress.best_fitness):
            raise ValueError("best_fitness is no number")
        if not (isinstance(progress.optimizer, dict) and isinstance(progress.scaler, dict)):
            raise ValueError("states are missing")
    return Weights(architecture, tuple(classes), tensors, metrics, progress)


def _refused(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} is refused, since it is no file of tensors and plain values ({SCHEMA}): {why}",
        "Nothing of it was executed. Weights of Ultralytics are brought into this form by "
        "`python -m peregrine_ml.training.convert IN.pt OUT.pt`; if nobody put such a file there, ask who wrote it.",
    )
