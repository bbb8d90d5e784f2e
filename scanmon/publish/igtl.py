"""OpenIGTLink server: the masked region, its heatmap and the result, for 3D Slicer, PLUS and the like."""

import importlib.util
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from socketserver import BaseRequestHandler
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.records import row
from scanmon.core.values import Analysis, Region
from scanmon.publish.server import FewClients, listening
from scanmon.scoring.overlay import sector
from scanmon.session.regions import may_be_stored

DEFAULT_PORT = 18944
FRAME, HEATMAP, SCORE = "ScanmonFrame", "ScanmonHeatmap", "ScanmonScore"
log = logging.getLogger(__name__)

_DEAF_S = 5.0  # a client that takes nothing for so long has gone
_LOOK_S = 0.25  # how often a client without a message is looked after


class IgtlSink:
    """A `Sink`: IMAGE `ScanmonFrame`, IMAGE `ScanmonHeatmap` (0..100), STRING `ScanmonScore` (JSON).

    Loopback unless `host` says otherwise. Nothing outside the sector is sent. A client that is slower than
    the scores gets the newest; one that has gone is dropped. Raises `SinkError` where the port is taken.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        if importlib.util.find_spec("pyigtl") is None:
            raise SinkError("OpenIGTLink needs one more package", "igtl", "pip install 'scanmon[igtl]'")
        self._server = listening(lambda: _Server((host, port), _Client), host, port)
        self._server.start("scanmon OpenIGTLink server")

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def clients(self) -> int:
        return len(self._server.since_s)

    def write(self, analysis: Analysis) -> None:
        """Offer a result; returns at once."""
        wall_s = time.time()
        self._server.offer(lambda: messages(analysis, wall_s))

    def close(self) -> None:
        self._server.close()


def messages(analysis: Analysis, wall_s: float) -> bytes:
    """Frame (where the sector is known), heatmap (where there is one), score: one result, in this order."""
    from pyigtl import ImageMessage, StringMessage  # noqa: PLC0415 - an extra

    box = analysis.region.box
    place = np.eye(4)
    place[:2, 3] = box.x, box.y  # in pixels of the frame, so that both images lie over each other
    images: dict[str, NDArray[np.uint8]] = {}
    if may_be_stored(analysis.region):  # the whole screen may hold a name
        images[FRAME] = sector(analysis)
    if analysis.heatmap is not None:
        images[HEATMAP] = spread_heatmap(analysis.heatmap, analysis.region)
    parts = [
        ImageMessage(image[None], ijk_to_world_matrix=place, timestamp=wall_s, device_name=name).pack()
        for name, image in images.items()
    ]
    age_ms = 1e3 * (time.monotonic() - analysis.frame.captured_s)
    text = json.dumps(row(analysis, age_ms), allow_nan=False)
    parts.append(StringMessage(text, timestamp=wall_s, device_name=SCORE).pack())
    return b"".join(parts)


def spread_heatmap(heatmap: NDArray[np.float32], region: Region) -> NDArray[np.uint8]:
    """(h, w) local quality 0..100 at the size of the region; 0 outside its mask or where unknown."""
    heat = np.nan_to_num(heatmap, nan=0.0)
    size = (region.box.width, region.box.height)
    spread = np.clip(np.rint(cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)), 0, 100)
    return np.ascontiguousarray(spread if region.mask is None else np.where(region.mask, spread, 0), np.uint8)


class _Server(FewClients):
    """Pushes the newest message to each client; one that is still busy with another gets it afterwards."""

    allow_reuse_address = sys.platform != "win32"  # there it would share a port that is taken

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.changed = threading.Condition()
        self.closed = False
        self._number, self._offered_s = 0, 0.0
        self._make: Callable[[], bytes] = bytes
        self._packing = threading.Lock()
        self._packed = 0, b""
        self._fault: SinkError | None = None
        super().__init__(*args, **kwargs)

    def offer(self, make: Callable[[], bytes]) -> None:
        """`make` gives the message; it is called on the thread of a client, and only if there is one.

        Raises `SinkError` where that failed for an earlier one.
        """
        with self.changed:
            if self._fault is not None:
                raise self._fault
            self._number, self._offered_s, self._make = self._number + 1, time.monotonic(), make
            self.changed.notify_all()

    def next(self, seen: int, since_s: float) -> tuple[int, bytes]:
        """The newest message and its number; none for `_LOOK_S` without one that is not `seen`, or older."""

        def fresh() -> bool:
            return self._number != seen and self._offered_s >= since_s

        with self.changed:
            self.changed.wait_for(lambda: fresh() or self.closed, _LOOK_S)
            if not fresh():
                return seen, b""
            number, make = self._number, self._make
        with self._packing:  # once for all clients; the analysis does not wait for it
            if number > self._packed[0]:
                try:
                    self._packed = number, make()
                except Exception as error:  # noqa: BLE001 - whatever it is, the next `offer` tells it
                    self._packed = number, b""
                    what = f"a result cannot be packed ({type(error).__name__}: {error})"
                    self._fault = SinkError(what, "OpenIGTLink")
            return self._packed

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        super().close()


class _Client(BaseRequestHandler):
    """What a client sends is read and thrown away. A message is never cut."""

    server: _Server
    request: socket.socket

    def handle(self) -> None:
        log.info("OpenIGTLink: client %s connected", self.client_address[0])
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seen, since_s, why = 0, self.server.since_s[self.request], "it has gone"
        try:
            while not self.server.closed and self._there():
                seen, message = self.server.next(seen, since_s)
                rest = memoryview(message)
                while rest:
                    rest = rest[self.request.send(rest) :]
        except TimeoutError:
            why = "it takes nothing"
        except OSError as error:
            why = error.strerror or "error"
        log.info("OpenIGTLink: client dropped (%s)", "the server ends" if self.server.closed else why)

    def _there(self) -> bool:
        self.request.setblocking(False)
        try:
            while self.request.recv(65536):
                pass
        except BlockingIOError:
            return True
        finally:
            self.request.settimeout(_DEAF_S)
        return False
