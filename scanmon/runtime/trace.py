"""The score over time, kept in arrays that were allocated once."""

import math
from abc import ABC, abstractmethod
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Verdict
from scanmon.runtime.snapshot import Trace

N = TypeVar("N", bound=np.generic)
LIVE: Final = 3600  # analyses of a live source that its trace has
VERDICTS = {verdict: number for number, verdict in enumerate(Verdict)}  # as `Trace.verdict` has them


class TraceKeeper(ABC):
    """Takes readings, gives the trace; `length` rows. The caller holds a lock around both."""

    def __init__(self, length: int) -> None:
        self._time_s = np.zeros(length)
        scores = np.full((5, length), np.nan, np.float32)
        self._quality, self._steady, self._second, self._former, self._gcnr = scores
        self._verdict = np.full(length, -1, np.int8)
        of_scores = self._quality, self._steady, self._verdict, self._second, self._former, self._gcnr
        self._arrays: tuple[NDArray[Any], ...] = (self._time_s, *of_scores)  # as `Trace` has them
        self._view: Trace | None = None

    @abstractmethod
    def add(self, analysis: Analysis) -> None:
        """Note one analysis."""

    @abstractmethod
    def _rows(self) -> slice:
        """Those of the trace, in their order."""

    def begin_anew(self) -> None:
        """Another bundle, metric or region: what was noted so far is no part of the same curve."""
        self._former[:] = np.where(np.isnan(self._steady), self._former, self._steady)
        for scores in (self._quality, self._steady, self._second):
            scores[:] = np.nan
        self._verdict[:] = -1
        self._view = None

    def forget_measures(self) -> None:
        """Other regions of interest, or none: values of the former ones are no part of their curve."""
        self._gcnr[:] = np.nan
        self._view = None

    def view(self) -> Trace:
        """A frozen copy; the same object until something is added."""
        if self._view is None:
            rows = self._rows()
            self._view = Trace(*(_frozen(array[rows]) for array in self._arrays))
        return self._view

    def _set(self, row: int, analysis: Analysis) -> None:
        reading, second = analysis.reading, analysis.second
        self._time_s[row] = reading.time_s
        late = reading.late
        self._quality[row] = _number(None if late else reading.quality)
        self._steady[row] = _number(None if late else reading.shown)
        self._verdict[row] = -1 if late or reading.verdict is None else VERDICTS[reading.verdict]
        self._second[row] = _number(second.shown if second and not second.late else None)
        if analysis.roi is not None:  # a picture that is only scored again keeps what was measured in it
            gcnr = analysis.roi.gcnr
            self._gcnr[row] = _number(None if gcnr is None else 100 * gcnr)
        self._view = None


class LiveTrace(TraceKeeper):
    """The last `LIVE` analyses."""

    def __init__(self) -> None:
        super().__init__(2 * LIVE)  # twice: old rows are moved out once per `LIVE` analyses, not with each
        self._filled = 0

    def add(self, analysis: Analysis) -> None:
        if self._filled == 2 * LIVE:
            for array in self._arrays:
                array[:LIVE] = array[LIVE:]
            self._filled = LIVE
        self._former[self._filled] = self._gcnr[self._filled] = np.nan
        self._set(self._filled, analysis)
        self._filled += 1

    def _rows(self) -> slice:
        return slice(max(0, self._filled - LIVE), self._filled)


class RecordingTrace(TraceKeeper):
    """One place for each frame of a recording, filled in whatever order frames are scored.

    `known`: what is known of all frames from the start, (n,) each.
    """

    def __init__(self, times_s: NDArray[np.float64], known: Trace | None = None) -> None:
        super().__init__(len(times_s))
        self._time_s[:] = times_s
        if known is not None:
            self._quality[:], self._steady[:] = known.quality, known.steady
            self._verdict[:], self._second[:] = known.verdict, known.second

    def add(self, analysis: Analysis) -> None:
        self._set(analysis.frame.index, analysis)

    def _rows(self) -> slice:
        return slice(None)


def _frozen(rows: NDArray[N]) -> NDArray[N]:
    copy = rows.copy()
    copy.setflags(write=False)
    return copy


def _number(value: float | None) -> float:
    return math.nan if value is None else value
