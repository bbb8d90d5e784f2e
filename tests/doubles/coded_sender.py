"""MJPEG over HTTP whose every picture says who made it and when. A process of its own: `PORT NUMBER`.

It says `ready`, waits for a line, listens, and says at which moment of its own clock it did. That clock
stands still while the machine gives the process no processor, so that nobody else's work counts.
"""

import socket
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.latency_sender import read_code, write_code

RATE_HZ = 30.0
STRIP_PX = 192  # a code at the top of each strip falls on whole JPEG blocks
_HELLO = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ffmpeg\r\n\r\n"
_PART = b"--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %d\r\n\r\n"


class Origin(NamedTuple):
    """What a picture says of itself."""

    sender: int  # number of the process
    made_s: float  # time.monotonic()
    own_s: float  # the same moment on the sender's own clock


def origin_of(picture: NDArray[np.uint8]) -> Origin | None:
    """None where it cannot be read."""
    codes = [read_code(picture[strip * STRIP_PX : (strip + 1) * STRIP_PX]) for strip in range(3)]
    sender, made_s, own_s = codes
    return None if sender is None or made_s is None or own_s is None else Origin(round(sender), made_s, own_s)


def waited_s(task: str = "self") -> float:
    """How long a task has been ready to run while the processor belonged to others; 0 where nobody says."""
    try:
        return int(Path(f"/proc/{task}/schedstat").read_text().split()[1]) * 1e-9
    except OSError:
        return 0.0


def own_s() -> float:
    """The clock that stands still with us."""
    return time.monotonic() - waited_s()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Until somebody kills us."""
    port, number = int(sys.argv[1]), int(sys.argv[2])
    picture = np.full((3 * STRIP_PX, 640), 90, np.uint8)
    write_code(picture[:STRIP_PX], float(number))
    say("ready")
    sys.stdin.readline()
    listener = socket.create_server(("127.0.0.1", port))
    say(repr(own_s()))
    pause = threading.Event()
    while True:
        client, _ = listener.accept()
        with client:
            try:
                client.recv(4096)
                client.sendall(_HELLO)
                while True:
                    write_code(picture[STRIP_PX : 2 * STRIP_PX], time.monotonic())
                    write_code(picture[2 * STRIP_PX :], own_s())
                    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
                    client.sendall(_PART % len(data) + data + b"\r\n")
                    pause.wait(1 / RATE_HZ)
            except OSError:
                continue  # the next client


if __name__ == "__main__":
    main()
