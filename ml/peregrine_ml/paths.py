"""Where a SageMaker container finds and leaves its files.

Source: "Amazon SageMaker training storage folders" and the Processing and hosting container contracts.
`SM_ROOT` stands for `/opt/ml` where a container's root folder cannot be mounted there.
"""

import os
from pathlib import Path


def root() -> Path:
    """`/opt/ml`, or the folder that stands for it."""
    return Path(os.environ.get("SM_ROOT") or "/opt/ml")


def processing_input(name: str) -> Path:
    """Local path of a Processing job's input."""
    return root() / "processing" / "input" / name


def processing_output(name: str) -> Path:
    """Local path of a Processing job's output, made if absent."""
    folder = root() / "processing" / "output" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def channel(name: str) -> Path:
    """Folder of a training job's input channel."""
    return Path(os.environ.get(f"SM_CHANNEL_{name.upper()}") or root() / "input" / "data" / name)


def hyperparameters_file() -> Path:
    """The hyperparameters as SageMaker writes them: one JSON object of strings."""
    return root() / "input" / "config" / "hyperparameters.json"


def model() -> Path:
    """What a training job leaves here becomes model.tar.gz; hosting finds it unpacked here, read-only."""
    return Path(os.environ.get("SM_MODEL_DIR") or root() / "model")


def checkpoints() -> Path:
    """Mirrored to CheckpointConfig.S3Uri while the job runs."""
    return root() / "checkpoints"


def failure() -> Path:
    """Text here becomes the job's FailureReason."""
    return root() / "output" / "failure"


def message() -> Path:
    """Text here becomes a Processing job's ExitMessage."""
    return root() / "output" / "message"
