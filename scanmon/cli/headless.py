"""Scores without a window: JSON lines on stdout as they come."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from scanmon.core.ports import FrameAnalyzer, Sink
from scanmon.core.records import Row, row
from scanmon.core.values import Analysis, Frame


def write_line(stream: TextIO, record: Row) -> None:
    """One JSON object on a line of its own, at once visible to whoever reads."""
    stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def every_frame(
    frames: Iterable[Frame], analyzer: FrameAnalyzer, seconds: float | None
) -> Iterator[Analysis]:
    """Analyse every frame, in order, as fast as it goes; end after `seconds` of wall clock."""
    end_s = None if seconds is None else time.monotonic() + seconds
    for frame in frames:
        yield analyzer.analyze(frame)
        if end_s is not None and time.monotonic() >= end_s:
            return


def print_every_frame(
    frames: Iterable[Frame], analyzer: FrameAnalyzer, seconds: float | None, sink: Sink | None = None
) -> None:
    """A JSON line for each frame; `sink` gets it too."""
    for analysis in every_frame(frames, analyzer, seconds):
        write_line(sys.stdout, row(analysis))
        if sink is not None:
            sink.write(analysis)


class JsonLines:
    """A `Sink` that prints each reading of a live source."""

    def write(self, analysis: Analysis) -> None:
        """One line; `age_ms` is the time since the frame was captured."""
        age_ms = (time.monotonic() - analysis.frame.captured_s) * 1e3
        write_line(sys.stdout, row(analysis, age_ms))

    def close(self) -> None:
        """The stream stays open: it is not ours."""
