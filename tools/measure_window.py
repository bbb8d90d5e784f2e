"""CPU of the window for each frame of a 1280x720 source with heatmap, outlines, meter and trace.

    python tools/measure_window.py                      (offscreen)
    xvfb-run -s '-screen 0 1920x1080x24' env QT_QPA_PLATFORM=xcb python tools/measure_window.py

Prints the thread time of the GUI for one frame (median and 95th percentile) at several window sizes, every
frame new and every second one with a new analysis.
"""

import os
import time
from collections.abc import Iterator
from itertools import islice, product

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from scanmon.core.ports import SourceInfo
from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Reading, Verdict
from scanmon.picture.region import Sector, region_of
from scanmon.runtime.snapshot import Counts, Snapshot, Trace
from scanmon.ui.app import application
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.view_state import view_state

HEIGHT, WIDTH, RATE_HZ, POINTS, FRAMES = 720, 1280, 60.0, 1800, 300
PROVENANCE = Provenance("measured", "bundle 1", (EngineName("onnxruntime", "fp32"),), thresholds=(40.0, 70.0))


def snapshots(*, coloured: bool) -> Iterator[Snapshot]:
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 200, (HEIGHT, WIDTH), dtype=np.uint8) for _ in range(8)]
    colour = rng.integers(90, 170, (HEIGHT // 2, WIDTH // 2, 2), dtype=np.uint8) if coloured else None
    region = region_of(Sector(640.0, -100.0, 150.0, 780.0, -35.0, 35.0), HEIGHT, WIDTH, "detected")
    times_s = np.arange(POINTS) / 30.0
    nothing = np.full(POINTS, np.nan, np.float32)
    analysis = None
    trace = None
    index = 0
    while True:
        frame = Frame(pictures[index % 8], index, 60.0 + index / RATE_HZ, time.monotonic(), colour=colour)
        if index % 2 == 0:
            steady = (60 + 35 * np.sin(times_s + index / 20)).astype(np.float32)
            verdict = np.where(steady >= 70, 0, np.where(steady >= 40, 1, 2)).astype(np.int8)
            trace = Trace(times_s + index / RATE_HZ, steady, steady, verdict, nothing)
            heat = (60 + 40 * rng.random((42, 60))).astype(np.float32)
            quality = float(steady[-1])
            reading = Reading(
                index, frame.time_s, "map", score=-0.3, quality=quality, steady=quality,
                verdict=list(Verdict)[verdict[-1]], region=region.box, worst=Box(500, 300, 160, 160),
                engine_ms=12.0,
            )  # fmt: skip
            analysis = Analysis(frame, region, (reading,), heat)
        yield Snapshot(
            "running", "ready", SourceInfo("measured", WIDTH, HEIGHT, RATE_HZ), frame, analysis, trace,
            Counts(index, index, index // 2), PROVENANCE, None, now_s=time.monotonic(),
        )  # fmt: skip
        index += 1


def measured(size: tuple[int, int], *, coloured: bool) -> tuple[float, float, float]:
    """Median and 95th percentile of the CPU per frame in ms, and frames a second."""
    window = MonitorWindow()
    window.resize(*size)
    window.show()
    window.page.trace.build()
    QApplication.processEvents()
    costs = []
    started = time.perf_counter()
    for snapshot in islice(snapshots(coloured=coloured), FRAMES):
        before = time.thread_time()
        window.show_state(view_state(snapshot, window.options))
        QApplication.processEvents()
        costs.append((time.thread_time() - before) * 1e3)
    rate = FRAMES / (time.perf_counter() - started)
    window.close()
    window.deleteLater()
    return float(np.median(costs[20:])), float(np.percentile(costs[20:], 95)), rate


def main() -> None:
    app = application()
    print(f"platform {app.platformName()}, source {WIDTH}x{HEIGHT}")
    for size, coloured in product(((1024, 768), (1280, 860), (1920, 1080)), (False, True)):
        median, high, rate = measured(size, coloured=coloured)
        print(
            f"window {size[0]}x{size[1]}{', colour' if coloured else ''}: {median:.1f} ms CPU a frame "
            f"(p95 {high:.1f}), up to {rate:.0f} frames/s"
        )


if __name__ == "__main__":
    main()
