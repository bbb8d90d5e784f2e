"""Regions of interest: drawn and moved on the picture, measured by the monitor, told beside it."""

from math import dist

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QInputDialog, QWidget

from scanmon.core.roi import Rois, measured
from scanmon.core.values import WITHDRAWN_S, Box, Frame, Mask, Region, RoiMeasures
from scanmon.picture.region.shapes import Rectangle
from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.setup.region_editor import ARROWS, GRAB_PX
from scanmon.ui.setup.region_handles import dragged, handles
from scanmon.ui.state.meter_state import FRESH_S
from scanmon.ui.state.texts import figure, translate

_PLACES = (0.3, 0.7)  # of the middles of both boxes, in the width of the sector
_SIZE = 0.2  # of the sector, to begin with
LEAST_PX = 6  # of a side
_KEYS = {*ARROWS, Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_V, Qt.Key.Key_D}


class RoiController(QObject):
    """The monitor measures, so that sessions hold it too; of a picture that is held, a thread of its own."""

    def __init__(self, window: MonitorWindow, controller: Controller) -> None:
        super().__init__(window)
        self._window, self._controller = window, controller
        self._layer: RoiLayer | None = None
        self._boxes: tuple[Box, ...] = ()
        self._rois: Rois | None = None  # in the boxes
        self._mm_per_px: float | None = None  # as two points said it
        self._monitor: Monitor | None = None  # that measures
        self._told_s = 0.0  # time.monotonic() when what is told was of the picture that is shown
        self._job: tuple[Frame, Rois, Job[RoiMeasures]] | None = None
        controller.register("roi", self._next)
        controller.ticked.connect(self._show)

    def _next(self) -> None:
        """One region, a second one beside it, none."""
        snapshot = self._controller.snapshot
        frame = snapshot.frame
        if frame is None:
            return
        height, width = frame.pixels.shape
        if self._layer is None:
            self._layer = RoiLayer(self._window.page.video)
            self._layer.changed.connect(self._measure)
            self._layer.ruled.connect(self._rule)
        boxes = self._boxes
        if len(boxes) < len(_PLACES):
            within = snapshot.analysis.region.box if snapshot.analysis else Box(0, 0, width, height)
            boxes = (*boxes, _begin(within, _PLACES[len(boxes)]))
        else:
            boxes = ()
        self._layer.show_boxes(boxes, (width, height))
        if boxes:
            self._layer.setFocus()
        else:
            self._window.page.setFocus()
        self._measure(boxes)

    def _rule(self, pixels: float) -> None:
        """Two points were clicked: their distance gives the scale."""
        question = self.tr("Distance of both points in millimetres:")
        mm, said = QInputDialog.getDouble(self._window, self.tr("Scale"), question, 10.0, 0.01, 1000.0, 2)
        self._mm_per_px = mm / pixels if said else None

    def _measure(self, boxes: tuple[Box, ...]) -> None:
        self._boxes, self._monitor = boxes, self._controller.monitor
        oval = self._layer is not None and self._layer.oval
        self._rois = rois = rois_in(boxes, oval=oval) if boxes else None
        if self._monitor is not None:
            self._monitor.measure(None if rois is None else lambda *_: rois)
        if not boxes:
            self._window.page.side.show_roi("")

    def _show(self, snapshot: Snapshot) -> None:
        frame, layer = snapshot.frame, self._layer
        if not self._boxes or layer is None:
            return
        if frame is None:  # what was measured was in another source
            self._window.page.side.show_roi("")
            return
        if not all(box.within(*frame.pixels.shape) for box in self._boxes):
            layer.show_boxes((), (1, 1))  # of a picture of another size
            self._mm_per_px = None
            self._measure(())
            return
        if self._controller.monitor is not self._monitor:
            height, width = frame.pixels.shape
            layer.show_boxes(self._boxes, (width, height))
            self._measure(self._boxes)
        found = snapshot.analysis.roi if snapshot.analysis else None
        age_s, paused = snapshot.score_age_s or 0.0, snapshot.playback and not snapshot.playback.playing
        if age_s > (0.0 if paused else WITHDRAWN_S):
            found = None  # of another picture
        if self._controller.frozen and not self._is_of(found):
            found = self._of_held(frame)
        if found is not None and self._is_of(found):
            self._told_s = snapshot.now_s
            self._window.page.side.show_roi(roi_text(found, self._mm_per_px))
        elif snapshot.now_s - self._told_s > FRESH_S and not self._controller.frozen:
            self._window.page.side.show_roi("")

    def _is_of(self, found: RoiMeasures | None) -> bool:
        """Whether it was measured where the boxes are now, and in their shape."""
        if found is None or self._rois is None:
            return False
        mask, box = self._rois.roi.mask, found.box
        pixels = box.width * box.height if mask is None else np.count_nonzero(mask)
        return found.pixels == pixels and self._boxes == tuple(filter(None, (box, found.background_box)))

    def _of_held(self, frame: Frame) -> RoiMeasures | None:
        """Of a picture that no analysis comes of any more; None until it is there."""
        if self._job is not None and not self._job[2].done:
            return None
        if self._rois is None:
            return None
        if self._job is None or self._job[0] is not frame or self._job[1] is not self._rois:
            rois = self._rois
            self._job = frame, rois, Job(lambda: measured(frame.pixels, rois), "measure")
            return None
        return self._job[2].result()


def roi_text(found: RoiMeasures, mm_per_px: float | None = None) -> str:
    """A few lines of plain text; sizes in millimetres, too, where the scale is known."""
    lines = [translate("Roi", "mean {0} ± {1}").format(_figure(found.mean), _figure(found.sd))]
    if found.snr is not None:
        lines.append(translate("Roi", "mean / sd {0}").format(_figure(found.snr, ".2f")))
    across, down = found.lateral_px, found.axial_px
    lines.append(translate("Roi", "speckle {0} x {1} px").format(_figure(across), _figure(down)))
    if mm_per_px is not None:
        sizes = (_figure(None if px is None else px * mm_per_px, ".2f") for px in (across, down))
        text = translate("Roi", "{0} x {1} mm ({2} mm per pixel)")
        lines.append(text.format(*sizes, _figure(mm_per_px, ".4f")))
    if found.gcnr is not None:
        lines.append(translate("Roi", "contrast {0} dB").format(_figure(found.contrast_db, "+.1f")))
        cnr, gcnr = _figure(found.cnr, ".2f"), _figure(found.gcnr, ".2f")
        lines.append(translate("Roi", "CNR {0}, gCNR {1}").format(cnr, gcnr))
    if found.clipped > 0.01:
        lines.append(translate("Roi", "{0} % black or white").format(f"{100 * found.clipped:.0f}"))
    return "\n".join(lines)


def _figure(value: float | None, form: str = ".1f") -> str:
    return "–" if value is None else figure(f"{value:{form}}")


def rois_in(boxes: tuple[Box, ...], *, oval: bool = False) -> Rois:
    """The boxes, or the ellipses in them."""
    regions = [Region(box, _ellipse(box) if oval else None) for box in boxes]
    return Rois(regions[0], regions[1] if len(regions) > 1 else None)


def _ellipse(box: Box) -> Mask:
    across, down = ((2 * np.arange(side) + 1) / side - 1 for side in (box.width, box.height))
    return np.asarray(across[None] ** 2 + down[:, None] ** 2 <= 1)


def _begin(within: Box, place: float) -> Box:
    """A box in the middle of the height."""
    width, height = (max(LEAST_PX, round(_SIZE * side)) for side in (within.width, within.height))
    x = within.x + round(place * within.width - width / 2)
    return Box(max(0, x), within.y + (within.height - height) // 2, width, height)


class RoiLayer(QWidget):
    """The first box is the region, the second one, dashed, what it is held against.

    Drag a handle; or N and P choose one and the arrows move it, with Shift by ten pixels. V makes ellipses of
    the boxes, and back. D, and two clicks, tell a distance. What is no handle is left to the picture below.
    """

    changed = Signal(object)  # tuple[Box, ...]
    ruled = Signal(float)  # pixels between two points that were clicked

    def __init__(self, video: VideoView) -> None:
        super().__init__(video)
        self.setAccessibleName(self.tr("Regions of interest"))
        self._video = video
        self.oval = False
        self._points: list[tuple[float, float]] | None = (
            None  # clicked so far; None: no distance is asked for
        )
        self._boxes: tuple[Box, ...] = ()
        self._picture = (1, 1)  # width, height
        self._chosen = 0  # of the handles of all boxes
        self._dragging = False
        self.hide()
        video.installEventFilter(self)

    def show_boxes(self, boxes: tuple[Box, ...], picture: tuple[int, int]) -> None:
        """In a picture of (width, height); no boxes: nothing is shown, and no key or click is taken."""
        self._boxes, self._picture = boxes, picture
        self._points = self._points if boxes else None
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
        if fit is None or not self._boxes or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if self._points is not None:
            self._points.append(fit.frame_point(event.position()))
            self.update()
            if len(self._points) == 2:
                pixels, self._points = dist(*self._points), None
                if pixels >= LEAST_PX:
                    self.ruled.emit(pixels)
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
        elif key == Qt.Key.Key_D:
            self._points = []
        elif key == Qt.Key.Key_V:
            self.oval = not self.oval
            self.update()
            self.changed.emit(self._boxes)
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
                (painter.drawEllipse if self.oval else painter.drawRect)(fit.rect(box))
        painter.setPen(QPen(QColor(0, 0, 0), 1.0))
        for number, (_, _, x, y) in enumerate(self._handles()):
            painter.setBrush(QColor("#ffd166" if number == self._chosen and self.hasFocus() else "#f4f6f8"))
            painter.drawEllipse(QPointF(fit.point(x, y)), 4.0, 4.0)
        for point in self._points or ():
            painter.drawEllipse(fit.point(*point), 2.0, 2.0)
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
