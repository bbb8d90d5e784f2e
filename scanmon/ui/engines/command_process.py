"""A `scanmon` command in a process of its own, beside the window."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from scanmon.core.program import start_words
from scanmon.ui.state.errors import line_text

KILL_AFTER_MS = 3000


class CommandProcess(QObject):
    """Runs one command at a time; its lines and its end come as signals. Never blocks, except `shut_down`."""

    line_read = Signal(str)  # also each step of a progress line that is written over
    ended = Signal(bool)  # whether it worked out

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self.last_line = ""  # what it said last: the error, where there was one

    @property
    def busy(self) -> bool:
        return self._process is not None

    def start(self, arguments: Sequence[str]) -> None:
        """Run `scanmon` with these arguments; nothing where one is running."""
        if self._process is not None:
            return
        self.last_line = ""
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("SCANMON_PROGRESS_S", "0.5")
        process.setProcessEnvironment(environment)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyRead.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        program, *words = start_words()
        process.start(program, [*words, *arguments])

    def cancel(self) -> None:
        """Ask the command to end; it closes its files first."""
        process = self._process
        if process is not None:
            process.terminate()
            QTimer.singleShot(KILL_AFTER_MS, process, process.kill)  # does nothing where it has ended

    def shut_down(self) -> None:
        """End it now and wait: the program ends."""
        process = self._process
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_AFTER_MS)

    def _read(self) -> None:
        if self._process is None:
            return
        text = bytes(self._process.readAll().data()).decode("utf-8", "replace")
        for line in re.split(r"[\r\n]+", text):
            if line.strip():
                self.last_line = line_text(line.strip())
                self.line_read.emit(self.last_line)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:  # it never finishes
            self.last_line = self._process.errorString()
            self._finished(1, QProcess.ExitStatus.CrashExit)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self.ended.emit(code == 0 and status == QProcess.ExitStatus.NormalExit)
