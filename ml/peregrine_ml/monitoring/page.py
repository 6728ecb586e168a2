"""The report for people: one HTML file with its charts inside, light and dark, readable without scripts."""

from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import peregrine_ml.profile
from peregrine_ml.drift import signals
from peregrine_ml.monitoring import names
from peregrine_ml.monitoring.columns import Column
from peregrine_ml.monitoring.findings import Findings, Group

PARTS = 16
"""Of a distribution's chart."""
SHOWN_EXAMPLES = 9
SHOWN_FEATURES = 9
METRICS = ("precision", "recall", "F1", "mAP50")
LEGEND = ("test images", "this window")


def render(findings: Findings) -> str:
    """The whole page."""
    style = (Path(peregrine_ml.profile.__file__).parent / "page.css").read_text(encoding="utf-8")
    job = findings.job
    title = f"Monitoring of {job.endpoint}"
    when = f"{job.start:%Y-%m-%d %H:%M} to {job.end:%Y-%m-%d %H:%M} UTC"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<header><h1>{escape(title)}</h1><p class="sub">{when}</p></header>'
        f'<section class="tiles">{_tiles(findings)}</section>'
        f'<h2>Findings</h2><ul class="card findings">{_findings(findings)}</ul>'
        f"{''.join(_group(group) for group in findings.groups)}"
        f"{_quality(findings)}"
        f'<h2>Captured lines</h2><section class="card scroll" style="padding:4px 0">{_lines(findings)}</section>'
        f"<footer>A window is compared with the test images of the model that answered. At most 1 false alarm in"
        f" {job.false_alarm_days:g} days is allowed. The same numbers for programs are in <code>{names.REPORT}</code>."
        "</footer></main></body></html>"
    )


def _tiles(findings: Findings) -> str:
    first = findings.groups[0] if findings.groups else None
    verdict = first.verdict if first else None
    score = "unknown" if verdict is None or verdict.score is None else f"{verdict.score:.2f}"
    estimate = "unknown" if verdict is None or verdict.estimate.map50 is None else f"{verdict.estimate.map50:.2f}"
    visible = "unknown" if verdict is None or verdict.visible_effect is None else f"{verdict.visible_effect:.2f}"
    values = [
        (f"{findings.records}", "answers compared"), (score, "drift score (1 is drift)"),
        (visible, "shift this window can show (σ)"), (estimate, "estimated mAP50"),
        (f"{len(findings.groups)}", "models that answered"),
        (f"{sum(one.unreadable for one in findings.totals.values())}", "unreadable lines"),
    ]  # fmt: skip
    return "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for value, name in values
    )


def _findings(findings: Findings) -> str:
    said = [("warning", f"Not judged: {text}.") for text in findings.unwatched]
    for group in findings.groups:
        if group.drifted:
            said.append(("error", f"{group.variant} has drifted away from the test images of its model."))
        elif group.verdict and group.verdict.judged:
            said.append(("note", f"No drift in {group.variant}, as far as this window can show it."))
        if group.extended:
            said.append(("note", f"The window has few answers, so {group.extended} of hours before it are with them."))
        said += [("note", text) for text in (group.verdict.reasons if group.verdict else ())]
        said += [
            ("warning", one["description"])
            for one in group.violations
            if one["constraint_check_type"] != "baseline_drift_check"
        ]
    return "".join(
        f'<li><span class="badge {severity}">{severity}</span>{escape(text)}</li>' for severity, text in said
    )


def _group(group: Group) -> str:
    head = f"<h2>{escape(group.variant)}, model <code>{group.model_sha256[:12]}</code></h2>"
    if not group.verdict or not group.baseline:
        return f'{head}<p class="card">{escape(group.problem or "not judged")}</p>'
    # Most of a run's start is matplotlib's; a window with nothing to draw ends without it.
    from peregrine_ml.profile import charts

    shifts = group.verdict.features
    moved = {one.name for one in shifts if one.p_value < 0.001} if group.drifted else set()
    effects = {one.meaning or one.name: one.effect for one in shifts}
    marked = {one.meaning or one.name for one in shifts if one.name in moved}
    cards = [
        _card("Shift of the mean", "standard deviations of an image", charts.deviations(effects, marked)),
        *(
            _card(
                _meaning(name), f"distance {group.distances[name]:.2f} of 1",
                _distribution(group.baseline.columns[name], group.answers.columns[name]),
            )
            for name in sorted(group.distances, key=lambda name: -group.distances[name])[:SHOWN_FEATURES]
        ),
        _card("Objects by class", "detections", charts.bars(dict(group.answers.classes.most_common(12)))),
    ]  # fmt: skip
    return f'{head}<section class="cards">{"".join(cards)}</section>{_examples(group)}'


def _distribution(before: Column, now: Column) -> str:
    """Over what both hold but for their outermost percent: one outlier must not flatten the rest."""
    from peregrine_ml.profile import charts

    ends = [*before.quantiles([0.005, 0.995]), *now.quantiles([0.005, 0.995])]
    if not ends or min(ends) == max(ends):
        return charts.EMPTY
    low, high = min(ends), max(ends)
    if before.integral and now.integral and high - low < PARTS:
        # A part for each whole number: others would be empty by turns.
        edges = (np.arange(low, high + 2) - 0.5).tolist()
    else:
        edges = np.linspace(low, high, PARTS + 1).tolist()
    return charts.compared(edges, before.shares(edges).tolist(), now.shares(edges).tolist(), LEGEND)


def _examples(group: Group) -> str:
    if not group.verdict or not group.verdict.examples:
        return ""
    items = "".join(f"<li><code>{escape(name)}</code></li>" for name in group.verdict.examples[:SHOWN_EXAMPLES])
    return (
        '<div class="card" style="margin-top:14px"><h3>Examples</h3>'
        "<p>inference ids of the answers that stand out most in the features that"
        f" moved; the captured image lies under the same id</p><ul>{items}</ul></div>"
    )


def _quality(findings: Findings) -> str:
    variants = (findings.quality or {}).get("variants", {})
    if not variants:
        return ""
    rows = [_row(("variant", "answers", "labelled", "coverage", *METRICS, "lag"), "th")]
    rows += [_row((variant, *_counts(one), *_scores(one), _lag(one))) for variant, one in variants.items()]
    return f"<h2>Quality on labelled answers</h2>{_table(rows)}{''.join(_parts(findings, name) for name in variants)}"


def _parts(findings: Findings, variant: str) -> str:
    """Slices and classes of a variant, as far as enough of them is labelled."""
    slices, classes = findings.slices(variant), findings.classes(variant)
    found = ""
    if slices:
        rows = [_row(("slice", "answers", "labelled", "coverage", *METRICS, "lag"), "th")]
        rows += [_row((name, *_counts(one), *_scores(one), _lag(one))) for name, one in slices.items()]
        found += f"<h3>{escape(variant)}, by slice</h3>{_table(rows)}"
    if classes:
        rows = [_row(("class", "labelled", "true objects", *METRICS), "th")]
        rows += [
            _row((name, str(one["labelled"]), str(one["true_boxes"]), *_scores(one))) for name, one in classes.items()
        ]
        found += f"<h3>{escape(variant)}, by class</h3>{_table(rows)}"
    return found


def _table(rows: list[str]) -> str:
    return f'<section class="card scroll" style="padding:4px 0"><table>{"".join(rows)}</table></section>'


def _counts(quality: dict[str, Any]) -> tuple[str, str, str]:
    answers, coverage = quality["answers"], quality["coverage"]
    return (
        "unknown" if answers is None else str(answers), str(quality["labelled"]),
        "unknown" if coverage is None else f"{coverage:.1%}",
    )  # fmt: skip


def _scores(quality: dict[str, Any]) -> list[str]:
    return [_interval(quality["metrics"][key]) for key in ("precision", "recall", "f1", "map50")]


def _lag(quality: dict[str, Any]) -> str:
    return "unknown" if quality["lag_hours"] is None else f"{quality['lag_hours']:g} h"


def _interval(metric: dict[str, float | None]) -> str:
    value, low, high = (metric[key] for key in ("value", "low", "high"))
    if value is None:
        return "unknown"
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _lines(findings: Findings) -> str:
    rows = [_row(("variant", "lines", "answers", "unreadable", "why", "dated wrong", "minutes since the last"), "th")]
    for variant, one in sorted(findings.totals.items()):
        why = "; ".join(f"{count} {fault.value}" for fault, count in one.faults.most_common()) or "none"
        gap = f"{findings.gap_minutes(variant):g}"
        rows.append(_row((variant, str(one.lines), str(one.records), str(one.unreadable), why, str(one.skewed), gap)))
    return f"<table>{''.join(rows)}</table>"


def _row(cells: tuple[str, ...], kind: str = "td") -> str:
    return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"


def _card(title: str, text: str, chart: str) -> str:
    return f'<div class="card"><h3>{escape(title)}</h3><p>{escape(text)}</p>{chart}</div>'


def _meaning(name: str) -> str:
    known = signals.SIGNALS.get(name)
    return f"{known[1]} ({name})" if known else name
