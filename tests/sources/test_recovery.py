"""Faults put in for real: the sender dies, stops, comes back different, or sends rubbish."""

import logging
import random
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scanmon.sources.opening import open_live
from tests.doubles.commands import Said, python
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.senders import free_port, mjpeg_sender, mpegts_sender, needs_ffmpeg, senders
from tests.doubles.watch import Watch


@pytest.mark.parametrize("kind", ["http", "udp", "tcp", "rtsp", "igtl"])
def test_a_killed_sender_that_comes_back_with_another_size_is_taken_up_again(kind, caplog) -> None:
    caplog.set_level(logging.INFO, "scanmon.sources")
    address, send = senders(kind)
    with send(size="320x240") as first, Watch(open_live(address)) as watch:
        watch.more(10)
        before = watch.frames[-1]
        first.kill()
        watch.until(lambda: watch.source.state == "reconnecting")
        with send(size="480x360"):
            watch.more(10)
            after = watch.frames[-1]
            assert 1 <= watch.source.gaps <= 1 + watch.silences()
            assert after.pixels.shape == (360, 480)
            assert (watch.source.info.width, watch.source.info.height) == (480, 360)
            assert after.index > before.index + 10  # the gap shows in the numbers as well
            assert after.time_s > before.time_s

            def said(words: str) -> int:
                return sum(words in record.getMessage() for record in caplog.records)

            watch.until(lambda: said("signal lost") == said("signal is back") == watch.source.gaps)


# how quickly something is noticed shows on an idle machine alone
@pytest.mark.parametrize(
    ("lost_s", "back_s"),
    [(PATIENCE_S, PATIENCE_S), pytest.param(1.8, 1.5, marks=pytest.mark.slow)],
    ids=["at all", "within a second"],
)
@pytest.mark.parametrize("kind", ["http", "udp", "igtl"])
def test_a_sender_that_is_stopped_and_continued_is_noticed_and_goes_on(kind, lost_s, back_s) -> None:
    address, send = senders(kind)
    with send() as sender, Watch(open_live(address)) as watch:
        watch.more(10)
        sender.pause()
        assert watch.until(lambda: watch.source.state == "reconnecting") < lost_s
        seen = len(watch.frames)
        sender.resume()
        assert watch.until(lambda: len(watch.frames) > seen) < back_s
        watch.until(lambda: watch.source.state == "live")
        assert 1 <= watch.source.gaps <= watch.silences()


@needs_ffmpeg
def test_another_pixel_format_after_a_restart_gives_the_same_kind_of_frame() -> None:
    port = free_port()
    with Watch(open_live(f"http://127.0.0.1:{port}/")) as watch:
        for pixels in ("yuvj420p", "yuvj444p", "yuvj422p"):
            with mjpeg_sender(port, pixels=pixels):
                watch.until(partial(gives, watch, pixels))
                watch.more(3)
                frame = watch.frames[-1]
                assert frame.pixels.shape == (240, 320)
                assert frame.chroma.shape[1] == 160


def gives(watch: Watch, pixels: str) -> bool:
    return watch.source.info is not None and pixels in watch.source.info.details


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
        watch.until(lambda: watch.source.state == "live")
        assert watch.error is None


def seconds_of_recoveries(restarts: int) -> list[float]:
    """Kill a sender at random moments and start it again; how long pictures then took to come, each time."""
    chance = random.Random(7)
    port = free_port()
    pause = threading.Event()
    waits_s = []
    with ExitStack() as senders, Watch(open_live(f"http://127.0.0.1:{port}/")) as watch:
        sender = senders.enter_context(mjpeg_sender(port))
        watch.until(lambda: bool(watch.frames))
        for _ in range(restarts):
            pause.wait(chance.uniform(0.1, 0.6))
            lost = watch.source.gaps
            sender.kill()
            watch.until(partial(has_lost_more, watch, lost))
            pause.wait(chance.uniform(0.0, 0.8))
            last = watch.frames[-1].index
            sender = senders.enter_context(mjpeg_sender(port))
            comes = partial(has_more, watch, last)
            watch.until(partial(listens_or, port, comes))
            waits_s.append(watch.until(comes))
        assert restarts <= watch.source.gaps <= restarts + watch.silences()
        assert watch.error is None
    return waits_s


@needs_ffmpeg
@pytest.mark.slow
def test_twenty_random_restarts_give_twenty_recoveries_each_within_a_second() -> None:
    waits_s = seconds_of_recoveries(20)
    assert max(waits_s) < 1.0, waits_s


def has_lost_more(watch: Watch, gaps: int) -> bool:
    return watch.source.gaps > gaps


def has_more(watch: Watch, index: int) -> bool:
    return watch.frames[-1].index > index


def listens_or(port: int, comes: Callable[[], bool]) -> bool:
    return listens(port) or comes()


def listens(port: int) -> bool:
    """Whether the sender is there: `/proc/net/tcp` says so without taking its only place."""
    table = Path("/proc/net/tcp")
    return not table.exists() or f":{port:04X} 00000000:0000 0A" in table.read_text()


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
        assert python("-c", script, f"http://127.0.0.1:{port}/") == Said("last line\n", "")
