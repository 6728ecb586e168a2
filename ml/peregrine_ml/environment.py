"""Which environment variables reach a verb: a closed list.

Whoever starts a job or makes a SageMaker model chooses its container's variables, and libraries obey hundreds of
them: where PyTorch, Ultralytics and matplotlib look for code and settings, which program opens a browser, which file
of AWS settings names a command that hands out credentials. So everything that is not named here is dropped before a
library is imported, and what libraries need is set to one value. Python's own variables are ignored by `python -I`,
the image's entry point: they act before the first line of this program does. Believed lost: what the dynamic loader
reads (`LD_PRELOAD`, `LD_LIBRARY_PATH`) has had its effect by then; that nobody may give such variables is IAM's
business.
"""

import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

KEPT = frozenset(
    {
        # What the job is, by SageMaker or by the pipeline: text in records.
        "TRAINING_JOB_NAME", "PIPELINE_EXECUTION_ID", "MODEL_SHA256", "RUN_REASON", "DATASET_URI",
        # Where things lie and on which port to answer, by SageMaker; `paths` and `serving` read them.
        "SM_ROOT", "SM_MODEL_DIR", "SAGEMAKER_BIND_TO_PORT", "PEREGRINE_BIND_HOST",
        # What a monitoring run is about: Model Monitor's own names, then ours (`monitoring.job`).
        "dataset_source", "dataset_format", "output_path", "start_time", "end_time", "baseline_constraints",
        "baseline_statistics", "publish_cloudwatch_metrics", "sagemaker_endpoint_name",
        "sagemaker_monitoring_schedule_name", "PROCESSING_JOB_NAME",
        "environment", "artifacts_uri", "event_bus_name", "metric_namespace", "hours_back", "window_end", "every_hours",
        "false_alarm_days", "minimum_effect", "relevant_drop", "objective_map50", "objective_f1",
        # Numbers.
        "OMP_NUM_THREADS", "PEREGRINE_WORKERS", "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT",
        # Where runs are told, and the addresses of AWS's services: a private endpoint has one of its own.
        "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "AWS_ENDPOINT_URL", "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT",
        # Whose calls they are: the role's credentials as the platform hands them out.
        "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_EC2_METADATA_DISABLED",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        # Which GPUs there are, and whether one must be used.
        "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "PEREGRINE_REQUIRE_GPU",
        # The encoding of texts.
        "LANG", "LC_ALL", "LC_CTYPE",
    }
)  # fmt: skip
KEPT_PREFIX = "SM_CHANNEL_"
"""Folders of a training job's channels, `SM_CHANNEL_<NAME>`."""

FIXED = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    # A profile in these files may name a command that hands out credentials (`credential_process`).
    "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "YOLO_OFFLINE": "true",  # The literal word: `1` does nothing.
    "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false",
    "MPLBACKEND": "agg",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # A browser that does nothing, should a library want to open one.
    "BROWSER": "true",
}  # fmt: skip


def keep_known(variables: MutableMapping[str, str] = os.environ) -> list[str]:
    """Drop what is not on the list and set what is fixed; deleting from `os.environ` also reaches C libraries.

    HOME stays where it is a folder that no input can lie in, for the caches of fonts; else it becomes a new, empty one.

    Returns:
        The names that were dropped, sorted.
    """
    dropped = sorted(
        name for name in variables if name not in KEPT and not name.startswith(KEPT_PREFIX) and name != "HOME"
    )
    for name in dropped:
        del variables[name]
    variables.update(FIXED)
    if not _may_be_home(variables.get("HOME", ""), variables.get("SM_ROOT", "")):
        variables["HOME"] = tempfile.mkdtemp(prefix="home-")
    return [name for name in dropped if name not in FIXED]


def _may_be_home(home: str, root: str) -> bool:
    """A folder outside of `/opt/ml` (and of what stands for it): inputs come from S3, where others may write."""
    if not Path(home).is_absolute() or not Path(home).is_dir():
        return False
    resolved = Path(home).resolve()
    return not any(resolved.is_relative_to(Path(inputs).resolve()) for inputs in ("/opt/ml", root) if inputs)
