"""A server on loopback that says what it is told to, be it what it may."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from tests.doubles.scenes import PATIENCE_S


class Talker:
    """Accepts every client, and says `first` once and `then` again and again to each as long as it stays."""

    def __init__(self, port: int, first: bytes, then: bytes, every_s: float = 0.0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(0.05)
        self._first, self._then, self._every_s = first, then, every_s
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.clients = self.sent = 0
        self.since_s = time.monotonic()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self._listener.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="scanmon test talker")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.clients += 1
            self._start(lambda client=client: self._talk(client))  # type: ignore[misc]

    def _talk(self, client: socket.socket) -> None:
        with client:
            client.settimeout(0.2)
            said = self._first
            while not self._stop.wait(self._every_s):
                try:
                    if said:
                        client.sendall(said)
                        self.sent += 1
                    elif not client.recv(1 << 16):
                        return  # gone
                except TimeoutError:
                    pass
                except OSError:
                    return
                said = self._then
