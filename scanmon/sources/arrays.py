"""Arrays of numpy as pictures and cine loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import GrayImage
from scanmon.sources.gray import Picture, from_color, gray_picture
from scanmon.sources.indexed import IndexedRecording, steady_times

SHAPES = "give (H, W), (H, W, 3), (T, H, W) or (T, H, W, 3)"
_COLOURS = (3, 4)  # red, green, blue, and alpha, which is ignored
_NOMINAL_HZ = 25.0  # of pictures without times


def open_array(array: NDArray[Any], *, rate_hz: float | None = None, name: str = "array") -> IndexedRecording:
    """A picture, or a cine loop at `rate_hz` (None: pictures that have nothing to do with each other).

    (H, W) and (T, H, W) are gray, (H, W, 3) and (T, H, W, 3) red, green and blue. Samples are 8-bit, 16-bit
    scaled by the smallest depth that holds them all, or floats of 0..1 or 0..255. Raises `SourceError`.
    """
    array = np.asarray(array)
    color = array.ndim in (3, 4) and array.shape[-1] in _COLOURS
    if array.ndim not in (2, 3, 4) or (array.ndim == 4 and not color):
        raise SourceError(f"an array of shape {array.shape} is no picture", name, SHAPES)
    if not array.size:
        raise SourceError(f"an array of shape {array.shape} holds no pixels", name, SHAPES)
    if rate_hz is not None and not 0 < rate_hz < float("inf"):
        raise SourceError(f"rate_hz = {rate_hz} is no frame rate", name, "give frames a second, above 0")
    frames = array if array.ndim == (4 if color else 3) else array[None]
    to_bytes = _converter(array, name)
    info = SourceInfo(name, frames.shape[2], frames.shape[1], rate_hz, len(frames), f"{array.dtype} array")

    def pictures_from(index: int) -> Iterator[Picture]:
        for frame in frames[index:]:
            yield as_picture(to_bytes(frame))

    return IndexedRecording(info, steady_times(len(frames), rate_hz or _NOMINAL_HZ), pictures_from)


def as_picture(pixels: NDArray[np.uint8]) -> Picture:
    """(H, W) or (H, W, 3 or 4), which the picture takes over."""
    if pixels.ndim == 2:
        return gray_picture(pixels)
    return from_color(np.ascontiguousarray(pixels[..., :3]), bgr=False)


def _converter(array: NDArray[Any], name: str) -> Callable[[NDArray[Any]], GrayImage]:
    """Frame -> a copy of 8 bits, by the range of the whole array: one scale for all frames of a cine."""
    remedy = "convert it, for instance with array.astype(numpy.uint8)"
    if array.dtype == np.uint8:
        return lambda frame: np.array(frame, np.uint8, order="C")
    if array.dtype.kind not in "iuf" or (array.dtype.kind != "f" and array.dtype.itemsize > 2):
        raise SourceError(f"pixels of type {array.dtype} are not supported", name, remedy)
    low, high = float(array.min()), float(array.max())  # NaN where any is
    if array.dtype.kind == "f":
        if not (low >= 0 and high <= 255):
            raise SourceError("floating-point pixels are not all 0..1 or 0..255", name, remedy)
        start, full = 0.0, 1.0 if high <= 1.0 else 255.0
    else:
        start = min(0.0, low)
        full = float((1 << max(8, int(high - start).bit_length())) - 1)
    return lambda frame: np.rint((frame.astype(np.float64) - start) * (255.0 / full)).astype(np.uint8)
