"""How the program ends: who asks for it from outside, and what is closed or saved before it does."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from PySide6.QtCore import QEventLoop, QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QMessageBox

from scanmon.core.errors import ScanmonError
from scanmon.ui.controller import Controller
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.texts import translate

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last one is unknown to Windows
LOOK_MS = 50
GIVE_UP_S = 15.0  # a monitor takes up to 10 s where a device hangs or the machine is busy


@contextmanager
def closed_by_signals(close: Callable[[], object]) -> Iterator[None]:
    """A signal closes the window; once it is closed a second one ends the program at once.

    `close` is called by the event loop, so a signal that comes before the loop runs is not lost. A signal
    that is ignored, as under `nohup`, stays ignored.
    """
    known = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}
    ours = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def request(_number: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, close)

    for number in ours:
        signal.signal(number, request)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def signals_kept() -> Iterator[None]:
    """Handlers are afterwards what they were."""
    known = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def closed_with_the_display(controller: Controller) -> Iterator[None]:
    """Recordings are closed before Qt ends the process because its display is gone; the exit code is 1.

    Qt calls `exit` as soon as the connection to the display breaks. Its warning just before is the only
    notice that a program gets; no event loop runs any more.
    """

    def heard(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        if "connection broke" in text:
            _close_now(controller)

    before = qInstallMessageHandler(heard)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _close_now(controller: Controller) -> None:
    line = "error: the display is gone; the window was closed"
    line = "\n".join([line, *map(error_line, controller.shut_down(GIVE_UP_S))])
    with suppress(OSError, ValueError):  # the terminal may be gone too
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(1)  # the destructors of Qt would wait for the display


def error_line(error: Exception) -> str:
    named = isinstance(error, ScanmonError)
    return f"error: {error}" if named else f"error: {type(error).__name__}: {error}"


def show_failures(errors: Sequence[Exception]) -> None:
    """What was not kept when the window was closed; waits until it was read."""
    box = QMessageBox(QMessageBox.Icon.Warning, "scanmon", translate("EndRequests", "Not all was kept."))
    box.setInformativeText("\n".join(map(error_text, errors)))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.exec()


def leave(controller: Controller, give_up_s: float = GIVE_UP_S) -> list[Exception]:
    """Close everything; returns when it is closed, or when a device hangs, with what went wrong."""
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
    return controller.shut_down(0.0)
