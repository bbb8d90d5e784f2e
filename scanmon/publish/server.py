"""A server of a sink: a few clients at a time, each on a thread of its own; the analysis waits for none."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final, TypeVar

from scanmon.core.errors import SinkError

MAX_CLIENTS: Final = 16  # the descriptors of this process belong to the picture and its recording
logger = logging.getLogger(__name__)


class FewClients(ThreadingMixIn, TCPServer):
    """Threads, because clients may be slow. Beyond `MAX_CLIENTS` a connection is closed at once."""

    daemon_threads = True
    request_queue_size = 64
    patience_s: float | None = None  # a client that is served for longer makes room for another

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.since_s: dict[Any, float] = {}  # of each open connection
        self._counting = threading.Lock()
        super().__init__(*args, **kwargs)

    def start(self, name: str) -> None:
        serve = {"poll_interval": 0.1}
        self._thread = threading.Thread(target=self.serve_forever, kwargs=serve, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._hang_up(0.0)
        self._thread.join(5)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.patience_s is not None:
            self._hang_up(self.patience_s)
        with self._counting:
            full = len(self.since_s) >= MAX_CLIENTS
            if not full:
                self.since_s[request] = time.monotonic()
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._counting:
            self.since_s.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news, and the base would print a traceback."""
        logger.debug("a client failed", exc_info=True)

    def _hang_up(self, after_s: float) -> None:
        """On those who have been served for so long: their threads end, and close the connections."""
        now_s = time.monotonic()
        with self._counting:
            for link in [link for link, since_s in self.since_s.items() if now_s - since_s >= after_s]:
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)


Server = TypeVar("Server", bound=FewClients)


def listening(make: Callable[[], Server], host: str, port: int) -> Server:
    """What `make` gives. Raises `SinkError` where the port is taken, or `host` is no name of a computer."""
    try:
        return make()
    except (OSError, OverflowError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SinkError(f"cannot listen ({reason})", f"{host}:{port}", "choose another port") from None
