"""A run without a window: JSON lines on stdout as they come."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import TextIO

from scanmon.app.opening import open_headless
from scanmon.app.run import Run
from scanmon.cli.examining import Orders
from scanmon.cli.recording import print_recorded
from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.records import Row, row
from scanmon.core.values import Analysis
from scanmon.session.recorder import Recorder

_STATUS_EVERY_S = 10.0
_LOOK_EVERY_S = 1.0
_ORDERS_EVERY_S = 0.1


class JsonLines:
    """A `Sink` that prints each reading; `age_ms` of a live one is the time since its frame was captured."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self.failure: OSError | None = None  # the reader has gone, as `head` does, or the disk is full

    def write(self, analysis: Analysis) -> None:
        if self.failure is not None:
            return
        age_ms = (time.monotonic() - analysis.frame.captured_s) * 1e3 if self._live else None
        try:
            write_line(sys.stdout, row(analysis, age_ms))
        except OSError as error:
            self.failure = error

    def close(self) -> None:
        """The stream stays open: it is not ours."""


def write_line(stream: TextIO, record: Row) -> None:
    """One JSON object on a line of its own; flushed, so that a reader sees it at once."""
    stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def run_headless(run: Run) -> int:
    """Until the source ends or `run.seconds` are over. Raises what ended source, scores or recording.

    Of a live source rates and latency go to stderr every 10 s.
    """
    lines = JsonLines(live=run.is_live)
    monitor = open_headless(run, lines)
    recorder = monitor.find_sink(Recorder)
    orders = Orders(run.protocol, monitor, recorder) if run.protocol is not None else None
    every_s = _LOOK_EVERY_S if orders is None else _ORDERS_EVERY_S
    said_s = time.monotonic()
    end_s = math.inf if run.seconds is None else said_s + run.seconds
    failed = False
    monitor.start()
    try:
        while not monitor.join(max(0.0, min(every_s, end_s - time.monotonic()))):
            now_s, snapshot = time.monotonic(), monitor.snapshot()
            failed = lines.failure is not None or "failed" in (snapshot.scoring, snapshot.state)
            if failed or snapshot.state == "finished" or now_s >= end_s:
                break
            if orders is not None:
                orders.look()
                if orders.ended:
                    break
            if run.is_live and now_s - said_s >= _STATUS_EVERY_S:
                said_s = now_s
                print(snapshot.figures, file=sys.stderr, flush=True)
        if orders is not None and not failed:
            orders.finish()
    finally:
        monitor.stop()
        print_recorded(recorder)
    ended = monitor.snapshot()
    # scores go on without a recording that failed: it is reported at the end
    error = lines.failure or ended.error or ended.sink_error
    if error is None and run.is_live and not ended.counts.captured:
        error = SourceError("gave no picture", run.source, ended.trouble or "check that it is on")
    unscored = ended.counts.failed
    if unscored:
        print(f"error: {unscored} pictures could not be scored, --debug tells why", file=sys.stderr)
    if error is None:
        return 1 if unscored and not run.is_live else 0
    if isinstance(error, ScanmonError | OSError):
        raise error
    raise ScanmonError(f"{type(error).__name__}: {error}", run.source)
