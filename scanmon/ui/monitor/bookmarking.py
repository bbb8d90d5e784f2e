"""B marks the moment that is shown; what is typed then is its text, on the strip and in the session."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from scanmon.core.errors import SinkError
from scanmon.runtime.background import Job
from scanmon.session.bookmarks import put_in_session
from scanmon.sources.session import SessionRecording
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.recording_controller import RecordingController
from scanmon.ui.state.errors import error_text


@dataclass(frozen=True, slots=True)
class _Moment:
    index: int  # of the frame
    time_s: float


class Bookmarking(QObject):
    """Keeps bookmarks in the session that is recorded, or in the recorded one that is open."""

    def __init__(self, window: MonitorWindow, controller: Controller, recording: RecordingController) -> None:
        super().__init__(window)
        self._window, self._controller, self._recording = window, controller, recording
        self._moment: _Moment | None = None
        self._keeping: list[Job[None]] = []
        controller.register("bookmark", self.mark)
        controller.register("bookmark_at_once", lambda: self.mark(ask=False))
        controller.source_opened.connect(self._read)
        controller.ticked.connect(lambda _: self._tell())
        controller.shutting_down.connect(self._finish)
        window.page.bookmark.named.connect(self._name)

    def mark(self, *, ask: bool = True) -> None:
        """Mark the moment and ask for a text; a second time takes the mark away."""
        frame = self._controller.snapshot.frame
        if frame is None:
            return
        self._moment = _Moment(frame.index, frame.time_s)
        added = self._controller.marks.bookmark(frame.time_s)
        self._keep(self._moment, "" if added else None)
        if added and ask:
            self._window.page.ask_for_bookmark(frame.time_s)

    def _name(self, text: str) -> None:
        if self._moment is not None:
            self._controller.marks.name(self._moment.time_s, text)
            self._keep(self._moment, text)

    def _keep(self, moment: _Moment, text: str | None) -> None:
        recorder, session = self._recording.recorder, self._session()
        if recorder is not None and self._recording.recording:
            recorder.bookmark(text, moment.index)
        elif session is not None:
            row = int(session.content.pictures[moment.index])
            time_s = session.content.table.numbers("time_s")[row]
            folder = Path(self._controller.source)
            put = partial(put_in_session, folder, row, float(time_s), text)
            earlier = self._keeping[-1] if self._keeping else None
            self._keeping.append(Job(partial(_in_turn, earlier, put), "bookmark"))

    def _session(self) -> SessionRecording | None:
        """The recorded session that is open."""
        monitor = self._controller.monitor
        recording = monitor.playback.recording if monitor and monitor.playback else None
        return recording if isinstance(recording, SessionRecording) else None

    def _read(self) -> None:
        """The bookmarks of a recorded session."""
        recording = self._session()
        if recording is None:
            return
        content = recording.content
        first_s = float(content.table.numbers("time_s")[content.pictures[0]])
        for _, time_s, text in content.bookmarks:
            self._controller.marks.bookmark(time_s - first_s)
            self._controller.marks.name(time_s - first_s, text)

    def _tell(self) -> None:
        for job in [job for job in self._keeping if job.done]:
            self._keeping.remove(job)
            try:
                job.result()
            except SinkError as error:
                self._window.page.side.show_note(error_text(error))

    def _finish(self) -> None:
        for job in self._keeping:
            self._controller.wait_for(job)


def _in_turn(earlier: Job[None] | None, put: Callable[[], None]) -> None:
    """The mark without its text is written before the mark with it, whoever is faster."""
    if earlier is not None:
        with suppress(SinkError):  # which is told for the earlier one
            earlier.result()
    put()
