"""The page of an examination that has ended, as it was printed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from scanmon.ui.widgets import Page, WrappedLabel


class ResultPage(Page):
    """A picture of the page, as wide as the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self._pdf = Path()
        self.told = WrappedLabel(self)
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(self.tr("Page of the examination"))
        self.area = QScrollArea(self)
        self.area.setWidget(self.picture)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.open_pdf = QPushButton(self.tr("Open the PDF"), self)
        self.open_folder = QPushButton(self.tr("Show the folder"), self)
        self.close_page = QPushButton(self.tr("Back to the picture"), self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.open_pdf)
        buttons.addWidget(self.open_folder)
        buttons.addStretch(1)
        buttons.addWidget(self.close_page)
        column = QVBoxLayout(self)
        column.addWidget(self.area, 1)
        column.addWidget(self.told)
        column.addLayout(buttons)
        self.open_pdf.clicked.connect(lambda: _open(self._pdf))
        self.open_folder.clicked.connect(lambda: _open(self._pdf.parent))
        self.close_page.clicked.connect(self.done)

    def show_report(self, pdf: Path, picture: Path) -> None:
        """Show the page that was written."""
        self._pdf, self._pixmap = pdf, QPixmap(str(picture))
        self.told.setText(self.tr("Saved: {0}").format(pdf))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as there is room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._pixmap.isNull():
            wide = max(1, self.area.width() - 16)
            smooth = Qt.TransformationMode.SmoothTransformation
            self.picture.setPixmap(self._pixmap.scaledToWidth(min(wide, self._pixmap.width()), smooth))


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
