"""What a run in MLflow says of where it comes from."""

import pytest

from peregrine_ml import tracking


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
