"""What recordings have in common: their times, and how they are gone through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.values import Frame


class TimedRecording(ABC):
    """`times_s` is (n,) and grows strictly; `where` is named in errors."""

    def __init__(self, times_s: NDArray[np.float64], where: object) -> None:
        self._times_s = times_s
        self._times_s.setflags(write=False)
        self._where = where

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds since the first frame, read-only."""
        return self._times_s

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from(0)

    def frames_from(self, index: int) -> Iterator[Frame]:
        """Frames `index`, `index + 1`, ... to the end. Raises `SourceError` where one cannot be decoded."""
        if not 0 <= index < len(self._times_s):
            raise SourceError(f"there is no frame {index}", self._where, f"use 0 to {len(self._times_s) - 1}")
        return self._frames(index)

    @abstractmethod
    def _frames(self, index: int) -> Iterator[Frame]:
        """Frames from `index` on, which is one of them."""
