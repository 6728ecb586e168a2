"""MLflow, by its client, without global state. Fails loudly: an untracked run is a run nobody can audit.

`MLFLOW_TRACKING_URI` may be the ARN of a SageMaker MLflow App or tracking server: the `sagemaker-mlflow` plugin signs
the requests then.
"""

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from peregrine_ml.errors import InputError

DEFAULT_EXPERIMENT = "peregrine"
PARAM_LENGTH, PARAMS_PER_CALL = 6000, 100
"""Limits of MLflow's log-batch call."""


class Run:
    """A run in MLflow. Every call reaches the server or raises InputError."""

    def __init__(self, client: Any, run_id: str, experiment: str) -> None:
        self._client = client
        self.run_id, self.experiment = run_id, experiment

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters."""
        from mlflow.entities import Param

        items = [Param(name, str(value)[:PARAM_LENGTH]) for name, value in values.items()]
        for start in range(0, len(items), PARAMS_PER_CALL):
            self._call("log_batch", params=items[start : start + PARAMS_PER_CALL])

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Log metrics of one step."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._call("log_batch", metrics=[Metric(name, float(value), now, step) for name, value in values.items()])

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags."""
        from mlflow.entities import RunTag

        self._call("log_batch", tags=[RunTag(name, value) for name, value in values.items()])

    def whole(self, params: Mapping[str, Any], metrics: Mapping[str, float], files: Sequence[Path]) -> None:
        """Log all of a step that is done, and end its run: one call for what is said, one for each file."""
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        self._call(
            "log_batch",
            metrics=[Metric(name, float(value), now, 0) for name, value in metrics.items()],
            params=[Param(name, str(value)[:PARAM_LENGTH]) for name, value in params.items()],
        )
        for path in files:
            self.artifact(path)
        self.finish()

    def artifact(self, path: Path, folder: str | None = None) -> None:
        """Upload a file."""
        self._call("log_artifact", str(path), folder)

    def finish(self, status: str = "FINISHED") -> None:
        """End the run: FINISHED, FAILED or KILLED."""
        self._call("set_terminated", status)

    def _call(self, name: str, *arguments: Any, **options: Any) -> None:
        try:
            getattr(self._client, name)(self.run_id, *arguments, **options)
        except Exception as error:
            raise _unreachable(error) from error


def start(name: str, tags: Mapping[str, str], run_id: str = "") -> Run:
    """Open a run in the experiment of MLFLOW_EXPERIMENT_NAME, or go on with one.

    Args:
        name: the run's name.
        tags: set at once, so that a run that dies early is still recognisable.
        run_id: an existing run to go on with (a resumed training job, an evaluation of a trained model).

    Raises:
        InputError: no tracking URI, or a server that cannot be reached or refuses.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if not uri:
        raise InputError(
            "MLFLOW_TRACKING_URI is not set: this run could not be traced.",
            "Set it to the MLflow App's ARN, a server's address, or sqlite:///runs.db for a local try.",
        )
    # MLflow's default is seven tries with growing pauses: minutes of silence when a server is away.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    experiment_name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or DEFAULT_EXPERIMENT
    try:
        from mlflow.tracking.client import MlflowClient

        client = MlflowClient(tracking_uri=uri)
        if run_id:
            client.update_run(run_id, status="RUNNING")
            run = Run(client, run_id, experiment_name)
        else:
            run = Run(
                client,
                client.create_run(_experiment(client, experiment_name), run_name=name).info.run_id,
                experiment_name,
            )
    except Exception as error:
        raise _unreachable(error) from error
    run.tags(tags)
    return run


def metric_name(text: str) -> str:
    """A name as MLflow takes it: what is no letter, digit or one of `_-. /` becomes an underscore."""
    return re.sub(r"[^\w\-. /]", "_", text, flags=re.ASCII)


def _experiment(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name))
    except Exception:
        # Two jobs may start at the same moment; the slower one finds the faster one's experiment.
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def _unreachable(error: Exception) -> InputError:
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    return InputError(f"MLflow at {uri} did not take the call: {error}", "Check the address and the role's rights.")


def job_tags() -> dict[str, str]:
    """What ties a run to the job and the pipeline execution it belongs to, and why that was started."""
    names = {
        "sagemaker.training_job": "TRAINING_JOB_NAME",
        "sagemaker.pipeline_execution": "PIPELINE_EXECUTION_ID",
        "peregrine.run_reason": "RUN_REASON",
    }
    return {tag: os.environ[variable] for tag, variable in names.items() if os.environ.get(variable)}
