"""Two pictures side by side, without names: which one is better, and why. Keys alone."""

import os
import time
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scanmon.app.study import REASONS, Answer, Choice, Study, StudyPictures, Trial
from scanmon.core.errors import SettingsError
from scanmon.core.program import has_display
from scanmon.core.values import Frame
from scanmon.runtime.background import Job
from scanmon.ui.app import application
from scanmon.ui.end_requests import closed_by_signals, signals_kept
from scanmon.ui.garbage import collected_here
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.texts import study_reason
from scanmon.ui.theme import DARK, style_sheet
from scanmon.ui.widgets import WrappedLabel, lined

LOOK_MS = 20
_SIDES = {Qt.Key.Key_Left: "left", Qt.Key.Key_Right: "right"}
_NO_REASON = (Qt.Key.Key_0, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
BEAT_MS = 200


class StudyPage(QWidget):
    """One reader's trials, from the first without an answer on. Each is kept before the next pair comes."""

    ended = Signal()  # the reader leaves

    def __init__(
        self, study: Study, reader: str, pictures: StudyPictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("scanmon")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setStyleSheet(style_sheet(DARK))
        self._study, self._reader, self._pictures = study, reader, pictures
        self._trials, self._answers = study.trials(reader), study.answers(reader)
        self._side = ""  # the better one, while its reason is asked for
        self._shown: int | None = None  # the trial whose pictures can be seen
        self._since_s = 0.0
        self._read: dict[int, tuple[Frame | None, ...]] = {}  # left and right of this trial and the next one
        self._job: tuple[int, Job[tuple[Frame | None, ...]]] | None = None
        self.views = VideoView(DARK, self), VideoView(DARK, self)
        self.question, self.place = WrappedLabel(self), QLabel(self)
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = lined(QHBoxLayout(), *((view, 1) for view in self.views))
        lined(QVBoxLayout(self), (row, 1), self.question, self.place)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._go_on()

    @property
    def left(self) -> list[int]:
        """Trials without an answer, in their order."""
        return [number for number in range(len(self._trials)) if number not in self._answers]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A side or neither, then the reason; Backspace takes back, Escape leaves."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.ended.emit()
        elif key == Qt.Key.Key_Backspace:
            self._take_back()
        elif event.isAutoRepeat() or self._shown is None:  # a held key, or no pair yet: nothing is judged
            event.ignore()
        elif self._side:
            number = int(key) - int(Qt.Key.Key_1)
            if key in _NO_REASON:
                self._answer("")
            elif 0 <= number < len(REASONS):
                self._answer(REASONS[number])
        elif key in _SIDES:
            self._side = _SIDES[key]
            self._ask()
        elif key == Qt.Key.Key_Down:
            self._answer("")
        else:
            event.ignore()

    def _answer(self, reason: str) -> None:
        assert self._shown is not None
        choice: Choice = "equal"
        if self._side:
            choice = "second" if (self._side == "right") != self._trials[self._shown].swapped else "first"
        self._keep(self._shown, Answer(choice, reason, time.monotonic() - self._since_s))
        self._go_on()

    def _keep(self, number: int, answer: Answer | None) -> None:
        self._study.answer(self._reader, number, answer)
        if answer is None:
            del self._answers[number]
        else:
            self._answers[number] = answer

    def _take_back(self) -> None:
        """The side that was chosen, or the last answer."""
        if self._side:
            self._side = ""
            self._ask()
            return
        judged = [number for number, answer in self._answers.items() if answer.choice != "skipped"]
        before = [number for number in judged if not self.left or number < self.left[0]]
        if before:
            self._keep(max(before), None)
            self._go_on()

    def _go_on(self) -> None:
        self._side, self._shown = "", None
        for view in self.views:
            view.show_picture(None)
        self._timer.start()
        self._look()

    def _look(self) -> None:
        """Show the pair once it has been read; read this one and the next one."""
        if self._job is not None and self._job[1].done:
            self._read[self._job[0]], self._job = self._job[1].result(), None
        wanted = self.left[:2]
        self._read = {number: frames for number, frames in self._read.items() if number in wanted}
        missing = [number for number in wanted if number not in self._read]
        if missing and self._job is None:
            trial = self._trials[missing[0]]
            self._job = missing[0], Job(partial(_frames, self._study, self._pictures, trial), "study")
        elif not missing and self._job is None:
            self._timer.stop()
        if self._shown is None and wanted and wanted[0] in self._read:
            self._show(wanted[0])
        elif not wanted:
            self._ask()

    def _show(self, number: int) -> None:
        frames = self._read[number]
        if None in frames:
            self._keep(number, Answer("skipped"))
            self._go_on()
            return
        for view, frame in zip(self.views, frames, strict=True):
            view.show_picture(frame)
        self._shown, self._since_s = number, time.monotonic()
        self._ask()

    def _ask(self) -> None:
        total, left = len(self._trials), len(self.left)
        self.place.setText(self.tr("{0} of {1}").format(min(total, total - left + 1), total))
        if not left:
            self.question.setText(self.tr("All pairs are judged. Thank you.") + "  Esc")
        elif self._side:
            reasons = [f"{number} {study_reason(reason)}" for number, reason in enumerate(REASONS, 1)]
            self.question.setText(self.tr("Better in what? {0}; 0 not said").format("   ".join(reasons)))
        else:
            self.question.setText(
                self.tr("Which is better?   ← left   ↓ equal   → right   (Backspace: take back, Esc: leave)")
            )


def _frames(study: Study, pictures: StudyPictures, trial: Trial) -> tuple[Frame | None, ...]:
    """On the thread of a job, which must not keep the page: left and right."""
    pair = study.plan.pairs[trial.pair]
    names = (pair.second, pair.first) if trial.swapped else (pair.first, pair.second)
    return tuple(pictures.of(study.folder / name) for name in names)


def show_study(study: Study, reader: str, pictures: StudyPictures) -> None:
    """Full screen; returns when it is closed. Raises `SettingsError` without a display."""
    if not has_display() and "QT_QPA_PLATFORM" not in os.environ:
        raise SettingsError("there is no display for the pictures", remedy="set DISPLAY")
    app = application()
    page = StudyPage(study, reader, pictures)
    page.ended.connect(page.close)
    beat = QTimer(page)
    beat.timeout.connect(lambda: None)  # a handler of a signal runs only when Python does
    beat.start(BEAT_MS)
    page.showFullScreen()
    with signals_kept(), closed_by_signals(page.close), collected_here():
        app.exec()
