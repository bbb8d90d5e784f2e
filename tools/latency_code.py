"""A moment in time as black and white cells at the top of a picture, that survive scaling and compression.

80 cells over the whole width: 8 to recognise it, 56 bits of microseconds of the monotonic clock (all
processes of a machine share it), 16 bits of a checksum.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

CELLS = 80
HEIGHT_SHARE = 1 / 24  # of the picture's height
_MARK = 0b10110010
_BLACK, _WHITE = 16, 240


def write_code(picture: NDArray[np.uint8], time_s: float) -> None:
    """Paint `time_s` over the top rows of a gray picture (H, W)."""
    height, width = picture.shape
    levels = np.where(_bits(round(time_s * 1e6)), _WHITE, _BLACK).astype(np.uint8)
    columns = np.arange(width) * CELLS // width
    picture[: max(4, round(height * HEIGHT_SHARE))] = levels[columns]


def read_code(picture: NDArray[np.uint8]) -> float | None:
    """The moment that is written on a picture (H, W) of any size; None where there is none."""
    height, width = picture.shape
    strip = max(4, round(height * HEIGHT_SHARE))
    rows = picture[strip // 4 : max(strip // 4 + 1, strip * 3 // 4)]
    centers = ((np.arange(CELLS) + 0.5) * width / CELLS).astype(int)
    bits = rows[:, centers].mean(axis=0) > 127
    stamp = int("".join("1" if bit else "0" for bit in bits[8:64]), 2)
    return stamp / 1e6 if np.array_equal(bits, _bits(stamp)) else None


def _bits(stamp: int) -> NDArray[np.bool_]:
    """(CELLS,) the cells for a number of microseconds."""
    check = zlib.crc32(stamp.to_bytes(7, "big")) & 0xFFFF
    text = f"{_MARK:08b}{stamp:056b}{check:016b}"
    return np.array([letter == "1" for letter in text])
