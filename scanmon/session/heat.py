"""Heatmaps as small records that can be appended to a file, and survive a torn end.

A record: magic, frame, height, width, length and CRC-32 of the body, then the body: one byte a cell, zlib.
A byte is the local quality times 2.5, so 0..250 in steps of 0.4 quality points; 255: a cell without a value.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEAD: Final = struct.Struct("<2sIHHII")
_MAGIC: Final = b"HM"
_NONE: Final = 255
STEPS: Final = 2.5  # a quality point
MAX_CELLS: Final = 1 << 22


class HeatRecord(NamedTuple):
    """The heatmap of one frame, still packed in whole steps."""

    frame: int
    steps: NDArray[np.uint8]  # (gh, gw)


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


def pack(frame: int, steps: NDArray[np.uint8]) -> bytes:
    """One record."""
    body = zlib.compress(np.ascontiguousarray(steps).tobytes(), 6)
    height, width = steps.shape
    return _HEAD.pack(_MAGIC, frame, height, width, len(body), zlib.crc32(body)) + body


def unpack(file: BinaryIO) -> Iterator[HeatRecord]:
    """The records of a file up to the first that is torn or damaged; nothing behind it can be trusted."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        magic, frame, height, width, length, crc = _HEAD.unpack(head)
        if magic != _MAGIC or height * width > MAX_CELLS or length > MAX_CELLS:
            return
        body = file.read(length)
        if len(body) != length or zlib.crc32(body) != crc:
            return
        try:
            cells = zlib.decompressobj().decompress(body, height * width + 1)
        except zlib.error:  # a head that was torn into zeros claims an empty body, whose CRC is 0
            return
        if len(cells) != height * width:
            return
        yield HeatRecord(frame, np.frombuffer(cells, np.uint8).reshape(height, width))
