"""Tells of a state, in the middle or, where there is a picture, beside it; and of what failed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from scanmon.ui.state.messages import Message
from scanmon.ui.widgets import WrappedLabel, lined

MOST_FAILURES = 4  # that stand there at a time, the newest first to be read


class MessagePanel(QWidget):
    """Title, text, way out, and a button that helps; in the middle also one that leads to other sources."""

    other_requested = Signal()
    command_requested = Signal(str)

    def __init__(self, *, compact: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message: Message | None = None
        self._command = ""
        self.title = WrappedLabel(self, "" if compact else "heading")
        self.text, self.way_out = WrappedLabel(self), WrappedLabel(self, "quiet")
        labels = self.title, self.text, self.way_out
        for label in labels:
            label.setAlignment(Qt.AlignmentFlag.AlignLeft if compact else Qt.AlignmentFlag.AlignCenter)
        self.offer = QPushButton("", self)
        self.offer.clicked.connect(lambda: self.command_requested.emit(self._command))
        self.other = QPushButton(self.tr("Choose a source…"), self)
        self.other.clicked.connect(self.other_requested)
        self.other.setVisible(not compact)
        parts = (*labels, self.offer) if compact else (None, *labels, self.offer, self.other, None)
        column = lined(QVBoxLayout(self), *parts, margins=(8, 6, 8, 6), spacing=2 if compact else 8)
        for button in (self.offer, self.other):
            column.setAlignment(
                button, Qt.AlignmentFlag.AlignLeft if compact else Qt.AlignmentFlag.AlignHCenter
            )

    def show_message(self, message: Message | None) -> None:
        """Show another message; None hides the panel."""
        if message == self.message:
            return
        self.message = message
        self.setVisible(message is not None)
        if message is None:
            return
        for label, text in (
            (self.title, message.title),
            (self.text, message.text),
            (self.way_out, message.way_out),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._command = message.command
        self.offer.setText(message.offer)
        self.offer.setVisible(bool(message.offer))
        self.title.setProperty("warn", message.problem)
        self.title.style().polish(self.title)
        self.setAccessibleName(message.title)


class Failures(QWidget):
    """What of a recording or an output failed, until somebody has read it; hidden while there is nothing."""

    were_read = Signal()  # all of them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = []
        self.label = WrappedLabel(self, "warn")
        self.read = QPushButton(self.tr("I have read it"), self)
        self.read.clicked.connect(self._clear)
        column = lined(QVBoxLayout(self), self.label, self.read, margins=(8, 6, 8, 6))
        column.setAlignment(self.read, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def add(self, text: str) -> None:
        """The newest comes last; the same one stands there once."""
        self._texts = [*(one for one in self._texts if one != text), text]
        self._show()

    def _clear(self) -> None:
        self._texts = self._texts[:-MOST_FAILURES]
        self._show()
        if not self._texts:
            self.were_read.emit()

    def _show(self) -> None:
        self.label.setText("\n".join(self._texts[-MOST_FAILURES:]))
        self.setAccessibleName(self.label.text())
        self.setVisible(bool(self._texts))
