"""Faults put in for real: the sender dies, stops, comes back different, or sends rubbish."""

from __future__ import annotations

import importlib.util
import logging
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.gray import gray_picture
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.opening import open_live
from tests.sources.live import Watch, wait_for_readers
from tests.sources.senders import (
    Sender,
    free_port,
    has_rtsp_server,
    igtl_sender,
    mjpeg_sender,
    mpegts_sender,
    needs_ffmpeg,
    rtsp_sender,
)

QUICK = Patience(grace_s=0.15, stall_s=0.1, first_retry_s=0.01, retry_s=0.02, keen_s=0.5, longest_retry_s=0.1)


def senders(kind: str) -> tuple[str, Callable[..., Sender]]:
    """The address and what sends to it, of any size."""
    if kind in {"http", "udp", "tcp"} and shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg command: apt-get install ffmpeg")
    if kind == "rtsp" and not has_rtsp_server():
        pytest.skip("no GStreamer RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi")
    if kind == "igtl" and importlib.util.find_spec("pyigtl") is None:
        pytest.skip("no pyigtl: pip install 'scanmon[igtl]'")
    port = free_port(socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    host = f"127.0.0.1:{port}"
    return {
        "http": (f"http://{host}/", lambda **how: mjpeg_sender(port, **how)),
        "udp": (f"udp://{host}", lambda **how: mpegts_sender(f"udp://{host}", **how)),
        "tcp": (f"tcp://{host}", lambda **how: mpegts_sender(f"tcp://{host}?listen=1", **how)),
        "rtsp": (f"rtsp://{host}/video", lambda **how: rtsp_sender(port, **how)),
        "igtl": (f"igtl://{host}/Image", lambda **how: igtl_sender(port, **how)),
    }[kind]


@pytest.mark.parametrize("kind", ["http", "udp", "tcp", "rtsp", "igtl"])
def test_a_killed_sender_that_comes_back_with_another_size_is_taken_up_again(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scanmon.sources")
    address, send = senders(kind)
    with send(size="320x240") as first, Watch(open_live(address)) as watch:
        watch.more(10)
        before = watch.frames[-1]
        first.kill()
        watch.until(lambda: watch.source.state == "reconnecting", 5)
        assert watch.source.gaps == 1
        with send(size="480x360"):
            watch.more(10)
            after = watch.frames[-1]
            assert watch.source.state == "live"
            assert watch.source.gaps == 1
            assert after.pixels.shape == (360, 480)
            assert watch.source.info is not None
            assert (watch.source.info.width, watch.source.info.height) == (480, 360)
            assert after.index > before.index + 10  # the gap shows in the numbers as well
            assert after.time_s > before.time_s
            said = [record.getMessage() for record in caplog.records]
    assert sum("signal lost" in line for line in said) == 1
    assert sum("signal is back" in line for line in said) == 1


@pytest.mark.parametrize("kind", ["http", "udp", "igtl"])
def test_a_sender_that_is_stopped_and_continued_is_noticed_within_a_second_and_goes_on(kind: str) -> None:
    address, send = senders(kind)
    with send() as sender, Watch(open_live(address)) as watch:
        watch.more(10)
        sender.pause()
        took_s = watch.until(lambda: watch.source.state == "reconnecting", 4)
        assert took_s < 1.8
        seen = len(watch.frames)
        sender.resume()
        took_s = watch.until(lambda: len(watch.frames) > seen, 6)
        assert took_s < 1.5
        assert watch.source.state == "live"
        assert watch.source.gaps == 1


@needs_ffmpeg
def test_another_pixel_format_after_a_restart_gives_the_same_kind_of_frame() -> None:
    port = free_port()
    with Watch(open_live(f"http://127.0.0.1:{port}/")) as watch:
        for pixels in ("yuvj420p", "yuvj444p", "yuvj422p"):
            with mjpeg_sender(port, pixels=pixels):
                watch.until(lambda pixels=pixels: pixels in (watch.source.info or _NOTHING).details)
                watch.more(3)
                frame = watch.frames[-1]
                assert frame.pixels.shape == (240, 320)
                assert frame.chroma is not None
                assert frame.chroma.shape[1] == 160


class _Nothing:
    details = ""


_NOTHING = _Nothing()


class RubbishServer:
    """Accepts every client and sends noise, as long as the `with` block lasts."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(0.1)
        self._stop = threading.Event()
        self.clients = 0
        self._thread = threading.Thread(target=self._run, name="scanmon test rubbish")

    def __enter__(self) -> RubbishServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._listener.close()

    def _run(self) -> None:
        noise = np.random.default_rng(3)
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.clients += 1
            with client:
                client.settimeout(0.2)
                for _ in range(40):
                    if self._stop.wait(0.01):
                        break
                    try:
                        client.sendall(noise.bytes(8192))
                    except OSError:
                        break


@pytest.mark.parametrize("kind", ["http", "tcp", "igtl"])
def test_rubbish_gives_no_frame_and_no_crash_and_the_right_sender_is_found_afterwards(kind: str) -> None:
    address, send = senders(kind)
    port = int(address.rpartition(":")[2].partition("/")[0])
    with Watch(open_live(address)) as watch:
        with RubbishServer(port) as rubbish:
            watch.until(lambda: rubbish.clients >= 2, 20)
            assert watch.frames == []
            assert watch.source.state == "connecting"
        with send():
            watch.more(5, 20)
            assert watch.source.state == "live"
        assert watch.error is None


@needs_ffmpeg
def test_udp_rubbish_between_good_packets_does_not_end_the_picture() -> None:
    port = free_port(socket.SOCK_DGRAM)
    noise = np.random.default_rng(5)
    with (
        mpegts_sender(f"udp://127.0.0.1:{port}"),
        Watch(open_live(f"udp://127.0.0.1:{port}")) as watch,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker,
    ):
        watch.more(10)
        for _ in range(100):
            attacker.sendto(noise.bytes(1316), ("127.0.0.1", port))
        watch.more(20)
        assert watch.source.state == "live"
        assert watch.error is None


@needs_ffmpeg
@pytest.mark.timeout(240)
def test_twenty_random_restarts_give_twenty_recoveries_each_within_a_second() -> None:
    chance = random.Random(7)
    port = free_port()
    pause = threading.Event()
    waits_s = []
    with ExitStack() as senders, Watch(open_live(f"http://127.0.0.1:{port}/"), keep=50) as watch:
        sender = senders.enter_context(mjpeg_sender(port))
        watch.until(lambda: bool(watch.frames))
        for restart in range(1, 21):
            pause.wait(chance.uniform(0.1, 0.6))
            sender.kill()
            watch.until(lambda restart=restart: watch.source.gaps == restart, 5)
            pause.wait(chance.uniform(0.0, 0.8))
            last = watch.frames[-1].index
            sender = senders.enter_context(mjpeg_sender(port))
            watch.until(lambda last=last: listens(port) or watch.frames[-1].index > last, 30)
            waits_s.append(watch.until(lambda last=last: watch.frames[-1].index > last, 10))
        assert watch.source.gaps >= 20
        assert watch.error is None
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # others at work slow the sender as well
    assert max(waits_s) < crowd, waits_s


def listens(port: int) -> bool:
    """Whether the sender is there: `/proc/net/tcp` says so without taking its only place."""
    table = Path("/proc/net/tcp")
    return not table.exists() or f":{port:04X} 00000000:0000 0A" in table.read_text()


# what follows needs no sender: a feed that misbehaves in a planned way


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
        assert watch.source.trouble == "is not there, switch it on"  # type: ignore[attr-defined]
    assert [record.getMessage() for record in caplog.records] == [
        "test: no picture yet: is not there, switch it on; still trying"
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
        go_on.wait(10)
        yield arrival(2)  # this one may be as old as the silence
        yield arrival(3)
        threading.Event().wait(0.05)

    with Watch(ReconnectingSource("test", feed, QUICK)) as watch:
        watch.until(lambda: watch.source.state == "reconnecting")
        assert watch.source.gaps == 1
        assert "no picture for" in watch.source.trouble  # type: ignore[attr-defined]
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
        looked.wait(30)

    with closing(ReconnectingSource("test", feed, Patience(stall_s=30))) as source:
        frames = iter(source)
        next(frames)
        assert sent.wait(30)
        left = [next(frames).index]
        while left[-1] != 999:
            left.append(next(frames).index)
        looked.set()
    assert left in ([996, 997, 998, 999], [997, 998, 999])  # the first look may have taken 996
    assert list(frames) == []
    wait_for_readers()


def test_a_slow_device_is_not_taken_for_a_lost_one() -> None:
    pause = threading.Event()

    def feed() -> Generator[Arrival]:
        for _ in range(4):
            yield arrival()
            pause.wait(0.05)
        for _ in range(5):
            yield arrival()
            pause.wait(0.8)  # longer than the stall; a surprise the first time only

    with Watch(ReconnectingSource("test", feed, Patience(stall_s=0.5))) as watch:
        watch.until(lambda: len(watch.frames) >= 8)
        assert watch.source.gaps <= 1


def test_rates_are_told_as_the_device_states_them_or_not_at_all() -> None:
    assert Fraction(0) == 0  # a device that reports 0 fps
    with Watch(ReconnectingSource("test", lambda: (arrival() for _ in range(3)), QUICK)) as watch:
        watch.until(lambda: bool(watch.frames))
        assert watch.source.info is not None
        assert watch.source.info.rate_hz is None


@needs_ffmpeg
def test_a_program_that_ends_while_pictures_come_ends_cleanly() -> None:
    port = free_port()
    script = (
        "import sys\n"
        "from scanmon.sources.opening import open_live\n"
        "source = open_live(sys.argv[1])\n"
        "for number, frame in enumerate(source):\n"
        "    if number == 5:\n"
        "        source.close()\n"
        "print('last line')\n"
    )
    with mjpeg_sender(port, size="1280x720", rate=60):
        command = [sys.executable, "-c", script, f"http://127.0.0.1:{port}/"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "last line\n", "")
