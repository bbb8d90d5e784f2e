"""Regions of interest over the picture, with handles for mouse and keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from scanmon.core.values import Box
from scanmon.picture.region.shapes import Rectangle
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.setup.region_editor import ARROWS, GRAB_PX
from scanmon.ui.setup.region_handles import dragged, handles

LEAST_PX = 6  # of a side
_KEYS = {*ARROWS, Qt.Key.Key_N, Qt.Key.Key_P}


class RoiLayer(QWidget):
    """The first box is the region, the second one, dashed, what it is held against.

    Drag a handle; or N and P choose one and the arrows move it, with Shift by ten pixels. What is no handle
    is left to the picture below.
    """

    changed = Signal(object)  # tuple[Box, ...]

    def __init__(self, video: VideoView) -> None:
        super().__init__(video)
        self.setAccessibleName(self.tr("Regions of interest"))
        self._video = video
        self._boxes: tuple[Box, ...] = ()
        self._picture = (1, 1)  # width, height
        self._chosen = 0  # of the handles of all boxes
        self._dragging = False
        self.hide()
        video.installEventFilter(self)

    def show_boxes(self, boxes: tuple[Box, ...], picture: tuple[int, int]) -> None:
        """In a picture of (width, height); no boxes: nothing is shown, and no key or click is taken."""
        self._boxes, self._picture = boxes, picture
        self._chosen = min(self._chosen, max(0, len(self._handles()) - 1))
        self.setGeometry(self._video.rect())
        self.setVisible(bool(boxes))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the picture's widget."""
        if event.type() == QEvent.Type.Resize and self._boxes:
            self.setGeometry(self._video.rect())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """With the focus its keys are its own, and not those of the window."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearest handle within reach."""
        fit = self._video.fit
        if fit is None or not self._boxes:
            event.ignore()
            return
        distance, number = min(
            ((fit.point(x, y) - event.position()).manhattanLength(), number)
            for number, (_, _, x, y) in enumerate(self._handles())
        )
        if distance > GRAB_PX:
            event.ignore()
            return
        self.setFocus()
        self._chosen, self._dragging = number, True
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        fit = self._video.fit
        if self._dragging and fit is not None:
            self._move(fit.frame_point(event.position()))
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._dragging:
            event.ignore()
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """N and P choose, arrows move."""
        every = self._handles()
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_N, Qt.Key.Key_P):
            self._chosen = (self._chosen + (1 if key == Qt.Key.Key_N else -1)) % len(every)
            self.update()
        elif key in ARROWS:
            by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            (_, _, x, y), (across, down) = every[self._chosen], ARROWS[key]
            self._move((x + by * across, y + by * down))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        fit = self._video.fit
        if fit is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, box in enumerate(self._boxes):
            style = Qt.PenStyle.DashLine if number else Qt.PenStyle.SolidLine
            for width, colour in ((3.5, QColor(0, 0, 0, 160)), (1.5, QColor("#f4f6f8"))):
                painter.setPen(QPen(colour, width, style))
                painter.drawRect(fit.rect(box))
        painter.setPen(QPen(QColor(0, 0, 0), 1.0))
        for number, (_, _, x, y) in enumerate(self._handles()):
            painter.setBrush(QColor("#ffd166" if number == self._chosen and self.hasFocus() else "#f4f6f8"))
            painter.drawEllipse(QPointF(fit.point(x, y)), 4.0, 4.0)
        painter.end()

    def _handles(self) -> list[tuple[int, str, float, float]]:
        """Number of the box, name, place in the frame."""
        return [
            (number, handle.name, handle.x, handle.y)
            for number, box in enumerate(self._boxes)
            for handle in handles(Rectangle(box))
        ]

    def _move(self, to: tuple[float, float]) -> None:
        number, name, _, _ = self._handles()[self._chosen]
        shape = dragged(Rectangle(self._boxes[number]), name, to, self._picture, LEAST_PX)
        assert isinstance(shape, Rectangle)
        if shape.box != self._boxes[number]:
            self._boxes = (*self._boxes[:number], shape.box, *self._boxes[number + 1 :])
            self.update()
            self.changed.emit(self._boxes)
