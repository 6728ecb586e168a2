"""Sets of inference ids: nothing that is in one is missed, and little that is not is found."""

import base64
import zlib

import pytest

from peregrine_ml.monitoring.ids import BITS, Ids


def of(first: int, last: int) -> Ids:
    made = Ids()
    for number in range(first, last):
        made.add(f"flight-{number // 40}/{number:06}")
    return made


def test_ids_of_an_hour_are_found_and_others_seldom() -> None:
    ids = Ids.parse(of(0, 20_000).document())
    assert all(f"flight-{number // 40}/{number:06}" in ids for number in range(0, 20_000, 7))
    wrong = sum(f"flight-x/{number}" in ids for number in range(5000))
    assert wrong < 50


def test_parts_together_hold_the_ids_of_both() -> None:
    whole = of(0, 100)
    whole.merge(of(100, 200))
    assert whole.document() == of(0, 200).document()
    assert len(of(0, 100).document()) < 5000


@pytest.mark.parametrize(
    "text",
    ["", "?", None, base64.b64encode(zlib.compress(b"x")).decode(),
     base64.b64encode(zlib.compress(bytes(BITS))).decode()],
)  # fmt: skip
def test_what_is_no_such_set_is_refused(text: str | None) -> None:
    with pytest.raises(ValueError):
        Ids.parse(text)
