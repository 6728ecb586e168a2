"""`profile`: describe labelled flights as profile.json and profile.html."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peregrine_ml import paths, recorded
from peregrine_ml.errors import InputError
from peregrine_ml.prepare import READERS, read_images
from peregrine_ml.profile import measure, page


def profile(source: Path, target: Path, formats: Sequence[str]) -> dict[str, Any]:
    """Write profile.json and profile.html; returns the former.

    Raises:
        InputError: no images, or annotations that cannot be read. Everything else becomes a finding.
    """
    images = measure.measure(source, read_images(source, formats))
    document = measure.summarise(images)
    (target / "profile.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (target / "profile.html").write_text(page.render(document, images), encoding="utf-8")
    return document


def main(arguments: Sequence[str]) -> None:
    """The verb: from the Processing job's input `flights` to its output `profile`."""
    recorded.check()
    parser = argparse.ArgumentParser(prog="peregrine_ml profile", description=__doc__)
    parser.add_argument("--formats", default="voc", help="comma-separated: voc, coco, yolo, visdrone (default voc)")
    formats = [name.strip() for name in parser.parse_args(arguments).formats.split(",") if name.strip()]
    unknown = [name for name in formats if name not in READERS]
    if unknown or not formats:
        raise InputError(f"--formats: {', '.join(unknown) or 'nothing'} is none of {', '.join(READERS)}.")
    document = profile(paths.processing_input("flights"), paths.processing_output("profile"), formats)
    print(f"{document['images']['all']} images, {document['boxes']} boxes, {len(document['flights'])} flights")
    for finding in document["findings"]:
        print(f"{finding['severity']}: {finding['text']}")
