"""Real senders as processes of their own, to be killed, paused and started again."""

import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="no ffmpeg command: apt-get install ffmpeg"
)


# below the ports that a system gives out by itself, so that nobody gets one between its choice and its use
_PORTS = itertools.count(20_000 + os.getpid() * 89 % 9_000)
# most senders of FFmpeg serve one client and end with it: the next attempt of the same client finds another
_AGAIN = ["sh", "-c", 'while :; do "$@"; sleep 0.02; done', "sender"]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on loopback that nobody uses now, another one with each call."""
    for port in _PORTS:
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("the ports are counted without end")


class Sender:
    """A process that sends, and what it starts; ends with the `with` block."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """As a pulled plug: no goodbye. Once more does nothing."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def pause(self) -> None:
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)


def _ffmpeg(size: str, rate: int, output: list[str]) -> Sender:
    source = ["-re", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]
    return Sender([*_AGAIN, "ffmpeg", "-loglevel", "error", "-nostdin", *source, *output])


def mjpeg_sender(port: int, size: str = "320x240", rate: int = 30, pixels: str = "yuvj422p") -> Sender:
    """MJPEG over HTTP for one client."""
    encode = ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", pixels, "-f", "mpjpeg"]
    return _ffmpeg(size, rate, [*encode, "-listen", "1", f"http://127.0.0.1:{port}/"])


def mpegts_sender(url: str, size: str = "320x240", rate: int = 30) -> Sender:
    """H.264 in MPEG-TS to a UDP address, or for one TCP client."""
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15"]
    return _ffmpeg(size, rate, [*encode, "-pix_fmt", "yuv420p", "-f", "mpegts", url])


def rtp_sender(port: int, size: str = "320x240", rate: int = 30) -> Sender:
    """H.264 in RTP of payload type 96, which only a description (SDP) explains."""
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15"]
    return _ffmpeg(size, rate, [*encode, "-pix_fmt", "yuv420p", "-f", "rtp", f"rtp://127.0.0.1:{port}"])


def rtsp_sender(port: int, size: str = "320x240", rate: int = 30) -> Sender:
    """GStreamer's RTSP server, run by the Python of the system."""
    width, height = size.split("x")
    script = Path(__file__).with_name("rtsp_server.py")
    return Sender(["/usr/bin/python3", str(script), str(port), width, height, str(rate)])


def has_rtsp_server() -> bool:
    """Whether GStreamer's RTSP server can be used."""
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    python = Path("/usr/bin/python3")
    if sys.platform != "linux" or not python.exists():
        return False
    return subprocess.run([str(python), "-c", check], capture_output=True, check=False).returncode == 0


def igtl_sender(port: int, size: str = "320x240", rate: int = 30) -> Sender:
    """A pyigtl server."""
    width, height = size.split("x")
    script = Path(__file__).with_name("igtl_server.py")
    return Sender([sys.executable, str(script), str(port), width, height, str(rate)])


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
