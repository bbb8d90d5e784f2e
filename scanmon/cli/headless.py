"""A run of a source: in the window, or without one as JSON lines on stdout as they come."""

import math
import os
import select
import sys
import time
from collections.abc import Callable
from typing import Final

from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.cli.output import write_line
from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.records import row
from scanmon.core.schema import RESULT, ROI, Column
from scanmon.core.values import Analysis, TooSlow
from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Snapshot
from scanmon.session.recorder import Recorder

_STATUS_EVERY_S = 10.0
_LOOK_EVERY_S = 1.0
_ORDERS_EVERY_S = 0.1
_MOST_DIGITS: Final = 3
WORDS: Final[dict[str, Callable[[Examination], Examination]]] = {
    "next": lambda now: now.stepped(1),
    "previous": lambda now: now.stepped(-1),
    "skip": Examination.skipped,
    "retake": Examination.retaken,
    "end": Examination.finished,
}


class JsonLines:
    """A `Sink` that prints each reading; `age_ms` of a live one is the time since its frame was captured."""

    def __init__(self, *, live: bool, columns: tuple[Column, ...] = RESULT) -> None:
        self._live, self._columns = live, columns
        self.failure: OSError | None = None  # the reader has gone, as `head` does, or the disk is full

    def write(self, analysis: Analysis) -> None:
        if self.failure is not None:
            return
        age_ms = (time.monotonic() - analysis.frame.captured_s) * 1e3 if self._live else None
        try:
            write_line(sys.stdout, row(analysis, age_ms, self._columns))
        except OSError as error:
            self.failure = error

    def close(self) -> None:
        """The stream stays open: it is not ours."""


def run_source(run: Run) -> int:
    """The window until it is closed; or `run_headless`. What was recorded is said at the end."""
    if run.headless:
        return run_headless(run)
    from scanmon.ui.app import run_window

    run_window(run, closed=print_recorded)
    return 0


def run_headless(run: Run) -> int:
    """Until the source ends or `run.seconds` are over. Raises what ended source, scores or recording.

    Of a live source rates and latency go to stderr every 10 s.
    """
    lines = JsonLines(live=run.is_live, columns=RESULT if run.rois is None else (*RESULT, *ROI))
    monitor = open_monitor(run, lines)
    monitor.measure(run.rois)
    recorder = monitor.find_sink(Recorder)
    orders = Orders(run.protocol, monitor, recorder) if run.protocol is not None else None
    every_s = _LOOK_EVERY_S if orders is None else _ORDERS_EVERY_S
    began_s = time.monotonic()
    progress = Progress(began_s) if run.is_live else None
    end_s = math.inf if run.seconds is None else began_s + run.seconds
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
            if progress is not None:
                progress.look(snapshot, now_s)
        if orders is not None and not failed:
            orders.finish()
    finally:
        monitor.stop()
        print_recorded(recorder)
    ended = monitor.snapshot()
    # scores go on without a recording that failed, or a measure: it is reported at the end
    error = lines.failure or ended.error or ended.sink_error
    if not (run.is_live and monitor.some_measured):  # a live source may change its size for a moment
        error = error or monitor.unmeasured
    if error is None and run.is_live and not ended.counts.captured:
        error = SourceError("gave no picture", run.source, ended.trouble or "check that it is on")
    unscored = ended.counts.failed
    if unscored:
        print(f"error: {unscored} pictures could not be scored; --debug tells why", file=sys.stderr)
    if error is None:
        return 1 if unscored and not run.is_live else 0
    if isinstance(error, ScanmonError | OSError):
        raise error
    raise ScanmonError(f"{type(error).__name__}: {error}", run.source)


class Progress:
    """Of a live source, on stderr: rates and latency every 10 s; once, that a metric is too slow here."""

    def __init__(self, began_s: float) -> None:
        self._said_s = began_s
        self._slow_told = False

    def look(self, snapshot: Snapshot, now_s: float) -> None:
        slow = snapshot.provenance.slow if snapshot.provenance else None
        if slow is not None and not self._slow_told:
            self._slow_told = True
            print(f"warning: {_slow_line(slow)}", file=sys.stderr, flush=True)
        if now_s - self._said_s >= _STATUS_EVERY_S:
            self._said_s = now_s
            print(snapshot.figures, file=sys.stderr, flush=True)


def _slow_line(slow: TooSlow) -> str:
    fewer = f"--stride {slow.fewer[0]} (windows: {slow.fewer[1]}), " if slow.fewer else ""
    other = "--metric map, or " if slow.metric == "nrq" else ""
    what = f"{slow.windows} windows of a picture take" if slow.windows > 1 else "a picture takes"
    return (
        f"{slow.metric}: {what} {slow.round_s:.1f} s here, and a score that is out of date is withdrawn;"
        f" use {fewer}{other}a GPU (scanmon doctor)"
    )


def print_recorded(recorder: Recorder | None) -> None:
    if recorder is None:
        return
    status = recorder.status()
    if not status.name:
        return
    line = f"recorded {status.name}: {status.frames} frames, {status.seconds:.1f} s"
    if status.not_stored:
        line += f", {status.not_stored} without a picture as the disk was too slow"
    if status.withheld:
        line += f", {status.withheld} without a picture as no sector was known (--region X,Y,W,H names it)"
    print(line, file=sys.stderr)


class Orders:
    """Add it before the monitor is started; `look` again and again. Nothing waits.

    A line is one of `WORDS` or the number of a view. Where standard input cannot be looked at, as a file of
    Windows, the first view stays chosen.
    """

    def __init__(self, protocol: Protocol, monitor: Monitor, recorder: Recorder | None) -> None:
        keep = recorder.note_examination if recorder is not None else lambda record: None
        self._examiner = Examiner(Examination.begin(protocol), keep, monitor.name_view)
        self._rest = b""
        self._open = True
        monitor.add_sink(self._examiner)

    @property
    def ended(self) -> bool:
        return self._examiner.now.ended

    def look(self) -> None:
        while self._open and self._ready():
            data = os.read(sys.stdin.fileno(), 4096)
            self._open = bool(data)
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._do(line.decode("utf-8", "replace").strip())

    def finish(self) -> None:
        """The run has ended as it should."""
        self._examiner.change(Examination.finished)
        now = self._examiner.now
        print(f"examination: {now.saved} of {len(now.views)} views saved", file=sys.stderr)

    def _do(self, word: str) -> None:
        if word.isdecimal() and len(word) <= _MOST_DIGITS:
            self._examiner.change(lambda now: now.chosen(int(word) - 1))
        elif word in WORDS:
            self._examiner.change(WORDS[word])
        elif word:
            known = ", ".join(WORDS)
            print(f"error: {word[:40]!r} is no order; give {known} or the number of a view", file=sys.stderr)

    def _ready(self) -> bool:
        try:
            return bool(select.select([sys.stdin], [], [], 0)[0])
        except (OSError, ValueError):  # no such thing here: closed, or replaced by something without a number
            self._open = False
            return False
