"""Wakes the window when a picture has come, so that none waits for the next tick of a timer."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

LEAST_MS = 10  # between two beats: more pictures a second than a display shows cost and show nothing


class Pulse(QObject):
    """`beat` comes on the thread of this object: at once after `ring`, otherwise every `interval_ms`.

    It carries nothing: who is woken looks for what is new. Rings that come before the beat are one.
    """

    beat = Signal()
    _rang = Signal()

    def __init__(self, parent: QObject, interval_ms: int) -> None:
        super().__init__(parent)
        self._interval_ms = interval_ms
        self._waiting = False  # a ring is on its way; a bool needs no lock
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fire)
        self._rang.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        self._timer.start(self._interval_ms)

    def stop(self) -> None:
        """No more beats; rings are ignored."""
        self._timer.stop()

    def ring(self) -> None:
        """Any thread may call this; it never waits."""
        if not self._waiting:
            self._waiting = True
            self._rang.emit()

    def _answer(self) -> None:
        if not self._timer.isActive():
            self._waiting = False
            return
        left_ms = LEAST_MS - self._since.elapsed() if self._since.isValid() else 0
        if left_ms > 0:
            self._timer.start(left_ms)
        else:
            self._fire()

    def _fire(self) -> None:
        self._waiting = False
        self._since.start()
        self._timer.start(self._interval_ms)
        self.beat.emit()
