"""The page of the live view and of the replay: picture, side panel, trace, transport."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.side_panel import SidePanel
from scanmon.ui.monitor.trace_view import TraceView
from scanmon.ui.monitor.transport_bar import TransportBar
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import ViewState
from scanmon.ui.theme import DARK, Theme

LOW_PX, LOW_TRACE_PX = 420, 80  # on a page below the first height the trace has no more than the second


class MonitorPage(QWidget):
    """Takes one ViewState and hands each part to its widget."""

    painted = Signal(object)  # the Frame that has just reached the screen

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.video = VideoView(theme, self)
        self.centre = MessagePanel(compact=False, parent=self)
        self.side = SidePanel(theme, self)
        self.trace = TraceView(theme, self)
        self.transport = TransportBar(theme, self)
        self.transport.hide()
        self._quiet = False

        self._picture = QWidget(self)
        self._stack = QStackedLayout(self._picture)
        self._stack.addWidget(self.video)
        self._stack.addWidget(self.centre)
        upper = QWidget(self)
        row = QHBoxLayout(upper)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._picture, 1)
        row.addWidget(self.side)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(upper)
        self._splitter.addWidget(self.trace)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._splitter, 1)
        column.addWidget(self.transport)
        self.video.painted.connect(self.painted)
        self.video.painted.connect(lambda _: self.trace.wake())

    def show_state(self, state: ViewState) -> None:
        """Show all of it."""
        self._stack.setCurrentWidget(self.centre if state.picture is None else self.video)
        self.centre.show_message(state.message if state.picture is None else None)
        self.side.message.show_message(None if state.picture is None else state.message)
        self.video.show_picture(state.picture, state.overlay)
        self.side.meter.show_meter(state.meter)
        if not self._quiet:
            self.trace.show_trace(state.trace)
            self.transport.show_transport(state.transport)

    def set_quiet(self, quiet: bool) -> None:
        """Quiet: the number alone, as large as the window allows."""
        self._quiet = quiet
        self._picture.setVisible(not quiet)
        self.trace.setVisible(not quiet)
        self.side.set_quiet(quiet)
        if quiet:
            self.transport.hide()
        self._size_side()
        self.setFocus()  # not to whichever button is the first one left

    def set_theme(self, theme: Theme) -> None:
        """Change colours."""
        for part in (self.video, self.side, self.trace, self.transport):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side panel takes a share of the width, so that the number grows with the window."""
        super().resizeEvent(event)
        self._size_side()
        low = self.height() < LOW_PX
        self.trace.setMaximumHeight(LOW_TRACE_PX if low else 16777215)
        if low:
            self._splitter.setSizes([self.height(), LOW_TRACE_PX])

    def _size_side(self) -> None:
        if self._quiet:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(16777215)
        else:
            self.side.setFixedWidth(max(170, min(420, self.width() * 22 // 100)))
