import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scanmon.core.values import Frame
from scanmon.runtime.playback import Playback
from tests.doubles.scenes import PATIENCE_S, Cine, wait_until


class Viewer:
    """Takes the frames of a playback on a thread of its own."""

    def __init__(self, playback: Playback) -> None:
        self.frames: list[Frame] = []
        self._thread = threading.Thread(target=self._watch, args=(playback,), name="scanmon-test-viewer")
        self._thread.start()

    def _watch(self, playback: Playback) -> None:
        for frame in playback:
            self.frames.append(frame)

    @property
    def indices(self) -> list[int]:
        return [frame.index for frame in self.frames]

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


@contextmanager
def watching(cine: Cine, *, playing: bool = True, speed: float = 1.0) -> Iterator[tuple[Playback, Viewer]]:
    playback = Playback(cine, playing=playing, speed=speed)
    viewer = Viewer(playback)
    try:
        yield playback, viewer
    finally:
        playback.close()
        viewer.join()
    assert cine.closed.is_set()


def never_early(frames: list[Frame], begun_s: float, speed: float = 1.0) -> bool:
    """Whether each frame came when it was due, or later: a busy machine may be late, but nothing races."""
    first_s = frames[0].time_s
    return all(frame.captured_s >= begun_s + (frame.time_s - first_s) / speed - 1e-6 for frame in frames)


def test_frames_come_in_order_at_the_recorded_rate_and_the_end_is_held() -> None:
    begun_s = time.monotonic()
    with watching(Cine(20, rate_hz=100)) as (playback, viewer):
        wait_until(lambda: playback.state.ended)
        assert viewer.indices == list(range(20))
        assert never_early(viewer.frames, begun_s)
        assert not playback.state.playing
        assert playback.state.index == 19


def test_a_paused_playback_shows_its_first_frame_and_steps() -> None:
    with watching(Cine(10), playing=False) as (playback, viewer):
        wait_until(lambda: viewer.indices == [0])
        playback.step(1)
        wait_until(lambda: viewer.indices == [0, 1])
        playback.step(5)
        wait_until(lambda: viewer.indices[-1] == 6)
        playback.step(-2)
        wait_until(lambda: viewer.indices[-1] == 4)
        assert viewer.indices == [0, 1, 6, 4]
        assert playback.state.index == 4


def test_steps_that_come_faster_than_frames_add_up() -> None:
    playback = Playback(Cine(100), playing=False)
    for _ in range(7):
        playback.step(1)
    viewer = Viewer(playback)
    wait_until(lambda: viewer.indices == [7])
    playback.close()
    viewer.join()


@pytest.mark.parametrize(("wanted", "reached"), [(-5, 0), (3, 3), (99, 9)])
def test_a_seek_past_an_end_means_that_end(wanted: int, reached: int) -> None:
    with watching(Cine(10), playing=False) as (playback, viewer):
        wait_until(lambda: viewer.indices == [0])
        playback.seek(wanted)
        wait_until(lambda: len(viewer.frames) == 2)
        assert viewer.indices[-1] == reached


def test_a_time_seeks_the_frame_that_is_shown_then() -> None:
    with watching(Cine(100, rate_hz=10), playing=False) as (playback, viewer):
        playback.seek_time(2.59)
        wait_until(lambda: viewer.indices[-1:] == [25])


def test_play_after_the_end_begins_again() -> None:
    with watching(Cine(5)) as (playback, viewer):
        wait_until(lambda: playback.state.ended)
        playback.play()
        wait_until(lambda: len(viewer.frames) == 10)
        assert viewer.indices == [*range(5), *range(5)]


def test_a_loop_repeats_its_frames() -> None:
    with watching(Cine(50), playing=False) as (playback, viewer):
        playback.set_loop(10, 12)
        playback.seek(10)
        playback.play()
        wait_until(lambda: len(viewer.frames) >= 9)
        looped = [index for index in viewer.indices if index >= 10]
        assert looped[:7] == [10, 11, 12, 10, 11, 12, 10]


def test_four_times_the_speed_takes_no_less_than_a_quarter_of_the_time() -> None:
    begun_s = time.monotonic()
    with watching(Cine(41, rate_hz=100), speed=4.0) as (playback, viewer):
        wait_until(lambda: playback.state.ended)
        assert len(viewer.frames) == 41
        assert never_early(viewer.frames, begun_s, speed=4.0)
        assert playback.state.speed == 4.0


def test_a_slow_consumer_does_not_make_playback_race_afterwards() -> None:
    cine = Cine(60, rate_hz=100)
    playback = Playback(cine)
    frames = iter(playback)
    first = next(frames)
    hold = threading.Event()
    hold.wait(0.4)  # longer than the limit beyond which lost time is given up
    resumed_s = time.monotonic()
    rest = [next(frames) for _ in range(10)]
    assert first.index == 0
    assert never_early(rest, resumed_s)
    playback.close()
    with pytest.raises(StopIteration):
        next(frames)


def test_close_ends_a_waiting_iteration_at_once() -> None:
    playback = Playback(Cine(5, rate_hz=0.01))
    viewer = Viewer(playback)
    wait_until(lambda: viewer.indices == [0])
    started_s = time.monotonic()
    playback.close()
    viewer.join()
    assert time.monotonic() - started_s < 50  # the next frame would have come after 100 s
