"""The shape beside the word, drawn so that it looks alike in every font."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from scanmon.ui.theme import Shape


def draw_shape(painter: QPainter, shape: Shape, rect: QRectF, colour: QColor) -> None:
    """Draw `shape` into the square `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    stroke = max(2.0, rect.width() * 0.14)
    inner = rect.adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if shape is Shape.DISC:
        painter.drawEllipse(rect)
    elif shape is Shape.TRIANGLE:
        painter.drawPolygon(
            QPolygonF([QPointF(rect.center().x(), rect.top()), rect.bottomRight(), rect.bottomLeft()])
        )
    elif shape is Shape.HOLLOW_SQUARE:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, stroke, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(inner)
    else:
        painter.drawRect(QRectF(rect.left(), rect.center().y() - stroke / 2, rect.width(), stroke))
    painter.setBrush(Qt.BrushStyle.NoBrush)
