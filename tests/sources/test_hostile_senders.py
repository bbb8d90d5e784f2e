"""What a broken or hostile sender may send: it is told in one line, costs little memory, and ends nothing."""

import importlib.util
import struct
import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from scanmon.core import ffmpeg_memory
from scanmon.core.errors import SourceError
from scanmon.core.ports import LiveSource
from scanmon.session.video import Encoder
from scanmon.sources.opening import open_live
from scanmon.sources.pyav_live import arrivals
from scanmon.sources.stream import open_stream
from tests.doubles.memory import forget_peak, memory_mb, needs_proc
from tests.doubles.senders import free_port
from tests.doubles.talker import Talker
from tests.doubles.watch import Watch

BOUNDARY = b"--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %d\r\n\r\n"
HTTP = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ffmpeg\r\n\r\n"
MOST_MB = 600  # a picture of the largest size that is accepted, and what decoding takes; not 30 000 x 30 000

needs_igtl = pytest.mark.skipif(
    importlib.util.find_spec("pyigtl") is None, reason="no pyigtl: pip install 'scanmon[igtl]'"
)


def jpeg(width: int, height: int) -> bytes:
    """A small JPEG whose header states another size."""
    data = bytearray(cv2.imencode(".jpg", np.full((64, 64), 90, np.uint8))[1].tobytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def igtl(width: int, height: int, body_size: int | None = None) -> bytes:
    """An OpenIGTLink image message that states a size and holds nothing like it."""
    from pyigtl.messages import ImageMessage

    packed = bytearray(ImageMessage(np.zeros((1, 8, 8), np.uint8), device_name="Image").pack())
    header, body = packed[:58], packed[58:]
    place = body.index(struct.pack(">HHH", 8, 8, 1))
    body[place : place + 6] = struct.pack(">HHH", width, height, 1)
    header[42:50] = struct.pack(">Q", len(body) if body_size is None else body_size)
    return bytes(header + body)


def trouble_with(source: LiveSource, server: Talker, times: int = 3) -> str:
    """What the source says after the sender has had its way for some time; no frame may have come."""
    forget_peak()
    before = memory_mb("VmRSS")
    with server, Watch(source) as watch:
        watch.until(lambda: server.sent >= times and watch.source.trouble is not None)
        said = watch.source.trouble
        assert watch.frames == []
        assert watch.error is None
    assert memory_mb("VmHWM") - before < MOST_MB
    assert said is not None
    assert "\n" not in said
    return said


@needs_proc
@pytest.mark.parametrize(
    "size", [(30_000, 30_000), (65_500, 65_500), (0, 480)], ids=["large", "largest", "none"]
)
def test_a_jpeg_that_states_an_impossible_size_is_not_decoded(size: tuple[int, int]) -> None:
    port = free_port()
    picture = jpeg(*size)
    part = BOUNDARY % len(picture) + picture + b"\r\n"
    source = open_stream(f"http://127.0.0.1:{port}/", undecodable_s=1.0)
    assert trouble_with(source, Talker(port, HTTP, part, every_s=0.03))


@needs_proc
@pytest.mark.skipif(sys.platform == "win32", reason="FFmpeg's limit is not found there")
@pytest.mark.parametrize(
    ("form", "head"),
    [
        ("mpjpeg", b"--x\r\nContent-type: image/jpeg\r\nContent-length: 2000000000\r\n\r\n"),
        ("mjpeg", b""),
    ],
    ids=["stated", "without end"],
)
def test_a_picture_that_does_not_end_is_given_up_before_it_fills_the_memory(tmp_path, form, head) -> None:
    path = tmp_path / "sent"
    with path.open("wb") as file:
        file.write(head + jpeg(64, 64)[:-2])
        file.truncate(1 << 29)
    forget_peak()
    before = memory_mb("VmRSS")
    with pytest.raises(SourceError, match=r"is lost|cannot be decoded|has ended"):
        list(arrivals("a stream", str(path), format_name=form))
    assert memory_mb("VmHWM") - before < 400


@pytest.mark.parametrize("codec", ["h264", "ffv1"])
def test_what_a_live_source_may_take_is_enough_to_record_4k(codec, monkeypatch) -> None:
    monkeypatch.setattr(ffmpeg_memory, "_needed", ffmpeg_memory.MOST)
    ffmpeg_memory.limit()
    picture = np.zeros((2160, 3840), np.uint8)
    assert Encoder(codec, 3840, 2160).encode(picture, 0.0).key


def test_a_live_picture_larger_than_8k_is_refused() -> None:
    port = free_port()
    picture = cv2.imencode(".jpg", np.zeros((5800, 5800), np.uint8))[1].tobytes()
    part = BOUNDARY % len(picture) + picture + b"\r\n"
    said = trouble_with(open_stream(f"http://127.0.0.1:{port}/"), Talker(port, HTTP, part, every_s=0.03))
    assert "too large: 5800 x 5800 pixels" in said


@needs_igtl
@needs_proc
@pytest.mark.parametrize(
    "message",
    [
        lambda: igtl(30_000, 30_000),
        lambda: igtl(0, 0),
        lambda: igtl(640, 480, body_size=1 << 40),
        lambda: igtl(640, 480, body_size=(1 << 64) - 1),
        lambda: igtl(640, 480, body_size=0),
    ],
    ids=["large", "empty", "terabyte", "all ones", "no body"],
)
def test_an_openigtlink_message_that_lies_about_its_size_is_refused(message: Callable[[], bytes]) -> None:
    port = free_port()
    assert trouble_with(
        open_live(f"igtl://127.0.0.1:{port}/Image"), Talker(port, message(), message(), every_s=0.03)
    )
