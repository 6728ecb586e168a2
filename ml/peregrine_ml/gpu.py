"""Whether a model runs where it should: on the GPU that was asked for, and on one that still works.

ONNX Runtime lists `CUDAExecutionProvider` as available because it was compiled in. Where the driver or a library does
not fit, it writes a warning, goes on with the CPU and answers, a hundred times slower (microsoft/onnxruntime #21769).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from peregrine_ml.errors import InputError

PROVIDER = "CUDAExecutionProvider"
VARIABLE = "PEREGRINE_REQUIRE_GPU"
DEVICES = Path("/dev")
HIDDEN = {"", "-1", "none", "void", "NoDevFiles"}
"""Values of CUDA_VISIBLE_DEVICES and NVIDIA_VISIBLE_DEVICES that show no GPU (CUDA and container toolkit guides)."""
FAULTS = ("CUDA", "CUBLAS", "CUDNN")
"""In the text of ONNX Runtime's errors when the GPU, its driver or its memory failed; such errors have no class."""
LASTING = 3
"""Faults in a row after which the GPU counts as broken: CUDA's context does not recover from most of them."""


class Missing(InputError):
    """A GPU is demanded, and the session runs elsewhere."""

    def __init__(self, demand: str, provider: str, available: Sequence[str]) -> None:
        built = (
            "its driver or libraries do not fit" if PROVIDER in available else "this ONNX Runtime is built without CUDA"
        )
        super().__init__(
            f"A GPU is demanded ({demand}), but the model would run on {provider}: {built}.",
            "Give the endpoint a GPU instance and an inference AMI whose driver carries the image's CUDA.",
        )


class Broken(InputError):
    """The GPU is there and fails at the first inference."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"The GPU fails at the first inference: {one_line(error)}",
            "Replace the instance, or compare driver and CUDA.",
        )


def demanded(available: Sequence[str]) -> str:
    """Why the model has to run on a GPU; empty where the CPU will do.

    Args:
        available: providers that ONNX Runtime was built with.

    Raises:
        InputError: PEREGRINE_REQUIRE_GPU is neither 0 nor 1.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", "0", "1"}:
        raise InputError(f"{VARIABLE} {wanted!r} is neither 0 nor 1.", "Give 1 where a GPU must be used.")
    if wanted == "1":
        return f"{VARIABLE}=1"
    # A build for the CPU on a machine with a GPU is somebody's choice; a build for CUDA that leaves it idle is a fault.
    devices = visible() if PROVIDER in available else []
    return f"{devices[0]} is there" if devices else ""


def visible() -> list[str]:
    """Device files of the GPUs that this process may use."""
    if any(os.environ.get(name, "all") in HIDDEN for name in ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")):
        return []
    return sorted(str(path) for path in DEVICES.glob("nvidia[0-9]*"))


def is_fault(error: BaseException) -> bool:
    """The GPU's failure, not the request's: only ONNX Runtime's own errors can be."""
    return type(error).__module__.startswith("onnxruntime") and any(name in str(error).upper() for name in FAULTS)


def one_line(error: BaseException) -> str:
    """The first line of an error, at most 300 characters: CUDA's texts go on with source files."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


class Health:
    """Counts faults of the GPU in a row; a request that is answered ends the row."""

    def __init__(self) -> None:
        self._row = 0
        self._last = ""

    def answered(self) -> None:
        """A request got its detections."""
        self._row = 0

    def failed(self, error: BaseException) -> None:
        """A request failed; only the GPU's own faults count."""
        if is_fault(error):
            self._row += 1
            self._last = one_line(error)

    @property
    def problem(self) -> str:
        """One sentence while the GPU counts as broken; empty otherwise."""
        return f"The GPU failed {self._row} times in a row: {self._last}" if self._row >= LASTING else ""
