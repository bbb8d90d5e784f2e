"""Two cine loops side by side with one time line: the second follows the first."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.labels import ElidedLabel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.trace_view import TraceView
from scanmon.ui.monitor.transport_bar import TransportBar
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import ViewOptions, view_state
from scanmon.ui.theme import DARK, Theme


class ComparePage(QWidget):
    """Pictures above, each with its number and trace; one transport bar for both."""

    done = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.pictures = [VideoView(theme, self), VideoView(theme, self)]
        self.meters = [QualityMeter(theme, self), QualityMeter(theme, self)]
        self.traces = [TraceView(theme, self), TraceView(theme, self)]
        self.names = [ElidedLabel(self), ElidedLabel(self)]
        self.transport = TransportBar(theme, self)
        self.close_page = QPushButton(self.tr("Back to the picture"), self)
        self.close_page.clicked.connect(self.done)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        for side in range(2):
            self.names[side].setAlignment(Qt.AlignmentFlag.AlignCenter)
            upper = QHBoxLayout()
            upper.addWidget(self.pictures[side], 1)
            upper.addWidget(self.meters[side])
            grid.addWidget(self.names[side], 0, side)
            grid.addLayout(upper, 1, side)
            grid.addWidget(self.traces[side], 2, side)
            grid.setColumnStretch(side, 1)
            self.pictures[side].painted.connect(lambda _, side=side: self.traces[side].wake())
        grid.setRowStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addLayout(grid, 1)
        bar = QHBoxLayout()
        bar.addWidget(self.transport, 1)
        bar.addWidget(self.close_page)
        column.addLayout(bar)

    def show_snapshots(self, both: tuple[Snapshot, Snapshot], options: ViewOptions) -> None:
        """Show both."""
        for side, snapshot in enumerate(both):
            state = view_state(snapshot, options)
            self.pictures[side].show_picture(state.picture, state.overlay)
            self.meters[side].show_meter(state.meter)
            self.traces[side].show_trace(state.trace)
            name = state.message.title if state.message is not None else state.status.source
            if self.names[side].text() != name:
                self.names[side].setText(name)
        self.transport.show_transport(view_state(both[0]).transport)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers take a share of the width."""
        super().resizeEvent(event)
        for meter in self.meters:
            meter.setFixedWidth(max(96, min(160, self.width() * 15 // 100)))

    def set_theme(self, theme: Theme) -> None:
        """Change colours."""
        for side in range(2):
            self.pictures[side].set_theme(theme)
            self.meters[side].set_theme(theme)
            self.traces[side].set_theme(theme)
        self.transport.set_theme(theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape: back to the picture."""
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit()
        else:
            super().keyPressEvent(event)
