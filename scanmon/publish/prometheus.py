"""Numbers for Prometheus at `http://host:port/metrics`."""

from __future__ import annotations

import logging
import math
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis, Reading, Verdict

MAX_CLIENTS = 16
_PATIENCE_S = 5  # that a client may take for its request
logger = logging.getLogger(__name__)


class PrometheusSink(Collector):
    """A `Sink`. Loopback unless `host` says otherwise; raises `SinkError` where the port is taken.

    Gauges older than `stale_s` are not given out: an old score must not look like a new one. It owns a
    thread for the server, because the reader may be slow.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 9108, stale_s: float = 5.0) -> None:
        self._lock = threading.Lock()
        self._readings: Counter[str] = Counter()  # by reason; scored ones under ""
        self._verdicts: Counter[str] = Counter()
        self._last: Reading | None = None
        self._last_s = -math.inf
        self._delay_ms = 0.0
        self._stale_s = stale_s
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        metrics = make_wsgi_app(registry)

        def app(environ, start_response):  # type: ignore[no-untyped-def]
            if environ["PATH_INFO"] == "/metrics":
                return metrics(environ, start_response)
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"see /metrics\n"]

        try:
            self._server = make_server(host, port, app, _Server, _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SinkError(f"cannot listen ({reason})", f"{host}:{port}", "choose another port") from None
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="scanmon metrics",
            daemon=True,
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def write(self, analysis: Analysis) -> None:
        reading, now_s = analysis.reading, time.monotonic()
        with self._lock:
            self._readings["" if reading.reason is None else str(reading.reason)] += 1
            if reading.verdict is not None and reading.scored:
                self._verdicts[str(reading.verdict)] += 1
            self._last, self._last_s = reading, now_s
            self._delay_ms = 1e3 * (now_s - analysis.frame.captured_s)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """All metrics. The gauges are left out while there is no fresh score."""
        with self._lock:
            readings, verdicts, last = self._readings.copy(), self._verdicts.copy(), self._last
            age_s, delay_ms = time.monotonic() - self._last_s, self._delay_ms
        yield CounterMetricFamily("scanmon_scored_frames", "Frames with a score", readings.pop("", 0))
        suspended = CounterMetricFamily(
            "scanmon_suspended_frames", "Frames without a score", labels=["reason"]
        )
        for reason, count in sorted(readings.items()):
            suspended.add_metric([reason], count)
        yield suspended
        by_verdict = CounterMetricFamily(
            "scanmon_verdict_frames", "Scored frames by verdict", labels=["verdict"]
        )
        for word in Verdict:
            by_verdict.add_metric([str(word)], verdicts[word])
        yield by_verdict
        if last is None or age_s >= self._stale_s:
            return
        yield GaugeMetricFamily("scanmon_live", "1 while the picture is scored", int(last.scored))
        yield GaugeMetricFamily("scanmon_capture_to_score_ms", "Delay of the newest result", delay_ms)
        if last.scored:
            for name, text, value in (
                ("quality", "Calibrated quality, 0 to 100", last.quality),
                ("score", "Score on the metric's own scale", last.score),
            ):
                if value is not None and math.isfinite(value):
                    gauge = GaugeMetricFamily(f"scanmon_{name}", text, labels=["metric"])
                    gauge.add_metric([str(last.metric)], value)
                    yield gauge


class _Server(ThreadingMixIn, WSGIServer):
    """Serves a few at a time: the descriptors of this process belong to the picture and its recording."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._since_s: dict[Any, float] = {}  # of each open connection
        self._counting = threading.Lock()
        super().__init__(*args, **kwargs)

    def server_bind(self) -> None:
        """Without the base's look-up of the machine's name, which may ask a name server."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        now_s = time.monotonic()
        with self._counting:
            for other in [one for one, since_s in self._since_s.items() if now_s - since_s > _PATIENCE_S]:
                with suppress(OSError):
                    other.shutdown(socket.SHUT_RDWR)  # its thread ends, and closes it
            full = len(self._since_s) >= MAX_CLIENTS
            if not full:
                self._since_s[request] = now_s
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._counting:
            self._since_s.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news, and the base would print a traceback."""
        logger.debug("a client of /metrics failed", exc_info=True)


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """A scrape every few seconds is no news."""
