"""`train`: the training job. Channels in, model out; see the container contract in ml/README.md."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peregrine_ml import manifest, paths, tracking, versions
from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest
from peregrine_ml.modelfile import LICENCE, SCHEMA, Thresholds
from peregrine_ml.training import earlier_steps, export, fit, hyperparameters
from peregrine_ml.training.checkpoints import Checkpoints, State


def main() -> None:
    """Train, export, describe. Whatever goes wrong ends in the job's FailureReason (see `__main__`)."""
    started = time.monotonic()
    # Before the training: what is missing afterwards costs all of it.
    print(f"versions: {json.dumps(versions.of(versions.TRAINING))}", flush=True)
    given = hyperparameters.read(paths.hyperparameters_file())
    dataset = paths.channel("dataset")
    contents = manifest.read(dataset)
    weights = base_weights(paths.channel("weights"))
    base_digest = digest(weights) if weights else ""
    checkpoints = Checkpoints(paths.checkpoints())
    earlier = checkpoints.load(contents["digest"], asdict(given), base_digest)
    tags = {
        **tracking.job_tags(), "peregrine.step": "train", "peregrine.dataset": contents["digest"],
        "peregrine.base_weights": base_digest, "peregrine.licence": LICENCE["spdx"],
    }  # fmt: skip
    run = tracking.start(os.environ.get("TRAINING_JOB_NAME", "train"), tags, earlier.run_id if earlier else "")
    state = earlier or State(contents["digest"], asdict(given), base_digest, run.run_id, 0)
    print(f"{len(contents['files'])} files of data set {contents['digest'][:12]}; MLflow run {run.run_id}", flush=True)
    if earlier:
        print(f"resuming after epoch {earlier.epochs_done}", flush=True)
    else:
        earlier_steps.track(run, contents, dataset, paths.channel("profile"))
    with tempfile.TemporaryDirectory(prefix="train-") as work:
        request = fit.Request(
            dataset, given, Path(work), state, weights, checkpoints,
            # A resumed run has its parameters already, and MLflow refuses to change one.
            on_start=lambda arguments: run.params(_loggable(arguments, given)) if not earlier else None,
            on_epoch=lambda epoch, metrics: _report(run, epoch, given.epochs, metrics),
        )  # fmt: skip
        try:
            fitted = fit.run(request)
            described = publish(fitted, given, contents, base_digest, run, started)
        except fit.StoppedBySignal:
            run.finish("KILLED")
            print("stopped by SIGTERM; the last whole epoch is kept as a checkpoint", flush=True)
            raise SystemExit(143) from None
        except Exception:
            run.finish("FAILED")
            raise
    run.metrics({"best_map50": described["metrics"]["map50"], "best_map": described["metrics"]["map"],
                 "seconds": described["training"]["seconds"]}, given.epochs)  # fmt: skip
    run.artifact(paths.model() / "model.json")
    run.finish()
    print(f"map50={described['metrics']['map50']:.4f}; map={described['metrics']['map']:.4f};", flush=True)


def base_weights(channel: Path) -> Path | None:
    """The one *.pt file of the optional weights channel, checked against the card beside it where there is one.

    Raises:
        InputError: several files, or one that is not what its card describes.
    """
    found = sorted(channel.rglob("*.pt")) if channel.is_dir() else []
    if len(found) > 1:
        raise InputError(f"{len(found)} weight files in the weights channel.", "Give one *.pt file.")
    if not found:
        return None
    card = found[0].parent / "card.json"
    if card.is_file():
        try:
            described = json.loads(card.read_text(encoding="utf-8"))
            name, expected = str(described["file"]), str(described["sha256"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{card.name} beside the base weights is no card: {error!r}.", "Upload it again."
            ) from None
        if (name, expected) != (found[0].name, digest(found[0])):
            raise InputError(
                f"{found[0].name} is not what its card describes ({name}, SHA-256 {expected[:12]}…).",
                "Upload weights and card together; if nobody changed them, ask who wrote the file.",
            )
    return found[0]


def publish(fitted: fit.Fitted, given: hyperparameters.Hyperparameters, contents: Mapping[str, Any], base_digest: str,
            run: tracking.Run, started: float) -> dict[str, Any]:  # fmt: skip
    """Write model.onnx, model.pt and model.json where SageMaker collects them."""
    target = paths.model()
    target.mkdir(parents=True, exist_ok=True)
    parity = export.to_onnx(fitted.weights, target / "model.onnx", given.imgsz)
    shutil.copyfile(fitted.weights, target / "model.pt")
    profile = paths.channel("profile") / "profile.json"
    if profile.is_file():
        shutil.copyfile(profile, target / "profile.json")
    document = {
        "schema": SCHEMA, "architecture": given.model, "classes": contents["classes"], "imgsz": given.imgsz,
        "tile": contents["options"]["tile"], "overlap": contents["options"]["overlap"],
        "thresholds": asdict(Thresholds()), "licence": LICENCE,
        "digests": {
            "onnx": digest(target / "model.onnx"), "pt": digest(target / "model.pt"),
            "dataset": contents["digest"], "base_weights": base_digest,
        },
        "metrics": {**fitted.metrics, **parity, "evaluator": "ultralytics on the validation split"},
        "hyperparameters": asdict(given),
        "training": {
            "job": os.environ.get("TRAINING_JOB_NAME", ""), "epochs_done": fitted.epochs_done,
            "pipeline_execution": os.environ.get("PIPELINE_EXECUTION_ID", ""),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - started, 1),
        },
        "mlflow": {"experiment": run.experiment, "run_id": run.run_id},
        "versions": versions.of(versions.TRAINING),
    }  # fmt: skip
    (target / "model.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


def epoch_line(epoch: int, epochs: int, metrics: Mapping[str, float]) -> str:
    """What the job prints of an epoch: `MetricDefinitions` of the pipeline find each value as `name=value;`."""
    shown = {
        "train_loss": sum(metrics.get(f"train_{part}_loss", 0.0) for part in ("box", "cls", "dfl")),
        "box_loss": metrics.get("train_box_loss", 0.0),
        **{name: metrics[name] for name in ("map50", "map", "precision", "recall")},
    }
    return " ".join([f"epoch={epoch}/{epochs};", *(f"{name}={value:.4f};" for name, value in shown.items())])


def _report(run: tracking.Run, epoch: int, epochs: int, metrics: Mapping[str, float]) -> None:
    print(epoch_line(epoch, epochs, metrics), flush=True)
    run.metrics(metrics, epoch)


def _loggable(arguments: Mapping[str, Any], given: hyperparameters.Hyperparameters) -> dict[str, Any]:
    """All of Ultralytics' arguments but those that name folders of this machine, and what was asked for.

    `model` is the variant that was asked for: to Ultralytics it is a file.
    """
    kept = {name: value for name, value in arguments.items() if name not in {"data", "save_dir", "project"}}
    return {**kept, **asdict(given)}
