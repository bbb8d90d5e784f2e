"""Pictures of one array: what every reader of research formats gives, and how it becomes a recording."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.core.ports import SourceInfo
from scanmon.sources.gray import GrayScale, Picture, as_picture
from scanmon.sources.picture_size import Size, check_size
from scanmon.sources.recordings import IndexedRecording, mean_rate_hz, steady_times

MAX_HELD_BYTES = 1 << 29  # of a file that cannot be read in parts, unpacked
MAX_PICTURES = 10_000_000
_PIECE = 1 << 20
_ANY_HEAD = 47  # gzip or zlib, told by the data
_MIN_SIDE = 16  # px: what is smaller is a table


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """`picture(k)` is (height, width) or (height, width, 3 or 4 colours), of any number type."""

    count: int
    height: int
    width: int
    picture: Callable[[int], NDArray[Any]]
    times_s: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, pictures: NDArray[Any], times_s: NDArray[np.float64] | None = None) -> Stack:
        """Of (n, height, width[, colours]), which may be a view of a file."""
        return cls(
            len(pictures), pictures.shape[1], pictures.shape[2], lambda k: np.asarray(pictures[k]), times_s
        )


def recording_of(stack: Stack, path: Path, form: str) -> IndexedRecording:
    """One gray scale for all pictures. Raises `SourceError`."""
    if min(stack.height, stack.width) < _MIN_SIDE or not 0 < stack.count <= MAX_PICTURES:
        raise NoPictureError("holds no picture", path, "give an array of height, width and frames")
    check_size(Size(stack.width, stack.height), path)
    scale = _scale(stack, path)

    def pictures_from(index: int) -> Iterator[Picture]:
        for k in range(index, stack.count):
            stored = stack.picture(k)
            yield as_picture(stored.copy() if scale is None else scale(stored))

    times_s, rate_hz = stack.times_s, None
    if times_s is None or len(times_s) != stack.count or not _grows(times_s):
        times_s = steady_times(stack.count)
    else:
        rate_hz = mean_rate_hz(times_s)
    info = SourceInfo(path.name, stack.width, stack.height, rate_hz, stack.count, form)
    return IndexedRecording(info, times_s - times_s[0], pictures_from)


def unpacked(file: BinaryIO, size: int, path: Path) -> bytearray:
    """What is deflated in the rest of `file`, which must have `size` bytes: a bomb is not unpacked.

    Raises `SourceError`.
    """
    check_held(size, path)
    found, at = bytearray(size), 0
    unpacker = zlib.decompressobj(_ANY_HEAD)
    try:
        while chunk := unpacker.unconsumed_tail or file.read(_PIECE):
            part = unpacker.decompress(chunk, _PIECE)
            if at + len(part) > size:
                raise damaged(path)
            found[at : at + len(part)] = part
            at += len(part)
            if unpacker.eof:
                break
    except zlib.error as error:
        raise damaged(path) from error
    if at != size:
        raise damaged(path)
    return found


def check_held(size: int, path: Path) -> None:
    """Raise `SourceError` for what would be held in memory and is too large."""
    if size > MAX_HELD_BYTES:
        what = f"has {size / 1e9:.1f} GB of compressed pictures"
        raise SourceError(what, path, f"save it uncompressed, or in parts of {MAX_HELD_BYTES >> 20} MB")


def mapped(
    path: Path, kind: np.dtype[Any], shape: tuple[int, ...], offset: int, order: Any = "C"
) -> NDArray[Any]:
    """An array that is read from the file as it is needed. Raises `SourceError` where that is too short."""
    size = int(np.prod([int(side) for side in shape], dtype=object)) * kind.itemsize
    if min(shape, default=0) <= 0 or offset < 0 or offset + size > path.stat().st_size:
        raise damaged(path)
    return np.memmap(path, kind, "r", offset, shape, order)


def damaged(path: Path) -> SourceError:
    return SourceError("is cut off or damaged", path, "copy it again")


def _grows(times_s: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(times_s).all() and (np.diff(times_s) > 0).all())


def _scale(stack: Stack, path: Path) -> GrayScale | None:
    """None for bytes. Samples of 0..1 and 0..255 stay so; others are shown by what the whole file uses."""
    kind = stack.picture(0).dtype
    if kind == np.uint8:
        return None
    if kind == np.bool_ or kind.kind not in "iuf":
        raise NoPictureError(f"holds samples of type {kind}, which are no picture", path, "save gray levels")
    low, high = np.inf, -np.inf
    for k in range(stack.count):
        picture = stack.picture(k)
        least, most = float(picture.min()), float(picture.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            raise SourceError("holds samples that are no number", path, "save it with finite gray levels")
        low, high = min(low, least), max(high, most)
    if kind.kind == "f" and (low < 0 or high > 255):
        if not np.isfinite(high - low):
            raise SourceError("holds samples that are no gray levels", path, "save 8 or 16 bits")
        return GrayScale(low, high if high > low else low + max(1.0, abs(low)))
    if kind.kind == "f":
        return GrayScale(0.0, 1.0 if high <= 1 else 255.0)
    low = min(0.0, low)
    return GrayScale(low, low + (1 << max(8, int(high - low).bit_length())) - 1)
