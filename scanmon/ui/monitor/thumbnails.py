"""Pictures along the time line of a recording, each below its moment."""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from math import ceil

import numpy as np
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.app.opening import open_recorded
from scanmon.core.errors import ScanmonError
from scanmon.core.values import Frame
from scanmon.runtime.background import Job
from scanmon.runtime.process import give_way
from scanmon.ui.monitor.gray_image import GrayImageScaler

HIGH_PX, COUNT = 40, 24

Thumbnail = tuple[float, QImage]  # time in seconds, picture


class ThumbnailRow(QWidget):
    """As many as fit beside each other, evenly. A click goes there."""

    seek_requested = Signal(float)  # seconds on the time line

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Pictures along the time line"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._x_of: Callable[[float], float] = lambda time_s: 0.0
        self._places: list[tuple[QRectF, Thumbnail]] = []

    def sizeHint(self) -> QSize:
        return QSize(200, HIGH_PX + 4)

    def show_thumbnails(self, thumbnails: tuple[Thumbnail, ...], x_of: Callable[[float], float]) -> None:
        """In the order of time; `x_of` says where a time lies."""
        self._thumbnails, self._x_of = thumbnails, x_of
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each in the middle below its moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._places = []
        for time_s, image in self._thumbnails[:: self._step()]:
            wide = _wide(image)
            place = QRectF(self._x_of(time_s) - wide / 2, 2, wide, HIGH_PX)
            if place.left() >= 0 and place.right() <= self.width():
                painter.drawImage(place, image)
                self._places.append((place, (time_s, image)))
        painter.end()

    def _step(self) -> int:
        """Every so many of them fit beside each other."""
        if len(self._thumbnails) < 2:
            return 1
        (first_s, image), (second_s, _) = self._thumbnails[:2]
        return max(1, ceil((_wide(image) + 2) / max(1.0, self._x_of(second_s) - self._x_of(first_s))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the moment of the picture."""
        for place, (time_s, _) in self._places:
            if event.button() == Qt.MouseButton.LeftButton and place.contains(event.position()):
                self.seek_requested.emit(time_s)


class Thumbnails(QObject):
    """Opens the recording once more, on a thread of its own, and decodes some pictures evenly over it."""

    found = Signal(object)  # tuple of Thumbnail, growing

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._made: list[Thumbnail] = []
        self._told = 0
        self._job: Job[None] | None = None

    def look(self, source: str) -> None:
        """At another recording; empty: at none."""
        self._made, self._told = [], 0  # a list that is no longer this one ends its work
        self.found.emit(())
        if source:
            self._job = Job(partial(self._decode, source, self._made), "thumbnails")

    def tick(self) -> None:
        """Hand out what there is."""
        if len(self._made) > self._told:
            self._told = len(self._made)
            self.found.emit(tuple(self._made[: self._told]))

    def shut_down(self) -> None:
        """End the work, and wait for the picture that is being decoded."""
        self._made = []
        if self._job is not None:
            with suppress(TimeoutError):
                self._job.result(5.0)

    def _decode(self, source: str, made: list[Thumbnail]) -> None:
        """On the job's thread. What cannot be opened again has no thumbnails; the monitor tells why."""
        with suppress(ScanmonError, OSError), closing(open_recorded(source)) as recording:
            give_way()  # only now: a process that reads for this one, and for others later, would inherit it
            frames = len(recording.times_s)
            count = min(frames, COUNT)
            for index in ((np.arange(count) + 0.5) * frames / count).astype(int) if frames > 1 else ():
                if self._made is not made:
                    return
                for frame in islice(recording.frames_from(int(index)), 1):
                    made.append((float(frame.time_s), _small(frame)))


def _wide(image: QImage) -> float:
    return image.width() * HIGH_PX / max(1, image.height())


def _small(frame: Frame) -> QImage:
    """Twice as high as drawn, for screens with fine pixels."""
    height, width = frame.pixels.shape
    wide = max(1, round(width * 2 * HIGH_PX / height))
    return GrayImageScaler().scaled(frame.pixels, wide, 2 * HIGH_PX, frame.colour).copy()
