"""`python -I check_image.py LOCK`: whether an image holds what its lock says, once, and built for CUDA.

Runs at the end of the image build, so that what does not fit fails there and not in the first job. Two distributions
may bring one folder (`onnxruntime` and `onnxruntime-gpu`, `mlflow` and `mlflow-skinny`): then the module is a mixture,
and its metadata names the version of either.
"""

import csv
import re
import sys
from collections import defaultdict
from importlib import import_module, metadata
from pathlib import Path

MODULES = (
    "boto3", "cv2", "datasketches", "matplotlib", "mlflow.tracking.client", "numpy", "onnx", "onnxruntime",
    "pycocotools.cocoeval", "sagemaker_mlflow", "torch", "torchvision", "ultralytics",
)  # fmt: skip
CUDA_MAJOR = "13"
"""Of the base image; PyTorch, ONNX Runtime and the AMI of GPU hosts have to agree on it."""


def pins(lock: Path) -> dict[str, str]:
    """Normalised name to version, of a requirements file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in found}


def normal(name: str) -> str:
    """As PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def owners() -> dict[str, set[str]]:
    """Distributions by file, in every folder that Python imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for distribution in metadata.distributions():
        name = normal(distribution.metadata["Name"])
        # Not `distribution.files`, which looks for each of a hundred thousand files.
        for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
            # Compiled files are made by whoever imports first.
            if row and "__pycache__" not in row[0] and not row[0].startswith(("..", "/")):
                found[row[0]].add(name)
    return found


def shared_files(owned: dict[str, set[str]], pinned: dict[str, str]) -> list[str]:
    """One line per set of distributions that own files together, one of them ours."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file, names in owned.items():
        if len(names) > 1 and names & pinned.keys():
            groups[tuple(sorted(names))].append(file)
    return [f"{' and '.join(names)} own {len(files)} files together: {files[0]}" for names, files in groups.items()]


def wrong_versions(pinned: dict[str, str]) -> list[str]:
    """What is installed in another version than the lock says, or twice, or not at all."""
    installed: dict[str, list[str]] = defaultdict(list)
    for distribution in metadata.distributions():
        installed[normal(distribution.metadata["Name"])].append(distribution.version)
    return [
        f"{name} is {' and '.join(installed[name]) or 'missing'}, not {version}"
        for name, version in pinned.items()
        if installed[name] != [version]
    ]


def broken_imports() -> list[str]:
    """Modules that cannot be imported."""
    problems = []
    for name in MODULES:
        try:
            import_module(name)
        except Exception as error:  # Whatever a library raises at its import.
            problems.append(f"import {name}: {type(error).__name__}: {error}")
    return problems


def wrong_builds(owned: dict[str, set[str]], pinned: dict[str, str]) -> list[str]:
    """Libraries for the GPU that are built for another CUDA, or for none."""
    import onnxruntime
    import torch

    problems = []
    brings = owned.get("onnxruntime/__init__.py", set())
    if brings != {"onnxruntime-gpu"}:
        problems.append(
            f"onnxruntime comes from {' and '.join(sorted(brings)) or 'nowhere'}, not onnxruntime-gpu alone"
        )
    if onnxruntime.__version__ != pinned.get("onnxruntime-gpu"):
        problems.append(f"the module onnxruntime is {onnxruntime.__version__}, not {pinned.get('onnxruntime-gpu')}")
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        problems.append(f"ONNX Runtime is built without CUDA: {onnxruntime.get_build_info()}")
    for library, cuda in (("ONNX Runtime", getattr(onnxruntime, "cuda_version", "")), ("PyTorch", torch.version.cuda)):
        if str(cuda or "").split(".")[0] != CUDA_MAJOR:
            problems.append(f"{library} is built for CUDA {cuda or 'none'}, not {CUDA_MAJOR}")
    return problems


def main(lock: Path) -> int:
    """Print what is wrong, or one line of what is there. The exit code is 1 when something is wrong."""
    pinned, owned = pins(lock), owners()
    broken = broken_imports()
    problems = [*wrong_versions(pinned), *shared_files(owned, pinned), *(broken or wrong_builds(owned, pinned))]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if not problems:
        print(f"{len(pinned)} pinned packages, {len(MODULES)} modules, built for CUDA {CUDA_MAJOR}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
