"""All of a recording is scored: from the picture that is shown onwards, then what lies before it."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording
from scanmon.core.values import Analysis, Frame

OpenRecording = Callable[[], Recording]  # raises SourceError; called on the analysis thread

FOLLOWS_S = 0.1  # frames so little behind the shown one are scored first; a slow engine scores what is shown
KEPT = 20_000  # analyses, each with a heatmap of a few KiB
RUN_UP_S = 2.0  # scored in order before a frame whose smoothed quality and word stay: five time constants
_PASSED_OVER = 8  # frames that are decoded for nothing rather than the recording opened anew
_NO_PIXELS = np.zeros((1, 1), np.uint8)
_NO_PIXELS.setflags(write=False)


def _together(before: Analysis, now: Analysis) -> Analysis:
    """The score that rests on this frame alone, with what was smoothed in the order of the frames."""
    rests = bool(now.reading.oldest_s)
    if not (before.reading.scored and now.reading.scored):
        return now
    if rests == bool(before.reading.oldest_s):
        return now
    own, smooth = (before, now) if rests else (now, before)
    steady, verdict, pending = smooth.reading.steady, smooth.reading.verdict, smooth.reading.pending
    first = replace(own.reading, steady=steady, verdict=verdict, pending=pending)
    return replace(own, frame=now.frame, readings=(first, *own.readings[1:]))


class Ahead:
    """Chooses and decodes the frame to be scored next, and keeps what was found. For one thread.

    The recording is opened a second time: the first one belongs to the thread that plays it. What was scored
    without the `run_up_s` before it, as after a jump, is scored again in its order: smoothed as it is then,
    it would stand as teeth between its neighbours. Stills need none.
    """

    def __init__(
        self,
        open_again: OpenRecording,
        times_s: NDArray[np.float64],
        kept: int = KEPT,
        run_up_s: float = RUN_UP_S,
    ) -> None:
        self._open_again = open_again
        self._times_s = times_s
        self._most, self._run_up_s = kept, run_up_s
        self._recording: Recording | None = None
        self._frames: Iterator[Frame] = iter(())
        self._reads = -1  # index of the frame that `_frames` gives next
        self._begun = self._position = -1  # all from the first of both to before the other came in order
        self._done = np.zeros(len(times_s), np.bool_)
        self._left = len(times_s)
        self._kept: OrderedDict[int, Analysis] = OrderedDict()
        self._hopeless: set[int] = set()
        self._alone: set[int] = set()  # frames that were scored once more without those before

    @property
    def share(self) -> float:
        """Of the frames that were scored in their order, or cannot be; any thread may ask."""
        return 1.0 - self._left / max(1, len(self._done))

    def forget(self, *, scores: bool) -> None:
        """Another analyzer: all is scored anew. Without `scores` only the pictures that are shown are."""
        self._kept.clear()
        self._hopeless.clear()
        self._alone.clear()
        if scores:
            self._begun = self._position = -1
            self._done[:] = False
            self._left = len(self._done)

    def of(self, frame: Frame) -> Analysis | None:
        """What was found out about a frame; None where it is not known, or no longer."""
        known = self._kept.get(frame.index)
        return None if known is None else replace(known, frame=frame)

    def keep(self, analysis: Analysis, *, alone: bool = False) -> Analysis:
        """Note what was found, `alone` without the frames before it; gives what is now known of the frame."""
        index = analysis.frame.index
        before = self._kept.get(index)
        analysis = analysis if before is None else _together(before, analysis)
        self._kept[index] = replace(
            analysis, frame=replace(analysis.frame, pixels=_NO_PIXELS, chroma=None, colour=None)
        )
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        if alone:
            self._position = -1
        self._passed(index)
        return analysis

    def rests_on_others(self, shown: int) -> bool:
        """Whether a frame that stands is to be scored without those before it, which was not tried yet."""
        known = self._kept.get(shown)
        return known is not None and bool(known.reading.oldest_s) and shown not in self._alone

    def scores_alone(self, shown: int) -> bool:
        """The same, and it is tried now."""
        tries = self.rests_on_others(shown)
        if tries:
            self._alone.add(shown)
        return tries

    def gave_up(self, index: int) -> None:
        """A frame that cannot be scored: it is not tried again until another analyzer is used."""
        self._hopeless.add(index)
        self._passed(index, hopeless=True)

    def has_given_up(self, index: int) -> bool:
        """Whether a frame was tried and cannot be scored; any thread may ask."""
        return index in self._hopeless

    def choose(self, shown: int) -> int | None:
        """The frame to be scored next; None where nothing is left to do.

        Frames just before the shown one come in their order, so that what is smoothed stays smooth.
        """
        position = self._position
        lags = 0 <= position <= shown and self._times_s[shown] - self._times_s[position] <= FOLLOWS_S
        if lags and not self._done[position]:
            return position
        if shown not in self._kept and shown not in self._hopeless:
            return shown
        left = np.flatnonzero(~self._done)
        if not len(left):
            return None
        if shown <= position < len(self._done) and not self._done[position]:
            return position
        after = left[left >= shown]
        first = int(after[0] if len(after) else left[0])
        before = np.searchsorted(self._times_s, self._times_s[first] - self._run_up_s, "right")
        begin = min(first, max(0, int(before) - 1))
        return position if self._begun <= begin <= position <= first else begin

    def frame(self, index: int) -> Frame:
        """Decode a frame. Raises `SourceError` where there is none."""
        if self._recording is None:
            self._recording = self._open_again()
        if not self._reads <= index <= self._reads + _PASSED_OVER or self._reads < 0:
            self._frames, self._reads = self._recording.frames_from(index), index
        self._reads, reads = -1, self._frames  # to be opened anew after an error
        for frame in reads:
            if frame.index == index:
                self._reads = index + 1
                return frame
        raise SourceError(f"frame {index} cannot be decoded", self._recording.info.name)

    def close(self) -> None:
        self._frames = iter(())
        if self._recording is not None:
            self._recording.close()
            self._recording = None

    def _passed(self, index: int, *, hopeless: bool = False) -> None:
        if index != self._position:
            self._begun = index
        self._position = index + 1
        run_up_s = self._times_s[index] - self._times_s[self._begun]
        if hopeless or self._begun == 0 or run_up_s >= self._run_up_s:
            self._left -= not self._done[index]
            self._done[index] = True
