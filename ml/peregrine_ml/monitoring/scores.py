"""What each labelled answer scored, and which flights came: what experiments compare variants by.

One file for the label window, written anew by every run (`contract/experiment.ts`, `scoresDocument`). A variant is
judged by itself: a shadow answers the same images as the champion, under the same inference ids. A label that draws all
true objects tells of both answers; verdicts about detections tell of one, and nobody knows of which.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from peregrine_ml.monitoring import names, sample, store
from peregrine_ml.monitoring.job import Job
from peregrine_ml.monitoring.label_rules import Answer, settle
from peregrine_ml.monitoring.labelled import LABEL_WINDOW
from peregrine_ml.monitoring.labels import Label
from peregrine_ml.monitoring.summary import Summary

SCHEMA = "peregrine.scores/1"


def write(
    job: Job, hours: Mapping[tuple[str, datetime], Summary], labels: Sequence[Label], answers: Sequence[Answer]
) -> None:
    """Write the scores of the label window.

    Args:
        job: the run.
        hours: of its window.
        labels: all that came, in the order in which they came.
        answers: that labels name.
    """
    uri = f"{job.artifacts}/{names.SUMMARIES}{job.endpoint}/{names.SCORES}"
    document = {
        "schema": SCHEMA, "until": job.end.isoformat(), "answers": _answers(job, labels, answers),
        "flights": _flights(job, hours, store.read(uri)),
    }  # fmt: skip
    store.write(uri, json.dumps(document).encode())


def _answers(job: Job, labels: Sequence[Label], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    by_variant: dict[str, list[Answer]] = {}
    for answer in answers:
        by_variant.setdefault(answer.variant, []).append(answer)
    variants_of: dict[str, set[str]] = {}
    for answer in answers:
        variants_of.setdefault(answer.inference_id, set()).add(answer.variant)
    clear = [label for label in labels if label.boxes is not None or len(variants_of.get(label.inference_id, ())) < 2]
    found = []
    for variant, own in sorted(by_variant.items()):
        labelled = list(settle(clear, own, job.now).labelled.values())
        for one, (right, detections, objects) in zip(labelled, sample.matches(labelled), strict=True):
            # What came later is read again by the next run.
            if one.at <= job.end:
                found.append({
                    "id": one.answer.inference_id, "flight": one.answer.flight, "variant": variant,
                    "answeredAt": one.answer.at.isoformat(), "labelledAt": one.at.isoformat(), "sample": one.sample,
                    "right": int(right), "found": int(detections), "true": int(objects),
                })  # fmt: skip
    return found


def _flights(
    job: Job, hours: Mapping[tuple[str, datetime], Summary], before: bytes | None
) -> dict[str, dict[str, str]]:
    """Flights by variant with the end of the run that saw them first; for as long as labels count."""
    oldest = (job.end - LABEL_WINDOW).isoformat()
    found = {
        variant: {flight: seen for flight, seen in flights.items() if seen >= oldest}
        for variant, flights in _known(before).items()
    }
    for (variant, _), summary in hours.items():
        for answers in summary.models.values():
            for flight in answers.window.flights:
                if flight:
                    found.setdefault(variant, {}).setdefault(flight, job.end.isoformat())
    return found


def _known(before: bytes | None) -> dict[str, dict[str, str]]:
    """What the run before wrote; a file that cannot be read is as if there were none."""
    try:
        document = json.loads(before or b"{}")
        return {str(variant): dict(flights) for variant, flights in document.get("flights", {}).items()}
    except (ValueError, TypeError, AttributeError):
        return {}
