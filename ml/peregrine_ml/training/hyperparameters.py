"""Hyperparameters as SageMaker delivers them: strings, checked all at once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError

VARIANTS = ("yolo11n", "yolo11s", "yolo11m", "yolo11l", "yolo11x")


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a training run may be told.

    Attributes:
        model: YOLO11 scale, n to x.
        epochs: passes over the training tiles.
        imgsz: side of the square network input, a multiple of 32.
        batch: images per optimiser step.
        lr0: peak learning rate of AdamW; falls along a cosine to 2 % of it.
        seed: of augmentation, order and initial weights.
        freeze: number of first layers whose weights stay.
    """

    model: str = "yolo11n"
    epochs: int = 7
    imgsz: int = 192
    batch: int = 8
    lr0: float = 0.0005
    seed: int = 0
    freeze: int = 0


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": (lambda value: value in VARIANTS, f"one of {', '.join(VARIANTS)}"),
    "epochs": (lambda value: 1 <= value <= 3000, "1 to 3000"),
    "imgsz": (lambda value: 64 <= value <= 2048 and value % 32 == 0, "a multiple of 32 from 64 to 2048"),
    "batch": (lambda value: 1 <= value <= 1024, "1 to 1024"),
    "lr0": (lambda value: 0 < value <= 1, "above 0, at most 1"),
    "seed": (lambda value: 0 <= value < 2**31, "0 to 2147483647"),
    "freeze": (lambda value: 0 <= value <= 22, "0 to 22, the layers before the detection head"),
}


def parse(raw: Mapping[str, Any]) -> Hyperparameters:
    """Hyperparameters from SageMaker's strings; SageMaker's own (`sagemaker_*`, `_tuning_*`) are passed over.

    Raises:
        InputError: unknown names, values of the wrong type or out of range: all at once.
    """
    types: dict[str, type[Any]] = {field.name: type(field.default) for field in fields(Hyperparameters)}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, given in raw.items():
        if name.startswith(("sagemaker_", "_tuning_")):
            continue
        if name not in types:
            problems.append(f"{name}: not known; known are {', '.join(types)}")
            continue
        # The SageMaker Python SDK sends JSON-encoded strings: "\"yolo11n\"".
        text = str(given).strip().strip('"')
        try:
            value = types[name](text)
        except ValueError:
            problems.append(f"{name}: {text!r} is not of type {types[name].__name__}")
            continue
        check, expected = CHECKS[name]
        if check(value):
            values[name] = value
        else:
            problems.append(f"{name}: {text} is not {expected}")
    if problems:
        raise InputError.of_problems("Hyperparameters", problems)
    return Hyperparameters(**values)


def read(path: Path) -> Hyperparameters:
    """Read /opt/ml/input/config/hyperparameters.json; absent means all defaults."""
    if not path.is_file():
        return Hyperparameters()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is no JSON: {error}") from None
    if not isinstance(raw, dict):
        raise InputError(f"{path} holds a {type(raw).__name__}, not an object of strings.")
    return parse(raw)
