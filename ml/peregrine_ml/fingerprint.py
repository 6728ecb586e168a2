"""dHash: a 64-bit fingerprint that stays the same when a picture is re-encoded or resized."""

import numpy as np
from numpy.typing import NDArray


def difference_hash(grey: NDArray[np.uint8]) -> int:
    """Each bit says whether a cell of a 9x8 thumbnail is brighter than its left neighbour."""
    import cv2

    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    return int.from_bytes(np.packbits(small[:, 1:] > small[:, :-1]).tobytes(), "big")
