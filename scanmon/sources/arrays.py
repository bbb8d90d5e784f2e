"""Arrays of numpy as pictures and cine loops, and whatever gives them as a live source."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame, GrayImage
from scanmon.sources.gray import Picture, as_picture
from scanmon.sources.recordings import NOMINAL_HZ, IndexedRecording, steady_times

SHAPES = "give (H, W), (H, W, 3), (T, H, W) or (T, H, W, 3)"
_COLOURS = (3, 4)  # red, green, blue, and alpha, which is ignored


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

    return IndexedRecording(info, steady_times(len(frames), rate_hz or NOMINAL_HZ), pictures_from)


class OwnSource:
    """A `LiveSource` over an iterable of `Frame`, or of uint8 arrays (H, W) or (H, W, 3) in red, green, blue.

    It is iterated once, on the capture thread, and may wait as long as the next picture takes. Its `close`,
    where it has one, is called from another thread to end a wait. An array is copied: the caller may write to
    it again.
    """

    gaps = 0
    trouble: str | None = None

    def __init__(self, frames: Iterable[Frame | NDArray[Any]], name: str) -> None:
        self._frames = frames
        self._name = name
        self._closed = False
        self.state = "connecting"
        self.info: SourceInfo | None = None

    def __iter__(self) -> Iterator[Frame]:
        began_s: float | None = None
        for index, given in enumerate(self._frames):
            if self._closed:
                break
            now_s = time.monotonic()
            began_s = now_s if began_s is None else began_s
            frame = given if isinstance(given, Frame) else self._frame(given, index, now_s - began_s, now_s)
            if self.info is None:
                height, width = frame.pixels.shape
                self.info = SourceInfo(self._name, width, height, None)
                self.state = "live"
            yield frame
        self.state = "ended"

    def close(self) -> None:
        """End the iteration before its next picture."""
        self._closed = True
        end = getattr(self._frames, "close", None)
        if end is not None and not isinstance(self._frames, Generator):  # one that runs cannot be closed
            end()

    def _frame(self, given: Any, index: int, time_s: float, now_s: float) -> Frame:
        pixels = np.asarray(given)
        color = pixels.ndim == 3 and pixels.shape[2] in (3, 4)
        if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or color) or not pixels.size:
            raise SourceError(
                f"picture {index} is an array of {pixels.dtype} with shape {pixels.shape}",
                self._name,
                "give uint8 arrays (H, W) or (H, W, 3)",
            )
        picture = as_picture(np.array(pixels, order="C"))
        return Frame(picture.gray, index, time_s, now_s, picture.chroma, colour=picture.colour)


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
