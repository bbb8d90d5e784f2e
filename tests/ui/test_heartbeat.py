"""The GUI thread is never held up while capture, scoring and recording run."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer

from tests.ui.test_whole import LONG, Assembled, home, shown  # noqa: F401 - fixtures


class Heartbeat(QObject):
    """Notes how long the GUI thread was busy between two beats, in its own CPU time and by the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.busy_ms: list[float] = []
        self.late_ms: list[float] = []
        self._cpu_s, self._clock_s = time.thread_time(), time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        cpu_s, clock_s = time.thread_time(), time.perf_counter()
        self.busy_ms.append((cpu_s - self._cpu_s) * 1e3)
        self.late_ms.append((clock_s - self._clock_s) * 1e3 - 5)
        self._cpu_s, self._clock_s = cpu_s, clock_s

    def stop(self) -> None:
        self._timer.stop()


@pytest.mark.timeout(180)
def test_the_gui_thread_is_never_busy_for_50_ms_while_a_720p_source_is_scored_and_recorded(
    shown: Assembled,  # noqa: F811
    qtbot,
):
    shown.window.resize(1280, 860)
    heart = Heartbeat()
    try:
        shown.controller.open("phantom:size=1280x720,rate=30")
        qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)
        heart.busy_ms.clear()  # what was loaded and laid out for the first time is start-up
        heart.late_ms.clear()
        qtbot.keyClick(shown.window, Qt.Key.Key_R)
        for key in (Qt.Key.Key_S, Qt.Key.Key_B, Qt.Key.Key_H, Qt.Key.Key_H, Qt.Key.Key_R):
            shown_before = shown.controller.snapshot.counts.shown
            qtbot.waitUntil(
                lambda before=shown_before: shown.controller.snapshot.counts.shown > before + 15, timeout=LONG
            )
            qtbot.keyClick(shown.window, key)
        qtbot.waitUntil(lambda: shown.note.startswith("Saved:"), timeout=LONG)
    finally:
        heart.stop()
    assert len(heart.busy_ms) > 100
    assert max(heart.busy_ms) < 50
    assert np.median(heart.late_ms) < 50  # by the clock, where other programs have their share too
