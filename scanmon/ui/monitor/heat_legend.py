"""What the colours of the heatmap mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.core.values import Box
from scanmon.scoring.heat_colours import heat_pixels


class HeatLegend(QWidget):
    """A bar from good to poor, made by the function that paints the heatmap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ramp = np.linspace(100.0, 0.0, 128, dtype=np.float32)[None].repeat(2, 0)
        self._pixels = heat_pixels(ramp, Box(0, 0, 128, 8), None)
        height, width = self._pixels.shape[:2]
        form = QImage.Format.Format_ARGB32_Premultiplied
        self._bar = QImage(self._pixels.data, width, height, self._pixels.strides[0], form)

    def sizeHint(self) -> QSize:
        """A thin bar with words at its ends."""
        return QSize(160, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, then words."""
        painter = QPainter(self)
        bar = QRect(0, 2, self.width(), 6)
        painter.fillRect(bar, Qt.GlobalColor.black)
        painter.drawImage(bar, self._bar)
        words = QRect(0, 10, self.width(), self.height() - 10)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, self.tr("as clean"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, self.tr("poor"))
        painter.end()
