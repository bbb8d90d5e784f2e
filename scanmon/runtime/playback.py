"""A recording played at its own rate: paused, stepped, sought, looped, at another speed."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scanmon.core.ports import Recording, SourceInfo
from scanmon.core.values import Frame
from scanmon.runtime.snapshot import PlaybackState

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_LATE_S = 0.25  # further behind than this the clock gives up the lost time instead of racing through frames


class EveryFrame:
    """A `FrameSource` that gives every frame of a recording, as fast as they are taken.

    The recording is decoded and closed on the thread that iterates; `close` may be called from any.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._closed = False

    @property
    def info(self) -> SourceInfo:
        return self._recording.info

    def close(self) -> None:
        """End the iteration with the next frame."""
        self._closed = True

    def __iter__(self) -> Iterator[Frame]:
        try:
            for frame in self._recording:
                if self._closed:
                    return
                yield frame
        finally:
            self._recording.close()


class Playback:
    """A `FrameSource` whose frames come when they are due.

    `begins`: it stands at its first frame until `begin`, or until the user asks for something before that.
    The capture thread iterates; every other method may be called from any thread and returns at once. The
    recording is decoded and closed on the capture thread alone. Iteration ends only with `close`: at the last
    frame playback waits for a seek.
    """

    def __init__(
        self, recording: Recording, *, playing: bool = True, speed: float = 1.0, begins: bool = False
    ) -> None:
        self._begins = begins
        self.recording = recording
        self._times_s = np.asarray(recording.times_s)
        self._changed = threading.Condition()
        self._playing = playing and not begins
        self._speed = speed
        self._index = 0  # frame that is shown
        self._wanted: int | None = 0  # frame to jump to
        self._loop: tuple[int, int] | None = None
        self._ended = False
        self._closed = False

    @property
    def info(self) -> SourceInfo:
        return self.recording.info

    @property
    def state(self) -> PlaybackState:
        with self._changed:
            return PlaybackState(
                index=self._index,
                frames=len(self._times_s),
                time_s=float(self._times_s[self._index]),
                duration_s=float(self._times_s[-1]),
                playing=self._playing,
                speed=self._speed,
                ended=self._ended,
                loop=self._loop,
            )

    def begin(self) -> None:
        """Play for the first time, where it waits for that."""
        with self._changed:
            if self._begins:
                self.play()

    def play(self) -> None:
        """Go on; from the start where the end was reached."""
        with self._changed:
            self._begins = False
            if self._ended:
                self._wanted = self._loop[0] if self._loop else 0
            self._playing, self._ended = True, False
            self._changed.notify_all()

    def pause(self) -> None:
        with self._changed:
            self._begins = self._playing = False
            self._changed.notify_all()

    def seek(self, index: int) -> None:
        """Jump to a frame; past either end means that end."""
        with self._changed:
            self._begins = False
            self._wanted = min(max(index, 0), len(self._times_s) - 1)
            self._ended = False
            self._changed.notify_all()

    def seek_time(self, time_s: float) -> None:
        """Jump to the frame that is shown at that time."""
        self.seek(int(np.searchsorted(self._times_s, time_s, side="right")) - 1)

    def step(self, frames: int) -> None:
        with self._changed:
            self._begins = self._playing = False
            start = self._index if self._wanted is None else self._wanted
            self.seek(start + frames)

    def set_speed(self, speed: float) -> None:
        """Play at `speed` times the recorded rate, 0.1 to 4."""
        with self._changed:
            self._speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
            self._changed.notify_all()

    def set_loop(self, first: int | None, last: int | None = None) -> None:
        """Repeat frames `first` to `last`; None: play on to the end."""
        with self._changed:
            end = len(self._times_s) - 1
            if first is None:
                self._loop = None
            else:
                last = end if last is None else min(max(last, 0), end)
                self._loop = (min(max(first, 0), last), last)
            self._changed.notify_all()

    def close(self) -> None:
        """End the iteration; the recording is closed by the thread that iterates."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Frame]:
        frames: Iterator[Frame] | None = None
        ready: Frame | None = None  # decoded ahead, not yet due
        due_s = time.monotonic()
        try:
            while True:
                jump = self._wait(due_s, ready)
                if jump is None and self._closed:
                    return
                if jump is not None:
                    frames = self.recording.frames_from(jump)
                    ready = next(frames, None)
                    due_s = time.monotonic()
                if ready is None or frames is None:
                    continue
                yield replace(ready, captured_s=time.monotonic())
                shown, ready = ready, next(frames, None)
                due_s = self._next_due(shown, ready, due_s)
        finally:
            self.recording.close()

    def _wait(self, due_s: float, ready: Frame | None) -> int | None:
        """Wait until `ready` is due, there is a frame to jump to, or playback is closed.

        Returns the frame to jump to, if any, and notes which frame is shown next.
        """
        with self._changed:
            while not self._closed and self._wanted is None:
                if self._playing and ready is not None:
                    left_s = due_s - time.monotonic()
                    if left_s <= 0:
                        self._index = ready.index
                        return None
                    self._changed.wait(left_s)
                else:
                    self._changed.wait()
                    due_s = max(due_s, time.monotonic())
            jump, self._wanted = self._wanted, None
            if self._closed:
                return None
            if jump is not None:
                self._index = jump
            return jump

    def _next_due(self, shown: Frame, ready: Frame | None, due_s: float) -> float:
        """When the frame after `shown` is due; at the end of a loop or of the recording, what comes then."""
        with self._changed:
            last = self._loop[1] if self._loop else len(self._times_s) - 1
            at_end = shown.index >= last or ready is None
            if at_end and self._wanted is None and self._playing:
                if self._loop:
                    self._wanted = self._loop[0]
                else:
                    self._playing, self._ended = False, True
            if ready is None:
                return due_s
            due_s += (ready.time_s - shown.time_s) / self._speed
        now_s = time.monotonic()
        return due_s if now_s - due_s < _LATE_S else now_s
