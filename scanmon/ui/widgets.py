"""What pages and dialogs share. No text decides how large a window is."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QLabel,
    QLayout,
    QScrollArea,
    QWidget,
)

from scanmon.session.layout import STORE
from scanmon.session.version1 import ABOUT

Lines = TypeVar("Lines", bound=QBoxLayout)
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
    """Wraps between words, and inside of paths and addresses. `look`: `quiet`, `warn` or `heading`."""

    def __init__(self, parent: QWidget | None = None, look: str = "") -> None:
        super().__init__("", parent)
        if look:
            self.setProperty(look, True)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names of files come in here
        self.setMinimumWidth(1)  # not the longest word

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(re.sub(r"([/\\&?=_.,:;-])(?=\S)", rf"\1{_BREAK}", text))

    def text(self) -> str:
        return super().text().replace(_BREAK, "")

    def tell(self, text: str) -> None:
        """Show a text; nothing takes no room."""
        self.setText(text)
        self.setVisible(bool(text))


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def lined(
    layout: Lines,
    *parts: QWidget | QLayout | int | tuple[QWidget | QLayout, int] | None,
    margins: tuple[int, int, int, int] | None = None,
    spacing: int | None = None,
) -> Lines:
    """A row or column of parts, some with their share of the room; a number alone is a space, None the rest.

    `margins`: left, above, right, below; without them and `spacing` those of the style.
    """
    if margins is not None:
        layout.setContentsMargins(*margins)
    if spacing is not None:
        layout.setSpacing(spacing)
    for part in parts:
        one, share = part if isinstance(part, tuple) else (part, 0)
        if isinstance(one, QWidget):
            layout.addWidget(one, share)
        elif isinstance(one, QLayout):
            layout.addLayout(one, share)
        elif one is None:
            layout.addStretch(1)
        else:
            layout.addSpacing(one)
    return layout


class ChoiceBox(QComboBox):
    """Its tool tip has all of the text that is chosen, for which there may be no room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.currentTextChanged.connect(self.setToolTip)


def offer(box: QComboBox, entries: Sequence[tuple[str, str]], chosen: str) -> None:
    """Texts with their values; `chosen` is among them, also where it is not there now."""
    box.clear()
    for text, value in entries:
        box.addItem(text, value)
    if box.findData(chosen) < 0:
        box.addItem(chosen, chosen)
    box.setCurrentIndex(box.findData(chosen))


class Scrolled(QScrollArea):
    """Scrolls up and down where the screen is low; never sideways."""

    def __init__(self, layout: QLayout, parent: QWidget) -> None:
        super().__init__(parent)
        layout.setContentsMargins(0, 0, 0, 0)
        content = self._content = _Content(self)
        content.setLayout(layout)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        width = self._content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, 80)


class _Content(QWidget):
    """No higher than it has to be in this width: what can be lower gives way before anything scrolls."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return -1 if layout is None else layout.totalMinimumHeightForWidth(width)


def fit(dialog: QDialog, wanted: QSize) -> None:
    """As large as it wants to be, and no larger than its screen with a title bar."""
    dialog.ensurePolished()
    dialog.resize(wanted.boundedTo(dialog.screen().availableGeometry().size() * 0.94))


class Page(QWidget):
    """A page of the window in place of the picture; Escape leads back to it."""

    done = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class RecordingDialog(QFileDialog):
    """Asks for a cine loop, a picture, or a session by its store; begins where sessions are kept."""

    def __init__(self, parent: QWidget, title: str, folder: Path) -> None:
        super().__init__(parent, title, str(folder if folder.is_dir() else Path.home()))
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilters(
            [
                self.tr("Cine loops and images")
                + " (*.mp4 *.mkv *.avi *.mov *.webm *.dcm *.png *.jpg *.jpeg *.bmp *.tif *.tiff"
                f" {STORE} {ABOUT})",
                self.tr("All files") + " (*)",
            ]
        )
