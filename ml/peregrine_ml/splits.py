"""Which flights train, validate and test, and the guard that no ground is in two of them."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from peregrine_ml.errors import InputError
from peregrine_ml.flights import SPLITS, FlightImage

TEST_SHARE, VAL_SHARE = 0.2, 0.15


def assign(images: Sequence[FlightImage]) -> dict[str, str]:
    """Split by flight: the owner's choice where flights.csv gives one, else decided by the flight's name.

    A name's hash decides, not a shuffle: a flight added later never moves another one across splits.

    Raises:
        InputError: a flight with images in two splits, or a split without any flight.
    """
    chosen: dict[str, set[str]] = defaultdict(set)
    for image in images:
        chosen[image.flight].add(image.split)
    torn = [
        f"flight {name} is in {', '.join(sorted(s or 'none' for s in splits))}"
        for name, splits in chosen.items()
        if len(splits) > 1
    ]
    if torn:
        raise InputError.of_problems("A flight must be in one split", torn, "Correct the split column of flights.csv.")
    result = {flight: next(iter(splits)) or _by_name(flight) for flight, splits in chosen.items()}
    if not any(image.split for image in images):
        result = _fill_empty(result)
    missing = [split for split in SPLITS if split not in result.values()]
    if missing:
        raise InputError(
            f"No flight for {', '.join(missing)}: {len(result)} labelled flights in all.",
            "A split by flight needs at least three flights; name them in flights.csv or in folders.",
        )
    return result


def _by_name(flight: str) -> str:
    share = int.from_bytes(hashlib.sha256(flight.encode()).digest()[:4], "big") / 2**32
    return "test" if share < TEST_SHARE else "val" if share < TEST_SHARE + VAL_SHARE else "train"


def _fill_empty(result: dict[str, str]) -> dict[str, str]:
    """With few flights a hash can leave a split empty: the flights nearest to it in hash order fill it."""
    order = sorted(result, key=lambda flight: hashlib.sha256(flight.encode()).digest())
    for split, at in (("test", 0), ("val", 1), ("train", -1)):
        if split not in result.values() and len(order) >= len(SPLITS):
            result[order[at]] = split
    return result


def check_no_leak(fingerprints: Sequence[tuple[str, str, int]]) -> None:
    """Refuse a data set that shows the same picture in two splits.

    Args:
        fingerprints: name, split and 64-bit difference hash of every image. A hash of 0 tells nothing: the picture
            has no structure, such as a blank one.

    Raises:
        InputError: all pictures that are in two splits.
    """
    seen: dict[int, tuple[str, str]] = {}
    problems = []
    for name, split, fingerprint in fingerprints:
        other, other_split = seen.setdefault(fingerprint, (name, split))
        if fingerprint and other_split != split:
            problems.append(f"{other} ({other_split}) and {name} ({split}) show the same picture")
    if problems:
        raise InputError.of_problems(
            "The same picture is in two splits", problems, "Give both the same flight in flights.csv, or drop one."
        )
