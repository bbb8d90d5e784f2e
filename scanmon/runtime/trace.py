"""The score over time, kept in arrays that were allocated once."""

from __future__ import annotations

import math
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Verdict
from scanmon.runtime.snapshot import WITHDRAWN_S, Trace

N = TypeVar("N", bound=np.generic)
VERDICTS = {verdict: number for number, verdict in enumerate(Verdict)}  # as `Trace.verdict` has them


class TraceKeeper(Protocol):
    """Takes readings, gives the trace. The caller holds a lock around both."""

    def add(self, analysis: Analysis) -> None:
        """Note one analysis."""

    def begin_anew(self) -> None:
        """Another bundle, metric or region: what was noted so far is no part of the same curve."""

    def view(self) -> Trace:
        """A frozen copy of what was noted."""
        ...


class _Columns:
    def __init__(self, length: int) -> None:
        self.time_s = np.zeros(length)
        self.quality = np.full(length, np.nan, np.float32)
        self.steady = np.full(length, np.nan, np.float32)
        self.verdict = np.full(length, -1, np.int8)
        self.second = np.full(length, np.nan, np.float32)
        self.former = np.full(length, np.nan, np.float32)

    def begin_anew(self) -> None:
        self.former[:] = np.where(np.isnan(self.steady), self.former, self.steady)
        for scores in (self.quality, self.steady, self.second):
            scores[:] = np.nan
        self.verdict[:] = -1

    def set(self, row: int, analysis: Analysis) -> None:
        reading = analysis.reading
        self.time_s[row] = reading.time_s
        self.quality[row] = _number(reading.quality)
        self.steady[row] = _number(reading.shown)
        self.verdict[row] = -1 if reading.verdict is None else VERDICTS[reading.verdict]
        second = analysis.second
        self.second[row] = _number(
            second.shown if second and (second.oldest_s or 0.0) <= WITHDRAWN_S else None
        )

    def fill(self, trace: Trace) -> None:
        """Take over a whole trace of the same length."""
        for name in ("quality", "steady", "verdict", "second"):
            getattr(self, name)[:] = getattr(trace, name)

    def copy(self, rows: slice) -> Trace:
        return Trace(
            _frozen(self.time_s[rows]),
            _frozen(self.quality[rows]),
            _frozen(self.steady[rows]),
            _frozen(self.verdict[rows]),
            _frozen(self.second[rows]),
            _frozen(self.former[rows]),
        )

    def shift(self, rows: slice) -> None:
        count = rows.stop - rows.start
        for array in (self.time_s, self.quality, self.steady, self.verdict, self.second, self.former):
            array[:count] = array[rows]


class LiveTrace:
    """The last `length` analyses."""

    def __init__(self, length: int = 3600) -> None:
        # twice the length, so that old rows are moved out once per `length` analyses, not with each
        self._columns = _Columns(2 * length)
        self._length = length
        self._filled = 0
        self._view: Trace | None = None

    def add(self, analysis: Analysis) -> None:
        if self._filled == 2 * self._length:
            self._columns.shift(slice(self._length, 2 * self._length))
            self._filled = self._length
        self._columns.set(self._filled, analysis)
        self._columns.former[self._filled] = np.nan
        self._filled += 1
        self._view = None

    def begin_anew(self) -> None:
        self._columns.begin_anew()
        self._view = None

    def view(self) -> Trace:
        """A frozen copy; the same object until something is added."""
        if self._view is None:
            self._view = self._columns.copy(slice(max(0, self._filled - self._length), self._filled))
        return self._view


class RecordingTrace:
    """One place for each frame of a recording, filled in whatever order frames are scored.

    `known`: what is known of all frames from the start, (n,) each.
    """

    def __init__(self, times_s: NDArray[np.float64], known: Trace | None = None) -> None:
        self._columns = _Columns(len(times_s))
        if known is not None:
            self._columns.fill(known)
        self._columns.time_s[:] = times_s
        self._view: Trace | None = None

    def add(self, analysis: Analysis) -> None:
        self._columns.set(analysis.frame.index, analysis)
        self._view = None

    def begin_anew(self) -> None:
        self._columns.begin_anew()
        self._view = None

    def view(self) -> Trace:
        """A frozen copy; the same object until something is added."""
        if self._view is None:
            self._view = self._columns.copy(slice(0, len(self._columns.time_s)))
        return self._view


def _frozen(rows: NDArray[N]) -> NDArray[N]:
    copy = rows.copy()
    copy.setflags(write=False)
    return copy


def _number(value: float | None) -> float:
    return math.nan if value is None else value
