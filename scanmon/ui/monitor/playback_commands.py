"""What can be done with the recording that is open, and the places on its time line that one jumps to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import BRIDGED_S
from scanmon.core.values import Reason, Verdict
from scanmon.runtime.playback import SPEEDS, Playback
from scanmon.runtime.snapshot import Snapshot, Trace
from scanmon.ui.state.view_state import Mark

LAST: Final = 1 << 31  # seeking past the end means the last frame
SAME_S: Final = 1e-4
_BAD = list(Verdict).index(Verdict.INADEQUATE)


def play_or_pause(playback: Playback) -> None:
    if playback.state.playing:
        playback.pause()
    else:
        playback.play()


def hold_at(playback: Playback, index: int) -> None:
    playback.pause()
    playback.seek(index)


def _change_speed(playback: Playback, by: int) -> None:
    """`by` steps of `SPEEDS`, slower where negative."""
    speed = playback.state.speed
    nearest = min(range(len(SPEEDS)), key=lambda row: abs(SPEEDS[row] - speed))
    playback.set_speed(SPEEDS[min(max(nearest + by, 0), len(SPEEDS) - 1)])


def _loop(playback: Playback) -> None:
    """First press: the loop begins here; second: it ends here; third: no loop."""
    state = playback.state
    if state.loop is None:
        playback.set_loop(state.index)
    elif state.loop[1] == state.frames - 1 and state.index > state.loop[0]:
        playback.set_loop(state.loop[0], state.index)
    else:
        playback.set_loop(None)


BY_NAME: Final[dict[str, Callable[[Playback], None]]] = {
    "back": lambda playback: playback.step(-1),
    "forward": lambda playback: playback.step(1),
    "back10": lambda playback: playback.step(-10),
    "forward10": lambda playback: playback.step(10),
    "first": lambda playback: playback.seek(0),
    "last": lambda playback: playback.seek(LAST),
    "slower": lambda playback: _change_speed(playback, -1),
    "faster": lambda playback: _change_speed(playback, 1),
    "loop": _loop,
}


def beginnings(trace: Trace) -> NDArray[np.intp]:
    """Rows at which a stretch of inadequate frames begins; a gap between two of them is none."""
    bad = np.flatnonzero(trace.verdict == _BAD)
    if not len(bad):
        return bad
    known = trace.verdict >= 0
    good_before = np.cumsum(known & (trace.verdict != _BAD))[bad]
    apart = (np.diff(good_before) > 0) | (np.diff(trace.time_s[bad]) > BRIDGED_S)
    return bad[np.concatenate(([True], apart))]


def neighbour(trace: Trace, index: int, way: int) -> int | None:
    """Where the next stretch begins (`way` 1), or the one before (-1); None where there is none."""
    found = beginnings(trace)
    found = found[found > index] if way > 0 else found[found < index]
    return None if not len(found) else int(found[0] if way > 0 else found[-1])


class Marks:
    """Grows by bookmarks of the user and by every time the scanner was frozen."""

    def __init__(self) -> None:
        self.all: tuple[Mark, ...] = ()  # the same tuple until one is added
        self._reason: Reason | None = None

    def bookmark(self, time_s: float) -> bool:
        """Mark a moment; a second time at the same moment takes it away, and gives False."""
        others = tuple(mark for mark in self.all if not _is_at(mark, time_s))
        added = len(others) == len(self.all)
        self.all = (*others, Mark(time_s, "bookmark")) if added else others
        return added

    def name(self, time_s: float, text: str) -> None:
        """Give the bookmark of a moment its text."""
        self.all = tuple(replace(mark, text=text) if _is_at(mark, time_s) else mark for mark in self.all)

    def watch(self, snapshot: Snapshot) -> None:
        if snapshot.analysis is None:
            return
        reading = snapshot.analysis.reading
        mark = Mark(reading.time_s, "frozen")
        began = reading.reason is Reason.FROZEN and self._reason is not Reason.FROZEN
        if began and mark not in self.all:
            self.all = (*self.all, mark)
        self._reason = reading.reason


def _is_at(mark: Mark, time_s: float) -> bool:
    """Whether this is the bookmark of a moment: times of a session are rounded in its store."""
    return mark.kind == "bookmark" and abs(mark.time_s - time_s) < SAME_S
