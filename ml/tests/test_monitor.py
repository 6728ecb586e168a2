"""The verb: the same files from the same window in both modes, and whatever is wrong with a window is told."""

import html
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import monitoring_data as data
import numpy as np
import pytest
from conftest import ISOLATED
from moto import mock_aws

from peregrine_ml import __main__ as command
from peregrine_ml.errors import InputError
from peregrine_ml.monitoring import job, monitor, names, parts, store

SCHEMAS = Path(__file__).with_name("model_monitor")
BUCKET, BUS, NAMESPACE = "peregrine-prod-artifacts", "peregrine-prod-events", "Peregrine/prod/monitoring"
FILES = ("statistics.json", "constraints.json", "constraint_violations.json", "report.json", "analysis.json",
         "report.html")  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`/opt/ml` of a run, with a baseline mounted as Model Monitor mounts it."""
    folder = tmp_path / "ml"
    monkeypatch.setenv("SM_ROOT", str(folder))
    data.write_baseline(folder / "processing" / "baseline" / "constraints")
    return folder


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """S3, CloudWatch and EventBridge with the environment's bucket and bus; events go to a queue."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    store.client.cache_clear()
    with mock_aws():
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        queue = boto3.client("sqs").create_queue(QueueName="told")["QueueUrl"]
        events = boto3.client("events")
        events.create_event_bus(Name=BUS)
        events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source": ["peregrine.model"]}')
        target = {"Id": "queue", "Arn": "arn:aws:sqs:eu-central-1:123456789012:told"}
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])
        assert queue
        yield
    store.client.cache_clear()


def told() -> list[dict[str, Any]]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def run(variables: Mapping[str, str]) -> Path:
    given = job.read(variables)
    monitor.run(given)
    return given.output


def own(root: Path, **other: str) -> dict[str, str]:
    """The variables of our own pipeline."""
    variables = data.variables(
        root, **{
            "dataset_source": f"s3://{BUCKET}/capture/{data.ENDPOINT}", "artifacts_uri": f"s3://{BUCKET}",
            "hours_back": "1", "event_bus_name": BUS, "metric_namespace": NAMESPACE,
            "end_time": "2026-11-29T12:09:00Z", "baseline_constraints": "", **other,
        },
    )  # fmt: skip
    del variables["start_time"]
    return variables


def upload(folder: Path, prefix: str) -> None:
    s3 = boto3.client("s3")
    for path in folder.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), BUCKET, f"{prefix}{path.relative_to(folder).as_posix()}")


def captured(root: Path) -> Path:
    return root / "processing" / "endpointdata"


def read(output: Path, name: str) -> Any:
    return json.loads((output / name).read_text())


def keeps_to_schemas(output: Path) -> None:
    for name in FILES[:3]:
        schema = json.loads((SCHEMAS / name.replace(".json", ".schema.json")).read_text())
        jsonschema.validate(read(output, name), schema)


def test_a_quiet_window_keeps_to_the_baseline(root: Path) -> None:
    data.write(captured(root), data.quiet(300))
    output = run(data.variables(root))
    keeps_to_schemas(output)
    report = read(output, "report.json")
    assert (report["complete"], report["drifted"], report["records"]) == (True, False, 300)
    assert read(output, "constraint_violations.json") == {"violations": []}
    assert (root / "output" / "message").read_text() == "Completed: 300 answers keep to the baseline."


def test_fog_is_told_with_the_features_that_moved_and_answers_that_show_it(root: Path) -> None:
    data.write(captured(root), data.quiet(200, seed=3, moved=data.FOG))
    output = run(data.variables(root))
    keeps_to_schemas(output)
    found = read(output, "constraint_violations.json")["violations"]
    assert {one["feature_name"] for one in found if one["constraint_check_type"] == "baseline_drift_check"} >= {"blur"}
    assert (root / "output" / "message").read_text().startswith("CompletedWithViolations: ")
    examples = read(output, "report.json")["models"][0]["verdict"]["examples"]
    page = (output / "report.html").read_text()
    assert examples and all(example in page for example in examples)
    assert "<script" not in page and "src=" not in page and "prefers-color-scheme: dark" in page


def test_readers_of_clarify_s_analysis_find_how_far_each_feature_moved(root: Path) -> None:
    """The members are those of "Analysis results" in Clarify's developer guide."""
    data.write(captured(root), data.quiet(200, seed=3, moved=data.FOG))
    output = run(data.variables(root))
    analysis = read(output, "analysis.json")
    facets = analysis["pre_training_bias_metrics"]["facets"]
    assert analysis["version"] == "1.0" and facets.keys() == {*read(output, "report.json")["models"][0]["distances"]}
    for entries in facets.values():
        for entry in entries:
            assert entry.keys() == {"value_or_threshold", "metrics"}
            assert all(metric.keys() == {"name", "description", "value"} for metric in entry["metrics"])
    (blur,) = facets["blur"]
    assert {metric["name"]: metric["value"] for metric in blur["metrics"]}["KS"] > 0.5


def test_both_modes_write_the_same_files_from_the_same_window(root: Path, cloud: None, tmp_path: Path) -> None:
    for variant, model in ((data.VARIANT, data.MODEL), ("challenger", data.OTHER_MODEL)):
        data.write(captured(root), [*data.quiet(150, moved=data.FOG, model=model), b'{"cut'], variant=variant)
    managed = run(data.variables(root))
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    upload(captured(root), "capture/")
    elsewhere = root / "processing" / "own"
    ours = run(own(root, output_path=str(elsewhere)))
    named = {path.relative_to(managed).as_posix() for path in managed.rglob("*.*")}
    assert named == {path.relative_to(ours).as_posix() for path in ours.rglob("*.*")} and named >= {*FILES}
    places = (f"s3://{BUCKET}/releases/baselines/{data.MODEL}", str(root / "processing" / "baseline" / "constraints"))
    for name in sorted(named):
        one, other = (folder / name for folder in (managed, ours))
        assert one.read_text().replace(places[1], places[0]) == other.read_text(), name


def test_our_own_mode_publishes_in_both_namespaces_and_tells_the_bus(root: Path, cloud: None, tmp_path: Path) -> None:
    data.write(tmp_path / "capture", [*data.quiet(200, moved=data.FOG), b"{"])
    upload(tmp_path / "capture", "capture/")
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    run(own(root))
    metrics = boto3.client("cloudwatch").list_metrics()["Metrics"]
    ours = {one["MetricName"]: one["Dimensions"] for one in metrics if one["Namespace"] == NAMESPACE}
    assert ours.keys() == {"DriftScore", "CapturedRecords", "UnreadableRecords", "CaptureGapMinutes"}
    assert ours["DriftScore"] == [
        {"Name": "EndpointName", "Value": data.ENDPOINT}, {"Name": "VariantName", "Value": data.VARIANT},
    ]  # fmt: skip
    theirs = {one["MetricName"] for one in metrics if one["Namespace"] == "/aws/sagemaker/Endpoints/data-metrics"}
    assert {"feature_data_blur", "feature_baseline_drift_blur"} <= theirs
    (event,) = told()
    assert (event["detail-type"], event["source"]) == ("Drift Detected", "peregrine.model")
    detail = event["detail"]
    assert detail["features"][0]["name"] == "blur" and detail["score"] > 1 and detail["records"] == 200
    assert detail["window"] == {"start": "2026-11-29T11:00:00Z", "end": "2026-11-29T12:00:00Z"}
    assert (detail["severity"], detail["area"], detail["cause"]) == ("warning", "model", "drift")


def test_model_monitor_publishes_its_metrics_from_a_file(root: Path) -> None:
    data.write(captured(root), data.quiet(50))
    run(data.variables(root))
    path = root / "output" / "metrics" / "cloudwatch" / "cloudwatch_metrics.jsonl"
    metrics = [json.loads(line) for line in path.read_text().splitlines()]
    assert all({"Value", "StatisticValues"} & one.keys() for one in metrics)
    assert metrics[0]["Dimensions"][0] == {"Name": "Endpoint", "Value": data.ENDPOINT}


def test_an_empty_window_is_told_and_never_called_well(root: Path, cloud: None) -> None:
    run(own(root))
    report = read(root / "processing" / "output", "report.json")
    keeps_to_schemas(root / "processing" / "output")
    assert report["complete"] is False and report["unwatched"] == ["no answer was captured that could be read"]
    (event,) = told()
    assert (event["detail-type"], event["detail"]["severity"]) == ("Window Not Judged", "info")
    assert (root / "output" / "message").read_text().startswith("CompletedWithViolations: ")


def test_a_model_without_a_baseline_is_told(root: Path, cloud: None, tmp_path: Path) -> None:
    data.write(tmp_path / "capture", data.quiet(60, model=data.OTHER_MODEL))
    upload(tmp_path / "capture", "capture/")
    run(own(root))
    (event,) = told()
    assert (event["detail-type"], event["detail"]["severity"]) == ("Window Not Judged", "warning")
    assert "there is no baseline of this model" in event["detail"]["message"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema": "peregrine.drift-baseline/9"}', None])
def test_a_damaged_baseline_is_told(root: Path, damage: bytes | None) -> None:
    data.write(captured(root), data.quiet(60))
    path = root / "processing" / "baseline" / "constraints" / "baseline.json"
    path.unlink() if damage is None else path.write_bytes(damage)
    report = read(run(data.variables(root)), "report.json")
    assert len(report["unwatched"]) == 1 and "baseline" in report["unwatched"][0]
    assert report["models"][0]["verdict"] is None


def test_bad_lines_are_counted_by_what_is_wrong_and_told_when_many(root: Path) -> None:
    said = data.answer({"blur": 1.0})
    bad = [
        data.line(said, "a/1", data.START)[:-20], data.line(said, "a/2", data.START, eventVersion="7"), b"nonsense",
        data.line({"error": {"code": "NotAnImage"}}, "a/3", data.START),
        data.line(data.answer({"blur": 9.0}), "a/4", data.START - timedelta(days=300)),
    ]  # fmt: skip
    data.write(captured(root), [*data.quiet(40), *bad])
    report = read(run(data.variables(root)), "report.json")
    lines = report["variants"][data.VARIANT]
    assert (lines["lines"], lines["records"], lines["unreadable"], lines["clock_skew"]) == (45, 41, 4, 1)
    assert lines["faults"] == {"not_json": 2, "refused": 1, "version": 1}
    assert "4 of 45 captured lines of champion say nothing" in report["unwatched"][0]


def test_few_bad_lines_are_counted_and_do_not_make_a_window_unjudged(root: Path) -> None:
    data.write(captured(root), [*data.quiet(100), b"nonsense"])
    report = read(run(data.variables(root)), "report.json")
    assert report["complete"] and report["variants"][data.VARIANT]["faults"] == {"not_json": 1}


def test_a_clock_that_is_wrong_is_told_and_the_window_not_called_well(root: Path, cloud: None, tmp_path: Path) -> None:
    said = data.answer(data.features(np.random.default_rng(2)))
    late = [data.line(said, f"a/{number}", data.START - timedelta(hours=5)) for number in range(10)]
    data.write(tmp_path / "capture", [*data.quiet(90), *late])
    upload(tmp_path / "capture", "capture/")
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    output = run(own(root))
    (event,) = told()
    why = "10 of 100 answers of champion are dated outside of their folder's hour: a clock is wrong"
    assert (event["detail-type"], event["detail"]["reasons"]) == ("Window Not Judged", [why])
    (violation,) = read(output, "constraint_violations.json")["violations"]
    assert why in violation["description"] and why in html.unescape((output / "report.html").read_text())


def test_answers_outside_of_the_window_are_left_out_and_counted(root: Path) -> None:
    data.write(captured(root), data.quiet(100))
    half = data.variables(root, start_time="2026-11-29T11:30:00Z")
    lines = read(run(half), "report.json")["variants"][data.VARIANT]
    assert (lines["records"], lines["outside_window"]) == (50, 50)


def test_instances_that_share_a_window_find_what_one_finds(root: Path, cloud: None, tmp_path: Path) -> None:
    for number, part in enumerate("abcdefgh"):
        data.write(tmp_path / "capture", data.quiet(40, seed=number, moved=data.FOG), file=f"{part}.jsonl")
    upload(tmp_path / "capture", "capture/")
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    alone = read(run(own(root, output_path=str(tmp_path / "alone"))), "report.json")
    hosts = ["algo-1", "algo-2", "algo-3"]
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "processingjobconfig.json").write_text('{"ProcessingJobName": "run-7"}')
    for host in reversed(hosts):
        resources = {"current_host": host, "hosts": hosts}
        (root / "config" / "resourceconfig.json").write_text(json.dumps(resources))
        output = run(own(root, output_path=str(tmp_path / host)))
    together = read(output, "report.json")
    assert not (tmp_path / "algo-2").exists()
    assert together["records"] == alone["records"] == 320
    first, second = (one["models"][0]["verdict"] for one in (alone, together))
    assert second["score"] == pytest.approx(first["score"], rel=1e-6)
    assert {*second["examples"]} == {*first["examples"]}


def test_an_instance_that_does_not_come_fails_the_run(root: Path, cloud: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WAIT_SECONDS", 0.0)
    (root / "config").mkdir(exist_ok=True)
    resources = {"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}
    (root / "config" / "resourceconfig.json").write_text(json.dumps(resources))
    with pytest.raises(InputError, match="algo-2 has not written its part"):
        run(own(root))


def test_variables_that_are_wrong_are_named_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name in data.variables(root) and name != "SM_ROOT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("hours_back", "soon")
    monkeypatch.setenv("end_time", "noon")
    assert command.main(["monitor"]) == 1
    message = (root / "output" / "message").read_text()
    for part in (
        "dataset_source is not set",
        "sagemaker_endpoint_name",
        "output_path",
        "hours_back is 'soon'",
        "'noon'",
    ):
        assert part in message


def test_the_window_ends_at_the_full_hour_unless_it_is_to_end_now() -> None:
    variables = data.variables(Path("/x"), end_time="2026-11-29T12:14:00.123Z", hours_back="2")
    del variables["start_time"]
    given = job.read(variables)
    assert (given.start, given.end) == (data.START - timedelta(hours=1), data.END)
    assert len(given.hours()) == 2
    now = job.read(variables | {"window_end": "now"})
    assert now.end > data.END and len(now.hours()) == 3


def test_names_are_those_of_the_files() -> None:
    assert {names.STATISTICS, names.CONSTRAINTS, names.VIOLATIONS, names.REPORT, names.ANALYSIS, names.PAGE} == {*FILES}


def label(name: str, at: str, boxes: Sequence[Sequence[float]], sample: str = "random") -> str:
    """A line of ground truth, as the feedback function writes it."""
    said = {"boxes": [{"class": "tree", "box": box} for box in boxes], "by": "ben", "at": at, "sample": sample}
    document = {
        "groundTruthData": {"data": json.dumps(said), "encoding": "JSON"}, "eventMetadata": {"eventId": name},
        "eventVersion": "0",
    }  # fmt: skip
    return json.dumps(document) + "\n"


def put_labels(lines: Sequence[str], hour: str) -> None:
    body = "".join(lines).encode()
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"labels/{data.ENDPOINT}/{hour}/one.jsonl", Body=body)


def test_labels_that_come_a_day_later_find_their_answers_once(
    root: Path, cloud: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.write(tmp_path / "capture", data.quiet(40))
    later = data.START + timedelta(hours=1)
    data.write(tmp_path / "capture", data.quiet(30, seed=9), hour=later)
    upload(tmp_path / "capture", "capture/")
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    run(own(root))
    named = [f"flight-1-{number // 5:04}/{number:06}" for number in range(30)]
    at = "2026-11-30T09:00:00Z"
    two = [[10, 10, 50, 50], [100, 100, 140, 140]]
    half = [label(name, at, two if index % 2 else []) for index, name in enumerate(named)]
    put_labels([*half, label("flight-x/1", at, []), "no label\n"], "2026/11/30/09")
    read_files: list[str] = []
    stream = store.stream
    monkeypatch.setattr(store, "stream", lambda uri: read_files.append(uri) or stream(uri))
    monkeypatch.setenv("objective_map50", "0.6")
    report = read(run(own(root, end_time="2026-11-30T10:05:00Z")), "report.json")["quality"]
    whole = report["variants"][data.VARIANT]
    assert (whole["answers"], whole["labelled"], whole["coverage"]) == (40, 30, 0.75)
    assert whole["lag_hours"] == pytest.approx(21.8, abs=0.3) and 0 < whole["metrics"]["recall"]["value"] <= 1
    assert {"light", "sharpness", "scale", "sample"} <= report["slices"][data.VARIANT].keys()
    light = report["slices"][data.VARIANT]["light"]
    assert sum(one["answers"] for one in light.values()) == 40 and sum(one["labelled"] for one in light.values()) == 30
    usual = light["as tested"]
    assert usual["coverage"] == pytest.approx(usual["labelled"] / usual["answers"], abs=1e-4)
    assert report["classes"][data.VARIANT]["tree"]["true_boxes"] == 30
    counts = report["labels"]["counts"]
    assert (counts["unknown_id"], counts["unreadable"], counts["used"]) == (1, 1, 30)
    assert sum("capture/" in uri for uri in read_files) == 2  # Of the hour without a summary as well.
    (poor,) = [event["detail"] for event in told() if event["detail-type"] == "Quality Below Objective"]
    assert poor["classes"] == ["tree"]
    metrics = boto3.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]
    published = {one["MetricName"] for one in metrics}
    scores = {"Precision", "Recall", "F1", "Map50"}
    assert {*scores, "LabelCoverage", "LabelLagHours"} <= published
    parts = {(name, part["Name"], part["Value"]) for name, part in (
        (one["MetricName"], one["Dimensions"][2]) for one in metrics if len(one["Dimensions"]) == 3
    )}  # fmt: skip
    assert {name for name, *part in parts if part == ["Class", "tree"]} == scores
    of_slice = {name for name, *part in parts if part == ["Slice", "light-as-tested"]}
    assert of_slice == {*scores, "LabelCoverage", "LabelLagHours"}
    read_files.clear()
    again = read(run(own(root, end_time="2026-11-30T14:05:00Z")), "report.json")["quality"]
    assert again["variants"][data.VARIANT]["metrics"] == whole["metrics"]
    assert not any("capture/" in uri for uri in read_files)


def scores() -> dict[str, Any]:
    """What experiments read."""
    key = f"monitoring/summaries/{data.ENDPOINT}/scores.json"
    found: dict[str, Any] = json.loads(boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
    return found


def test_each_labelled_answer_is_scored_for_experiments_a_shadow_s_as_well(
    root: Path, cloud: None, tmp_path: Path
) -> None:
    lines = list(data.quiet(20))
    data.write(tmp_path / "capture", lines)
    data.write(tmp_path / "capture", lines, variant="challenger")
    upload(tmp_path / "capture", "capture/")
    run(own(root))
    seen = {variant: set(flights) for variant, flights in scores()["flights"].items()}
    assert seen == {
        variant: {f"flight-1-{number:04}" for number in range(4)} for variant in (data.VARIANT, "challenger")
    }
    assert scores()["answers"] == []
    named = [f"flight-1-{number // 5:04}/{number:06}" for number in range(20)]
    put_labels([label(name, "2026-11-29T12:30:00Z", [[10, 10, 50, 50]]) for name in named[:12]], "2026/11/29/12")
    put_labels([label(named[15], "2026-11-29T13:01:00Z", [])], "2026/11/29/13")
    run(own(root, end_time="2026-11-29T13:05:00Z"))
    written = scores()
    # The label of one minute past belongs to the next run.
    assert written["until"] == "2026-11-29T13:00:00+00:00" and len(written["answers"]) == 24
    assert {(one["variant"], one["sample"], one["true"]) for one in written["answers"]} == {
        (data.VARIANT, "random", 1), ("challenger", "random", 1)
    }  # fmt: skip
    assert all(one["right"] == min(1, one["found"]) for one in written["answers"])
    # Flights keep the time at which they were seen first.
    assert {time for flights in written["flights"].values() for time in flights.values()} == {
        "2026-11-29T12:00:00+00:00"
    }
    run(own(root, end_time="2026-11-29T14:05:00Z"))
    assert len(scores()["answers"]) == 26


def test_a_window_of_few_answers_is_judged_with_hours_before_it(root: Path, cloud: None, tmp_path: Path) -> None:
    hours = [data.START - timedelta(hours=back) for back in (3, 2, 1, 0)]
    for seed, hour in enumerate(hours):
        data.write(tmp_path / "capture", data.quiet(18, seed=seed, hour=hour), hour=hour)
    upload(tmp_path / "capture", "capture/")
    data.write_baseline(tmp_path / "baseline")
    upload(tmp_path / "baseline", f"releases/baselines/{data.MODEL}/")
    records = []
    for hour in hours:
        (model,) = read(run(own(root, end_time=f"{hour + timedelta(hours=1):%Y-%m-%dT%H:05:00Z}")), "report.json")[
            "models"
        ]
        records.append((model["records"], model["verdict"]["records"]))
    assert records == [(18, 18), (18, 36), (18, 54), (18, 54)]


def test_the_image_s_entry_point_keeps_the_variables_of_a_run(root: Path) -> None:
    data.write(captured(root), data.quiet(60))
    variables = data.variables(root) | {"every_hours": "1", "false_alarm_days": "90", "PYTHONSTARTUP": "/x"}
    ended = subprocess.run([sys.executable, *ISOLATED, "monitor"], env=variables, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert read(root / "processing" / "output", "report.json")["budget"]["false_alarm_days"] == 90
