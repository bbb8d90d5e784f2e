"""Labels whose text never decides how large the window is."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

_BREAK = "\u200b"  # a place where a line may end, without width


class ElidedLabel(QLabel):
    """One line that ends in dots where room is short; the tool tip has all of it.

    `greedy`: takes what room there is and asks for none.
    """

    def __init__(self, parent: QWidget | None = None, *, greedy: bool = False) -> None:
        super().__init__("", parent)
        self._greedy = greedy
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:
        """The tool tip is set with it."""
        if text != self.text():
            super().setText(text)
            self.setToolTip(text)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(0, hint.height()) if self._greedy else hint

    def minimumSizeHint(self) -> QSize:
        """No width: any text can be shortened."""
        return QSize(0, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, with dots where it is too long."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | self.alignment(), text)
        painter.end()


class WrappedLabel(QLabel):
    """Wraps between words, and inside of paths and addresses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names of files come in here
        self.setMinimumWidth(1)  # not the longest word

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(re.sub(r"([/\\&?=_.,:;-])(?=\S)", rf"\1{_BREAK}", text))

    def text(self) -> str:
        """As it was set."""
        return super().text().replace(_BREAK, "")
