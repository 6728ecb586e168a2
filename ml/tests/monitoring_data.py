"""Captured lines and baselines of a made-up endpoint, for tests of monitoring."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from peregrine_ml.drift.model import Answer
from peregrine_ml.monitoring import baseline

MODEL, OTHER_MODEL = "a" * 64, "b" * 64
ENDPOINT, VARIANT = "peregrine-prod-detector", "champion"
END = datetime(2026, 11, 29, 12, tzinfo=UTC)
START = END - timedelta(hours=1)
USUAL = {"luminance_mean": (120.0, 12.0), "luminance_std": (50.0, 5.0), "blur": (900.0, 120.0),
         "mean_conf": (0.6, 0.05), "max_conf": (0.9, 0.03), "median_box_side": (40.0, 4.0),
         "covered": (0.1, 0.02)}  # fmt: skip
FOG = {"luminance_mean": 190.0, "luminance_std": 20.0, "blur": 90.0, "mean_conf": 0.4}


def features(random: np.random.Generator, moved: Mapping[str, float] | None = None) -> dict[str, float]:
    measured = {
        name: float(max(0.0, random.normal((moved or {}).get(name, mean), deviation)))
        for name, (mean, deviation) in USUAL.items()
    }
    return {**measured, "n_det": float(random.poisson(4)), "min_conf": 0.3, "median_box_area": 1600.0, "width": 256.0,
            "height": 256.0, "bytes": float(random.integers(40_000, 60_000))}  # fmt: skip


def answer(given: Mapping[str, float], model: str = MODEL, name: str = "tree") -> dict[str, Any]:
    detection = {"class": 0, "name": name, "confidence": 0.7, "box": [10.0, 10.0, 50.0, 50.0]}
    return {"image": {"w": 256, "h": 256}, "detections": [detection] * int(given.get("n_det", 0)),
            "model": {"sha256": model, "architecture": "yolo11n", "imgsz": 192, "tiles": 1}, "features": dict(given),
            "timing_ms": {"total": 8.6}}  # fmt: skip


def line(said: Any, name: str, at: datetime, image: bytes = b"\xff\xd8image", **event: Any) -> bytes:
    """A captured line with the members in SageMaker's order."""
    document = {
        "captureData": {
            "endpointInput": {"observedContentType": "image/jpeg", "mode": "INPUT",
                              "data": base64.b64encode(image).decode(), "encoding": "BASE64"},
            "endpointOutput": {"observedContentType": "application/json", "mode": "OUTPUT", "data": json.dumps(said),
                               "encoding": "JSON"},
        },
        "eventMetadata": {"eventId": f"event-{name}", "inferenceId": name,
                          "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
        "eventVersion": "0",
        **event,
    }  # fmt: skip
    return json.dumps(document).encode()


def quiet(count: int, seed: int = 1, moved: Mapping[str, float] | None = None, flight_size: int = 5,
          model: str = MODEL, hour: datetime = START) -> Iterator[bytes]:  # fmt: skip
    """Lines of an hour, evenly spread, in flights."""
    random = np.random.default_rng(seed)
    for number in range(count):
        name = f"flight-{seed}-{number // flight_size:04}/{number:06}"
        yield line(answer(features(random, moved), model), name, hour + timedelta(hours=1) * number / count)


def write(folder: Path, lines: Iterable[bytes], hour: datetime = START, file: str = "00-00-000-a.jsonl",
          variant: str = VARIANT) -> Path:  # fmt: skip
    target = folder / ENDPOINT / variant / f"{hour:%Y/%m/%d/%H}" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"".join(one + b"\n" for one in lines))
    return target


def write_baseline(folder: Path, images: int = 200, model: str = MODEL) -> Path:
    """Of images in flights of five."""
    random = np.random.default_rng(0)
    given = [
        (Answer(features(random), f"test-{number // 5:03}", f"images/{number}.jpg"), {"tree": 4})
        for number in range(images)
    ]
    baseline.write(folder, given, model)
    return folder


def variables(root: Path, **other: str) -> dict[str, str]:
    """What Model Monitor gives a container, with `/opt/ml` as it is there."""
    return {
        "dataset_source": "/opt/ml/processing/endpointdata",
        "dataset_format": '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput","endpointOutput"]}}',
        "output_path": "/opt/ml/processing/output", "start_time": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{END:%Y-%m-%dT%H:%M:%SZ}", "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": ENDPOINT, "sagemaker_monitoring_schedule_name": "peregrine-prod-monitoring",
        "baseline_constraints": "/opt/ml/processing/baseline/constraints/constraints.json", "SM_ROOT": str(root),
        **other,
    }  # fmt: skip
