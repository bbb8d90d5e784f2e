"""Progress on stderr: one line with the time left, or a line for each step."""

from __future__ import annotations

import os
import sys
import time

_EVERY_S = 0.5  # on a terminal
_EVERY_LOGGED_S = 60.0  # in a file; SCANMON_PROGRESS_S says otherwise, as the window does that shows them


class Steps:
    """A line for each step, with the time since the start."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{time.monotonic() - self._started_s:5.1f} s] {line}", file=sys.stderr, flush=True)


class ProgressLine:
    """Call with what is done and the total; rewritten on a terminal, a line a minute in a file."""

    def __init__(self) -> None:
        self._what = ""
        self._started_s = self._shown_s = time.monotonic()
        self._first = 0
        self._terminal = sys.stderr.isatty()
        logged_s = float(os.environ.get("SCANMON_PROGRESS_S", _EVERY_LOGGED_S))
        self._every_s = _EVERY_S if self._terminal else logged_s

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show `what: done of total, time left`; `total` 0: not known."""
        now_s = time.monotonic()
        if what != self._what:
            self._what, self._started_s, self._first = what, now_s, done
        elif now_s - self._shown_s < self._every_s and done != total:
            return
        self._shown_s = now_s
        text = f"{what}: {done}" + (f" of {total}" if total else "")
        if total and done > self._first:
            text += f", {_time((now_s - self._started_s) / (done - self._first) * (total - done))} left"
        print(
            f"\r\x1b[K{text}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
