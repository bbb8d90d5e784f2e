"""The score over time: the last minute of a live source, or the whole of a recording as its time line."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.core.values import Verdict
from scanmon.ui.polylines import polylines
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.view_state import Mark, TraceState

BRIDGED_S = 0.5  # frames that were skipped leave no gap; a score that was suspended for longer does
REDRAW_MS = 90  # the curve is drawn anew at most this often; the cursor follows every frame
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class TraceView(QWidget):
    """Curve, threshold bands, a strip coloured by verdict, marks and a cursor that can be dragged.

    Painted by hand: the curve goes into a picture that is kept, a repaint copies it and draws the cursor
    (docs/decisions/0010-trace-widget.md has the comparison).
    """

    seek_requested = Signal(float)  # seconds on the time line
    scrub_began = Signal()
    scrub_ended = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(90)
        self.setAccessibleName(self.tr("Score over time"))
        self._theme = theme
        self._state = TraceState()
        self._drawn: TraceState | None = None
        self._canvas = np.zeros((1, 1, 4), np.uint8)  # the pixels of `_curve`
        self._curve = QImage()
        self._since_drawn = QElapsedTimer()
        self.redraw_ms = REDRAW_MS

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(900, 140)

    def set_theme(self, theme: Theme) -> None:
        """Change colours."""
        self._theme = theme
        self._drawn = None
        self.update()

    def show_trace(self, state: TraceState) -> None:
        """Show another state; called at the display rate."""
        before, self._state = self._state, state
        stale = self._drawn is None or _curve_differs(self._drawn, state)
        due = not self._since_drawn.isValid() or self._since_drawn.elapsed() >= self.redraw_ms
        if stale and due:
            self._drawn = None
        if self._drawn is None or before.cursor_s != state.cursor_s:
            self.update()

    @property
    def plot(self) -> QRectF:
        """The area of the curve, widget units."""
        small = self._small_font().pixelSize()
        return QRectF(
            small * 2.6,
            8,
            max(10.0, self.width() - small * 2.6 - 12),
            max(10.0, self.height() - small * 1.5 - 22),
        )

    def x_of(self, time_s: float) -> float:
        """Widget column of a time."""
        state, plot = self._state, self.plot
        return plot.left() + plot.width() * (time_s - state.start_s) / (state.end_s - state.start_s)

    def time_of(self, x: float) -> float:
        """Time of a widget column, kept inside the time line."""
        state, plot = self._state, self.plot
        share = min(1.0, max(0.0, (x - plot.left()) / plot.width()))
        return state.start_s + share * (state.end_s - state.start_s)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to scrub."""
        if self._state.seekable and event.button() == Qt.MouseButton.LeftButton:
            self.scrub_began.emit()
            self.seek_requested.emit(self.time_of(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self._state.seekable and event.buttons() & Qt.MouseButton.LeftButton:
            self.seek_requested.emit(self.time_of(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of the scrub."""
        if self._state.seekable and event.button() == Qt.MouseButton.LeftButton:
            self.scrub_ended.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept curve, then what moves."""
        ratio = self.devicePixelRatioF()
        wide, high = round(self.width() * ratio), round(self.height() * ratio)
        if self._drawn is None or self._canvas.shape[:2] != (high, wide):
            self._draw_curve(wide, high, ratio)
            self._drawn = self._state
            self._since_drawn.start()
        painter = QPainter(self)
        painter.drawImage(0, 0, self._curve)
        if self._state.cursor_s is not None:
            x = self.x_of(self._state.cursor_s)
            painter.setPen(QPen(QColor(self._theme.text), 1.5))
            painter.drawLine(QPointF(x, self.plot.top() - 4), QPointF(x, self.plot.bottom() + 12))
        painter.end()

    def _draw_curve(self, wide: int, high: int, ratio: float) -> None:
        if self._canvas.shape[:2] != (high, wide):
            self._canvas = np.zeros((high, wide, 4), np.uint8)
            self._curve = QImage(self._canvas.data, wide, high, wide * 4, QImage.Format.Format_RGB32)
        self._curve.setDevicePixelRatio(ratio)
        painter = QPainter(self._curve)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        painter.setFont(self._small_font())
        self._draw_bands(painter)
        self._draw_time_axis(painter)
        self._draw_strip(painter)
        painter.end()
        self._draw_lines(ratio)
        painter.begin(self._curve)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_loop(painter)
        for mark in self._state.marks:
            self._draw_mark(painter, mark)
        painter.end()

    def _y(self, quality: float) -> float:
        plot = self.plot
        return plot.bottom() - plot.height() * quality / 100.0

    def _draw_bands(self, painter: QPainter) -> None:
        plot, theme = self.plot, self._theme
        limits = (0.0, *(self._state.thresholds or ()), 100.0)
        if self._state.thresholds:
            for low, high, verdict in zip(limits, limits[1:], reversed(Verdict), strict=False):
                band = QColor(theme.verdict(verdict))
                band.setAlphaF(0.10)
                painter.fillRect(
                    QRectF(plot.left(), self._y(high), plot.width(), self._y(low) - self._y(high)), band
                )
        painter.setPen(QPen(QColor(theme.quiet), 1, Qt.PenStyle.DotLine))
        for start_s in self._state.chapters_s:
            x = self.x_of(start_s)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        last_y = math.inf
        for value in limits:
            y = self._y(value)
            painter.setPen(QColor(theme.edge))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            if last_y - y >= painter.fontMetrics().height() * 0.8:
                painter.setPen(QColor(theme.quiet))
                label = QRectF(0, y - 10, plot.left() - 5, 20)
                painter.drawText(
                    label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:.0f}"
                )
                last_y = y

    def _draw_time_axis(self, painter: QPainter) -> None:
        state, plot = self._state, self.plot
        span = state.end_s - state.start_s
        room = max(2.0, plot.width() / 90)
        tick_s = next((t for t in _TICKS_S if span / t <= room), _TICKS_S[-1])
        painter.setPen(QColor(self._theme.quiet))
        count = int(span / tick_s + 1e-9)
        for number in range(count + 1):
            from_edge_s = number * tick_s
            time_s = state.start_s + from_edge_s if state.seekable else state.end_s - from_edge_s
            text = (
                _time_label(time_s, tick_s)
                if state.seekable
                else (f"−{from_edge_s:.0f} s" if number else self.tr("now"))
            )
            x = self.x_of(time_s)
            width = painter.fontMetrics().horizontalAdvance(text) + 2
            left = min(max(0.0, x - width / 2), self.width() - width)
            box = QRectF(left, plot.bottom() + 12, width, painter.fontMetrics().height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_strip(self, painter: QPainter) -> None:
        """One coloured column for each pixel of time: the worst verdict that falls into it."""
        state, plot = self._state, self.plot
        trace = state.trace
        strip = QRectF(plot.left(), plot.bottom() + 3, plot.width(), 5)
        painter.fillRect(strip, QColor(self._theme.raised))
        if trace is None or not len(trace.time_s):
            return
        columns = max(1, int(plot.width()))
        row = verdict_columns(trace.time_s, trace.verdict, state.start_s, state.end_s, columns)
        shades = [QColor(0, 0, 0, 0), *(QColor(self._theme.verdict(v)) for v in Verdict)]
        table = np.array([shade.rgba() for shade in shades], np.uint32)
        pixels = np.ascontiguousarray(table[row + 1])
        image = QImage(pixels.data, columns, 1, columns * 4, QImage.Format.Format_ARGB32)
        painter.drawImage(strip, image)

    def _draw_lines(self, ratio: float) -> None:
        """The curves, by OpenCV: Qt's smooth lines cost three times as much (tools/measure_trace.py)."""
        trace = self._state.trace
        if trace is None or not len(trace.time_s):
            return
        state, plot = self._state, self.plot
        first = max(0, int(np.searchsorted(trace.time_s, state.start_s)) - 1)
        share = (trace.time_s[first:] - state.start_s) / (state.end_s - state.start_s)
        x = ratio * (plot.left() + plot.width() * share)
        left, right = round(ratio * plot.left()), round(ratio * plot.right()) + 1
        inside = np.ascontiguousarray(self._canvas[:, left:right])
        apart = ratio * plot.width() * BRIDGED_S / (state.end_s - state.start_s)
        for values, width, colour in (
            (trace.second[first:], 1.0, QColor(self._theme.none)),
            (trace.steady[first:], 1.3, QColor(self._theme.text)),
        ):
            y = ratio * (plot.bottom() - plot.height() * values.astype(np.float64) / 100.0)
            pieces = polylines(x - left, y, right - left, apart)
            points = [np.rint(piece * 16.0).astype(np.int32) for piece in pieces]  # 1/16 pixels
            shade = (colour.blue(), colour.green(), colour.red(), 255)
            cv2.polylines(inside, points, False, shade, max(1, round(width * ratio)), cv2.LINE_AA, 4)
        self._canvas[:, left:right] = inside

    def _draw_loop(self, painter: QPainter) -> None:
        if self._state.loop_s is None:
            return
        plot = self.plot
        shade = QColor(self._theme.ground)
        shade.setAlphaF(0.55)
        left, right = (self.x_of(time_s) for time_s in self._state.loop_s)
        painter.fillRect(QRectF(plot.left(), plot.top(), left - plot.left(), plot.height()), shade)
        painter.fillRect(QRectF(right, plot.top(), plot.right() - right, plot.height()), shade)

    def _draw_mark(self, painter: QPainter, mark: Mark) -> None:
        if not self._state.start_s <= mark.time_s <= self._state.end_s:
            return
        x, top = self.x_of(mark.time_s), self.plot.top() - 6
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        if mark.kind == "bookmark":  # a small flag
            painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x + 9, top + 4), QPointF(x, top + 8)]))
            painter.drawRect(QRectF(x - 0.5, top, 1, 16))
        else:  # the two bars of a pause
            painter.drawRect(QRectF(x - 4, top, 3, 9))
            painter.drawRect(QRectF(x + 1, top, 3, 9))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(11, self.fontInfo().pixelSize() * 5 // 6))
        return font


def verdict_columns(
    time_s: np.ndarray, verdict: np.ndarray, start_s: float, end_s: float, columns: int
) -> np.ndarray:
    """(columns,) int8: the worst verdict of each pixel column, -1 where none was given.

    Columns between two verdicts at most `BRIDGED_S` apart take the earlier one.
    """
    row = np.full(columns, -1, np.int8)
    inside = (time_s >= start_s) & (time_s <= end_s)
    times, worst = time_s[inside], verdict[inside]
    if not len(times):
        return row
    at = np.minimum(((times - start_s) / (end_s - start_s) * columns).astype(np.int64), columns - 1)
    np.maximum.at(row, at, worst)
    known = np.flatnonzero(row >= 0)
    reach = math.ceil(BRIDGED_S / (end_s - start_s) * columns)
    steps = np.diff(known)
    for before in np.flatnonzero((steps > 1) & (steps <= reach)):
        row[known[before] + 1 : known[before + 1]] = row[known[before]]
    return row


def _curve_differs(one: TraceState, other: TraceState) -> bool:
    return one.trace is not other.trace or (
        one.start_s,
        one.end_s,
        one.thresholds,
        one.marks,
        one.loop_s,
        one.seekable,
    ) != (other.start_s, other.end_s, other.thresholds, other.marks, other.loop_s, other.seekable)


def _time_label(time_s: float, tick_s: float) -> str:
    minutes, rest = divmod(time_s, 60)
    return f"{int(minutes)}:{rest:04.1f}" if tick_s < 1 else f"{int(minutes)}:{rest:02.0f}"
