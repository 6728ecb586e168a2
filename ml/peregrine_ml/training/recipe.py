"""How YOLO11 is trained here: what does not depend on the run's hyperparameters."""

import math
from typing import Any

from peregrine_ml.training.hyperparameters import Hyperparameters


def arguments(given: Hyperparameters, from_scratch: bool) -> dict[str, Any]:
    """Ultralytics' training arguments.

    Aerial images have no up and down, so both flips; hundreds of small objects, so mosaic with a clean end. A few
    hundred optimiser steps must do, so `nbs` equals the batch: Ultralytics else collects gradients of 64 images.
    Fine-tuning is short and starts from weights that know such pictures: no mosaic, and milder changes of scale.
    """
    import torch

    return {
        "epochs": given.epochs, "imgsz": given.imgsz, "batch": given.batch, "nbs": given.batch,
        "lr0": given.lr0, "lrf": 0.02, "cos_lr": True, "optimizer": "AdamW", "weight_decay": 0.0005,
        "warmup_epochs": min(3.0, given.epochs / 8), "warmup_bias_lr": given.lr0,
        "seed": given.seed, "deterministic": True, "freeze": given.freeze or None,
        "mosaic": 0.5 if from_scratch else 0.0, "close_mosaic": max(1, given.epochs // 4) if from_scratch else 0,
        "flipud": 0.5, "fliplr": 0.5, "scale": 0.4 if from_scratch else 0.25,
        "translate": 0.1, "hsv_h": 0.015, "hsv_s": 0.5, "hsv_v": 0.4,
        # Half precision needs a self-check that downloads a model; on CPU it brings nothing.
        "amp": False,
        # One GPU: for several, Ultralytics starts processes of its own, which know nothing of our callbacks.
        "device": "0" if torch.cuda.is_available() else "cpu", "workers": 8 if torch.cuda.is_available() else 0,
        "max_det": 500, "patience": 0, "plots": False, "verbose": False, "cache": False,
    }  # fmt: skip


def average_weights(trainer: Any) -> None:
    """Let the average of weights that is validated and kept span a tenth of the run, at most 10,000 steps.

    Ultralytics' own average starts to work after 2,000 steps and spans 10,000; a short fine-tuning then keeps single
    steps, whose mAP jumps by tens of points from one epoch to the next.
    """
    steps = len(trainer.train_loader) * trainer.epochs / max(trainer.accumulate, 1)
    span = min(max(steps / 10, 20.0), 10_000.0)
    trainer.ema.decay = lambda updates: (1 - 1 / span) * (1 - math.exp(-updates / (span / 5)))
