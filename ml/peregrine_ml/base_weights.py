"""The base weights that the project ships: `python -m peregrine_ml.base_weights --out ml/base-weights`.

Trained from random weights on the training flights of one region only. Fine-tuning then meets regions that are new to
the network, and the held-out flights were never seen by either. Takes about ten minutes on two idle cores.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peregrine_ml import dataset, manifest, modelfile, prepare
from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest

REGION = "yellowstone-meadow"
FILE_NAME = "yolo11n-aerial.pt"
EPOCHS, IMAGE_SIZE, BATCH, LEARNING_RATE, SEED = 100, 192, 8, 0.002, 0


def main(arguments: list[str] | None = None) -> int:
    """Build the data, train, score on the held-out flights, write weights and card."""
    parser = argparse.ArgumentParser(prog="python -m peregrine_ml.base_weights", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and their card")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"passes over the tiles (default {EPOCHS})")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="base-weights-") as work:
            make(options.out, Path(work), options.epochs)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def make(out: Path, work: Path, epochs: int) -> None:
    """All steps, in a scratch folder."""
    from peregrine_ml.training import export, fit
    from peregrine_ml.training.checkpoints import State
    from peregrine_ml.training.hyperparameters import Hyperparameters

    started = time.monotonic()
    dataset.build(work)
    contents = prepare.prepare(work / "flights", work / "dataset", prepare.Options())
    flights = frozenset(name for name in contents["splits"]["train"]["flights"] if name.startswith(REGION))
    given = Hyperparameters("yolo11n", epochs, IMAGE_SIZE, BATCH, LEARNING_RATE, SEED)
    fitted = fit.run(
        fit.Request(
            work / "dataset",
            given,
            work,
            State(contents["digest"], asdict(given), "", "", 0),
            train_flights=flights,
            on_epoch=lambda epoch, metrics: print(
                f"epoch={epoch}/{epochs}; map50={metrics['map50']:.4f}; map={metrics['map']:.4f}; "
                f"seconds={time.monotonic() - started:.0f};",
                flush=True,
            ),
        )
    )
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fitted.weights, out / FILE_NAME)
    export.to_onnx(fitted.weights, work / "model.onnx", IMAGE_SIZE)
    card = {
        "schema": "peregrine.base-weights/1", "file": FILE_NAME, "sha256": digest(out / FILE_NAME),
        "architecture": "yolo11n", "classes": contents["classes"], "licence": modelfile.LICENCE,
        "command": "python -m peregrine_ml.base_weights --out ml/base-weights",
        "dataset": {
            "source": next(line for line in dataset.SOURCE_FILE.read_text().splitlines() if line[:1].isalpha()),
            "digest": contents["digest"], "trained_on": sorted(flights),
            "validated_on": contents["splits"]["val"]["flights"], "never_seen": contents["splits"]["test"]["flights"],
        },
        "hyperparameters": asdict(given), "seconds": round(time.monotonic() - started),
        "metrics": {"validation": {name: fitted.metrics[name] for name in ("map50", "map")},
                    "held_out": held_out(work, contents)},
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("ultralytics", "torch", "opencv-python-headless")},
    }  # fmt: skip
    (out / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    (out / "README.md").write_text(text_of(card), encoding="utf-8")
    print(json.dumps(card["metrics"]))


def text_of(card: dict[str, Any]) -> str:
    """The card for people."""
    data, scores = card["dataset"], card["metrics"]
    return f"""# Base weights: YOLO11n for aerial tree crowns

| | |
|---|---|
| file | `{card["file"]}`, SHA-256 `{card["sha256"]}`, half precision, \
tensors and plain values alone (`peregrine_ml.training.weights`) |
| classes | {", ".join(card["classes"])} |
| made by | `{card["command"]}` in {card["seconds"]} s on two cores, from random weights |
| trained on | {", ".join(data["trained_on"])} |
| validated on | {", ".join(data["validated_on"])} |
| never seen | {", ".join(data["never_seen"])} |
| data | {data["source"].split()[0]} (MIT), data set digest `{data["digest"]}` |
| mAP50 / mAP50-95 on the flights never seen | {scores["held_out"]["map50"]} / {scores["held_out"]["map"]} \
({scores["held_out"]["evaluator"]}) |
| mAP50 / mAP50-95 on validation | {scores["validation"]["map50"]:.4f} / {scores["validation"]["map"]:.4f} |
| licence | {card["licence"]["spdx"]}: {card["licence"]["note"]} |

**Meant for** starting a fine-tuning on aerial images of trees at about 10 cm per pixel.
**Not meant for** use as it is: it has seen one region by day, from one height.
It fails at night and in fog, and crowns that touch are often joined.

Training on another machine or with other versions gives other numbers in the last digits of the weights, \
and a few points of mAP either way.
"""


def held_out(work: Path, contents: dict[str, Any]) -> dict[str, float]:
    """mAP on the test flights through the path that serves."""
    from peregrine_ml.detector import Detector
    from peregrine_ml.evaluation import coco_scores, evaluate, ground_truth

    manifest.read(work / "dataset")
    model = modelfile.ModelFile(
        work / "model.onnx", "", tuple(contents["classes"]), IMAGE_SIZE, contents["options"]["tile"],
        contents["options"]["overlap"], modelfile.Thresholds(), {},
    )  # fmt: skip
    metrics = evaluate.measure(Detector(model), ground_truth.read(work / "dataset"), contents["classes"]).metrics
    scores = {name: round(metrics[name]["value"], 4) for name in ("map50", "map")}
    return {**scores, "evaluator": coco_scores.EVALUATOR}


if __name__ == "__main__":
    sys.exit(main())
