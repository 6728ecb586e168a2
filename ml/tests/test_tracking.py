"""What a run in MLflow says of where it comes from."""

from pathlib import Path

import pytest

from peregrine_ml import prepare, tracking
from peregrine_ml.errors import InputError
from peregrine_ml.profile.profile import profile
from peregrine_ml.training import earlier_steps


def test_a_run_says_which_job_and_execution_it_is_of_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_JOB_NAME", "peregrine-dev-run-x")
    monkeypatch.setenv("PIPELINE_EXECUTION_ID", "abc")
    monkeypatch.setenv("RUN_REASON", "retraining drift 20261129T120000Z-0123456789ab: fog")
    assert tracking.job_tags() == {
        "sagemaker.training_job": "peregrine-dev-run-x",
        "sagemaker.pipeline_execution": "abc",
        "peregrine.run_reason": "retraining drift 20261129T120000Z-0123456789ab: fog",
    }


def test_what_is_not_known_is_no_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("TRAINING_JOB_NAME", "PIPELINE_EXECUTION_ID", "RUN_REASON"):
        monkeypatch.delenv(variable, raising=False)
    assert tracking.job_tags() == {}


def test_names_of_metrics_are_such_as_mlflow_takes() -> None:
    assert tracking.metric_name("test_ap50_class_Bäume, alt: 3") == "test_ap50_class_B_ume_ alt_ 3"


def test_profile_and_prepare_are_runs_below_the_trainings(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking.client import MlflowClient

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("PIPELINE_EXECUTION_ID", "abc")
    monkeypatch.setenv("TRAINING_JOB_NAME", "job")
    monkeypatch.setenv("DATASET_URI", "s3://flights/")
    contents = prepare.prepare(source, tmp_path / "dataset", prepare.Options(tile=160))
    (tmp_path / "profile").mkdir()
    profile(source, tmp_path / "profile", ["voc"])
    parent = tracking.start("train", {})
    earlier_steps.track(parent, contents, tmp_path / "dataset", tmp_path / "profile")

    client = MlflowClient(f"sqlite:///{tmp_path}/runs.db")
    experiment = client.get_experiment_by_name("peregrine")
    assert experiment is not None
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {"train", "profile", "prepare"}
    for name, files in {
        "profile": {"profile.json", "profile.html"}, "prepare": {"manifest.json", "metadata.csv", "data.yaml"},
    }.items():  # fmt: skip
        run = runs[name]
        assert run.info.status == "FINISHED"
        assert run.data.params["dataset_uri"] == "s3://flights/"
        kept = {key: run.data.tags[key] for key in ("mlflow.parentRunId", "peregrine.step", "peregrine.dataset")}
        assert kept == {
            "mlflow.parentRunId": parent.run_id, "peregrine.step": name, "peregrine.dataset": contents["digest"],
        }  # fmt: skip
        assert run.data.tags["sagemaker.pipeline_execution"] == "abc"
        assert "sagemaker.training_job" not in run.data.tags
        assert {file.path for file in client.list_artifacts(run.info.run_id)} == files
    assert runs["profile"].data.metrics["images"] == 5 and runs["profile"].data.metrics["images_labelled"] == 4
    prepared = runs["prepare"].data
    assert prepared.metrics["boxes_train"] == contents["splits"]["train"]["boxes"] > 0
    assert prepared.params["tile"] == "160" and prepared.params["classes"] == "tree"

    (tmp_path / "profile" / "profile.json").write_text("[]")
    with pytest.raises(InputError, match="is no profile"):
        earlier_steps.track(parent, contents, tmp_path / "dataset", tmp_path / "profile")
