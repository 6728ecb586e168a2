"""What `profile` and `prepare` did, as runs of their own in MLflow.

Both jobs are cut off from every network, since all that they do is read images that others wrote. What they made comes
to the training job, which speaks to MLflow anyway: it tells of them before it begins.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peregrine_ml import manifest, tracking
from peregrine_ml.errors import InputError
from peregrine_ml.flights import SPLITS
from peregrine_ml.prepare import METADATA_FILE

PARENT = "mlflow.parentRunId"
"""By this tag MLflow's pages show a run below another one."""


def track(parent: tracking.Run, contents: Mapping[str, Any], dataset: Path, profiled: Path) -> None:
    """One run for each of the two steps, below the training's.

    Args:
        parent: the training's run.
        contents: the manifest of the data set.
        dataset: its folder.
        profiled: folder of profile.json; without it the step is left out, as where a job is started by hand.
    """
    described = profiled / "profile.json"
    if described.is_file():
        try:
            params, metrics = of_profile(json.loads(described.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{described} is no profile: {error!r}.", "It must come from `peregrine_ml profile`."
            ) from None
        files = [path for path in (described, profiled / "profile.html") if path.is_file()]
        _run("profile", parent, contents).whole(params, metrics, files)
    params, metrics = of_manifest(contents)
    files = [path for name in (manifest.FILE_NAME, METADATA_FILE, "data.yaml") if (path := dataset / name).is_file()]
    _run("prepare", parent, contents).whole(params, metrics, files)


def of_profile(profile: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """Parameters and metrics of profile.json."""
    images = profile["images"]
    severities = [finding["severity"] for finding in profile["findings"]]
    return {"dataset_uri": os.environ.get("DATASET_URI", "")}, {
        "images": images["all"], "images_labelled": images["labelled"], "megapixels": images["megapixels"],
        "boxes": profile["boxes"], "flights": len(profile["flights"]), "classes": len(profile["classes"]),
        **{f"findings_{severity}": severities.count(severity) for severity in sorted(set(severities))},
    }  # fmt: skip


def of_manifest(contents: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """Parameters and metrics of a data set's manifest."""
    splits = contents["splits"]
    params = {
        "dataset_uri": os.environ.get("DATASET_URI", ""), "classes": ",".join(contents["classes"]),
        **{name: json.dumps(value) if isinstance(value, list | dict) else value
           for name, value in contents["options"].items()},
    }  # fmt: skip
    metrics: dict[str, float] = {"files": len(contents["files"])}
    for split in SPLITS:
        metrics |= {
            f"images_{split}": splits[split]["images"], f"boxes_{split}": splits[split]["boxes"],
            f"flights_{split}": len(splits[split]["flights"]),
        }  # fmt: skip
    return params, metrics | {f"left_out_{name}": count for name, count in contents["left_out"].items()}


def _run(step: str, parent: tracking.Run, contents: Mapping[str, Any]) -> tracking.Run:
    # The job that tells is not the one that did it.
    of = {name: value for name, value in tracking.job_tags().items() if name != "sagemaker.training_job"}
    tags = {
        **of, "peregrine.step": step, "peregrine.dataset": contents["digest"],
        PARENT: parent.run_id,
    }  # fmt: skip
    return tracking.start(step, tags)
