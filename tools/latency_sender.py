"""Sends pictures that carry the moment at which they were made, through FFmpeg.

    python tools/latency_sender.py http://127.0.0.1:8090/ --kind mjpeg --size 1280x720 --rate 60

Used by tools/measure_latency.py. The moment stands at the top of a picture as black and white cells, that
survive scaling and compression: 80 over the whole width, 8 to recognise it, 56 bits of microseconds of the
monotonic clock (all processes of a machine share it), 16 bits of a checksum.
"""

import argparse
import socket
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray

from scanmon.sources.phantom_scan import Phantom

CELLS = 80
HEIGHT_SHARE = 1 / 24  # of the picture's height
_MARK = 0b10110010
_BLACK, _WHITE = 16, 240


def write_code(picture: NDArray[np.uint8], time_s: float) -> None:
    """Paint `time_s` over the top rows of a gray picture (H, W)."""
    height, width = picture.shape
    levels = np.where(_bits(round(time_s * 1e6)), _WHITE, _BLACK).astype(np.uint8)
    columns = np.arange(width) * CELLS // width
    picture[: max(4, round(height * HEIGHT_SHARE))] = levels[columns]


def read_code(picture: NDArray[np.uint8]) -> float | None:
    """The moment that is written on a picture (H, W) of any size; None where there is none."""
    height, width = picture.shape
    strip = max(4, round(height * HEIGHT_SHARE))
    rows = picture[strip // 4 : max(strip // 4 + 1, strip * 3 // 4)]
    centers = ((np.arange(CELLS) + 0.5) * width / CELLS).astype(int)
    bits = rows[:, centers].mean(axis=0) > 127
    stamp = int("".join("1" if bit else "0" for bit in bits[8:64]), 2)
    return stamp / 1e6 if np.array_equal(bits, _bits(stamp)) else None


def _bits(stamp: int) -> NDArray[np.bool_]:
    """(CELLS,) the cells for a number of microseconds."""
    check = zlib.crc32(stamp.to_bytes(7, "big")) & 0xFFFF
    text = f"{_MARK:08b}{stamp:056b}{check:016b}"
    return np.array([letter == "1" for letter in text])


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", choices=("mjpeg", "mpegts"), default="mjpeg")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rate", type=float, default=60.0)


def send(args: argparse.Namespace) -> int:
    """Coded pictures at a fixed rate into FFmpeg; a picture that would be late is left out."""
    width, height = (int(side) for side in args.size.split("x"))
    phantom = Phantom(1, "sector", width, height, args.rate)
    pictures = [phantom.image(index).copy() for index in range(24)]
    encode = {
        "mjpeg": ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "mpjpeg", "-listen", "1"],
        "mpegts": ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30",
                   "-pix_fmt", "yuv420p", "-f", "mpegts"],
    }[args.kind]  # fmt: skip
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", args.size, "-framerate", f"{args.rate:g}"]
    command = [
        "ffmpeg",
        "-loglevel",
        "error",
        "-fflags",
        "nobuffer",
        *raw,
        "-i",
        "-",
        "-threads",
        "1",
        *encode,
    ]
    command += ["-flush_packets", "1", args.url]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert encoder.stdin is not None
    pause, start_s, number = threading.Event(), time.monotonic(), 0
    try:
        while encoder.poll() is None:
            pause.wait(max(0.0, start_s + number / args.rate - time.monotonic()))
            picture = pictures[number % len(pictures)]
            write_code(picture, time.monotonic())
            encoder.stdin.write(picture.data)
            number = max(number + 1, int((time.monotonic() - start_s) * args.rate))
    except (BrokenPipeError, KeyboardInterrupt):
        encoder.kill()
    return 0


def start_sender(args: argparse.Namespace) -> tuple[subprocess.Popen[bytes], str]:
    """A sender on a free port of loopback, and its address."""
    kind = socket.SOCK_STREAM if args.kind == "mjpeg" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/" if args.kind == "mjpeg" else f"udp://127.0.0.1:{port}"
    out = url if args.kind == "mjpeg" else f"{url}?pkt_size=1316"
    options = ["--kind", args.kind, "--size", args.size, "--rate", f"{args.rate:g}"]
    return subprocess.Popen([sys.executable, __file__, out, *options]), url


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    add_options(parser)
    return send(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())
