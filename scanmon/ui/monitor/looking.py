"""Zoom, pan, window and level with mouse and keys. They change what is seen, never what is scored."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent

from scanmon.ui.monitor.picture_fit import AS_CAPTURED, Look
from scanmon.ui.monitor.video_view import VideoView

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
            parts.append(f"{look.zoom:.1f}×")
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
