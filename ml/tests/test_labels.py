"""Labels: read whole, settled by rules, and measured with intervals."""

import json
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from peregrine_ml.evaluation import coco_scores
from peregrine_ml.monitoring import baseline, labels, quality, sample, slices
from peregrine_ml.monitoring.capture import Record
from peregrine_ml.monitoring.label_rules import Answer, Counts, same_objects, settle
from peregrine_ml.monitoring.labels import Label, LabelledBox, Verdict
from peregrine_ml.monitoring.summary import Answers

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SHARED = json.loads((Path(__file__).parent / "labels.json").read_text(encoding="utf-8"))


def answer(inference_id: str, *boxes: tuple[float, ...], name: str = "tree", **more: object) -> Answer:
    known = {"variant": "champion", "at": NOW - timedelta(hours=10), **more}
    corners = np.array(boxes, np.float64).reshape(-1, 4)
    return Answer(inference_id, boxes=corners, scores=np.linspace(0.9, 0.6, len(boxes)),
                  names=(name,) * len(boxes), **known)  # type: ignore[arg-type]  # fmt: skip


def said(inference_id: str, *boxes: tuple[float, ...], by: str = "ann", hours: float = 1.0) -> Label:
    return Label(inference_id, by, NOW - timedelta(hours=hours), tuple(LabelledBox("tree", box) for box in boxes))  # type: ignore[arg-type]


def judged(inference_id: str, *verdicts: Verdict, by: str = "ann", missed: tuple[LabelledBox, ...] = ()) -> Label:
    return Label(inference_id, by, NOW - timedelta(hours=1), None, verdicts, missed)


def line(data: object, inference_id: str = "f/1", **more: object) -> str:
    return json.dumps({"groundTruthData": {"data": json.dumps(data), "encoding": "JSON"},
                       "eventMetadata": {"eventId": inference_id}, "eventVersion": "0", **more})  # fmt: skip


@pytest.mark.parametrize("case", SHARED["right"], ids=lambda case: case["what"])
def test_reads_what_the_contract_allows(case: dict[str, object]) -> None:
    assert labels.parse(line(case["data"])).inference_id == "f/1"


@pytest.mark.parametrize("case", SHARED["wrong"], ids=lambda case: case["what"])
def test_refuses_what_the_contract_refuses(case: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        labels.parse(line(case["data"]))


def test_counts_lines_and_tells_what_is_wrong_with_each() -> None:
    good = line(SHARED["right"][0]["data"])
    bad = ["{", "[]", good[:40], line({}, by="x"), line(SHARED["right"][0]["data"], eventVersion="1"),
           line(SHARED["right"][0]["data"], inference_id="")]  # fmt: skip
    reading = labels.read((f"a.jsonl:{number}", text) for number, text in enumerate([good, "", *bad], start=1))
    assert (len(reading.labels), reading.lines, len(reading.problems)) == (1, 7, 6)
    assert reading.problems[0] == "a.jsonl:3: the line is no JSON"


def test_verdicts_become_objects() -> None:
    answers = [answer("f/1", (0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10))]
    missed = LabelledBox("tree", (60, 0, 70, 10))
    label = judged("f/1", Verdict(0, "right"), Verdict(1, "wrong"), Verdict(2, "other-class", "bush"), missed=(missed,))
    truth = settle([label], answers, NOW).labelled["f/1"].truth
    assert [(box.name, box.box[0]) for box in truth] == [("tree", 0.0), ("bush", 40.0), ("tree", 60.0)]


def test_of_one_person_the_last_word_counts() -> None:
    answers = [answer("f/1", (0, 0, 10, 10))]
    first, again, other = (said("f/1", (0, 0, 10, 10), hours=4), said("f/1", (0, 0, 10, 10), hours=3), said("f/1"))
    for order in ([first, again, other], [other, again, first], [again, other, first]):
        settled = settle(order, answers, NOW)
        assert settled.labelled["f/1"].truth == ()
        assert settled.counts.repeated + settled.counts.corrected == 2
    assert settle([first, again], answers, NOW).labelled["f/1"].at == first.at


def test_of_several_people_more_than_half_must_see_the_same() -> None:
    answers = [answer("f/1", (0, 0, 10, 10))]
    here, near, away = (
        said("f/1", box, by=by)
        for box, by in (((0, 0, 10, 10), "ann"), ((1, 0, 11, 10), "bob"), ((50, 0, 60, 10), "eve"))
    )
    agreed = settle([here, near, away], answers, NOW)
    assert agreed.counts.outvoted == 1 and agreed.counts.used == 2 and "f/1" in agreed.labelled
    torn = settle([here, away], answers, NOW)
    assert torn.labelled == {} and torn.counts.contradicted == 2 and torn.ids["contradicted"] == ("f/1",)


def test_objects_are_the_same_by_class_and_place_one_to_one() -> None:
    one = [LabelledBox("tree", (0, 0, 10, 10)), LabelledBox("tree", (4, 0, 14, 10))]
    assert same_objects(one, list(reversed(one)))
    assert not same_objects(one, [one[0], LabelledBox("bush", one[1].box)])
    assert not same_objects(one, [one[0], LabelledBox("tree", (100, 0, 110, 10))])
    assert same_objects([], [])


def test_what_fits_no_answer_is_counted_and_named() -> None:
    answers = [answer("f/1", (0, 0, 10, 10)), answer("f/2"), answer("f/3"), answer("f/3")]
    given = [
        said("nobody", (0, 0, 1, 1)), said("f/1", hours=-1), said("f/1", hours=30), said("f/3"),
        judged("f/1", Verdict(3, "right")), judged("f/1"), judged("f/2"),
    ]  # fmt: skip
    settled = settle(given, answers, NOW)
    assert settled.counts == Counts(labels=7, used=1, unknown_id=2, from_future=1, before_answer=1, incomplete=1,
                                    unknown_detection=1, answers=2, labelled=1, same_id=2)  # fmt: skip
    assert settled.ids["unknown_id"] == ("nobody", "f/3")
    json.dumps(settled.to_dict())


def world(rng: np.random.Generator, flights: int, each: int, recall: float = 0.8, spread: float = 0.0,
          variant: str = "champion") -> tuple[list[Answer], list[Label]]:  # fmt: skip
    """Four trees an image, found with a flight's own probability, and one false alarm in two images."""
    answers, given = [], []
    for flight in range(flights):
        own = float(np.clip(recall + rng.normal(0, spread), 0, 1))
        for image in range(each):
            true = [(20.0 * k, 0.0, 20.0 * k + 10, 10.0) for k in range(4)]
            found = [box for box in true if rng.random() < own] + [(0.0, 50.0, 10.0, 60.0)] * int(rng.random() < 0.5)
            light = "night" if flight % 2 else "day"
            answers.append(answer(f"{variant}-{flight}/{image}", *found, variant=variant, slices={"light": light}))
            given.append(said(answers[-1].inference_id, *true, hours=7))
    return answers, given


def test_scores_are_those_of_the_counts_and_of_pycocotools() -> None:
    answers = [answer("a/1", (0, 0, 10, 10), (50, 0, 60, 10)), answer("b/1", (0, 0, 10, 10))]
    given = [said("a/1", (0, 0, 10, 10), (20, 0, 30, 10)), said("b/1", (0, 0, 10, 10))]
    measured = quality.report(given, answers, NOW).variants["champion"]
    values = {name: estimate.value for name, estimate in measured.metrics.items()}
    assert values["precision"] == values["recall"] == values["f1"] == pytest.approx(2 / 3, abs=1e-4)
    # The two right answers come first (0.9 each), the wrong one last: precision 1 up to a recall of 2/3.
    assert values["map50"] == pytest.approx(67 / 101, abs=1e-4)
    assert (measured.coverage, measured.lag_hours, measured.true_boxes) == (1.0, 9.0, 3)


def test_images_without_objects_and_answers_without_detections_are_measured() -> None:
    answers = [answer("a/1"), answer("b/1", (0, 0, 1, 1)), answer("c/1")]
    measured = quality.report([said("a/1")], answers, NOW).variants["champion"]
    assert measured.labelled == 1 and all(one.value is None for one in measured.metrics.values())
    measured = quality.report([said("a/1"), said("b/1")], answers, NOW).variants["champion"]
    assert measured.metrics["precision"].value == 0.0 and measured.metrics["recall"].value is None
    assert quality.report([], answers, NOW).variants["champion"].coverage == 0.0
    assert quality.report([], [], NOW).variants == {}


def test_variants_and_slices_are_apart() -> None:
    rng = np.random.default_rng(3)
    good, good_labels = world(rng, 6, 10, 0.95)
    bad, bad_labels = world(rng, 6, 10, 0.4, variant="challenger")
    told = quality.report([*good_labels, *bad_labels[:30]], [*good, *bad], NOW)
    recalls = [told.variants[name].metrics["recall"].value for name in ("champion", "challenger")]
    assert recalls[0] > 0.9 > 0.6 > recalls[1]  # type: ignore[operator]
    assert told.variants["challenger"].coverage == 0.5
    assert set(told.slices["champion"]["light"]) == {"day", "night"}
    assert sum(one.answers for one in told.slices["champion"]["light"].values()) == 60
    json.dumps(told.to_dict())


def two_classes(rng: np.random.Generator, flights: int, each: int) -> tuple[list[Answer], list[Label]]:
    """Trees that are found, bushes that mostly are not, and false alarms of both."""
    answers, given = [], []
    for flight in range(flights):
        for image in range(each):
            boxes = [(20.0 * k, 0.0, 20.0 * k + 10, 10.0) for k in range(6)]
            true = [("tree" if k < 3 else "bush", box) for k, box in enumerate(boxes)]
            found = [one for one in true if rng.random() < (0.9 if one[0] == "tree" else 0.3)]
            found += [("bush" if rng.random() < 0.5 else "tree", (0.0, 50.0, 10.0, 60.0))]
            name = f"f{flight}/{image}"
            answers.append(
                Answer(name, "champion", NOW - timedelta(hours=10), np.array([box for _, box in found]),
                       rng.uniform(0.3, 1.0, len(found)), tuple(what for what, _ in found))
            )  # fmt: skip
            at, true_boxes = NOW - timedelta(hours=1), tuple(LabelledBox(what, box) for what, box in true)
            given.append(Label(name, "ann", at, true_boxes))
    return answers, given


def test_classes_score_what_pycocotools_says_of_them_and_their_mean_is_the_whole() -> None:
    answers, given = two_classes(np.random.default_rng(2), 8, 5)
    told = quality.report(given, answers, NOW)
    classes, names = told.classes["champion"], ["bush", "tree"]
    scored = [
        coco_scores.Scored(
            np.array([box.box for box in label.boxes or ()]),
            np.array([names.index(box.name) for box in label.boxes or ()]),
            answer.boxes.astype(np.float32), answer.scores.astype(np.float32),
            np.array([names.index(name) for name in answer.names]),
        )
        for answer, label in zip(answers, given, strict=True)
    ]  # fmt: skip
    judge = coco_scores.per_class(coco_scores.evaluate(scored, names, by_size=False), names)
    assert {name: one.metrics["map50"].value for name, one in classes.items()} == pytest.approx(judge, abs=1e-4)
    whole = told.variants["champion"].metrics["map50"].value
    assert whole == pytest.approx(sum(judge.values()) / 2, abs=1e-4)
    assert [(one.labelled, one.true_boxes) for one in classes.values()] == [(40, 120), (40, 120)]
    assert classes["bush"].metrics["recall"].high < 0.6 < classes["tree"].metrics["recall"].low  # type: ignore[operator]


def test_a_class_of_one_flight_has_no_interval() -> None:
    answers, given = two_classes(np.random.default_rng(2), 4, 3)
    other = replace(given[0], boxes=(*(given[0].boxes or ()), LabelledBox("hut", (200.0, 0.0, 220.0, 10.0))))
    hut = quality.report([other, *given[1:]], answers, NOW).classes["champion"]["hut"]
    assert (hut.true_boxes, hut.metrics["recall"].value, hut.metrics["recall"].high) == (1, 0.0, None)


def test_classes_are_told_on_what_was_drawn_by_lot_as_soon_as_that_is_enough() -> None:
    answers, given = two_classes(np.random.default_rng(4), 10, 5)
    empty = [replace(one, boxes=(), sample="chosen") for one in given[25:]]
    drawn = [replace(one, sample="random") for one in given[:25]]
    told = quality.report([*drawn, *empty], answers, NOW)
    alone = quality.report(drawn, answers, NOW)
    assert told.classes == alone.classes
    whole = told.to_dict()["variants"]["champion"]
    assert whole["labelled"] == 50 and whole["drawn"]["labelled"] == 25
    assert quality.representative(whole)["metrics"] == alone.to_dict()["variants"]["champion"]["metrics"]
    few = quality.report([*drawn[:19], *empty], answers, NOW).variants["champion"]
    assert few.drawn is None


def test_slices_of_an_hour_s_sketches_are_those_of_its_answers() -> None:
    rng = np.random.default_rng(8)
    tested, answers, exact = Answers(), Answers(), Counter[str]()
    for number in range(3000):
        features = {"luminance_mean": float(rng.normal(120, 12)), "blur": float(rng.normal(900, 100))}
        tested.add(Record(f"t/{number}", NOW, "m", features, []))
    for column in tested.columns.values():
        column.settle()
    known = baseline.Baseline({}, None, tested.columns, "nowhere")  # type: ignore[arg-type]
    for number in range(5000):
        features = {"luminance_mean": float(rng.normal(100, 20)), "blur": float(rng.normal(900, 100))}
        answers.add(Record(f"a/{number}", NOW, "m", features, []))
        exact.update(f"{kind} {name}" for kind, name in slices.of(features, known).items())
    counted = slices.count({"m": answers, "unknown": answers}, {"m": known, "unknown": None})
    told = {f"{kind} {name}": count for kind, names in counted.items() for name, count in names.items()}
    assert told.keys() == exact.keys() and told == pytest.approx(dict(exact), abs=0.02 * 5000)
    assert told["light darker"] > 1500 and sum(counted["light"].values()) == pytest.approx(5000, abs=2)


def test_slices_say_what_part_of_them_is_labelled_as_far_as_they_were_counted() -> None:
    answers, given = world(np.random.default_rng(3), 4, 10)
    counts = quality.Captured(400, {"light": {"day": 300, "night": 10, "dusk": 90}})
    told = quality.report(given, answers, NOW, captured={"champion": counts})
    light = told.slices["champion"]["light"]
    assert (light["day"].answers, light["day"].coverage) == (300, round(20 / 300, 4))
    assert (light["dusk"].labelled, light["dusk"].coverage) == (0, 0.0)
    # Fewer were counted than labelled: hours from before slices were counted.
    assert (light["night"].answers, light["night"].coverage) == (None, None)
    assert told.variants["champion"].coverage == 0.1


def test_tells_answers_drawn_by_lot_from_those_that_were_chosen() -> None:
    box, away = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0)
    answers = [answer(f"{flight}/1", box) for flight in "abcd"]
    given = [replace(said("a/1", box), sample="random"), replace(said("b/1", box), sample="random"),
             replace(said("c/1", away), sample="chosen"), said("d/1", away)]  # fmt: skip
    by_sample = quality.report(given, answers, NOW).slices["champion"]["sample"]
    assert {name: one.metrics["recall"].value for name, one in by_sample.items()} == {
        "random": 1.0, "chosen": 0.0, "feedback": 0.0,
    }  # fmt: skip
    assert by_sample["random"].coverage == 0.5


def test_whose_word_it_is_may_be_another_than_who_delivers() -> None:
    answers = [answer("f/1", (0, 0, 10, 10))]
    words = [replace(said("f/1", (0, 0, 10, 10)), annotator=name) for name in ("ada", "bob")]
    away = replace(said("f/1", (50, 0, 60, 10)), annotator="eve")
    assert settle([*words, away], answers, NOW).counts.outvoted == 1


def test_intervals_know_that_images_of_a_flight_are_alike() -> None:
    """95 % intervals of recall over 100 seeded worlds of 10 flights; binomial margin of three standard deviations."""
    rng, covered, narrow = np.random.default_rng(11), 0, 0
    runs, expected = 60, 0.74
    resamples, sample.RESAMPLES = sample.RESAMPLES, 150
    try:
        for _ in range(runs):
            answers, given = world(rng, 10, 8, expected, 0.15)
            found = quality.report(given, answers, NOW).variants["champion"].metrics["recall"]
            assert found.low is not None and found.high is not None and found.value is not None
            covered += found.low <= 0.735 <= found.high
            half = 1.96 * (found.value * (1 - found.value) / (4 * 80)) ** 0.5
            narrow += found.value - half <= 0.735 <= found.value + half
    finally:
        sample.RESAMPLES = resamples
    assert covered >= runs * 0.95 - 3 * (runs * 0.95 * 0.05) ** 0.5
    assert narrow < covered


def test_ten_thousand_answers_and_six_thousand_labels() -> None:
    rng = np.random.default_rng(5)
    answers, given = world(rng, 100, 100)
    late = [given[index] for index in rng.permutation(len(given))[:6000]]
    told = quality.report(late, answers, NOW)
    measured = told.variants["champion"]
    assert (measured.answers, measured.labelled, measured.coverage) == (10_000, 6_000, 0.6)
    recall = measured.metrics["recall"]
    assert recall.value == pytest.approx(0.8, abs=0.01) and recall.low < recall.value < recall.high  # type: ignore[operator]
    assert asdict(told.settled.counts)["used"] == 6000
