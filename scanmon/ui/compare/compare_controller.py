"""Carries out the comparison of two recordings: opens the second, keeps it at the time of the first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.compare.compare_page import ComparePage
from scanmon.ui.controller import Controller, OpenSource
from scanmon.ui.main_window import MonitorWindow

DRIFT_S = 0.15


class CompareController(QObject):
    """The first recording is the controller's own; the second lives as long as its page is shown."""

    def __init__(self, window: MonitorWindow, controller: Controller, open_source: OpenSource) -> None:
        super().__init__(window)
        self._window, self._controller, self._open_source = window, controller, open_source
        self._opening: Job[Monitor] | None = None
        self._second: Monitor | None = None
        self._failed: Snapshot | None = None
        self._wanted = -1  # frame that the second was last asked for
        self._ending: list[Job[None]] = []
        self.page = ComparePage(window.theme)
        window.pages.addWidget(self.page)
        window.playing_pages.append(self.page)
        controller.register("compare", self._ask)
        controller.ticked.connect(self._tick)
        controller.source_opened.connect(lambda _: self.end())
        window.pages.currentChanged.connect(lambda _: self.end() if not self.shown else None)
        window.closing.connect(self.end)
        page = self.page
        page.done.connect(lambda: window.show_page(None))
        transport = page.transport
        transport.play_toggled.connect(lambda: controller.command("freeze"))
        transport.step_requested.connect(lambda by: controller.command("forward" if by > 0 else "back"))
        transport.first_requested.connect(lambda: controller.command("first"))
        transport.last_requested.connect(lambda: controller.command("last"))
        transport.loop_toggled.connect(lambda: controller.command("loop"))
        transport.speed_requested.connect(controller.set_speed)
        for trace in page.traces:
            trace.seek_requested.connect(controller.seek_time)

    @property
    def shown(self) -> bool:
        """Whether the page is on the screen."""
        return self._window.pages.currentWidget() is self.page

    def begin(self, source: str) -> None:
        """Open the second recording beside the first."""
        self.end()
        self._opening = Job(lambda: self._open_source(source), "open")
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
        """End, and wait for it."""
        self.end()
        for job in self._ending:
            job.result(timeout_s)

    def _ask(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Compare with"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
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
