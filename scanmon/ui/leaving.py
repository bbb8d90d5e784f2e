"""The end of the program: it waits for what is being closed or saved, and not for a device that hangs."""

from __future__ import annotations

import time

from PySide6.QtCore import QEventLoop, QTimer

from scanmon.ui.controller import Controller

LOOK_MS = 50
GIVE_UP_S = 6.0


def leave(controller: Controller, give_up_s: float = GIVE_UP_S) -> None:
    """Close everything; returns when it is closed, or when a device hangs."""
    controller.begin_shut_down()
    loop, timer = QEventLoop(), QTimer()
    end_s = time.monotonic() + give_up_s

    def look() -> None:
        if controller.ended or time.monotonic() >= end_s:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    try:
        while not controller.ended and time.monotonic() < end_s:
            loop.exec()  # again after a second request to quit
    finally:
        timer.stop()
    if controller.ended:
        controller.shut_down(0.0)  # errors of closing are raised
