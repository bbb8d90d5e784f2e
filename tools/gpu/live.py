"""Capture to score at 1920 x 1080, 60 frames a second, every window of the published grid (153), through the
Monitor: a source of stored pictures, mailbox, analyzer, nrq of the default bundle.

    python -m tools.gpu.live BACKEND SECONDS
"""

import os
import sys
import time
from functools import partial
from typing import Any

import numpy as np

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Analysis, EngineName
from scanmon.inference.onnx_cuda import BACKEND
from scanmon.lab.bench.pictures import LivePictures
from scanmon.runtime.monitor import Monitor
from tools.gpu.kit import QUICK, Report, keep_half, resident_mb

_SETTLING_S = 0.2 if QUICK else 1.0


class Kept:
    """A sink that keeps how long each score took."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self.engine: EngineName | None = None

    def write(self, analysis: Analysis) -> None:
        reading = analysis.reading
        shares = (reading.preprocess_ms, reading.engine_ms, reading.head_ms, reading.patches)
        taken = (time.monotonic() - analysis.frame.captured_s) * 1e3
        self.rows.append([taken, *(float(share or 0) for share in shares)])
        self.engine = analysis.provenance.engine

    def close(self) -> None:
        """Nothing to finish."""


def measure(backend: str, seconds: float) -> dict[str, Any]:
    """Times, rate and processor time of a run of `seconds`."""
    if backend == BACKEND:
        keep_half()
    kept = Kept()
    scoring = ScoringSettings(metric="nrq", region="full", scale="native", budget=0, backend=backend)
    plan = Plan("kit", paced=True)

    width, height = (320, 240) if QUICK else (1920, 1080)
    monitor = Monitor(
        LivePictures(width, height, 60.0), partial(open_analyzer, Settings(scoring), plan), [kept]
    )
    monitor.start()
    _wait_for_more(kept, 0, monitor)
    time.sleep(_SETTLING_S)
    begin, at, cpu, resident = len(kept.rows), time.monotonic(), time.process_time(), resident_mb()
    time.sleep(seconds)
    _wait_for_more(kept, begin, monitor)
    took, cpu = time.monotonic() - at, time.process_time() - cpu
    rows = np.array(kept.rows[begin:])
    counts, engine = monitor.snapshot().counts, kept.engine
    monitor.stop(20)
    columns = ("capture_to_score_ms", "preprocess_ms", "engine_ms", "head_ms", "windows")
    said: dict[str, Any] = {
        "engine": str(engine),
        "blas_threads": os.environ.get("OPENBLAS_NUM_THREADS"),
        "size": f"{width}x{height}",
        "scored_per_s": round(len(rows) / took, 1),
        "cores": round(cpu / took, 2),
        "process_growth_mb": round(resident_mb() - resident, 1),
        "counts": str(counts),
    }
    for number, name in enumerate(columns):
        p50, p95, p99 = np.percentile(rows[:, number], [50, 95, 99])
        said[name] = {"p50": round(p50, 2), "p95": round(p95, 2), "p99": round(p99, 2)}
    return said


def _wait_for_more(kept: Kept, count: int, monitor: Monitor) -> None:
    """Until there are more than `count` scores; the limit of the step ends a wait that has no end.

    The thread that scores gives way to all others: on a busy processor it gets a hundredth of one.
    """
    while len(kept.rows) <= count:
        why = monitor.snapshot().error
        if why is not None:
            monitor.stop(5)
            raise RuntimeError(f"no score: {why}")
        time.sleep(0.05)


if __name__ == "__main__":
    name, taken = sys.argv[1:]
    Report(f"live_{name.replace(':', '_')}").attempt("monitor", lambda: measure(name, float(taken)))
