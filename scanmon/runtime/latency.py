"""Percentiles of a delay over the last seconds."""

from __future__ import annotations

from collections import deque

import numpy as np

from scanmon.runtime.snapshot import Latency


class LatencyWindow:
    """Delays of the last `seconds`; the caller holds a lock. At most `limit` are kept."""

    def __init__(self, seconds: float = 10.0, limit: int = 2400) -> None:
        self._seconds = seconds
        self._samples: deque[tuple[float, float]] = deque(maxlen=limit)
        self._computed_s = -1.0
        self._latency: Latency | None = None

    def add(self, now_s: float, captured_s: float) -> None:
        """One event at `now_s` that concerns what was captured at `captured_s`, both time.monotonic()."""
        self._samples.append((now_s, (now_s - captured_s) * 1e3))

    def percentiles(self, now_s: float) -> Latency | None:
        """None where nothing happened in the window. Computed anew twice a second, not at every call."""
        if now_s - self._computed_s < 0.5:
            return self._latency
        self._computed_s = now_s
        while self._samples and now_s - self._samples[0][0] > self._seconds:
            self._samples.popleft()
        if self._samples:
            p50, p95, p99 = np.percentile([delay_ms for _, delay_ms in self._samples], (50, 95, 99))
            self._latency = Latency(float(p50), float(p95), float(p99))
        else:
            self._latency = None
        return self._latency
