"""What the registry would refuse after the training is refused by the first steps."""

import json
from pathlib import Path

import pytest

from peregrine_ml import __main__ as program
from peregrine_ml import environment, recorded
from peregrine_ml.errors import InputError

TABLE = json.loads((Path(__file__).parents[2] / "test/contract/metadata-values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=[ascii(row["text"][:20]) for row in TABLE])
def test_a_text_is_judged_as_where_runs_are_started(row: dict[str, object]) -> None:
    assert (recorded.problem("RunReason", str(row["text"])) is None) is row["taken"]


def test_every_refused_character_is_named_once() -> None:
    said = recorded.problem("RunReason", 'night, "fog", 5%')
    assert said == 'RunReason holds "," "\\"" "%"; the registry keeps letters, digits, spaces and _ . : / = + - @'


def test_the_variables_reach_the_verbs() -> None:
    assert set(recorded.VARIABLES) <= environment.KEPT


@pytest.mark.parametrize("verb", ["profile", "prepare"])
def test_the_first_steps_fail_with_one_sentence_that_sagemaker_shows(
    verb: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "ml"
    monkeypatch.setenv("SM_ROOT", str(root))
    (root / "processing" / "input").mkdir(parents=True)
    (root / "processing" / "input" / "flights").symlink_to(source / "flights")
    monkeypatch.setenv("RUN_REASON", "fog, night")
    monkeypatch.setenv("DATASET_URI", "s3://bucket/(old)/")
    assert program.main([verb]) == 1
    said = (root / "output" / "message").read_text(encoding="utf-8")
    assert said.startswith('The model could not be registered after its training: RunReason holds ",";')
    assert 'DatasetUri holds "(" ")"' in said and "\n" not in said
    assert not (root / "processing" / "output").exists()


def test_a_run_by_hand_that_says_nothing_of_itself_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in recorded.VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    recorded.check()
    monkeypatch.setenv("RUN_REASON", "")
    with pytest.raises(InputError, match="RunReason has 0 characters"):
        recorded.check()
