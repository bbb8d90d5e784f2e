"""Transport symbols, drawn: the same in every icon theme and sharp at every scale."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

_SIDE = 64


def icon(name: str, colour: str) -> QIcon:
    """One of play, pause, first, last, back, forward, loop, record, camera, bookmark."""
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    _DRAW[name](painter)
    painter.end()
    return QIcon(pixmap)


def _triangle(painter: QPainter, left: float, right: float) -> None:
    painter.drawPolygon(QPolygonF([QPointF(left, 12), QPointF(right, 32), QPointF(left, 52)]))


def _bar(painter: QPainter, left: float, width: float = 8) -> None:
    painter.drawRect(QRectF(left, 12, width, 40))


def _pause(painter: QPainter) -> None:
    _bar(painter, 17, 10)
    _bar(painter, 37, 10)


def _play(painter: QPainter) -> None:
    _triangle(painter, 18, 52)


def _forward(painter: QPainter) -> None:
    _bar(painter, 14)
    _triangle(painter, 28, 54)


def _back(painter: QPainter) -> None:
    _bar(painter, 42)
    _triangle(painter, 36, 10)


def _first(painter: QPainter) -> None:
    _bar(painter, 10)
    _triangle(painter, 38, 20)
    _triangle(painter, 56, 38)


def _last(painter: QPainter) -> None:
    _bar(painter, 46)
    _triangle(painter, 26, 44)
    _triangle(painter, 8, 26)


def _loop(painter: QPainter) -> None:
    pen = painter.pen()
    pen.setStyle(Qt.PenStyle.SolidLine)
    pen.setWidthF(6)
    pen.setColor(painter.brush().color())
    painter.save()
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(12, 16, 40, 34), 40 * 16, 280 * 16)
    painter.restore()
    painter.drawPolygon(QPolygonF([QPointF(40, 24), QPointF(60, 26), QPointF(52, 8)]))


def _record(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(14, 14, 36, 36))


def _camera(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(8, 20, 48, 32), 5, 5)
    painter.drawRect(QRectF(22, 13, 20, 9))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.drawEllipse(QRectF(23, 27, 18, 18))


def _bookmark(painter: QPainter) -> None:
    corners = ((18, 10), (46, 10), (46, 54), (32, 42), (18, 54))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))


_DRAW = {
    "play": _play,
    "pause": _pause,
    "first": _first,
    "last": _last,
    "back": _back,
    "forward": _forward,
    "loop": _loop,
    "record": _record,
    "camera": _camera,
    "bookmark": _bookmark,
}
