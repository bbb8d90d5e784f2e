"""The bottom line: what is running, how old the picture is, and what this is not for."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from scanmon.ui.state.status_state import StatusState
from scanmon.ui.state.texts import disclaimer, translate

REFRESH_MS = 250  # figures that change with every frame would only flicker


class Figures(QLabel):
    """Takes what room there is and shortens its text to that; the tool tip has all of it."""

    def sizeHint(self) -> QSize:
        """Never asks for room."""
        return QSize(0, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """See `sizeHint`."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, with dots where it is too long."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class StatusLine(QStatusBar):
    """Source, engine, age, delays, numbers of frames; the disclaimer stands at the right, always."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._shown = StatusState()
        self._since_changed = QElapsedTimer()
        self.source, self.engine, self.age = (QLabel("", self) for _ in range(3))
        self.rate, self.counts = Figures(self), Figures(self)
        for label in (self.source, self.engine, self.age, self.rate, self.counts):
            label.setProperty("quiet", True)
            self.addWidget(label, 1 if isinstance(label, Figures) else 0)
        self.age.setMinimumWidth(
            self.fontMetrics().horizontalAdvance(translate("ViewState", "picture {0} ms old").format(8888))
            + 20
        )
        self.recording = QLabel("", self)
        self.addPermanentWidget(self.recording)
        self.disclaimer = QLabel(disclaimer(), self)
        self.addPermanentWidget(self.disclaimer)

    def show_recording(self, text: str) -> None:
        """How recording stands; empty while there is none."""
        if self.recording.text() != text:
            self.recording.setText(text)

    def show_status(self, state: StatusState) -> None:
        """Show another state."""
        waited = not self._since_changed.isValid() or self._since_changed.elapsed() >= REFRESH_MS
        if state == self._shown or not (waited or state.age_warns != self._shown.age_warns):
            return
        self._since_changed.start()
        if state.age_warns != self._shown.age_warns:
            self.age.setProperty("warn", state.age_warns)
            self.age.setProperty("quiet", not state.age_warns)
            self.age.style().polish(self.age)
        self._shown = state
        for label, text in (
            (self.source, state.source),
            (self.engine, state.engine),
            (self.rate, state.rate),
            (self.age, state.age),
            (self.counts, state.counts),
        ):
            if label.text() != text:
                label.setText(text)
                label.setToolTip(text)
        self.rate.setToolTip("\n".join(filter(None, (state.rate, state.rate_told))))
