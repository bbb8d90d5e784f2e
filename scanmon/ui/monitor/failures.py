"""What of a recording or an output failed: it stands beside the picture until somebody has read it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from scanmon.ui.widgets import WrappedLabel

MOST = 4  # of several the newest; the log has all


class Failures(QWidget):
    """Hidden while there is nothing to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = []
        self.label = WrappedLabel(self)
        self.label.setProperty("warn", True)
        self.read = QPushButton(self.tr("I have read it"), self)
        self.read.clicked.connect(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self.label)
        column.addWidget(self.read, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def add(self, text: str) -> None:
        """The newest comes last; the same one stands there once."""
        self._texts = [*(one for one in self._texts if one != text), text][-MOST:]
        self.label.setText("\n".join(self._texts))
        self.setAccessibleName(self.label.text())
        self.show()

    def _clear(self) -> None:
        self._texts = []
        self.hide()
