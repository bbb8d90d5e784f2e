"""Streams as cameras and encoders send them, which differ from what the standards say."""

import importlib.util
import os
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.cli import main
from scanmon.core.errors import SourceError
from scanmon.sources import stream
from scanmon.sources.opening import open_live
from scanmon.sources.stream import open_stream
from tests.doubles.recordings import moving_gray
from tests.doubles.senders import free_port, needs_ffmpeg, rtp_sender
from tests.doubles.talker import Talker
from tests.doubles.watch import Watch

PICTURE = cv2.imencode(".jpg", moving_gray(3))[1].tobytes()
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n"


def part(kind: bytes, boundary: bytes = b"--frame\r\n") -> bytes:
    size = str(len(PICTURE)).encode()
    return (
        boundary + b"Content-Type: " + kind + b"\r\nContent-Length: " + size + b"\r\n\r\n" + PICTURE + b"\r\n"
    )


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (HEAD + PICTURE + b"\r\n--frame\r\n", part(b"image/jpeg")),
        (HEAD, part(b"image/jpg")),
        (HEAD, part(b"image/jpeg;size=%d" % len(PICTURE))),
        (HEAD, part(b"image/jpeg")),
    ],
    ids=["the first boundary is missing", "parts are image/jpg", "parts state a size", "as it should be"],
)
def test_motion_jpeg_is_read_in_the_forms_that_cameras_send(first: bytes, then: bytes) -> None:
    port = free_port()
    source = open_stream(f"http://127.0.0.1:{port}/")
    with Talker(port, first, then, every_s=0.05), Watch(source) as watch:
        frames = watch.more(5)
    assert frames[0].pixels.shape == moving_gray(3).shape
    assert np.abs(frames[-1].pixels.astype(int) - moving_gray(3)).mean() < 4


def test_an_address_that_gives_one_picture_a_request_is_asked_again() -> None:
    port = free_port()
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(PICTURE)
    source = open_stream(f"http://127.0.0.1:{port}/snapshot.jpg")
    with Talker(port, answer + PICTURE, b"") as server, Watch(source) as watch:
        watch.more(4)
        assert server.clients >= 4
        assert source.gaps == 0


def test_a_page_in_place_of_a_stream_is_told() -> None:
    port = free_port()
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    source = open_stream(f"http://127.0.0.1:{port}/")
    with Talker(port, answer, b"") as server, Watch(source) as watch:
        watch.until(lambda: "open it in a browser" in (source.trouble or ""))
        assert server.clients >= 2


def test_a_protocol_that_the_library_lacks_is_named() -> None:
    source = open_stream("srt://127.0.0.1:9000")
    with Watch(source) as watch:
        watch.until(lambda: source.trouble is not None)
        assert "has no SRT" in str(source.trouble)


@pytest.mark.parametrize("address", ["srt://127.0.0.1", "rtp://127.0.0.1", "udp://host"])
def test_an_address_without_the_port_that_it_needs_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="is not an address"):
        open_stream(address)


@needs_ffmpeg
def test_rtp_is_received_as_its_sender_describes_it(tmp_path: Path) -> None:
    description, port = tmp_path / "room.sdp", free_port(socket.SOCK_DGRAM)
    head = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=room\nc=IN IP4 127.0.0.1\nt=0 0\n"
    description.write_text(f"{head}m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n")
    with rtp_sender(port), Watch(open_live(str(description))) as watch:
        watch.more(10)
        assert watch.frames[-1].pixels.shape == (240, 320)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v=0\nc=IN IP4 192.0.2.7\nm=video 5004 RTP/AVP 96\n", "names another computer"),
        ("v=0\n c=IN IP4 192.0.2.7\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "names another computer"),
        ("v=0\nc=IN IP4 192.0.2.7 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "names another computer"),
        ("v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\nc=IN IP4 192.0.2.7\n", "names another computer"),
        ("v=0\nc=IN IP4 scanner.example\nm=video 5004 RTP/AVP 96\n", "names another computer"),
        ("v=0\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", "describes no video"),
        ("m=video 5004 RTP/AVP 96\n" + "a=x\n" * 5000, "describes no video"),
    ],
)
def test_a_description_that_would_send_elsewhere_or_has_no_video_is_refused(text, said, tmp_path) -> None:
    (tmp_path / "room.sdp").write_text(text)
    with pytest.raises(SourceError, match=said):
        open_live(str(tmp_path / "room.sdp"))


def test_of_a_description_its_first_video_alone_is_kept(tmp_path, monkeypatch) -> None:
    given: list[bytes] = []
    monkeypatch.setattr(stream, "arrivals", lambda _, data, **__: given.append(data.read()) or [])
    (tmp_path / "room.sdp").write_text(
        "v=0\nc=IN IP4 239.1.2.3/16\na=control:rtsp://192.0.2.7\nm=audio 4 RTP/AVP 0\nc=IN IP4 192.0.2.7\n"
        "m=video 6 RTP/AVP 96\r\na=rtpmap:96 H264/90000\nm=video 8 RTP/AVP 97\na=rtpmap:97 VP8/90000\n"
    )
    with Watch(open_live(str(tmp_path / "room.sdp"))) as watch:
        watch.until(lambda: bool(given))
    assert given[0].decode().splitlines()[4:] == [
        "c=IN IP4 239.1.2.3/16",
        "m=video 6 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
    ]


def test_a_pipe_is_no_description(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "room.sdp")
    with pytest.raises(SourceError, match="cannot be read"):
        open_live(str(tmp_path / "room.sdp"))


needs_igtl = pytest.mark.skipif(
    importlib.util.find_spec("pyigtl") is None, reason="no pyigtl: pip install 'scanmon[igtl]'"
)


@needs_igtl
@pytest.mark.parametrize(
    ("wanted", "said"),
    [("Wrong", "sends Image_Reference, not Wrong"), ("", "sends no images, but TRANSFORM")],
)
def test_what_a_server_sends_in_place_of_the_wanted_image_is_named(wanted, said, monkeypatch) -> None:
    from pyigtl.messages import ImageMessage, TransformMessage

    from scanmon.sources import igtl

    monkeypatch.setattr(igtl, "_SILENCE_S", 0.5)
    image = bytes(ImageMessage(np.zeros((1, 8, 8), np.uint8), device_name="Image_Reference").pack())
    transform = bytes(TransformMessage(np.eye(4), device_name="ProbeToTracker").pack())
    port = free_port()
    source = open_live(f"igtl://127.0.0.1:{port}/{wanted}")
    with Talker(port, b"", image if wanted else transform, every_s=0.05), Watch(source) as watch:
        watch.until(lambda: said in str(source.trouble))
        assert watch.frames == []


def test_a_live_run_that_never_had_a_picture_ends_with_exit_code_1(capsys) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    assert main(["live", address, "--headless", "--seconds", "1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"error: {address}: gave no picture")
