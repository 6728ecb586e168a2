"""Makes a model.tar.gz as the training job leaves it, from the base weights and without training.

Usage: python serving-archive.py WEIGHTS TARGET[=CONFIDENCE] ..., with PYTHONPATH=ml. One archive a target, all of the same
network; CONFIDENCE is the least that a detection must have to be answered. Prints the models' identity as JSON.
"""

import json
import sys
import tarfile
import tempfile
from dataclasses import asdict
from pathlib import Path

from peregrine_ml.flights import digest
from peregrine_ml.modelfile import LICENCE, SCHEMA, Thresholds
from peregrine_ml.training import export, offline


def main(weights: Path, targets: list[str]) -> None:
    """Export to ONNX once, describe, and pack."""
    card = json.loads((weights.parent / "card.json").read_text(encoding="utf-8"))
    side = card["hyperparameters"]["imgsz"]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        offline.configure(folder / "settings")
        export.to_onnx(weights, folder / "model.onnx", side)
        for target in targets:
            path, _, confidence = target.partition("=")
            thresholds = asdict(Thresholds()) | ({"confidence": float(confidence)} if confidence else {})
            document = {
                "schema": SCHEMA, "architecture": card["architecture"], "classes": card["classes"], "imgsz": side,
                "tile": side, "overlap": 0.2, "thresholds": thresholds, "licence": LICENCE,
                "digests": {"onnx": digest(folder / "model.onnx"), "base_weights": card["sha256"]},
            }  # fmt: skip
            (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
            with tarfile.open(path, "w:gz") as archive:
                for name in ("model.onnx", "model.json"):
                    archive.add(folder / name, name)
    print(json.dumps({"map50": card["metrics"]["held_out"]["map50"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
