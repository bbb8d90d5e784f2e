"""Delays of pictures that carry the moment at which they were made: at the screen, and at the score."""

from __future__ import annotations

import os
import threading
import time
from array import array
from pathlib import Path

import numpy as np

from scanmon.core.ports import FrameAnalyzer, FrameSource
from scanmon.core.values import Analysis, Box, Frame, Metric, Scored, View
from scanmon.lab.bench.engines import resident_mb
from scanmon.runtime.monitor import Monitor
from tools.latency_sender import read_code

WARM_S = 3.0  # engines load, buffers fill
_MEMORY_EVERY_S = 5.0


class Delays:
    """Delays in ms with the moments at which they were taken; any thread may add."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()
        self._times_s = array("d")  # small: a soak must not measure what it remembers
        self._delays_ms = array("d")

    def add(self, since_s: float, now_s: float) -> None:
        """One delay, unless it is still warming up."""
        if now_s - self._start_s > WARM_S:
            self._times_s.append(now_s)
            self._delays_ms.append((now_s - since_s) * 1e3)

    def summary(self) -> dict[str, float] | None:
        """Percentiles, and how much later the last third is than the first."""
        if len(self._times_s) < 10:
            return None
        delays_ms = np.array(self._delays_ms)
        third = len(delays_ms) // 3
        p50, p95, p99 = np.percentile(delays_ms, (50, 95, 99))
        growth = np.median(delays_ms[-third:]) - np.median(delays_ms[:third])
        span_s = self._times_s[-1] - self._times_s[0]
        named = {
            "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": delays_ms.max(), "growth_ms": growth,
            "n": len(delays_ms), "rate_hz": (len(delays_ms) - 1) / span_s,
        }  # fmt: skip
        return {name: round(float(value), 1) for name, value in named.items()}


class WatchedMonitor(Monitor):
    """A monitor that notes when coded pictures reached the screen."""

    def __init__(self, source: FrameSource, analyzer: FrameAnalyzer, sink: ScoreDelays) -> None:
        super().__init__(source, lambda: analyzer, [sink])
        self.from_sender, self.from_capture = Delays(), Delays()
        self._last: Frame | None = None

    def shown(self, frame: Frame) -> None:
        """Called by the window after it has painted."""
        now_s = time.monotonic()
        super().shown(frame)
        if frame is self._last:
            return
        self._last = frame
        made_s = read_code(frame.pixels)
        if made_s is not None:
            self.from_sender.add(made_s, now_s)
            self.from_capture.add(frame.captured_s, now_s)


class ScoreDelays:
    """A sink that notes when coded pictures were scored."""

    def __init__(self) -> None:
        self.from_sender, self.from_capture = Delays(), Delays()

    def write(self, analysis: Analysis) -> None:
        now_s, made_s = time.monotonic(), read_code(analysis.frame.pixels)
        if made_s is not None:
            self.from_sender.add(made_s, now_s)
            self.from_capture.add(analysis.frame.captured_s, now_s)

    def close(self) -> None:
        """Nothing is held."""


class BusyScorer:
    """Computes for a set time on one core, outside the interpreter's lock, as an engine does."""

    def __init__(self, milliseconds: float) -> None:
        self._seconds = milliseconds / 1e3
        self._work = np.random.default_rng(0).random((160, 160))

    @property
    def metric(self) -> Metric:
        """It stands for the fast one."""
        return "map"

    def score(self, view: View) -> Scored:
        end_s = time.monotonic() + self._seconds
        while time.monotonic() < end_s:
            np.dot(self._work, self._work)
        return Scored(float(view.image.mean()), np.zeros((4, 4), np.float32), Box(0, 0, 10, 10))

    def reset(self) -> None:
        """Nothing is remembered."""


class ThreadWatch:
    """CPU of every thread of this process, from one `look` to the last; Linux."""

    def __init__(self) -> None:
        self._first: dict[int, tuple[float, float]] = {}  # moment, CPU seconds by then
        self._last: dict[int, tuple[float, float]] = {}
        self._names: dict[int, str] = {}

    def look(self) -> None:
        self._names |= {thread.native_id or 0: thread.name for thread in threading.enumerate()}
        ticks = os.sysconf("SC_CLK_TCK")
        for task in Path("/proc/self/task").iterdir():
            try:
                fields = (task / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            used = time.monotonic(), (int(fields[11]) + int(fields[12])) / ticks
            self._first.setdefault(int(task.name), used)
            self._last[int(task.name)] = used

    def summary(self) -> dict[str, float]:
        """Percent of a processor by name of thread; threads of libraries together as `other`."""
        percent: dict[str, float] = {}
        for task, (last_s, used_s) in self._last.items():
            first_s, before_s = self._first[task]
            if last_s > first_s:
                name = self._names.get(task, "other")
                percent[name] = percent.get(name, 0.0) + 100.0 * (used_s - before_s) / (last_s - first_s)
        return {name: round(share, 1) for name, share in sorted(percent.items()) if share >= 0.1}


class MemoryWatch:
    """Resident memory of this process, and CPU of its threads, every 5 s, on a thread of its own; Linux."""

    def __init__(self) -> None:
        self.threads = ThreadWatch()
        self._megabytes: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measure memory", daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def summary(self) -> dict[str, float] | None:
        """First and last third by their medians, the largest, and how many were taken; None where too few."""
        third = len(self._megabytes) // 3
        if third == 0:
            return None
        first, last = np.median(self._megabytes[:third]), np.median(self._megabytes[-third:])
        most = max(self._megabytes)
        named = {"first_mb": first, "last_mb": last, "growth_mb": last - first, "max_mb": most}
        return {name: round(float(value), 1) for name, value in named.items()} | {"n": len(self._megabytes)}

    def _run(self) -> None:
        pause_s = WARM_S
        while not self._stop.wait(pause_s):
            self.threads.look()
            self._megabytes.append(resident_mb() or 0.0)
            pause_s = _MEMORY_EVERY_S
