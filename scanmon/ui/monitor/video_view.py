"""The picture, and what lies on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.core.values import Box, Frame
from scanmon.scoring.overlay import heat_pixels
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import AS_CAPTURED, Fit, Look
from scanmon.ui.state.texts import figure
from scanmon.ui.state.view_state import OverlayState
from scanmon.ui.theme import DARK, Theme

STEP = 1.25  # of the zoom, for a key or a notch of the wheel
LEVELS = 12.0  # gray levels, for a key
PAN = 0.1  # of what is seen, for a key


class Looking(QObject):
    """The wheel zooms at the mouse, the left button moves, the right one sets window (across) and level.

    A double click shows the picture as it was captured.
    """

    changed = Signal(str)  # what differs from the picture as captured, in words; empty where nothing does

    def __init__(self, video: VideoView) -> None:
        super().__init__(video)
        self._views: list[VideoView] = []
        self.look = AS_CAPTURED
        self._from: tuple[QPointF, Look] | None = None  # where a drag began
        self.follow(video)
        self.commands: dict[str, Callable[[], None]] = {
            "zoom_in": lambda: self.set(self.look.zoomed(STEP, (self.look.x, self.look.y))),
            "zoom_out": lambda: self.set(self.look.zoomed(1 / STEP, (self.look.x, self.look.y))),
            "left": partial(self._pan, -1, 0),
            "right": partial(self._pan, 1, 0),
            "up": partial(self._pan, 0, -1),
            "down": partial(self._pan, 0, 1),
            "brighter": lambda: self.set(self.look.windowed(0, -LEVELS)),
            "darker": lambda: self.set(self.look.windowed(0, LEVELS)),
            "more_contrast": lambda: self.set(self.look.windowed(-LEVELS, 0)),
            "less_contrast": lambda: self.set(self.look.windowed(LEVELS, 0)),
            "as_captured": lambda: self.set(AS_CAPTURED),
        }

    def follow(self, *views: VideoView) -> None:
        """Views that look the same from now on, whichever of them the mouse is on."""
        for view in views:
            self._views.append(view)
            view.set_look(self.look)
            view.installEventFilter(self)
            view.destroyed.connect(lambda _=None, view=view: self._views.remove(view))

    def set(self, look: Look) -> None:
        """Look so from now on."""
        self.look = look
        for view in self._views:
            view.set_look(look)
        self.changed.emit(self._words())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Events of a picture that nothing on it has taken."""
        kind = event.type()
        if not isinstance(watched, VideoView):
            return super().eventFilter(watched, event)
        if isinstance(event, QWheelEvent) and event.angleDelta().y():
            at = _share(watched, event.position())
            if at is not None:
                self.set(self.look.zoomed(STEP ** (event.angleDelta().y() / 120), at))
            return True
        if not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        if kind == QEvent.Type.MouseButtonDblClick:
            self.set(AS_CAPTURED)
        elif kind == QEvent.Type.MouseButtonPress:
            self._from = event.position(), self.look
        elif kind == QEvent.Type.MouseMove and self._from is not None:
            self._drag(watched, event)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._from = None
        return super().eventFilter(watched, event)

    def _drag(self, view: VideoView, event: QMouseEvent) -> None:
        frame, fit = view.frame, view.fit
        if self._from is None or frame is None or fit is None:
            return
        start, look = self._from
        by = event.position() - start
        if event.buttons() & Qt.MouseButton.RightButton:
            self.set(look.windowed(by.x(), -by.y()))
        elif event.buttons() & Qt.MouseButton.LeftButton:
            height, width = frame.pixels.shape
            self.set(look.moved_to(look.x - by.x() / fit.scale / width, look.y - by.y() / fit.scale / height))

    def _pan(self, across: int, down: int) -> None:
        step = PAN / self.look.zoom
        self.set(self.look.moved_to(self.look.x + across * step, self.look.y + down * step))

    def _words(self) -> str:
        look, parts = self.look, []
        if look.zoom > 1:
            parts.append(figure(f"{look.zoom:.1f}×"))
        if look.table is not None:
            parts.append(self.tr("window {0}, level {1}").format(round(look.window), round(look.level)))
        if not parts:
            return ""
        return self.tr("Display only: {0}. The score is of the picture as captured (0 shows it).").format(
            ", ".join(parts)
        )


def _share(view: VideoView, position: QPointF) -> tuple[float, float] | None:
    """Where a place of the widget lies in the picture, as a share of it."""
    if view.frame is None or view.fit is None:
        return None
    x, y = view.fit.frame_point(position)
    return x / view.frame.pixels.shape[1], y / view.frame.pixels.shape[0]


_NOTHING = OverlayState()


class VideoView(QWidget):
    """Paints the newest frame as large as fits, the heatmap and the outlines over it.

    The raw picture is never altered: without overlay every pixel is the frame's own, scaled, unless a person
    chose another window and level (`Look`), which no score sees. Work is done once per frame or analysis, not
    once per repaint.
    """

    painted = Signal(object)  # the Frame that has just reached the screen

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Ultrasound picture"))
        self._theme = theme
        self._scaler = GrayImageScaler()
        self.frame: Frame | None = None  # that is shown
        self._look, self._table = AS_CAPTURED, AS_CAPTURED.table
        self._scaled: tuple[Frame, Box, int, int, QImage] | None = None
        self._overlay = _NOTHING
        self._heat: tuple[OverlayState, QImage, NDArray[np.uint8]] | None = None
        self._painted: Frame | None = None
        self._announced: Frame | None = None
        self._showing = False

    def sizeHint(self) -> QSize:
        """Room for a usual scanner picture."""
        return QSize(960, 640)

    def set_theme(self, theme: Theme) -> None:
        """Change the colours around the picture."""
        self._theme = theme
        self.update()

    @property
    def fit(self) -> Fit | None:
        """Where the picture lies; None without one."""
        if self.frame is None:
            return None
        height, width = self.frame.pixels.shape
        return Fit.of((width, height), self._room, self._look)

    @property
    def _room(self) -> tuple[int, int]:
        return max(1, self.width()), max(1, self.height())

    def set_look(self, look: Look) -> None:
        """Zoom, place, window and level."""
        if look != self._look:
            self._look, self._table, self._scaled = look, look.table, None
            self.update()

    def show_picture(self, frame: Frame | None, overlay: OverlayState = _NOTHING) -> None:
        """Show a frame with its overlay, at once: what else changed in the window is painted after it.

        Repaints only where something differs.
        """
        if frame is self.frame and _same(overlay, self._overlay):
            return
        self.frame, self._overlay = frame, overlay
        self._showing = True
        self.repaint()
        self._showing = False
        self._announce()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.ground))
        frame, fit = self.frame, self.fit
        if frame is not None and fit is not None:
            self._paint_picture(painter, frame, fit)
            self._paint_heat(painter, fit)
            self._paint_lines(painter, fit)
        painter.end()
        self._painted = frame
        if not self._showing:  # otherwise it is not on the screen before `repaint` returns
            self._announce()

    def _announce(self) -> None:
        frame = self._painted
        if frame is not None and frame is not self._announced:
            self._announced = frame
            self.painted.emit(frame)

    def _paint_picture(self, painter: QPainter, frame: Frame, fit: Fit) -> None:
        ratio = self.devicePixelRatioF()
        height, width = frame.pixels.shape
        box = fit.seen((width, height), self._room)
        wide = max(1, round(box.width * fit.scale * ratio))
        high = max(1, round(box.height * fit.scale * ratio))
        if self._scaled is None or self._scaled[0] is not frame or self._scaled[1:4] != (box, wide, high):
            colour = None if frame.colour is None else _cut(frame.colour, box, (height, width))
            pixels = frame.pixels[box.rows, box.columns]
            self._scaled = (
                frame, box, wide, high, self._scaler.scaled(pixels, wide, high, colour, self._table)
            )  # fmt: skip
        corner = fit.point(box.x, box.y)
        painter.drawImage(QRectF(corner.x(), corner.y(), wide / ratio, high / ratio), self._scaled[4])

    def _paint_heat(self, painter: QPainter, fit: Fit) -> None:
        overlay = self._overlay
        if overlay.opacity <= 0 or overlay.heatmap is None or overlay.region is None:
            return
        if self._heat is None or self._heat[0].heatmap is not overlay.heatmap:
            pixels = heat_pixels(overlay.heatmap, overlay.region, overlay.mask)
            form = QImage.Format.Format_ARGB32_Premultiplied
            image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], form)
            self._heat = (overlay, image, pixels)  # QImage keeps a pointer only: the array must live as long
        painter.setOpacity(overlay.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fit.rect(overlay.region), self._heat[1])
        painter.setOpacity(1.0)

    def _paint_lines(self, painter: QPainter, fit: Fit) -> None:
        overlay = self._overlay
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(overlay.outline) > 2:
            line = QColor(DARK.quiet)  # the picture is dark in either theme
            line.setAlphaF(0.55)
            painter.setPen(QPen(line, 1.0))
            painter.drawPolygon(QPolygonF([fit.point(x, y) for x, y in overlay.outline]))
        if overlay.worst is not None:
            rect = fit.rect(overlay.worst)
            for path_width, colour in ((4.0, QColor(0, 0, 0, 150)), (1.8, QColor("#f4f6f8"))):
                painter.setPen(QPen(colour, path_width, c=Qt.PenCapStyle.FlatCap))
                for corner in _brackets(rect):
                    painter.drawPolyline(corner)
            if overlay.worst_text:
                self._paint_hint(painter, rect, overlay.worst_text)

    def _paint_hint(self, painter: QPainter, rect: QRectF, text: str) -> None:
        font = painter.font()
        font.setPixelSize(max(14, self.height() // 32))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        size = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
        left = min(max(0.0, rect.left()), max(0.0, self.width() - size.width()))
        below = rect.bottom() + 6
        top = below if below + size.height() <= self.height() else max(0.0, rect.top() - size.height() - 6)
        size.moveTo(left, top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(size, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor("#f4f6f8"))
        painter.drawText(size, Qt.AlignmentFlag.AlignCenter, text)


def _cut(colour: NDArray[np.uint8], box: Box, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The part of a smaller plane that belongs to a box of a picture of (height, width)."""
    down, across = colour.shape[0] / size[0], colour.shape[1] / size[1]
    rows = slice(int(box.y * down), max(1, ceil(box.bottom * down)))
    return colour[rows, int(box.x * across) : max(1, ceil(box.right * across))]


def _same(one: OverlayState, other: OverlayState) -> bool:
    """Whether two overlays look the same; arrays are compared by identity, as they are never written to."""
    return (
        one.heatmap is other.heatmap
        and one.mask is other.mask
        and (one.region, one.outline, one.worst, one.worst_text)
        == (other.region, other.outline, other.worst, other.worst_text)
        and abs(one.opacity - other.opacity) < 0.01
    )


def _brackets(rect: QRectF) -> list[QPolygonF]:
    """The four corners of a rectangle: they mark a place and leave the view on it free."""
    arm = max(6.0, min(rect.width(), rect.height()) * 0.22)
    corners = (
        (rect.topLeft(), 1, 1),
        (rect.topRight(), -1, 1),
        (rect.bottomRight(), -1, -1),
        (rect.bottomLeft(), 1, -1),
    )
    return [QPolygonF([p + QPointF(arm * dx, 0), p, p + QPointF(0, arm * dy)]) for p, dx, dy in corners]
