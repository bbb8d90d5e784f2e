"""A live source of the caller's own: anything that gives pictures when it is iterated."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame
from scanmon.sources.arrays import as_picture


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
