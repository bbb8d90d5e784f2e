"""Room for what there is to tell: as high as its texts, or scrolled where there is less."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

LEAST_PX = 34  # two lines


class Told(QScrollArea):
    """Parts below each other; never higher than they need, never wider than it is."""

    def __init__(self, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        content = self._content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        for part in parts:
            column.addWidget(part)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the page
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        """The height that the texts have in this width."""
        layout, width = self._content.layout(), max(1, self.width())
        if layout is None or layout.totalSizeHint().isEmpty():
            return QSize(0, 0)
        height = layout.heightForWidth(width) if layout.hasHeightForWidth() else -1
        return QSize(width, height if height >= 0 else layout.totalSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Two lines; nothing where nothing is told."""
        return QSize(0, min(LEAST_PX, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text that changes may need another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
