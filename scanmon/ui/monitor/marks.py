"""Bookmarks and freezes on the time line of one source."""

from __future__ import annotations

from scanmon.core.values import Reason
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.state.view_state import Mark


class Marks:
    """Grows by bookmarks of the user and by every time the scanner was frozen."""

    def __init__(self) -> None:
        self._marks: tuple[Mark, ...] = ()
        self._reason: Reason | None = None

    @property
    def all(self) -> tuple[Mark, ...]:
        """All of them; the same tuple until one is added."""
        return self._marks

    def bookmark(self, time_s: float) -> None:
        """Mark a moment; a second time at the same moment takes it away."""
        there = Mark(time_s, "bookmark")
        if there in self._marks:
            self._marks = tuple(mark for mark in self._marks if mark != there)
        else:
            self._marks = (*self._marks, there)

    def watch(self, snapshot: Snapshot) -> None:
        """Note where a freeze begins."""
        if snapshot.analysis is None:
            return
        reading = snapshot.analysis.reading
        mark = Mark(reading.time_s, "frozen")
        began = reading.reason is Reason.FROZEN and self._reason is not Reason.FROZEN
        if began and mark not in self._marks:
            self._marks = (*self._marks, mark)
        self._reason = reading.reason
