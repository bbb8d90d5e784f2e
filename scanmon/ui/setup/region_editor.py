"""The region on the live picture, with handles for mouse and keyboard."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from scanmon.picture.region.shapes import Shape, outline
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.setup.region_handles import Handle, dragged, handles
from scanmon.ui.theme import DARK, Theme

EDGE_PX = 12.0  # of the view, inside of which every handle stays
GRAB_PX = 14.0  # a handle is taken from this far away
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class RegionEditor(VideoView):
    """A picture with a shape that can be changed.

    Mouse: drag a handle. Keys: N and P choose a handle, arrows move it by a pixel, with Shift by ten.
    """

    shape_changed = Signal(object)  # Shape

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Region of the picture"))
        self.shape: Shape | None = None  # what is being edited; None: nothing can be dragged
        self._chosen = 0
        self._dragging = False
        self._off = (0.0, 0.0)  # from the mouse to the place that is dragged, frame pixels
        self._words = ""

    def edit(self, shape: Shape | None) -> None:
        self.shape, self._chosen, self._dragging = shape, 0, False
        self.update()

    def say(self, words: str) -> None:
        """What stands in the place of the picture while there is none."""
        if words != self._words:
            self._words = words
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearest handle within reach."""
        fit = self.fit
        if fit is None or self.shape is None:
            return
        self.setFocus()
        every = handles(self.shape)
        near = [
            ((self._place(fit, handle) - event.position()).manhattanLength(), number)
            for number, handle in enumerate(every)
        ]
        distance, number = min(near)
        if distance <= GRAB_PX:
            self._chosen, self._dragging = number, True
            x, y = fit.frame_point(event.position())
            self._off = every[number].x - x, every[number].y - y
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        fit = self.fit
        if self._dragging and fit is not None:
            x, y = fit.frame_point(event.position())
            self._move((x + self._off[0], y + self._off[1]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """N and P choose, arrows move."""
        if self.shape is None:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        all_handles = handles(self.shape)
        if key in (Qt.Key.Key_N, Qt.Key.Key_P):
            step = 1 if key == Qt.Key.Key_N else -1
            self._chosen = (self._chosen + step) % len(all_handles)
            self.update()
        elif key in ARROWS:
            by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            handle, (dx, dy) = all_handles[self._chosen], ARROWS[key]
            self._move((handle.x + by * dx, handle.y + by * dy))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which handle the keys move."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, then the shape over it; words while there is no picture."""
        super().paintEvent(event)
        fit = self.fit
        if fit is None:
            self._paint_words()
            return
        if self.shape is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QPolygonF([fit.point(x, y) for x, y in outline(self.shape)])
        for width, colour in ((3.5, QColor(0, 0, 0, 160)), (1.5, QColor("#f4f6f8"))):
            painter.setPen(QPen(colour, width))
            painter.drawPolygon(line)
        for number, handle in enumerate(handles(self.shape)):
            self._paint_handle(painter, self._place(fit, handle), handle, number == self._chosen)
        painter.end()

    def _place(self, fit: Fit, handle: Handle) -> QPointF:
        """Where a handle is drawn and taken: at the edge of the view where it lies outside."""
        at, room = fit.point(handle.x, handle.y), self.rect()
        return QPointF(
            min(max(at.x(), EDGE_PX), room.width() - EDGE_PX),
            min(max(at.y(), EDGE_PX), room.height() - EDGE_PX),
        )

    def _paint_words(self) -> None:
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(round(1.5 * self.fontInfo().pixelSize()))
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        room = self.rect().adjusted(24, 24, -24, -24)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
        painter.end()

    def _paint_handle(self, painter: QPainter, at: QPointF, handle: Handle, chosen: bool) -> None:
        painter.setPen(QPen(QColor(0, 0, 0), 1.5))
        marked = chosen and self.hasFocus()
        painter.setBrush(QColor(self._theme.adequate if marked else "#f4f6f8"))
        if handle.name == "all":
            painter.drawRect(int(at.x()) - 5, int(at.y()) - 5, 10, 10)
        else:
            painter.drawEllipse(at, 6.0, 6.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _move(self, to: tuple[float, float]) -> None:
        if self.shape is None or self.frame is None:
            return
        height, width = self.frame.pixels.shape
        changed = dragged(self.shape, handles(self.shape)[self._chosen].name, to, (width, height))
        if changed != self.shape:
            self.shape = changed
            self.update()
            self.shape_changed.emit(changed)
