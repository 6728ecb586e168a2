"""Harm against drift score, and the estimate of mAP50 against the truth, on the project's own images.

Usage: python images.py ML_FOLDER WORK_FOLDER. Prints JSON.
The model is the project's base weights, which never saw the test flights. The estimate learns from test tiles, as
`evaluate` has it. Windows are the test flights and, apart, the validation flights, under every kind of damage.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

TILE = 192


def main(ml: str, work: Path) -> None:
    """Measure."""
    sys.path[:0] = [ml]
    from peregrine_ml import damage, dataset, modelfile, prepare
    from peregrine_ml.detector import Detector
    from peregrine_ml.evaluation import coco_scores, ground_truth, meta_set
    from peregrine_ml.training import export

    options = prepare.Options(tile=TILE, slices=False)
    dataset.build(work)
    prepare.prepare(work / "flights", work / "dataset", options)
    export.to_onnx(Path(ml) / "base-weights" / "yolo11n-aerial.pt", work / "model.onnx", TILE)
    model = modelfile.ModelFile(
        work / "model.onnx", "", ("tree",), TILE, TILE, options.overlap, modelfile.Thresholds(), {}
    )
    detector = Detector(model)
    samples = {split: ground_truth.read(work / "dataset", split) for split in ("test", "val")}
    changes = {("clean", 0): lambda sample: sample.image}
    changes |= {(name, 0): partial(meta_set.harmless, change=change) for name, change in damage.HARMLESS.items()}
    changes |= {
        (kind, strength): partial(meta_set.damaged, kind=kind, strength=strength)
        for kind in damage.KINDS for strength in damage.STRENGTHS
    }  # fmt: skip
    seen = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (change, apply) in enumerate(changes.items()):
            if number % 10 == 0:
                print(f"images: {number} of {len(changes)} kinds of damage", file=sys.stderr, flush=True)
            for split, tiles in samples.items():
                rows, scored = meta_set.answers(detector, tiles, apply, pool)
                seen[split, change] = rows, scored, coco_scores.map50(scored, ("tree",))
    found = {"changes": len(changes), "kinds": len(damage.KINDS), "tiles": {k: len(v) for k, v in samples.items()}}
    for split in samples:
        print(f"images: judging the windows of {split}", file=sys.stderr, flush=True)
        found[split] = {
            "clean": seen[split, ("clean", 0)][2],
            "known": judged(seen, samples, changes, split, None),
            "left_out": judged(seen, samples, changes, split, sorted(damage.KINDS)),
        }
    print(json.dumps(found))


def judged(seen: dict, samples: dict, changes: dict, split: str, leave_out: list[str] | None) -> dict:
    """Scores and estimates of a split's windows; with `leave_out`, each kind by an estimate that never saw it."""
    from peregrine_ml.drift import spread
    from peregrine_ml.drift.calibration import calibrate
    from peregrine_ml.drift.decide import decide, flight_means
    from peregrine_ml.drift.estimate import Estimator
    from peregrine_ml.drift.model import Budget

    clean = seen[split, ("clean", 0)][2]
    rows = []
    budget, judge = Budget(), None
    for left in leave_out or [None]:
        baseline = learned(seen, samples["test"], changes, left)
        estimator = Estimator.parse(baseline.estimator)
        if left is None:
            measured = spread.of(baseline)
            sizes, _ = flight_means(baseline, window(seen[split, ("clean", 0)][0], samples[split]), measured)
            judge = calibrate(measured, sizes, 1, budget.alpha, estimator)
        for change in changes:
            values, _, true = seen[split, change]
            if left is None:
                verdict = decide(baseline, window(values, samples[split]), budget, judge)
                rows.append((change, verdict.score, verdict.estimate, true))
            elif change[0] == left:
                found = estimator.estimate(values.mean(axis=0))
                rows.append((change, -(found.map50 or 0.0), found, true))
    drops = np.array([clean - true for _, _, _, true in rows])
    scores = np.array([score for _, score, _, _ in rows])
    harm = drops > 0.05
    known = [(one, true) for _, _, one, true in rows if one.map50 is not None]
    errors = [abs(one.map50 - true) for one, true in known]
    return {
        "auc": float((scores[harm][:, None] > scores[~harm][None]).mean()),
        "harmful": int(harm.sum()), "found": float((scores[harm] >= 1).mean()),
        "harmless_alarms": float((scores[~harm] >= 1).mean()),
        "quiet": {change[0]: score for change, score, _, _ in rows if change[1] == 0},
        "median_error": float(np.median(errors)), "unknown": len(rows) - len(known),
        "coverage": float(np.mean([one.low <= true <= one.high for one, true in known])),
        "width": float(np.median([one.high - one.low for one, _ in known])),
    }  # fmt: skip


def learned(seen: dict, tiles: list, changes: dict, left: str | None):
    """The baseline of the test tiles, with what `evaluate` learns; without one kind of damage."""
    from peregrine_ml.drift import estimate, signals
    from peregrine_ml.drift.model import Baseline
    from peregrine_ml.evaluation import coco_scores, meta_set

    chosen = meta_set.subset(tiles)
    places = [index for index, sample in enumerate(tiles) if any(sample is one for one in chosen)]
    parts = meta_set.flights(chosen)
    points, targets, kinds, moved = [], [], [], []
    rows, _, level = seen["test", ("clean", 0)]
    for (name, strength), _ in changes.items():
        if name == left or strength not in (0, *meta_set.STRENGTHS):
            continue
        values, scored, _ = seen["test", (name, strength)]
        points += [values[places][part].mean(axis=0) for part in parts]
        targets += [coco_scores.map50([scored[place] for place in places], ("tree",))] * len(parts)
        kinds += [name if strength else estimate.SANE] * len(parts)
        if not strength and name != "clean":
            moved.append(values[places].mean(axis=0) - rows[places].mean(axis=0))
    names = tuple(signals.SIGNALS)
    scaled = np.clip(np.array(targets) * level / targets[0], 0, 1)
    estimator = estimate.learn(names, rows[places], np.array(points), scaled, kinds)
    flights = tuple(sample.flight for sample in tiles)
    return Baseline(names, rows, flights, flights, np.array(moved), estimator.document())


def window(rows: np.ndarray, tiles: list):
    """A window of these feature rows."""
    from peregrine_ml.drift import signals
    from peregrine_ml.drift.model import Window

    found = Window(names=tuple(signals.SIGNALS), count=len(tiles), blocks={"a day"})
    for row, sample in zip(rows, tiles, strict=True):
        before = found.flights.get(sample.flight, np.zeros(1 + len(row)))
        found.flights[sample.flight] = before + np.concatenate([[1.0], row])
    return found


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
