"""Scores without a window: JSON lines on stdout as they come."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from scanmon.core.ports import Sink
from scanmon.core.records import Row, row
from scanmon.core.values import Analysis, Frame, Provenance
from scanmon.runtime.monitor import Scoring


def write_line(stream: TextIO, record: Row) -> None:
    """One JSON object on a line of its own, at once visible to whoever reads."""
    stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def every_frame(frames: Iterable[Frame], scoring: Scoring, seconds: float | None) -> Iterator[Analysis]:
    """Analyse every frame, in order, as fast as it goes; end after `seconds` of wall clock."""
    end_s = None if seconds is None else time.monotonic() + seconds
    for frame in frames:
        yield scoring.analyzer.analyze(frame)
        if end_s is not None and time.monotonic() >= end_s:
            return


def print_every_frame(
    frames: Iterable[Frame], scoring: Scoring, seconds: float | None, sink: Sink | None = None
) -> None:
    """A JSON line for each frame; `sink` gets it too."""
    for analysis in every_frame(frames, scoring, seconds):
        write_line(sys.stdout, row(analysis.reading, scoring.provenance))
        if sink is not None:
            sink.write(analysis)


class JsonLines:
    """A `Sink` that prints each reading of a live source."""

    def __init__(self, whence: Callable[[], Provenance]) -> None:
        self._whence = whence

    def write(self, analysis: Analysis) -> None:
        """One line; `age_ms` is the time since the frame was captured."""
        age_ms = (time.monotonic() - analysis.frame.captured_s) * 1e3
        write_line(sys.stdout, row(analysis.reading, self._whence(), age_ms=age_ms))

    def close(self) -> None:
        """The stream stays open: it is not ours."""
