"""`python -m peregrine_ml.training.convert IN.pt OUT.pt`: weights of Ultralytics as tensors and plain values.

For weights that come from elsewhere, before they are uploaded. IN is read by Ultralytics' own restricted reader,
which builds the known kinds of layers and calls nothing else; what it refuses, this program refuses.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest
from peregrine_ml.training import offline, weights
from peregrine_ml.training.hyperparameters import VARIANTS

METRICS = {"metrics/mAP50(B)": "map50", "metrics/mAP50-95(B)": "map"}


def main(arguments: list[str] | None = None) -> int:
    """Convert one file; prints the digest of what it wrote."""
    parser = argparse.ArgumentParser(
        prog="python -m peregrine_ml.training.convert", description=__doc__.splitlines()[0]
    )
    parser.add_argument("source", type=Path, help="weights as Ultralytics wrote them")
    parser.add_argument("target", type=Path, help="file to write")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="convert-") as work:
            offline.configure(Path(work))
            weights.save(converted(options.source), options.target)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{digest(options.target)}  {options.target}")
    return 0


def converted(source: Path) -> weights.Weights:
    """Read what Ultralytics wrote.

    Raises:
        InputError: not there, objects of other kinds than a network's layers, or no YOLO11 detector.
    """
    from ultralytics.nn.tasks import torch_safe_load

    if not source.is_file():
        raise InputError(f"No file {source}.")
    try:
        stored, _ = torch_safe_load(str(source), safe_only=True)
        network: Any = stored.get("ema") or stored["model"]
        described = network.yaml
        architecture = f"yolo11{described['scale']}"
        metrics = {METRICS[name]: float(value) for name, value in (stored.get("train_metrics") or {}).items()
                   if name in METRICS}  # fmt: skip
        found = weights.of_network(network, architecture, metrics)
    except Exception as error:  # The restricted reader raises a dozen kinds.
        raise InputError(
            f"{source.name} holds no network that may be read: {error}", "Nothing of it was executed."
        ) from None
    if architecture not in VARIANTS or "11" not in str(described.get("yaml_file", "")):
        raise InputError(f"{source.name} holds {described.get('yaml_file')}, no YOLO11 detector.")
    weights.network(found)
    return found


if __name__ == "__main__":
    sys.exit(main())
