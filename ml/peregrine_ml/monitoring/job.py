"""What a run is about: the variables that Model Monitor gives its containers, and a few of ours beside them.

Source: "Container contract inputs", Model Monitor's developer guide. A pipeline of ours gives the same names, so that
one image serves both; there `dataset_source` is an S3 URI, where Model Monitor mounts a folder.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peregrine_ml import paths
from peregrine_ml.errors import InputError

HOUR = timedelta(hours=1)
LONGEST_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Job:
    """A run.

    Attributes:
        source: S3 URI or folder below which `<endpoint>/<variant>/yyyy/mm/dd/hh/` lie.
        endpoint: its name.
        schedule: name of the monitoring schedule, a dimension of Model Monitor's metrics.
        start: of the window, UTC.
        end: of the window, UTC; not part of it.
        now: when the run was started, by the service's clock.
        output: folder of the report.
        report_uri: where the report will lie in S3, for people; empty where nobody knows.
        environment: that the endpoint belongs to, such as prod; empty where nobody knows.
        artifacts: S3 URI of the bucket that holds baselines, summaries and labels; empty: there is none.
        baseline: S3 URI or folder of a baseline for models that have none of their own; empty: none.
        event_bus: that is told; empty: nobody.
        namespace: of our metrics; empty: none are published.
        publish: whether metrics are published at all.
        every_hours: between two runs.
        false_alarm_days: at most one false alarm in so many days.
        minimum_effect: least shift that counts as drift, in standard deviations of an image.
        relevant_drop: least fall of the estimated mAP50 that counts as drift, 0 to 1.
        hosts: names of the instances that share the work, sorted.
        host: this instance's.
        sharded: each instance got files of its own.
        run: the job's name, shared by its instances.
    """

    source: str
    endpoint: str
    schedule: str
    start: datetime
    end: datetime
    now: datetime
    output: Path
    report_uri: str = ""
    environment: str = ""
    artifacts: str = ""
    baseline: str = ""
    event_bus: str = ""
    namespace: str = ""
    publish: bool = False
    every_hours: float = 1.0
    false_alarm_days: float = 30.0
    minimum_effect: float = 0.1
    relevant_drop: float = 0.05
    hosts: tuple[str, ...] = ("algo-1",)
    host: str = "algo-1"
    sharded: bool = False
    run: str = ""

    @property
    def managed(self) -> bool:
        """Whether Model Monitor runs this: it mounts the data, and publishes metrics that it finds in a file."""
        return not self.source.startswith("s3://")

    @property
    def leads(self) -> bool:
        """Whether this instance writes the report of all."""
        return self.host == self.hosts[0]

    @property
    def bucket(self) -> str:
        """Name of the artifacts bucket; empty where there is none."""
        return self.artifacts.removeprefix("s3://").split("/", 1)[0]

    def hours(self) -> list[datetime]:
        """The hours that the window touches, as the folders of captured data are cut."""
        first = floor_hour(self.start)
        return [first + HOUR * index for index in range(-(-(self.end - first) // HOUR))]


def floor_hour(at: datetime) -> datetime:
    """The full hour before a time."""
    return at.replace(minute=0, second=0, microsecond=0)


def read(variables: Mapping[str, str] = os.environ) -> Job:
    """The run that the variables describe.

    Raises:
        InputError: all that is missing or wrong, at once.
    """
    problems: list[str] = []

    def needed(name: str) -> str:
        text = variables.get(name, "").strip()
        if not text:
            problems.append(f"{name} is not set")
        return text

    def number(name: str, default: float, least: float = 1e-9) -> float:
        text = variables.get(name, "").strip()
        try:
            value = float(text) if text else default
        except ValueError:
            value = -1.0
        if not least <= value <= 1000:
            problems.append(f"{name} is {text!r}, no number {'above' if least else 'of at least'} 0")
            return default
        return value

    def time(name: str) -> datetime | None:
        text = variables.get(name, "").replace(" ", "")
        try:
            at = datetime.fromisoformat(text) if text else None
        except ValueError:
            at = None
        if text and (at is None or at.tzinfo is None):
            problems.append(f"{name} is {text!r}, no time with its zone (ISO 8601)")
            return None
        return at.astimezone(UTC) if at else None

    source, endpoint, output = needed("dataset_source"), needed("sagemaker_endpoint_name"), needed("output_path")
    hours_back = number("hours_back", 1.0)
    given_end, given_start = time("end_time"), time("start_time")
    if given_end is None and not problems:
        problems.append("end_time is not set")
    now = given_end or datetime.now(UTC)
    # A schedule starts some minutes after the full hour, when the hour's last captures have arrived.
    end = now if variables.get("window_end") == "now" or given_start else floor_hour(now)
    start = given_start or end - timedelta(hours=hours_back)
    if not timedelta(0) < end - start <= LONGEST_WINDOW:
        problems.append(f"the window from {start.isoformat()} to {end.isoformat()} is not between 0 and 7 days long")
    if problems:
        raise InputError.of_problems(
            "The variables of the job", problems, "Start it by the monitoring schedule or its pipeline."
        )
    config, resources = _config("processingjobconfig.json"), _config("resourceconfig.json")
    hosts = tuple(sorted(str(name) for name in resources.get("hosts", []))) or ("algo-1",)
    host = str(resources.get("current_host", hosts[0]))
    return Job(
        source=source if source.startswith("s3://") else str(placed(source)), endpoint=endpoint,
        schedule=variables.get("sagemaker_monitoring_schedule_name", ""), start=start, end=end, now=max(now, end),
        output=placed(output), report_uri=_report_uri(config, output),
        environment=variables.get("environment", ""), artifacts=variables.get("artifacts_uri", "").rstrip("/"),
        baseline=_baseline(variables.get("baseline_constraints", "")),
        event_bus=variables.get("event_bus_name", ""), namespace=variables.get("metric_namespace", ""),
        publish=variables.get("publish_cloudwatch_metrics") == "Enabled",
        every_hours=number("every_hours", hours_back), false_alarm_days=number("false_alarm_days", 30.0),
        minimum_effect=number("minimum_effect", 0.1, 0.0), relevant_drop=number("relevant_drop", 0.05, 0.0),
        hosts=hosts if host in hosts else (host,), host=host, sharded=_sharded(config),
        run=str(config.get("ProcessingJobName") or variables.get("PROCESSING_JOB_NAME") or "by-hand"),
    )  # fmt: skip


def placed(path: str) -> Path:
    """A path below `/opt/ml`, or where that folder stands."""
    whole = Path(path)
    return paths.root() / whole.relative_to("/opt/ml") if whole.is_relative_to("/opt/ml") else whole


def _baseline(constraints: str) -> str:
    """The folder that the constraints lie in."""
    if not constraints:
        return ""
    folder = constraints.rsplit("/", 1)[0]
    return folder if folder.startswith("s3://") else str(placed(folder))


def _config(name: str) -> dict[str, Any]:
    """A file by which SageMaker describes the job to its container; empty where it is not there."""
    try:
        document = json.loads((paths.root() / "config" / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _report_uri(config: Mapping[str, Any], output: str) -> str:
    for one in (config.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
        stored = one.get("S3Output") or {}
        if stored.get("LocalPath") == output:
            return str(stored.get("S3Uri", "")).rstrip("/")
    return ""


def _sharded(config: Mapping[str, Any]) -> bool:
    """Whether SageMaker gave each instance files of its own (`ShardedByS3Key`) instead of all to each."""
    for one in config.get("ProcessingInputs") or []:
        source = one.get("EndpointInput") or one.get("S3Input") or {}
        if source.get("S3DataDistributionType") == "ShardedByS3Key":
            return True
    return False
