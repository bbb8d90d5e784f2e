"""An examination without a window: words on standard input choose its view."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from typing import Final

from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol
from scanmon.runtime.monitor import Monitor
from scanmon.session.recorder import Recorder

MOST_DIGITS: Final = 3
WORDS: Final[dict[str, Callable[[Examination], Examination]]] = {
    "next": lambda now: now.stepped(1),
    "previous": lambda now: now.stepped(-1),
    "skip": Examination.skipped,
    "retake": Examination.retaken,
    "end": Examination.finished,
}


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
        """Whether it was told to end."""
        return self._examiner.now.ended

    def look(self) -> None:
        """Do what was written since the last look."""
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
        if word.isdecimal() and len(word) <= MOST_DIGITS:
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
