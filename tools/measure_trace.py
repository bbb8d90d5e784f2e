"""CPU of drawing the trace: our own widget and a pyqtgraph plot of the same curve, interleaved in one run.

    QT_QPA_PLATFORM=offscreen python tools/measure_trace.py

Needs pyqtgraph, which scanmon itself does not use (docs/decisions/0010-trace-widget.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QWidget

from scanmon.runtime.snapshot import Trace
from scanmon.ui.app import application
from scanmon.ui.trace_view import TraceView
from scanmon.ui.view_state import TraceState

POINTS, ROUNDS, SIZE = 1800, 200, (1280, 140)


def curve(shift: int) -> Trace:
    """One minute at 30 frames a second, with a gap."""
    time_s = np.arange(POINTS) / 30.0
    steady = (55 + 40 * np.sin(time_s + shift)).astype(np.float32)
    steady[400:450] = np.nan
    verdict = np.where(steady >= 70, 0, np.where(steady >= 40, 1, 2)).astype(np.int8)
    return Trace(time_s, steady, steady, verdict, np.full(POINTS, np.nan, np.float32))


def timed(give: Callable[[], None], widget: QWidget) -> float:
    """Milliseconds of CPU to take new data and repaint."""
    started = time.process_time()
    give()
    widget.repaint()
    return (time.process_time() - started) * 1e3


def main() -> None:
    """Print both, and what the import costs."""
    app = application()
    ours = TraceView()
    ours.resize(*SIZE)
    ours.show()
    started = time.perf_counter()
    import pyqtgraph

    import_ms = (time.perf_counter() - started) * 1e3
    plot = pyqtgraph.PlotWidget()
    plot.resize(*SIZE)
    plot.setYRange(0, 100)
    line = plot.plot(pen=pyqtgraph.mkPen("w", width=2))
    for low, high in ((0, 40), (40, 70), (70, 100)):
        plot.addItem(pyqtgraph.LinearRegionItem((low, high), "horizontal", movable=False))
    plot.show()
    app.processEvents()
    own_ms, graph_ms = [], []
    for number in range(ROUNDS):
        trace = curve(number)
        state = TraceState(trace, 0.0, 60.0, 1.0, (40.0, 70.0))
        ours.redraw_ms = 0  # every time, where the window draws the curve anew 11 times a second
        own_ms.append(timed(partial(ours.show_trace, state), ours))
        graph_ms.append(
            timed(partial(line.setData, trace.time_s, trace.steady, connect="finite"), plot.viewport())
        )
    print(f"own widget: {np.median(own_ms):.2f} ms CPU a redraw, pyqtgraph: {np.median(graph_ms):.2f} ms")
    print(f"import of pyqtgraph: {import_ms:.0f} ms")


if __name__ == "__main__":
    main()
