"""A sender whose very first words are wrong: nonsense, half a header, a header without end, or silence."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.live_source import Patience
from scanmon.sources.opening import open_live
from scanmon.sources.stream import open_stream
from tests.doubles.memory import forget_peak, memory_mb, needs_proc
from tests.doubles.senders import senders
from tests.doubles.talker import Talker
from tests.doubles.watch import Watch

MOST_MB = 200.0  # FFmpeg reads ahead some megabytes; a header without end is hundreds of them a second
_NOISE = np.random.default_rng(11).bytes(1 << 16)
_LINES = b"X-Scanner: " + b"a" * 245 + b"\r\n"

HEADS = {
    "rtsp": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n",
    "http": b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ffmpeg\r\n",
    "tcp": b"\x47\x40\x00\x10\x00\x00\xb0\x0d",  # the first bytes of a table of programs
}
ENDLESS = {
    "rtsp": HEADS["rtsp"] + _LINES * 250,
    "http": HEADS["http"] + _LINES * 250,
    "tcp": (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 340,  # packets of a transport stream that hold nothing
}


def words_of(kind: str) -> dict[str, tuple[bytes, bytes]]:
    """What is said first, and then again and again."""
    return {
        "nonsense": (_NOISE, _NOISE),
        "half a header": (HEADS.get(kind, b""), b""),
        "a header without end": (ENDLESS.get(kind, b""), ENDLESS.get(kind, b"")),
        "nothing at all": (b"", b""),
    }


@contextmanager
def little_memory() -> Iterator[None]:
    """Fails where more than `MOST_MB` were taken in between."""
    forget_peak()
    before = memory_mb("VmRSS")
    yield
    assert memory_mb("VmHWM") - before < MOST_MB


@needs_proc
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        *itertools.product(("rtsp", "http", "tcp"), ("nonsense", "a header without end")),
        ("igtl", "nonsense"),
        *(("http", "half a header"), ("tcp", "nothing at all")),
        *(
            pytest.param(*rest, marks=pytest.mark.slow)  # silence takes its time
            for rest in (
                *(("rtsp", "half a header"), ("rtsp", "nothing at all")),
                *(("http", "nothing at all"), ("tcp", "half a header")),
            )
        ),
    ],
)
def test_who_begins_with_nonsense_is_told_and_tried_again_with_pauses(kind: str, words: str) -> None:
    address, send = senders(kind)
    port = int(address.rpartition(":")[2].partition("/")[0])
    source = open_live(address) if kind == "igtl" else open_stream(address, timeouts_s=(1.5, 1.5))
    with little_memory(), Watch(source) as watch:
        with Talker(port, *words_of(kind)[words]) as talker:
            watch.until(lambda: talker.clients >= 2 and watch.source.trouble is not None)
            said, lasted_s = watch.source.trouble, time.monotonic() - talker.since_s
            attempts = talker.clients
        assert attempts <= 2 + lasted_s / Patience().first_retry_s
        assert said is not None
        assert "\n" not in said
        assert watch.frames == []
        assert watch.source.state == "connecting"
        assert watch.source.gaps == 0
        with send():
            watch.more(5)
            watch.until(lambda: watch.source.state == "live" and watch.source.trouble is None)
        assert watch.error is None


@needs_proc
def test_udp_that_begins_with_nonsense_shows_the_right_pictures_once_they_come() -> None:
    address, send = senders("udp")
    port = int(address.rpartition(":")[2])
    with little_memory(), Watch(open_live(address)) as watch:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            pause = threading.Event()
            for _ in range(100):
                stranger.sendto(_NOISE[:1316], ("127.0.0.1", port))
                pause.wait(0.01)
        assert watch.frames == []
        assert watch.source.state == "connecting"
        with send():
            watch.more(5)
            watch.until(lambda: watch.source.state == "live")
        assert watch.error is None


def test_an_address_with_a_port_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(SourceError, match="is not an address"):
        open_live("rtsp://127.0.0.1:99999/video")
