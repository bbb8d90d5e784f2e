"""A feed that misbehaves in a planned way, without any sender: hangs, jumps in time, never comes."""

import logging
import threading
import time
from collections.abc import Generator
from contextlib import closing
from fractions import Fraction

import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.gray import gray_picture
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.watch import Watch, wait_for_readers

QUICK = Patience(grace_s=0.15, stall_s=0.1, first_retry_s=0.01, retry_s=0.02, keen_s=0.5, longest_retry_s=0.1)


def arrival(level: int = 0, captured_s: float | None = None, size: tuple[int, int] = (8, 8)) -> Arrival:
    picture = gray_picture(np.full(size, level, np.uint8))
    return Arrival(picture, time.monotonic() if captured_s is None else captured_s, None, "test")


def test_retries_are_quick_at_first_and_then_less_and_less_frequent() -> None:
    patience = Patience()
    assert patience.delay_s(0.0, 1) <= 0.5
    assert patience.delay_s(10.0, 9) <= 0.5
    assert [patience.delay_s(lost_s, 99) for lost_s in (60.0, 120.0, 300.0, 9000.0)] == [1.0, 2.0, 5.0, 5.0]


def test_waiting_for_hours_keeps_nothing_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    attempts = 0

    def feed() -> Generator[Arrival]:
        nonlocal attempts
        attempts += 1
        raise SourceError("is not there", "the test", "switch it on")
        yield

    caplog.set_level(logging.INFO, "scanmon.sources")
    with Watch(ReconnectingSource("test", feed, QUICK)) as watch:
        watch.until(lambda: attempts > 20)
        assert watch.source.state == "connecting"
        assert watch.source.gaps == 0
        assert watch.source.trouble == "is not there; switch it on"
    assert [record.getMessage() for record in caplog.records] == [
        "test: no picture yet: is not there; switch it on; still trying"
    ]


def test_a_driver_whose_clock_jumps_back_does_not_turn_time_back() -> None:
    def feed() -> Generator[Arrival]:
        now_s = time.monotonic()
        for offset_s in (0.0, -0.2, -0.1, 0.05):
            yield arrival(captured_s=now_s + offset_s)

    with Watch(ReconnectingSource("test", feed, QUICK)) as watch:
        watch.until(lambda: len(watch.frames) >= 4)
        times_s = [frame.time_s for frame in watch.frames[:4]]
    assert times_s == sorted(set(times_s))


def test_a_feed_that_hangs_counts_as_lost_and_the_picture_it_held_back_is_not_shown() -> None:
    go_on = threading.Event()

    def feed() -> Generator[Arrival]:
        yield arrival(1)
        go_on.wait(PATIENCE_S)
        yield arrival(2)  # this one may be as old as the silence
        yield arrival(3)
        threading.Event().wait(0.05)

    with Watch(ReconnectingSource("test", feed, QUICK)) as watch:
        watch.until(lambda: watch.source.state == "reconnecting")
        assert watch.source.gaps == 1
        assert "sends nothing" in (watch.source.trouble or "")
        go_on.set()
        watch.until(lambda: watch.source.state == "live")
        assert [int(frame.pixels[0, 0]) for frame in watch.frames[:2]] == [1, 3]
        assert watch.frames[1].index == 2  # 1 was left out


def test_a_fault_of_our_own_is_not_swallowed() -> None:
    def feed() -> Generator[Arrival]:
        yield arrival()
        raise ZeroDivisionError("a bug")

    with Watch(ReconnectingSource("test", feed, QUICK)) as watch:
        watch.until(lambda: watch.error is not None)
    assert isinstance(watch.error, ZeroDivisionError)


def test_a_consumer_that_never_comes_back_leaves_four_frames_at_most() -> None:
    sent, looked = threading.Event(), threading.Event()

    def feed() -> Generator[Arrival]:
        for number in range(1000):
            yield arrival(number % 256)
        sent.set()
        looked.wait(PATIENCE_S)

    with closing(ReconnectingSource("test", feed, Patience(stall_s=PATIENCE_S))) as source:
        frames = iter(source)
        next(frames)
        assert sent.wait(PATIENCE_S)
        left = [next(frames).index]
        while left[-1] != 999:
            left.append(next(frames).index)
        looked.set()
    assert left in ([996, 997, 998, 999], [997, 998, 999])  # the first look may have taken 996
    assert list(frames) == []
    wait_for_readers()


def test_a_slow_device_is_not_taken_for_a_lost_one() -> None:
    pause, looked = threading.Event(), threading.Event()

    def feed() -> Generator[Arrival]:
        for _ in range(4):
            yield arrival()
            pause.wait(0.02)
        for _ in range(8):
            yield arrival()
            pause.wait(0.4)  # longer than the stall; a surprise the first time only
        looked.wait(PATIENCE_S)

    with Watch(ReconnectingSource("test", feed, Patience(stall_s=0.25))) as watch:
        watch.until(lambda: len(watch.frames) >= 10)
        assert watch.source.gaps <= 2  # not eight; a busy machine may add a surprise of its own
        looked.set()


def test_rates_are_told_as_the_device_states_them_or_not_at_all() -> None:
    assert Fraction(0) == 0  # a device that reports 0 fps
    with Watch(ReconnectingSource("test", lambda: (arrival() for _ in range(3)), QUICK)) as watch:
        watch.until(lambda: bool(watch.frames))
        assert watch.source.info.rate_hz is None
