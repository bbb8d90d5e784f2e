"""Play, pause, step, speed and position of a recording. The trace above it is its time line."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

from scanmon.runtime.playback import SPEEDS
from scanmon.ui.state.texts import figure
from scanmon.ui.state.view_state import TransportState
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import ElidedLabel, lined

_SIDE = 64
# of an icon: bars as (left, width), triangles as (base, tip)
_PARTS: dict[str, tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]] = {
    "play": ((), ((18, 52),)),
    "pause": (((17, 10), (37, 10)), ()),
    "first": (((10, 8),), ((38, 20), (56, 38))),
    "last": (((46, 8),), ((26, 44), (8, 26))),
    "back": (((42, 8),), ((36, 10),)),
    "forward": (((14, 8),), ((28, 54),)),
    "loop": ((), ()),  # an arc with a tip of its own
}


class TransportBar(QWidget):
    """Says what the user wants; shows what playback does."""

    commanded = Signal(str)  # name of a command
    speed_requested = Signal(float)

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._playing = False
        self._buttons: dict[str, QToolButton] = {}
        for name, command, tip in (
            ("first", "first", self.tr("First frame (Home)")),
            ("back", "back", self.tr("One frame back (Left)")),
            ("play", "freeze", self.tr("Play or pause (Space)")),
            ("forward", "forward", self.tr("One frame on (Right)")),
            ("last", "last", self.tr("Last frame (End)")),
            ("loop", "loop", self.tr("Loop: set its start, then its end, then off (L)")),
        ):
            button = self._buttons[name] = QToolButton(self)
            button.setIconSize(QSize(20, 20))
            button.setProperty("flat", True)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, command=command: self.commanded.emit(command))
        self.set_theme(theme)
        self.position, self.frame = ElidedLabel(self), ElidedLabel(self)
        self.frame.setProperty("quiet", True)
        self.chapter = ElidedLabel(self, greedy=True)
        self.speed = QComboBox(self)
        self.speed.setToolTip(self.tr("Speed"))
        self.speed.setAccessibleName(self.tr("Speed"))
        for speed in SPEEDS:
            self.speed.addItem(figure(f"{speed:g}×"), speed)
        parts = 10, self.position, 12, self.frame, 18, (self.chapter, 1), self.speed
        lined(QHBoxLayout(self), *self._buttons.values(), *parts, margins=(8, 2, 8, 4), spacing=2)
        self.speed.activated.connect(lambda row: self.speed_requested.emit(SPEEDS[row]))

    def show_transport(self, state: TransportState | None) -> None:
        """Show where playback stands; hidden for live sources."""
        self.setVisible(state is not None)
        if state is None:
            return
        playback = state.playback
        if playback.playing != self._playing:
            self._playing = playback.playing
            self.set_theme(self._theme)
        self.position.setText(state.position)
        self.frame.setText(state.frame)
        self.chapter.setText(state.chapter)
        if playback.speed in SPEEDS and not self.speed.view().isVisible():
            self.speed.setCurrentIndex(SPEEDS.index(playback.speed))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for name, button in self._buttons.items():
            button.setIcon(_icon("pause" if name == "play" and self._playing else name, theme.text))


def _icon(name: str, colour: str) -> QIcon:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    bars, triangles = _PARTS[name]
    for left, width in bars:
        painter.drawRect(QRectF(left, 12, width, 40))
    for base, tip in triangles:
        painter.drawPolygon(QPolygonF([QPointF(base, 12), QPointF(tip, 32), QPointF(base, 52)]))
    if name == "loop":
        painter.drawPolygon(QPolygonF([QPointF(40, 24), QPointF(60, 26), QPointF(52, 8)]))
        painter.setPen(QPen(QColor(colour), 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(12, 16, 40, 34), 40 * 16, 280 * 16)
    painter.end()
    return QIcon(pixmap)
