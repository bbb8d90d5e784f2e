"""The end of the program: it waits until recordings are whole, and says how far they are."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from scanmon.ui.controller import Controller

LOOK_MS = 50
SOON_S = 0.3  # what is closed within that time needs no words
GIVE_UP_S = 6.0  # for a device that hangs; a recording that is being closed has as long as it takes


class ClosingNote(QWidget):
    """A small window without buttons: what goes on is safe, and ends by itself."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.CustomizeWindowHint | Qt.WindowType.WindowTitleHint)
        self.setWindowTitle("scanmon")
        self.label = QLabel(self.tr("The recording is being closed…"), self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(self.label.text())
        column = QVBoxLayout(self)
        column.addWidget(self.label)
        column.addWidget(self.bar)
        self.setMinimumWidth(360)

    def show_share(self, share: float) -> None:
        """0 to 1."""
        self.bar.setValue(round(100 * share))
        self.show()


def leave(controller: Controller, give_up_s: float = GIVE_UP_S) -> None:
    """Close everything; returns when it is closed, or when a device hangs."""
    controller.begin_shut_down()
    note, loop, timer = ClosingNote(), QEventLoop(), QTimer()
    begun_s = moved_s = time.monotonic()

    def look() -> None:
        nonlocal moved_s
        now_s, share = time.monotonic(), controller.closing
        if share is not None:
            moved_s = now_s
            if now_s - begun_s >= SOON_S:
                note.show_share(share)
        if controller.ended or now_s - moved_s >= give_up_s:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    try:
        while not controller.ended and time.monotonic() - moved_s < give_up_s:
            loop.exec()  # again where somebody quits the application a second time
    finally:
        timer.stop()
        note.close()
        note.deleteLater()
        QCoreApplication.processEvents()
    if controller.ended:
        controller.shut_down(0.0)  # errors of closing are raised
