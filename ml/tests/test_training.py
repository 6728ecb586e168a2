"""Hyperparameters, checkpoints and failures; the slow test trains a real network, is interrupted and goes on."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import ISOLATED

from peregrine_ml import __main__ as command
from peregrine_ml import prepare
from peregrine_ml.errors import InputError
from peregrine_ml.training import hyperparameters, weights
from peregrine_ml.training.checkpoints import Checkpoints, State


def test_hyperparameters_come_as_strings_even_quoted_twice() -> None:
    given = hyperparameters.parse({"model": '"yolo11s"', "epochs": "3", "lr0": "1e-3", "sagemaker_region": "x"})
    assert given == hyperparameters.Hyperparameters(model="yolo11s", epochs=3, lr0=0.001)


def test_all_wrong_hyperparameters_are_named_at_once() -> None:
    with pytest.raises(InputError, match="5 problems") as caught:
        hyperparameters.parse({"model": "resnet", "epochs": "0", "imgsz": "200", "batch": "many", "momentum": "1"})
    for words in ("one of yolo11n", "1 to 3000", "multiple of 32", "not of type int", "momentum: not known"):
        assert words in str(caught.value)


def state(**changed: object) -> State:
    return State(
        **{
            "dataset_digest": "d",
            "hyperparameters": {"epochs": 2},
            "base_weights": "",
            "run_id": "r",
            "epochs_done": 1,
            **changed,
        }
    )


def test_checkpoints_resume_only_what_they_belong_to(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "last.pt").write_bytes(b"epoch 1")
    (work / "best.pt").write_bytes(b"epoch 0")
    kept = Checkpoints(tmp_path / "kept")
    assert kept.load("d", {"epochs": 2}, "") is None
    kept.save(work, state())
    assert kept.load("d", {"epochs": 2}, "") == state()
    assert kept.restore(tmp_path / "again").read_bytes() == b"epoch 1"
    with pytest.raises(InputError, match="other data set and base weights"):
        kept.load("other", {"epochs": 2}, "other")
    (tmp_path / "kept" / "best.pt").unlink()
    with pytest.raises(InputError, match=r"lacks best\.pt"):
        kept.restore(tmp_path / "again")
    (tmp_path / "kept" / "state.json").write_text("{")
    with pytest.raises(InputError, match="is broken"):
        kept.load("d", {"epochs": 2}, "")


def test_a_failing_training_job_leaves_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SM_ROOT", str(tmp_path))
    assert command.main(["train"]) == 1
    assert "No manifest.json" in (tmp_path / "output/failure").read_text()


def test_an_untracked_run_is_refused(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SM_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    prepare.prepare(source, tmp_path / "input/data/dataset", prepare.Options(tile=160))
    assert command.main(["train"]) == 1
    assert "MLFLOW_TRACKING_URI is not set" in (tmp_path / "output/failure").read_text()


def test_unknown_verbs_and_no_verb_are_usage_errors() -> None:
    assert command.main(["dance"]) == 2
    assert command.main([]) == 2
    assert command.main(["--help"]) == 0


def train(root: Path, stop_after_epoch: bool = False) -> tuple[int, str]:
    environment = {
        **os.environ,
        "SM_ROOT": str(root),
        "MLFLOW_TRACKING_URI": f"sqlite:///{root}/runs.db",
    }
    process = subprocess.Popen(
        [sys.executable, *ISOLATED, "train"], env=environment, cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if stop_after_epoch and line.startswith("epoch=1/"):
            process.send_signal(signal.SIGTERM)
    return process.wait(), "".join(lines)


@pytest.mark.slow
def test_an_interrupted_training_goes_on_from_its_checkpoint(source: Path, tmp_path: Path) -> None:
    prepare.prepare(source, tmp_path / "input/data/dataset", prepare.Options(tile=160))
    given = hyperparameters.Hyperparameters(epochs=4, imgsz=64, batch=2)
    (tmp_path / "input/config").mkdir(parents=True)
    (tmp_path / "input/config/hyperparameters.json").write_text(
        json.dumps({k: str(v) for k, v in asdict(given).items()})
    )
    code, output = train(tmp_path, stop_after_epoch=True)
    assert code == 143, output
    kept = json.loads((tmp_path / "checkpoints/state.json").read_text())
    assert 1 <= kept["epochs_done"] < 4
    code, output = train(tmp_path)
    assert code == 0, output
    assert f"resuming after epoch {kept['epochs_done']}" in output and "epoch=1/4" not in output
    described = json.loads((tmp_path / "model/model.json").read_text())
    assert described["training"]["epochs_done"] == 4
    assert described["mlflow"]["run_id"] == kept["run_id"]
    assert described["licence"]["spdx"] == "AGPL-3.0-only"
    assert weights.load(tmp_path / "model/model.pt").classes == ("tree",)
    assert (tmp_path / "model/model.onnx").stat().st_size > 1_000_000
