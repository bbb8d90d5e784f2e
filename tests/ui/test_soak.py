"""50,000 repaints: short tests never see a leak of one reference or a hundred bytes a frame."""

import gc
import resource
import sys
from pathlib import Path

import pytest

from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.view_state import view_state
from tests.doubles.states import analysis, live, picture, trace

REPAINTS = 50_000
STATM = Path("/proc/self/statm")


def resident_mib() -> float:
    """Memory of this process now."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not STATM.exists(), reason="reads the memory of the process from /proc")
def test_50_000_repaints_leave_memory_and_references_flat(qtbot, qapp):
    window = MonitorWindow()
    qtbot.addWidget(window)
    window.resize(480, 360)
    window.page.trace.build()
    window.show()
    frames = [picture(index, size=(120, 160)) for index in range(8)]
    traces = [trace(60), trace(60, scored=30)]
    states = []
    for index, frame in enumerate(frames):
        shown = live(frame=frame, analysis=analysis(frame), trace=traces[index % 2])
        states.append(view_state(shown))

    def repaint(count: int) -> None:
        for number in range(count):
            window.show_state(states[number % len(states)])
            window.page.video.repaint()
            window.page.side.meter.repaint()
            window.page.trace.surface.repaint()
            if number % 64 == 0:
                qapp.processEvents()

    repaint(2_000)  # caches fill
    gc.collect()
    references, memory = sys.getrefcount(None), resident_mib()
    repaint(REPAINTS)
    gc.collect()
    assert abs(sys.getrefcount(None) - references) < 500
    assert resident_mib() - memory < 8
