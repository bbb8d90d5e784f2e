"""What every live source promises, shown with a real sender on the other side."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from scanmon.core.ports import LiveSource
from scanmon.sources.opening import open_live
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.doubles.senders import Sender, senders
from tests.doubles.watch import Watch, wait_for_readers


class Line(NamedTuple):
    """A source and what feeds it."""

    source: str
    start: Callable[[], Sender | None]


@pytest.fixture(params=["http", "udp", "tcp", "rtsp", "igtl", "phantom"])
def line(request: pytest.FixtureRequest) -> Line:
    if request.param == "phantom":
        return Line("phantom:size=320x240", lambda: None)
    return Line(*senders(request.param))


@pytest.fixture
def watch(line: Line) -> Iterator[Watch]:
    """A source that runs; it was opened before its sender, as a monitor that is switched on first."""
    with Watch(open_live(line.source)) as watch:
        sender = line.start()
        yield watch
        if sender is not None:
            sender.kill()


def test_frames_come_and_keep_every_promise(watch: Watch) -> None:
    watch.until(lambda: len(watch.frames) >= 25 and watch.source.state == "live")
    frames = list(watch.frames)
    assert watch.source.gaps <= watch.silences()
    for older, newer in itertools.pairwise(frames):
        assert newer.index > older.index
        assert newer.time_s > older.time_s
        assert newer.captured_s > older.captured_s
    assert frames[0].time_s == 0.0
    assert frames[-1].time_s < time.monotonic() - watch.begun_s
    assert all(frame.captured_s <= time.monotonic() for frame in frames)
    assert all(not frame.pixels.flags.writeable and frame.pixels.dtype == np.uint8 for frame in frames)
    info = watch.source.info
    assert frames[-1].pixels.shape == (info.height, info.width) == (240, 320)
    assert info.frames is None
    assert info.details
    assert watch.error is None
    assert np.abs(frames[-1].pixels.astype(int) - frames[-10].pixels).mean() > 0.3


def test_an_idle_consumer_gets_new_frames_and_not_the_old_ones(line: Line) -> None:
    sender = line.start()
    with closing(open_live(line.source)) as source:
        frames = iter(source)
        first = next(frames)
        threading.Event().wait(1.5)  # this consumer is busy
        resumed_s = time.monotonic()
        newest = list(itertools.islice(frames, 8))[-1]
    assert newest.captured_s > resumed_s - 0.5
    assert newest.index > first.index + 8 or newest.captured_s - first.captured_s > 1.0
    assert list(frames) == []
    if sender is not None:
        sender.kill()
    wait_for_readers()


@pytest.mark.parametrize("within_s", [PATIENCE_S, pytest.param(0.5, marks=pytest.mark.slow)])
def test_closing_ends_a_wait_at_once(line: Line, within_s: float) -> None:
    """Nobody sends; opening or reading hangs. How quick it is shows on an idle machine alone."""
    source = open_live(line.source)
    with Watch(source) as watch:
        assert source.state == "connecting" or line.source.startswith("phantom")
        start_s = time.monotonic()
        source.close()
        watch.until(lambda: not watch._thread.is_alive())
        assert time.monotonic() - start_s < within_s
    assert source.state == "ended"
    source.close()


def test_a_source_that_is_not_iterated_opens_nothing(line: Line) -> None:
    before = set(threading.enumerate())
    source = open_live(line.source)
    assert set(threading.enumerate()) <= before
    source.close()
    assert list(source) == []


def test_nothing_stays_open_behind(line: Line) -> None:
    def handles() -> int:
        folder = Path("/proc/self/fd")
        return len(os.listdir(folder)) if folder.is_dir() else 0  # noqa: PTH208

    sender = line.start()
    before = handles()
    with Watch(open_live(line.source)) as watch:
        watch.until(lambda: len(watch.frames) > 3)
    wait_until(lambda: handles() <= before)
    if sender is not None:
        sender.kill()


def test_addresses_with_a_password_never_show_it() -> None:
    source: LiveSource = open_live("rtsp://doctor:secret@127.0.0.1:1/video")
    with Watch(source) as watch:
        watch.until(lambda: getattr(source, "trouble", None) is not None)
        assert "secret" not in str(source.trouble)
