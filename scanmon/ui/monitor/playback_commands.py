"""What the keys, the transport bar and the trace do with the recording that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scanmon.runtime.playback import SPEEDS, Playback

LAST: Final = 1 << 31  # seeking past the end means the last frame


class PlaybackCommands:
    """Of one open recording."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._resume_after_scrub = False

    def play_or_pause(self) -> None:
        if self._playback.state.playing:
            self._playback.pause()
        else:
            self._playback.play()

    def hold_at(self, index: int) -> None:
        """Pause at a frame."""
        self._playback.pause()
        self._playback.seek(index)

    def step(self, frames: int) -> None:
        self._playback.step(frames)

    def seek(self, index: int) -> None:
        self._playback.seek(index)

    def seek_time(self, time_s: float) -> None:
        self._playback.seek_time(time_s)

    def begin_scrub(self) -> None:
        self._resume_after_scrub = self._playback.state.playing
        self._playback.pause()

    def end_scrub(self) -> None:
        if self._resume_after_scrub:
            self._playback.play()

    def set_speed(self, speed: float) -> None:
        self._playback.set_speed(speed)

    def change_speed(self, by: int) -> None:
        """`by` steps of `SPEEDS`, slower where negative."""
        speed = self._playback.state.speed
        nearest = min(range(len(SPEEDS)), key=lambda row: abs(SPEEDS[row] - speed))
        self.set_speed(SPEEDS[min(max(nearest + by, 0), len(SPEEDS) - 1)])

    def loop(self) -> None:
        """First press: the loop begins here; second: it ends here; third: no loop."""
        state = self._playback.state
        if state.loop is None:
            self._playback.set_loop(state.index)
        elif state.loop[1] == state.frames - 1 and state.index > state.loop[0]:
            self._playback.set_loop(state.loop[0], state.index)
        else:
            self._playback.set_loop(None)


BY_NAME: Final[dict[str, Callable[[PlaybackCommands], None]]] = {
    "back": lambda playback: playback.step(-1),
    "forward": lambda playback: playback.step(1),
    "back10": lambda playback: playback.step(-10),
    "forward10": lambda playback: playback.step(10),
    "first": lambda playback: playback.seek(0),
    "last": lambda playback: playback.seek(LAST),
    "slower": lambda playback: playback.change_speed(-1),
    "faster": lambda playback: playback.change_speed(1),
    "loop": PlaybackCommands.loop,
}
