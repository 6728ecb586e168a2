"""Which inference ids an hour holds, in a fixed number of bytes: whether a label's answer may be in it.

A Bloom filter (Bloom 1970): an id that was added is always found, another one seldom. It merges by union, and its size
does not grow with traffic: beyond some 40,000 ids an hour it answers "maybe" too often, and more hours are read again.
"""

import base64
import zlib
from hashlib import blake2b
from typing import Any

BITS = 1 << 18
HASHES = 5


class Ids:
    """A set of ids that can be asked, but not listed."""

    def __init__(self, bits: bytes = bytes(BITS // 8)) -> None:
        self._bits = bytearray(bits)

    def add(self, name: str) -> None:
        """Take in an id."""
        for place in _places(name):
            self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, name: str) -> bool:
        return all(self._bits[place >> 3] >> (place & 7) & 1 for place in _places(name))

    def merge(self, other: "Ids") -> None:
        """Take in another one's ids."""
        both = int.from_bytes(self._bits, "little") | int.from_bytes(other._bits, "little")
        self._bits = bytearray(both.to_bytes(BITS // 8, "little"))

    def document(self) -> str:
        """For JSON."""
        return base64.b64encode(zlib.compress(bytes(self._bits), 1)).decode()

    @classmethod
    def parse(cls, text: Any) -> "Ids":
        """What `document` wrote.

        Raises:
            ValueError: it is no such set.
        """
        try:
            # No more than asked for is unpacked: a few bytes may claim gigabytes.
            bits = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), BITS // 8 + 1)
        except (TypeError, zlib.error) as error:
            raise ValueError(f"ids that cannot be read: {error}") from None
        if len(bits) != BITS // 8:
            raise ValueError("ids of another size")
        return cls(bits)


def _places(name: str) -> list[int]:
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4 * HASHES).digest()
    return [int.from_bytes(digest[start : start + 4], "little") % BITS for start in range(0, len(digest), 4)]
