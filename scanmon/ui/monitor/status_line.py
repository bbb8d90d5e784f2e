"""The bottom line: what is running, how old the picture is, and what this is not for."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from scanmon.ui.labels import ElidedLabel
from scanmon.ui.state.status_state import StatusState
from scanmon.ui.state.texts import disclaimer, translate

REFRESH_MS = 250  # figures that change with every frame would only flicker


class StatusLine(QStatusBar):
    """Source, engine, age, delays, numbers of frames; the disclaimer stands at the right, always."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._shown = StatusState()
        self._since_changed = QElapsedTimer()
        self.source, self.engine, self.age = (ElidedLabel(self) for _ in range(3))
        self.rate, self.counts = (ElidedLabel(self, greedy=True) for _ in range(2))
        for label in (self.source, self.engine, self.age, self.rate, self.counts):
            label.setProperty("quiet", True)
            self.addWidget(label, 1 if label in (self.rate, self.counts) else 0)
        self.age.setMinimumWidth(
            self.fontMetrics().horizontalAdvance(translate("ViewState", "picture {0} ms old").format(8888))
            + 20
        )
        self.recording = ElidedLabel(self)
        self.addPermanentWidget(self.recording)
        self.disclaimer = QLabel(disclaimer(), self)
        self.addPermanentWidget(self.disclaimer)

    def show_recording(self, text: str) -> None:
        """How recording stands; empty while there is none."""
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
            label.setText(text)
        self.rate.setToolTip("\n".join(filter(None, (state.rate, state.rate_told))))
