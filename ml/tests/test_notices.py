"""What people are told; `notices.json` is read by the tests of the other side as well (`contract/monitoring.ts`)."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from peregrine_ml.drift.model import Estimate, Shift, Verdict
from peregrine_ml.monitoring import metrics, notices
from peregrine_ml.monitoring.capture import Record
from peregrine_ml.monitoring.findings import Findings, Group
from peregrine_ml.monitoring.job import Job
from peregrine_ml.monitoring.summary import Answers, Summary

import monitoring_data as data  # isort: skip

GOLDEN = Path(__file__).with_name("notices.json")
JOB = Job(
    f"s3://bucket/capture/{data.ENDPOINT}", data.ENDPOINT, "peregrine-prod-monitoring", data.START, data.END, data.END,
    Path("/opt/ml/processing/output"), "s3://bucket/monitoring/reports/peregrine-prod-detector/run", "prod",
)  # fmt: skip
VERDICT = Verdict(
    judged=True, drifted=True, score=2.51, records=120,
    features=(Shift("blur", -2.1, 0.00005, "sharpness"), Shift("luminance_mean", 1.2, 0.0004, "brightness")),
    examples=("flight-7/0001", "flight-7/0002"), visible_effect=0.3, estimate=Estimate(0.31, 0.24, 0.38),
)  # fmt: skip


def findings(verdict: Verdict | None = VERDICT, **changed: Any) -> Findings:
    answers, random = Answers(), np.random.default_rng(0)
    for number in range(3):
        at = datetime(2026, 11, 29, 11, number, tzinfo=UTC)
        answers.add(Record(f"flight-7/{number:04}", at, data.MODEL, data.features(random), []))
    group = Group(data.VARIANT, data.MODEL, answers, verdict=verdict)
    return replace(Findings(JOB, [group], {data.VARIANT: Summary({data.MODEL: answers}, lines=3)}, []), **changed)


def quality(value: float, high: float) -> dict[str, Any]:
    measured = {"value": value, "low": 0.1, "high": high}
    nothing = {"value": None, "low": None, "high": None}
    metrics = {"map50": measured, "f1": nothing, "precision": nothing, "recall": nothing}
    whole = {"labelled": 60, "metrics": metrics, "drawn": None}
    return {"variants": {data.VARIANT: whole}, "slices": {}, "classes": {}}


def part(labelled: int, value: float, high: float | None) -> dict[str, Any]:
    """A slice or a class of it."""
    metrics = {"map50": {"value": value, "low": 0.0, "high": high}}
    return {"labelled": labelled, "true_boxes": labelled, "metrics": metrics, "drawn": None}


def with_parts(given: dict[str, Any]) -> dict[str, Any]:
    """Some parts fell below an objective of 0.3; the others did not, are few, or are better than the whole."""
    light = {"darker": part(25, 0.1, 0.2), "as tested": part(25, 0.25, 0.29), "brighter": part(19, 0.0, 0.1)}
    scale = {"larger": part(30, 0.15, 0.4)}
    classes = {"tree": part(90, 0.12, 0.22), "bush": part(40, 0.02, 0.09), "car": part(5, 0.0, 0.0),
               "hut": part(20, 0.1, None)}  # fmt: skip
    return {
        **given, "slices": {data.VARIANT: {"light": light, "scale": scale, "sample": {"chosen": part(30, 0.0, 0.1)}}},
        "classes": {data.VARIANT: classes},
    }  # fmt: skip


def test_each_kind_of_notice_is_what_both_sides_agreed_on() -> None:
    drift = notices.notices(findings(), {})
    poor = notices.notices(findings(None, quality=with_parts(quality(0.2, 0.28))), {"map50": 0.3, "f1": 0.3})
    blind = notices.notices(findings(None, unwatched=["3 answers of champion: there is no baseline of this model"]), {})
    found = [asdict(one) for one in (*drift, *poor, *blind)]
    assert [one["kind"] for one in found] == ["Drift Detected", "Quality Below Objective", "Window Not Judged"]
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_quiet_window_tells_nobody() -> None:
    assert notices.notices(findings(replace(VERDICT, drifted=False)), {"map50": 0.3}) == []


def test_quality_is_told_only_when_its_whole_interval_is_too_low() -> None:
    assert notices.notices(findings(None, quality=quality(0.2, 0.31)), {"map50": 0.3}) == []
    unsure = quality(0.2, 0.31)
    unsure["variants"][data.VARIANT]["metrics"]["map50"]["high"] = None
    assert notices.notices(findings(None, quality=unsure), {"map50": 0.3}) == []


def test_quality_names_the_classes_and_slices_that_fell_the_worst_first() -> None:
    (told,) = notices.notices(findings(None, quality=with_parts(quality(0.2, 0.28))), {"map50": 0.3})
    assert (told.detail["classes"], told.detail["slices"]) == (["bush", "tree"], ["light-darker"])
    said = " Classes that fell: bush 0.02, tree 0.12. Slices that fell: light-darker 0.10."
    assert told.detail["message"].endswith(said)
    (alone,) = notices.notices(findings(None, quality=quality(0.2, 0.28)), {"map50": 0.3})
    assert (alone.detail["classes"], alone.detail["slices"]) == ([], []) and "fell" not in alone.detail["message"]


def test_metrics_of_parts_are_bounded_and_have_names_that_cloudwatch_takes() -> None:
    many = {f"class {index}": part(20 + index, 0.5, 0.6) for index in range(15)}
    nothing = {name: {"value": None, "low": None, "high": None} for name in ("precision", "recall", "f1")}
    given = with_parts(quality(0.2, 0.28))
    for one in [*given["variants"].values(), *many.values(), *given["slices"][data.VARIANT]["light"].values(),
                *given["slices"][data.VARIANT]["scale"].values()]:  # fmt: skip
        one["metrics"] = {**nothing, **one["metrics"]}
        one |= {"coverage": 0.1, "lag_hours": 2.0}
    found = metrics.ours(findings(None, quality={**given, "classes": {data.VARIANT: many}}))
    parts = {one.part for one in found if one.part and one.name == "Map50"}
    assert {value for name, value in parts if name == "Slice"} == {"light-darker", "light-as-tested", "scale-larger"}
    assert {value for name, value in parts if name == "Class"} == {f"class {index}" for index in range(5, 15)}
    of_slice = {one.name for one in found if one.part == ("Slice", "light-darker")}
    assert of_slice == {"Map50", "LabelCoverage", "LabelLagHours"}
    odd = ("tree", "small tree", "Tännchen", ":x", "", "\n", "a" * 2000)
    assert [metrics.dimension_value(name) for name in odd] == [
        "tree", "small_tree", "T\\u00e4nnchen", "_:x", "_", "\\u000a", "a" * 1024,
    ]  # fmt: skip


def test_a_message_says_what_where_and_which_answers_show_it() -> None:
    (told,) = notices.notices(findings(), {})
    for part in (data.ENDPOINT, "sharpness -2.10", "2.5 times", "flight-7/0001", "estimated at 0.31"):
        assert part in told.detail["message"]
    assert told.detail["evidence"] == f"{JOB.report_uri}/report.html"


def test_drift_and_quality_name_the_variants_that_answered() -> None:
    totals = {name: findings().totals[data.VARIANT] for name in (data.VARIANT, "challenger")}
    both = findings(totals=totals, quality=quality(0.2, 0.28))
    found = notices.notices(both, {"map50": 0.3})
    assert [one.detail["variants"] for one in found] == [["challenger", data.VARIANT]] * 2
