"""What a command writes: rows on stdout or into a table, and on stderr how far it is."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

from scanmon.core.errors import SinkError
from scanmon.core.records import Row
from scanmon.core.schema import Column
from scanmon.core.text import shown
from scanmon.session.results_table import TableFile, check_ending
from scanmon.sources.material import by_kind

if TYPE_CHECKING:
    from scanmon.session.export.material import Material, Progress

_EVERY_S = 0.5  # on a terminal
_EVERY_LOGGED_S = 60.0  # in a file; SCANMON_PROGRESS_S says otherwise, as the window does that shows them


def add_out_option(
    parser: argparse.ArgumentParser,
    help: str = ".jsonl, .csv or .parquet (extra parquet); without it JSON lines on stdout",  # noqa: A002
) -> None:
    parser.add_argument("--out", type=_table, metavar="FILE", help=help)


def _table(text: str) -> Path:
    check_ending(Path(text))
    return Path(text)


def write_line(stream: TextIO, record: Row) -> None:
    """One JSON object on a line of its own; flushed, so that a reader sees it at once."""
    stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def write_rows(rows: Iterable[Row], out: Path | None, columns: Sequence[Column], what: str = "") -> None:
    """JSON lines on stdout as the rows come; or a table, with `what` was done so far on stderr."""
    if out is None:
        for row in rows:
            write_line(sys.stdout, row)
        return
    with ProgressLine() as progress, TableFile(out, columns) as table:
        for count, row in enumerate(rows, start=1):
            table.add(row)
            if what:
                progress(what, count, 0)


@dataclass
class Tally:
    """What became of the files of a run."""

    failed: int = 0
    passed_over: list[Path] = field(default_factory=list)  # of other kinds, or sound and without a picture
    without_picture: int = 0

    def add(self, file: Path, rows: int, failed: bool) -> None:
        self.failed += failed
        if not rows:
            self.without_picture += 1
            self.passed_over.append(file)

    def report(self, files: int, done: str) -> int:
        """Say on stderr what is not in the results. Returns the exit code. `done`: scored, or measured."""
        if self.passed_over:
            print(f"passed over: {by_kind(self.passed_over)}", file=sys.stderr)
        if self.failed:
            print(f"error: {self.failed} of {files} could not be {done}; see their lines", file=sys.stderr)
        elif self.without_picture == files:
            print("error: no file holds a picture; give ultrasound images or cine loops", file=sys.stderr)
        return 1 if self.failed or self.without_picture == files else 0


def reported(unread: Sequence[str]) -> int:
    """The exit code; files that could not be read are counted on stderr, after all else was done."""
    if unread:
        print(f"error: {len(unread)} files could not be read; see their lines", file=sys.stderr)
    return 1 if unread else 0


class Steps:
    """A line for each step, with the time since the start."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{time.monotonic() - self._started_s:5.1f} s] {shown(line)}", file=sys.stderr, flush=True)


class ProgressLine:
    """Call with what is done and the total; rewritten on a terminal, a line a minute in a file.

    As a context manager it ends with the work: the line is gone from a terminal; a file has the last count,
    where none was known before.
    """

    def __init__(self) -> None:
        self._what = self._unsaid = ""
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
            self._unsaid = f"{what}: {done}"
            return
        self._shown_s, self._unsaid = now_s, ""
        text = f"{what}: {done}" + (f" of {total}" if total else "")
        if total and done > self._first:
            text += f", {_time((now_s - self._started_s) / (done - self._first) * (total - done))} left"
        print(
            f"\r\x1b[K{text}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        elif self._unsaid:
            print(self._unsaid, file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def write_page(parts: Sequence[Material], path: Path, progress: Progress) -> None:
    """Raises `SinkError`, also where a library that Qt needs is missing."""
    try:
        from scanmon.ui.report import export_report  # Qt is loaded by who asks for a page
    except ImportError as error:
        raise SinkError(f"a page needs Qt ({error})", path, "scanmon doctor names what is missing") from error

    export_report(parts, path, progress)
