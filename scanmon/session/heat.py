"""Heatmaps as they are stored: one byte a cell, zlib.

A byte is the local quality times 2.5, so 0..250 in steps of 0.4 quality points; 255: a cell without a value.
"""

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEPS: Final = 2.5  # a quality point
MAX_CELLS: Final = 1 << 22
_NONE: Final = 255


def to_steps(heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(gh, gw) quality 0..100 -> bytes of the same shape."""
    finite = np.isfinite(heat)
    steps = np.rint(np.clip(np.where(finite, heat, 0.0), 0.0, 100.0) * STEPS).astype(np.uint8)
    steps[~finite] = _NONE
    return steps


def to_quality(steps: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bytes -> (gh, gw) quality 0..100, NaN where there was none; read-only."""
    heat = steps.astype(np.float32) / np.float32(STEPS)
    heat[steps == _NONE] = np.nan
    heat.setflags(write=False)
    return heat


def pack(steps: NDArray[np.uint8]) -> bytes:
    """What `unpack` takes, with the height and width of `steps`."""
    return zlib.compress(np.ascontiguousarray(steps).tobytes(), 6)


def unpack(data: bytes, height: int, width: int) -> NDArray[np.uint8]:
    """(height, width) steps. Raises `ValueError` where that is not what `data` holds."""
    if not (height > 0 and width > 0 and height * width <= MAX_CELLS):
        raise ValueError("a heatmap of an impossible size")
    try:
        cells = zlib.decompressobj().decompress(data, height * width + 1)
    except zlib.error as error:
        raise ValueError(f"a heatmap cannot be unpacked ({error})") from error
    if len(cells) != height * width:
        raise ValueError("a heatmap has not the size that it states")
    return np.frombuffer(cells, np.uint8).reshape(height, width)
