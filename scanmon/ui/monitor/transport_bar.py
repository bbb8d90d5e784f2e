"""Play, pause, step, speed and position of a recording. The trace above it is its time line."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from scanmon.runtime.playback import SPEEDS
from scanmon.ui.state.texts import figure
from scanmon.ui.state.view_state import TransportState
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import ElidedLabel

_SIDE = 64


class TransportBar(QWidget):
    """Says what the user wants; shows what playback does."""

    play_toggled = Signal()
    step_requested = Signal(int)  # frames
    first_requested = Signal()
    last_requested = Signal()
    speed_requested = Signal(float)
    loop_toggled = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._playing = False
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 4)
        row.setSpacing(2)
        self.first = self._button("first", self.tr("First frame (Home)"), row)
        self.back = self._button("back", self.tr("One frame back (Left)"), row)
        self.play = self._button("play", self.tr("Play or pause (Space)"), row)
        self.forward = self._button("forward", self.tr("One frame on (Right)"), row)
        self.last = self._button("last", self.tr("Last frame (End)"), row)
        self.loop = self._button("loop", self.tr("Loop: set its start, then its end, then off (L)"), row)
        row.addSpacing(10)
        self.position, self.frame = ElidedLabel(self), ElidedLabel(self)
        self.frame.setProperty("quiet", True)
        row.addWidget(self.position)
        row.addSpacing(12)
        row.addWidget(self.frame)
        row.addSpacing(18)
        self.chapter = ElidedLabel(self, greedy=True)
        row.addWidget(self.chapter, 1)
        self.speed = QComboBox(self)
        self.speed.setToolTip(self.tr("Speed"))
        self.speed.setAccessibleName(self.tr("Speed"))
        for speed in SPEEDS:
            self.speed.addItem(figure(f"{speed:g}×"), speed)
        row.addWidget(self.speed)

        self.first.clicked.connect(self.first_requested)
        self.back.clicked.connect(lambda: self.step_requested.emit(-1))
        self.play.clicked.connect(self.play_toggled)
        self.forward.clicked.connect(lambda: self.step_requested.emit(1))
        self.last.clicked.connect(self.last_requested)
        self.loop.clicked.connect(self.loop_toggled)
        self.speed.activated.connect(lambda row: self.speed_requested.emit(SPEEDS[row]))

    def show_transport(self, state: TransportState | None) -> None:
        """Show where playback stands; hidden for live sources."""
        self.setVisible(state is not None)
        if state is None:
            return
        playback = state.playback
        if playback.playing != self._playing:
            self._playing = playback.playing
            self.play.setIcon(icon("pause" if self._playing else "play", self._theme.text))
        self._set(self.position, state.position)
        self._set(self.frame, state.frame)
        self._set(self.chapter, state.chapter)
        if playback.speed in SPEEDS and not self.speed.view().isVisible():
            self.speed.setCurrentIndex(SPEEDS.index(playback.speed))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for name in ("first", "back", "forward", "last", "loop"):
            getattr(self, name).setIcon(icon(name, theme.text))
        self.play.setIcon(icon("pause" if self._playing else "play", theme.text))

    def _button(self, name: str, tip: str, row: QHBoxLayout) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name, self._theme.text))
        button.setIconSize(QSize(20, 20))
        button.setProperty("flat", True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        row.addWidget(button)
        return button

    @staticmethod
    def _set(label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)


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
