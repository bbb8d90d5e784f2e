"""The score over time: the last minute of a live source, or the whole of a recording as its time line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from scanmon.ui.monitor.thumbnails import Thumbnail, ThumbnailRow
from scanmon.ui.state.view_state import TraceState
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import lined

if TYPE_CHECKING:
    from scanmon.ui.monitor.trace_plot import TracePlot

REDRAW_MS = 90  # the curve is drawn anew at most this often; the cursor follows every frame
WAKE_MS = 30  # until the first picture is really on the screen
PIXEL_S = 0.1  # where a pixel stands for more time than this, new scores are drawn less often


class TraceView(QWidget):
    """Curve, threshold bands, a strip coloured by verdict, marks and a cursor that can be dragged.

    The plot comes from pyqtgraph, which takes longer to load than a first picture may: `wake` has it built
    right after that, `build` at once. Until then the place is empty. Loading it on another thread crashes Qt
    once in a while: its types are made while the window's thread uses them.
    """

    seek_requested = Signal(float)  # seconds on the time line
    scrub_began = Signal()
    scrub_ended = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(70)
        self.setAccessibleName(self.tr("Score over time"))
        self._theme = theme
        self._state = TraceState()
        self._drawn: TraceState | None = None
        self._plot: TracePlot | None = None
        self._waking = QTimer(self, singleShot=True, interval=WAKE_MS)
        self._waking.timeout.connect(self.build)
        self._scrubbing = False
        self._since_drawn = QElapsedTimer()
        self.redraw_ms = REDRAW_MS
        self.thumbnails = ThumbnailRow(self)
        self.thumbnails.seek_requested.connect(self.seek_requested)
        self.thumbnails.hide()
        self._low = False
        self._pictures: tuple[Thumbnail, ...] = ()
        lined(QVBoxLayout(self), self.thumbnails, margins=(0, 0, 0, 0), spacing=0)

    def sizeHint(self) -> QSize:
        return QSize(900, 140 + (0 if self.thumbnails.isHidden() else self.thumbnails.sizeHint().height()))

    def show_thumbnails(self, pictures: tuple[Thumbnail, ...]) -> None:
        """Pictures of a recording below the curve; none: no row."""
        self._pictures = pictures
        self._arrange()

    def zoom(self, by: float) -> None:
        """The time line `by` times closer, as the wheel does it."""
        if self._plot is not None:
            self._plot.zoom(by)

    def set_low(self, low: bool) -> None:
        """A low page has room for the curve alone."""
        self._low = low
        self._arrange()

    def _arrange(self) -> None:
        """The row stands where there is something to show and room for it."""
        shown = bool(self._pictures) and self._plot is not None and not self._low
        self.thumbnails.show_thumbnails(self._pictures, self._middle_of)
        if shown != self.thumbnails.isVisibleTo(self):
            self.thumbnails.setVisible(shown)
            self.updateGeometry()

    def _middle_of(self, time_s: float) -> float:
        """Where a picture's moment lies; a still has all of its step, and its number in the middle of it."""
        return self.x_of(time_s + (self._state.each_s or 0.0) / 2)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._plot is not None:
            self._plot.set_theme(theme)

    def wake(self) -> None:
        """Build the plot in a moment: called whenever a picture has been painted."""
        if self._plot is None and not self._waking.isActive():
            self._waking.start()

    def build(self) -> None:
        """Make the plot now; for pictures of the window. Raises `ImportError` where pyqtgraph is broken."""
        if self._plot is not None:
            return
        from scanmon.ui.monitor.trace_plot import TracePlot  # noqa: PLC0415 - loads pyqtgraph

        self._plot = TracePlot(self._theme, self._small_font(), self, lambda: self.tr("now"))
        widget = self._plot.widget
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the page
        widget.viewport().installEventFilter(self)
        layout = self.layout()
        if layout is not None:
            layout.removeWidget(self.thumbnails)
            layout.addWidget(widget)
            layout.addWidget(self.thumbnails)
        self._plot.call_on_range(self.thumbnails.update)
        self._arrange()
        self.show_trace(self._state)
        self._drawn = None  # what comes next is drawn however soon, as in a picture of the window

    def show_trace(self, state: TraceState) -> None:
        """Show another state; called at the display rate."""
        self._state = state
        plot = self._plot
        if plot is None:
            return
        if self._due(state, plot):
            plot.show_state(state)
            self._drawn = state
            self._since_drawn.start()
        plot.show_cursor(state.cursor_s)

    def _due(self, state: TraceState, plot: TracePlot) -> bool:
        """Whether to draw the curve anew; seldom where a second of a long recording is less than a pixel."""
        drawn, since_ms = self._drawn, self._since_drawn
        if drawn is None:
            return True
        if _about(drawn) != _about(state):
            return since_ms.elapsed() >= self.redraw_ms
        seldom = min(10.0, max(1.0, plot.pixel_s / PIXEL_S))
        return drawn.trace is not state.trace and since_ms.elapsed() >= self.redraw_ms * seldom

    @property
    def plot(self) -> QRectF:
        """The area of the curve, widget units; empty before there is a plot."""
        return QRectF() if self._plot is None else self._plot.plot

    @property
    def surface(self) -> QWidget | None:
        """The widget that takes the mouse."""
        return None if self._plot is None else self._plot.widget.viewport()

    def x_of(self, time_s: float) -> float:
        """Column of a time on the `surface`."""
        return 0.0 if self._plot is None else self._plot.x_of(time_s)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scrub with the left button over a recording; all else, as zooming, belongs to the plot."""
        if isinstance(event, QMouseEvent) and self._plot is not None and self._takes(event, self._plot):
            return True
        return super().eventFilter(watched, event)

    def _takes(self, event: QMouseEvent, plot: TracePlot) -> bool:
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        if left and kind == QEvent.Type.MouseButtonDblClick:
            plot.show_all()
        elif left and kind == QEvent.Type.MouseButtonPress and self._state.seekable:
            self._scrubbing = True
            self.scrub_began.emit()
            self.seek_requested.emit(plot.time_of(event.position().x()))
        elif self._scrubbing and kind == QEvent.Type.MouseMove:
            self.seek_requested.emit(plot.time_of(event.position().x()))
        elif self._scrubbing and left and kind == QEvent.Type.MouseButtonRelease:
            self._scrubbing = False
            self.scrub_ended.emit()
        else:
            return False
        return True

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(11, self.fontInfo().pixelSize() * 5 // 6))
        return font


def _about(state: TraceState) -> tuple[object, ...]:
    """All but the cursor and the scores."""
    times = state.start_s, state.end_s, state.loop_s, state.chapters_s
    return *times, state.thresholds, state.marks, state.seekable, state.scored_to
