"""From trained weights to the ONNX file that is evaluated and served."""

from pathlib import Path

import numpy as np

from peregrine_ml.errors import InputError
from peregrine_ml.training import weights

OPSET = 17
PARITY_TOLERANCE = 1e-3
"""Largest accepted difference of a score (0 to 1), and of a box corner relative to the input size."""


def to_onnx(source: Path, target: Path, imgsz: int) -> dict[str, float]:
    """Export weights (a file of `weights`) with a free batch dimension, then check ONNX Runtime against PyTorch.

    Returns:
        `parity_boxes` (fraction of the input size) and `parity_scores`: the largest differences found.

    Raises:
        InputError: no such weights, or the exported network answers differently.
    """
    import onnxruntime
    import torch

    network = weights.network(weights.load(source)).fuse(verbose=False).eval()
    head = network.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", False
    example = torch.rand(2, 3, imgsz, imgsz, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network(example)
        torch.onnx.export(
            network, (example,), str(target), opset_version=OPSET, dynamo=False,
            input_names=["images"], output_names=["output0"],
            dynamic_axes={"images": {0: "batch"}, "output0": {0: "batch"}},
        )  # fmt: skip
        expected = network(example)
    expected_array = (expected[0] if isinstance(expected, list | tuple) else expected).numpy()
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    got = session.run(None, {"images": example.numpy()})[0]
    difference = np.abs(got - expected_array)
    parity = {
        "parity_boxes": float(difference[:, :4].max() / imgsz),
        "parity_scores": float(difference[:, 4:].max()),
    }
    if not max(parity.values()) <= PARITY_TOLERANCE:
        raise InputError(f"ONNX Runtime and PyTorch disagree: {parity}, tolerance {PARITY_TOLERANCE}.")
    return parity
