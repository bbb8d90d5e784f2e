"""OpenIGTLink server: the masked region, its heatmap and the result, for 3D Slicer, PLUS and the like."""

from __future__ import annotations

import importlib.util
import json
import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.records import row
from scanmon.core.values import Analysis, Region
from scanmon.session.regions import may_be_stored

DEFAULT_PORT = 18944
FRAME, HEATMAP, SCORE = "ScanmonFrame", "ScanmonHeatmap", "ScanmonScore"
log = logging.getLogger(__name__)

_DEAF_S = 5.0  # a client that takes nothing for so long has gone
_MOST_CLIENTS = 16


class IgtlSink:
    """A `Sink`: IMAGE `ScanmonFrame`, IMAGE `ScanmonHeatmap` (0..100), STRING `ScanmonScore` (JSON).

    Loopback unless `host` says otherwise. Nothing outside the sector is sent. A client that is slower than
    the scores gets the newest; one that has gone is dropped. Raises `SinkError` where the port is taken.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
    ) -> None:
        if importlib.util.find_spec("pyigtl") is None:
            raise SinkError("OpenIGTLink needs one more package", "igtl", "pip install 'scanmon[igtl]'")
        self._server = Broadcast(host, port, "OpenIGTLink")

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def clients(self) -> int:
        """How many are connected."""
        return self._server.clients

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
        images[FRAME] = masked_region(analysis)
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


def masked_region(analysis: Analysis) -> NDArray[np.uint8]:
    """(h, w) the region's pixels, black outside its mask."""
    region = analysis.region
    pixels = analysis.frame.pixels[region.box.rows, region.box.columns]
    return np.ascontiguousarray(pixels if region.mask is None else np.where(region.mask, pixels, 0), np.uint8)


def spread_heatmap(heatmap: NDArray[np.float32], region: Region) -> NDArray[np.uint8]:
    """(h, w) local quality 0..100 at the size of the region; 0 outside its mask or where unknown."""
    heat = np.nan_to_num(heatmap, nan=0.0)
    size = (region.box.width, region.box.height)
    spread = np.clip(np.rint(cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)), 0, 100)
    return np.ascontiguousarray(spread if region.mask is None else np.where(region.mask, spread, 0), np.uint8)


@dataclass(slots=True)
class _Client:
    """A connection and what it still has to get of one message; a message is never cut."""

    link: socket.socket
    rest: memoryview
    progress_s: float


class Broadcast:
    """A server that pushes. `offer` never waits: a message that nobody had room for is dropped and counted.

    It owns a thread, because clients may be slow and the analysis must not be. What clients send is read
    and thrown away.
    """

    def __init__(self, host: str, port: int, name: str) -> None:
        try:
            self._listener = socket.create_server((host, port), reuse_port=False)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SinkError(f"cannot listen ({reason})", f"{host}:{port}", "choose another port") from None
        self._listener.setblocking(False)
        self._name = name
        self._wake, self._alarm = socket.socketpair()
        self._wake.setblocking(False)
        self._alarm.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._clients: dict[socket.socket, _Client] = {}
        self._lock = threading.Lock()
        self._make: Callable[[], bytes] | None = None
        self._dropped = 0
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"scanmon {name} server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on; of use where 0 was asked for."""
        return int(self._listener.getsockname()[1])

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    @property
    def dropped(self) -> int:
        """Messages that were replaced by a newer one before anybody got them."""
        return self._dropped

    def offer(self, make: Callable[[], bytes]) -> None:
        """`make` gives the message; it is called on the server's thread, and only if there is a client."""
        with self._lock:
            if self._make is not None and self._clients:
                self._dropped += 1
            self._make = make
        self._ring()

    def close(self) -> None:
        """End the thread and all connections."""
        self._closed = True
        self._ring()
        self._thread.join(2 * _DEAF_S)

    def _ring(self) -> None:
        try:
            self._alarm.send(b"!")
        except (BlockingIOError, OSError):
            return  # it rings already, or has been closed

    def _serve(self) -> None:
        try:
            while not self._closed:
                for key, events in self._selector.select(timeout=1.0):
                    self._handle(key.fileobj, events)
                self._begin_message()
                self._drop_the_deaf()
        finally:
            for client in tuple(self._clients.values()):
                self._drop(client, "the server ends")
            for part in (self._listener, self._wake, self._alarm):
                part.close()
            self._selector.close()

    def _handle(self, part: object, events: int) -> None:
        if part is self._listener:
            self._accept()
        elif part is self._wake:
            self._wake.recv(4096)
        elif isinstance(part, socket.socket) and part in self._clients:
            client = self._clients[part]
            try:
                if events & selectors.EVENT_READ and not client.link.recv(65536):
                    self._drop(client, "it has gone")
                elif events & selectors.EVENT_WRITE:
                    self._send(client)
            except BlockingIOError:
                return
            except OSError as error:
                self._drop(client, error.strerror or "error")

    def _accept(self) -> None:
        try:
            link, address = self._listener.accept()
        except OSError:
            return  # it changed its mind
        if len(self._clients) >= _MOST_CLIENTS:
            link.close()
            return
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[link] = _Client(link, memoryview(b""), time.monotonic())
        self._selector.register(link, selectors.EVENT_READ)
        log.info("%s: client %s connected", self._name, address[0])

    def _begin_message(self) -> None:
        """Hand the newest message to those who have finished the one before."""
        free = [client for client in self._clients.values() if not client.rest]
        with self._lock:
            if not free or self._make is None:
                if not self._clients:
                    self._make = None
                return
            make, self._make = self._make, None
        message = memoryview(make())
        for client in free:
            client.rest, client.progress_s = message, time.monotonic()
            self._selector.modify(client.link, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _send(self, client: _Client) -> None:
        sent = client.link.send(client.rest)
        client.rest, client.progress_s = client.rest[sent:], time.monotonic()
        if not client.rest:
            self._selector.modify(client.link, selectors.EVENT_READ)

    def _drop_the_deaf(self) -> None:
        now_s = time.monotonic()
        for client in tuple(self._clients.values()):
            if client.rest and now_s - client.progress_s > _DEAF_S:
                self._drop(client, "it takes nothing")

    def _drop(self, client: _Client, reason: str) -> None:
        del self._clients[client.link]
        self._selector.unregister(client.link)
        client.link.close()
        log.info("%s: client dropped (%s)", self._name, reason)
