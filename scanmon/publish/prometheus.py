"""Numbers for Prometheus: `http://host:port/metrics` in its text format, version 0.0.4."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis, Reading, Verdict

_STALE_S = 5.0  # a gauge older than this is not given out: an old score must not look like a new one


class PrometheusSink:
    """A `Sink`. Loopback unless `host` says otherwise; raises `SinkError` where the port is taken.

    It owns threads, because whoever asks may be slow.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 9108) -> None:
        self._lock = threading.Lock()
        self._readings: Counter[str] = Counter()  # by reason; scored ones under ""
        self._verdicts: Counter[str] = Counter()
        self._last: Reading | None = None
        self._last_s = -math.inf
        self._delay_ms = 0.0
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(self.text))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SinkError(f"cannot listen ({reason})", f"{host}:{port}", "choose another port") from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="scanmon metrics",
            daemon=True,
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def write(self, analysis: Analysis) -> None:
        """Count a result."""
        reading, now_s = analysis.reading, time.monotonic()
        with self._lock:
            self._readings["" if reading.reason is None else str(reading.reason)] += 1
            if reading.verdict is not None and reading.scored:
                self._verdicts[str(reading.verdict)] += 1
            self._last, self._last_s = reading, now_s
            self._delay_ms = 1e3 * (now_s - analysis.frame.captured_s)

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def text(self) -> str:
        """All metrics. The gauges are left out while there is no fresh score."""
        with self._lock:
            readings, verdicts, last = self._readings.copy(), self._verdicts.copy(), self._last
            age_s, delay_ms = time.monotonic() - self._last_s, self._delay_ms
        scored = readings.pop("", 0)
        lines = _metric("scored_frames_total", "counter", "Frames with a score", {"": scored})
        suspended = {f'reason="{reason}"': count for reason, count in sorted(readings.items())}
        lines += _metric("suspended_frames_total", "counter", "Frames without a score", suspended)
        by_word = {f'verdict="{word}"': verdicts[word] for word in Verdict}
        lines += _metric("verdict_frames_total", "counter", "Scored frames by verdict", by_word)
        if last is not None and age_s < _STALE_S:
            lines += _metric("live", "gauge", "1 while the picture is scored", {"": int(last.scored)})
            lines += _metric("capture_to_score_ms", "gauge", "Delay of the newest result", {"": delay_ms})
            if last.scored:
                kind = f'metric="{last.metric}"'
                lines += _metric("quality", "gauge", "Calibrated quality, 0 to 100", {kind: last.quality})
                lines += _metric("score", "gauge", "Score on the metric's own scale", {kind: last.score})
        return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, text: str, values: Mapping[str, float | None]) -> list[str]:
    known = {labels: value for labels, value in values.items() if value is not None and math.isfinite(value)}
    if not known:
        return []
    samples = [
        f"scanmon_{name}{{{labels}}} {value:g}" if labels else f"scanmon_{name} {value:g}"
        for labels, value in known.items()
    ]
    return [f"# HELP scanmon_{name} {text}", f"# TYPE scanmon_{name} {kind}", *samples]


def _handler(text: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET /metrics and nothing else."""

        timeout = 5

        def do_GET(self) -> None:
            """One page."""
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            body = text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
            """A scrape every few seconds is no news."""

    return Handler
