"""CPU of the trace at 1280x140: redraw of a live minute, step of the cursor, long recording, loading.

    QT_QPA_PLATFORM=offscreen python tools/measure_trace.py

Prints the median thread time of the GUI for ways to draw the line, interleaved in one run. The window redraws
a live trace at most every 90 ms and moves the cursor of a recording with each frame; the last line is the
mean over displayed frames.
"""

import os
import time
from collections import defaultdict
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from scanmon.runtime.snapshot import Trace
from scanmon.ui.app import application
from scanmon.ui.monitor.trace_view import REDRAW_MS, TraceView
from scanmon.ui.state.view_state import Mark, TraceState

RATE_HZ, ROUNDS, SIZE = 30.0, 100, (1280, 140)
MINUTE, HOUR = 1800, 108_000  # frames
DISPLAY_HZ, DISPLAYED = 60.0, 180
SHOWN = "1.5 px smooth segments (as shown)"
WAYS = {  # width of the pen, smooth, each segment for itself
    SHOWN: (1.5, True, "on"),
    "1.5 px smooth path": (1.5, True, "off"),
    "1 px smooth path": (1.0, True, "off"),
    "1.5 px rough segments": (1.5, False, "on"),
}


def curve(frames: int, shift: float) -> Trace:
    time_s = np.arange(frames) / RATE_HZ
    steady = (55 + 40 * np.sin(time_s + shift)).astype(np.float32)
    steady[400:450] = np.nan
    verdict = np.where(steady >= 70, 0, np.where(steady >= 40, 1, 2)).astype(np.int8)
    return Trace(time_s, steady, steady, verdict, 0.8 * steady)


def use(view: TraceView, width: float, smooth: bool, segments: str) -> None:
    """Draw the line of the first metric in this way from now on."""
    import pyqtgraph

    assert view._plot is not None
    line = view._plot._line
    line.setPen(pyqtgraph.mkPen(line.opts["pen"].color(), width=width))
    line.opts["antialias"] = smooth
    line.curve.setSegmentedLineMode(segments)


def timed(view: TraceView, state: TraceState) -> float:
    """Milliseconds of CPU to take a state and paint it."""
    started = time.thread_time()
    view.show_trace(state)
    QApplication.processEvents()
    return (time.thread_time() - started) * 1e3


def displayed(view: TraceView, live: TraceState) -> float:
    """Mean milliseconds of CPU for each displayed frame of a live source, redrawn as the window does."""
    spent, begun = 0.0, time.perf_counter()
    view.redraw_ms = REDRAW_MS
    for number in range(DISPLAYED):
        time.sleep(max(0.0, begun + number / DISPLAY_HZ - time.perf_counter()))
        spent += timed(view, replace(live, trace=curve(MINUTE, number / 10)))
    view.redraw_ms = 0
    return spent / DISPLAYED


def main() -> None:
    app = application()
    view = TraceView()
    view.redraw_ms = 0  # every time
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    started = time.process_time()
    import pyqtgraph

    loaded = time.process_time()
    view.build()
    app.processEvents()
    print(f"loading pyqtgraph {pyqtgraph.__version__}: {(loaded - started) * 1e3:.0f} ms of CPU")
    print(f"making the plot: {(time.process_time() - loaded) * 1e3:.0f} ms of CPU")
    marks = (Mark(10.0, "bookmark"), Mark(20.0, "frozen"))
    live = TraceState(None, 0.0, 60.0, None, (40.0, 70.0), marks)
    minute, hour = curve(MINUTE, 0.0), curve(HOUR, 0.0)
    replay = replace(live, trace=minute, seekable=True)
    long = replace(live, end_s=HOUR / RATE_HZ, cursor_s=0.0, seekable=True)
    costs: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        for name, way in WAYS.items():
            use(view, *way)
            timed(view, live)
            costs[f"live minute, {name}"].append(timed(view, replace(live, trace=curve(MINUTE, number))))
        use(view, *WAYS[SHOWN])
        timed(view, replace(replay, cursor_s=0.0))
        costs["cursor of a recording of a minute"].append(timed(view, replace(replay, cursor_s=number / 2)))
        shifted = replace(hour, steady=hour.steady + np.float32(number % 2))
        costs["recording of an hour"].append(timed(view, replace(long, trace=shifted)))
        costs["cursor of a recording of an hour"].append(
            timed(view, replace(long, trace=shifted, cursor_s=number * 30.0))
        )
    for name, values in costs.items():
        print(f"{name}: {np.median(values):.2f} ms (p95 {np.percentile(values, 95):.2f})")
    use(view, *WAYS[SHOWN])
    print(f"live minute, mean of {DISPLAY_HZ:.0f} displayed frames a second: {displayed(view, live):.2f} ms")


if __name__ == "__main__":
    main()
