"""Numbers for Prometheus at `http://host:port/metrics`."""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from socketserver import TCPServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from scanmon.core.values import Analysis, Reading, Verdict
from scanmon.publish.server import FewClients, listening

_PATIENCE_S = 5.0  # that a client may take for its request


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

        self._server = listening(lambda: make_server(host, port, app, _Server, _Handler), host, port)
        self._server.start("scanmon metrics")

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
        self._server.close()

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


class _Server(FewClients, WSGIServer):
    patience_s = _PATIENCE_S

    def server_bind(self) -> None:
        """Without the base's look-up of the machine's name, which may ask a name server."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = int(_PATIENCE_S)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """A scrape every few seconds is no news."""
