"""Which libraries are at work, asked of the modules themselves.

Package metadata may name others: `onnxruntime` and `onnxruntime-gpu` bring the same module, and an image can hold both.
"""

from importlib import import_module
from typing import Any

TRAINING = ("ultralytics", "torch", "onnx", "onnxruntime")
SERVING = ("onnxruntime", "numpy", "cv2")


def of(modules: tuple[str, ...]) -> dict[str, str]:
    """Version by module, and the CUDA that PyTorch and ONNX Runtime were built for, where they were.

    Raises:
        ImportError: a module is not there.
    """
    loaded = {name: import_module(name) for name in modules}
    return {name: str(module.__version__) for name, module in loaded.items()} | _cuda(loaded)


def _cuda(loaded: dict[str, Any]) -> dict[str, str]:
    torch, runtime = loaded.get("torch"), loaded.get("onnxruntime")
    found = {
        "torch_cuda": torch.version.cuda if torch else None,
        "onnxruntime_cuda": getattr(runtime, "cuda_version", None),
    }
    return {name: str(version) for name, version in found.items() if version}
