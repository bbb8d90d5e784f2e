"""Two recordings side by side: the page, and the second monitor that is kept at the time of the first."""

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.controller import Controller, OpenSource
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.trace_view import TraceView
from scanmon.ui.monitor.transport_bar import TransportBar
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import ViewOptions, view_state
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import ElidedLabel, Page, RecordingDialog, WrappedLabel, lined

DRIFT_S = 0.15


class CompareController(QObject):
    """The first recording is the controller's own; the second lives as long as its page is shown."""

    def __init__(
        self, window: MonitorWindow, controller: Controller, open_source: OpenSource, folder: Path
    ) -> None:
        super().__init__(window)
        self._folder = folder
        self._window, self._controller, self._open_source = window, controller, open_source
        self._opening: Job[Monitor] | None = None
        self._second: Monitor | None = None
        self._failed: Snapshot | None = None
        self._wanted = -1  # frame that the second was last asked for
        self._ending: list[Job[None]] = []
        self.page = ComparePage(window.theme)
        window.pages.addWidget(self.page)
        window.looking.follow(*self.page.pictures)
        window.looking.changed.connect(self.page.look.tell)
        window.playing_pages.append(self.page)
        controller.register("compare", self._ask)
        controller.ticked.connect(self._tick)
        controller.source_opened.connect(lambda _: self.end())
        window.pages.currentChanged.connect(lambda _: self.end() if not self.shown else None)
        window.closing.connect(self.end)
        page = self.page
        page.pictures[0].painted.connect(controller.note_shown)
        page.done.connect(lambda: window.show_page(None))
        page.transport.commanded.connect(controller.command)
        page.transport.speed_requested.connect(controller.set_speed)
        for trace in page.traces:
            trace.seek_requested.connect(controller.seek_time)

    @property
    def shown(self) -> bool:
        return self._window.pages.currentWidget() is self.page

    def begin(self, source: str) -> None:
        self.end()
        self._opening = Job(partial(self._open_source, source), "open")
        self._window.show_page(self.page)

    def end(self) -> None:
        """Let go of the second recording; its threads end in the background."""
        second, opening = self._second, self._opening
        if second is not None:
            self._ending.append(Job(second.stop, "close"))
        if opening is not None:
            self._ending.append(Job(lambda: opening.result().stop(), "close"))
        self._second = self._opening = self._failed = None
        self._wanted = -1

    def shut_down(self, timeout_s: float = 6.0) -> None:
        self.end()
        for job in self._ending:
            job.result(timeout_s)

    def _ask(self) -> None:
        dialog = RecordingDialog(self._window, self.tr("Compare with"), self._folder)
        dialog.fileSelected.connect(self.begin)
        dialog.open()

    def _tick(self, first: Snapshot) -> None:
        if self._opening is not None and self._opening.done:
            opening, self._opening = self._opening, None
            self._adopt(opening)
        if not self.shown:
            return
        second = self._second.snapshot() if self._second else self._failed or Snapshot(state="connecting")
        self._follow(first)
        self.page.show_snapshots((first, second), self._window.options)

    def _adopt(self, opening: Job[Monitor]) -> None:
        try:
            monitor = opening.result()
        except Exception as error:  # noqa: BLE001 - told on the page
            self._failed = Snapshot(state="failed", error=error)
            return
        if monitor.playback is not None:
            monitor.playback.pause()
        monitor.start()
        self._second = monitor

    def _follow(self, first: Snapshot) -> None:
        """Keep the second at the time of the first: playing beside it, corrected by a seek when it drifts."""
        playback = self._second.playback if self._second is not None else None
        if playback is None or first.playback is None:
            return
        leader, follower = first.playback, playback.state
        index = frame_at(playback, leader.time_s)
        if leader.playing and leader.time_s < follower.duration_s:
            if follower.speed != leader.speed:
                playback.set_speed(leader.speed)
            if not follower.playing:
                playback.play()
            if abs(follower.time_s - leader.time_s) > DRIFT_S:
                self._seek(playback, index)
            return
        if follower.playing:
            playback.pause()
        if follower.index != index:
            self._seek(playback, index)

    def _seek(self, playback: Playback, index: int) -> None:
        """Ask once for a frame, then wait for it."""
        if index != self._wanted:
            self._wanted = index
            playback.seek(index)


def frame_at(playback: Playback, time_s: float) -> int:
    """The frame that a recording shows at a time; its last one from its end on."""
    times_s = playback.recording.times_s
    return max(0, int(np.searchsorted(times_s, time_s + 1e-9, side="right")) - 1)


class ComparePage(Page):
    """Pictures above, each with its number and trace; one transport bar for both."""

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
            grid.addWidget(self.names[side], 0, side)
            grid.addLayout(lined(QHBoxLayout(), (self.pictures[side], 1), self.meters[side]), 1, side)
            grid.addWidget(self.traces[side], 2, side)
            grid.setColumnStretch(side, 1)
            self.pictures[side].painted.connect(lambda _, side=side: self.traces[side].wake())
        grid.setRowStretch(1, 1)
        self.look = WrappedLabel(self)  # how the display differs from the pictures
        self.look.hide()
        bar = lined(QHBoxLayout(), (self.transport, 1), self.close_page)
        lined(QVBoxLayout(self), (grid, 1), self.look, bar, margins=(0, 4, 0, 0))

    def show_snapshots(self, both: tuple[Snapshot, Snapshot], options: ViewOptions) -> None:
        for side, snapshot in enumerate(both):
            state = view_state(snapshot, options)
            self.pictures[side].show_picture(state.picture, state.overlay)
            self.meters[side].show_meter(state.meter)
            self.traces[side].show_trace(state.trace)
            name = state.message.title if state.message is not None else state.status.source
            self.names[side].setText(name)
        self.transport.show_transport(view_state(both[0]).transport)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers take a share of the width."""
        super().resizeEvent(event)
        for meter in self.meters:
            meter.setFixedWidth(max(96, min(160, self.width() * 15 // 100)))

    def set_theme(self, theme: Theme) -> None:
        for side in range(2):
            self.pictures[side].set_theme(theme)
            self.meters[side].set_theme(theme)
            self.traces[side].set_theme(theme)
        self.transport.set_theme(theme)
