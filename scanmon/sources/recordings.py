"""What recordings have in common: their times, and how they are gone through."""

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Box, Frame, Region
from scanmon.sources.gray import Picture

PicturesFrom = Callable[[int], Iterator[Picture]]
NOMINAL_HZ = 25.0  # pictures may have no times of their own, yet a replay needs some


class TimedRecording(ABC):
    """`times_s` is (n,) and grows strictly; `where` is named in errors."""

    def __init__(self, times_s: NDArray[np.float64], where: object) -> None:
        self._times_s = times_s
        self._times_s.setflags(write=False)
        self._where = where

    @property
    def times_s(self) -> NDArray[np.float64]:
        return self._times_s

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from(0)

    def frames_from(self, index: int) -> Iterator[Frame]:
        """Frames `index`, `index + 1`, ... to the end; the first one is always there.

        Raises `SourceError` where it is not, or one cannot be decoded.
        """
        if not len(self._times_s):
            raise SourceError("holds no picture", self._where, "check the file")
        if not 0 <= index < len(self._times_s):
            raise SourceError(f"there is no frame {index}", self._where, f"use 0 to {len(self._times_s) - 1}")
        return self._frames(index)

    def _frame(self, picture: Picture, at: int, declared: Box | Region | None = None) -> Frame:
        gray, chroma, colour = picture
        return Frame(gray, at, float(self._times_s[at]), time.monotonic(), chroma, declared, colour)

    @abstractmethod
    def _frames(self, index: int) -> Iterator[Frame]:
        """Frames from `index` on, which is one of them."""


class IndexedRecording(TimedRecording):
    """A `Recording` over a function that gives the pictures from an index on: DICOM, images, phantom.

    `times_s` is (n,) and grows strictly. Nothing stays open between two frames that the function does not
    keep open itself; what it keeps, it releases when its iterator is closed.
    """

    def __init__(
        self,
        info: SourceInfo,
        times_s: NDArray[np.float64],
        pictures_from: PicturesFrom,
        declared: Box | Region | None = None,
        missing: SourceError | None = None,
    ) -> None:
        """`missing` is raised behind the last frame: the file holds fewer than it should."""
        super().__init__(times_s, info.name)
        self._missing = missing
        self.info = info
        self._pictures_from = pictures_from
        self._declared = declared
        self._open: set[Iterator[Picture]] = set()
        self._closed = False

    def close(self) -> None:
        """End every iteration before its next frame, and let go of what iterators keep open."""
        self._closed = True
        for pictures in tuple(self._open):
            _close(pictures)

    def _frames(self, index: int) -> Iterator[Frame]:
        pictures = self._pictures_from(index)
        self._open.add(pictures)
        try:
            for at in range(index, len(self._times_s)):
                if self._closed:
                    return
                yield self._frame(next(pictures), at, self._declared)
        except StopIteration:
            raise SourceError(f"ends before frame {at}", self.info.name, "the file is damaged") from None
        finally:
            self._open.discard(pictures)
            _close(pictures)
        if self._missing is not None:
            raise self._missing


def _close(pictures: Iterator[Picture]) -> None:
    """A generator that runs on another thread at this moment refuses; it ends after its picture."""
    if isinstance(pictures, Generator):
        with contextlib.suppress(ValueError):
            pictures.close()


def steady_times(frames: int, rate_hz: float = NOMINAL_HZ) -> NDArray[np.float64]:
    return np.arange(frames, dtype=np.float64) / rate_hz


def mean_rate_hz(times_s: NDArray[np.float64]) -> float | None:
    """Frames a second over all of their times (n,), which grow; None of one frame."""
    return round((len(times_s) - 1) / float(times_s[-1] - times_s[0]), 3) if len(times_s) > 1 else None
