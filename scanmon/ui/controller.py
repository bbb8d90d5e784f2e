"""Between the window and a monitor: carries out what the user asks for, pulls a snapshot for each picture."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis, Frame
from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Snapshot
from scanmon.scoring.hints import Hint, hint_of
from scanmon.session.reader import session_of
from scanmon.sources.opening import identity
from scanmon.sources.scheme import scheme_of
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.playback_commands import BY_NAME, Marks, hold_at, neighbour, play_or_pause
from scanmon.ui.monitor.thumbnails import Thumbnails
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.view_state import view_state

_log = logging.getLogger(__name__)
LEAST_MS = 10  # between two beats: more pictures a second than a display shows cost and show nothing


class Pulse(QObject):
    """`beat` comes on the thread of this object: at once after `ring`, otherwise every `interval_ms`.

    It carries nothing: who is woken looks for what is new. Rings that come before the beat are one.
    """

    beat = Signal()
    _rang = Signal()

    def __init__(self, parent: QObject, interval_ms: int) -> None:
        super().__init__(parent)
        self._interval_ms = interval_ms
        self._waiting = False  # a ring is on its way; a bool needs no lock
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fire)
        self._rang.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        self._timer.start(self._interval_ms)

    def stop(self) -> None:
        """No more beats; rings are ignored."""
        self._timer.stop()

    def ring(self) -> None:
        """Any thread may call this; it never waits."""
        if not self._waiting:
            self._waiting = True
            self._rang.emit()

    def _answer(self) -> None:
        if not self._timer.isActive():
            self._waiting = False
            return
        left_ms = LEAST_MS - self._since.elapsed() if self._since.isValid() else 0
        if left_ms > 0:
            self._timer.start(left_ms)
        else:
            self._fire()

    def _fire(self) -> None:
        self._waiting = False
        self._since.start()
        self._timer.start(self._interval_ms)
        self.beat.emit()


OpenSource = Callable[[str], Monitor]  # raises ScanmonError; may take long: called on a thread of its own
BEAT_MS = 33  # without a new picture: what else changes may wait so long
EVERY_S = 0.3


class Controller(QObject):
    """Owns the monitor that is shown. Nothing here waits: what takes long is a Job that `tick` watches."""

    source_opened = Signal(str)
    shutting_down = Signal()
    ticked = Signal(object)  # the Snapshot that was shown

    def __init__(self, window: MonitorWindow, open_source: OpenSource, interval_ms: int = BEAT_MS) -> None:
        super().__init__(window)
        self._window = window
        self._open_source = open_source
        self.monitor: Monitor | None = None  # of the source that is open
        self._opening: Job[Monitor] | None = None
        self.source = self._address = ""  # what was asked for last
        self._asked_s = 0.0  # when a source was asked for last
        self._failed: Snapshot | None = None  # what to show when a source could not be opened
        self._held: Snapshot | None = None  # the picture that the user froze
        self._ending: list[Job[Any]] = []  # sources that are being closed
        self._saving: list[Job[Any]] = []  # work that must not be lost
        self._failed_sinks: list[Exception] = []  # that were told
        self._read: list[Exception] = []  # those of them that somebody has read
        window.page.side.failures.were_read.connect(lambda: self._read.extend(self._failed_sinks))
        self._shutting_down = False
        self._resume_after_scrub = False
        self.marks = Marks()
        self._hints = HintWatch()
        self._commands: dict[str, Callable[[], None]] = {
            "freeze": self._freeze,
            "close": self.close_source,
            "next_bad": partial(self._go_to_bad, 1),
            "previous_bad": partial(self._go_to_bad, -1),
        }
        self._thumbnails = Thumbnails(self)
        self._thumbnails.found.connect(window.page.show_thumbnails)
        self._connect()
        self._pulse = Pulse(self, interval_ms)
        self._pulse.beat.connect(self.tick)
        self._pulse.start()

    @property
    def _playback(self) -> Playback | None:
        """Of the recording that is open."""
        return self.monitor.playback if self.monitor is not None else None

    @property
    def snapshot(self) -> Snapshot:
        if self._held is not None:
            return self._held
        if self.monitor is not None:
            return self.monitor.snapshot()
        if self._failed is not None:
            return self._failed
        return Snapshot(state="connecting" if self._opening is not None else "idle")

    def register(self, name: str, action: Callable[[], None]) -> None:
        """`action` carries out the command `name` from now on."""
        self._commands[name] = action

    def open(self, source: str, *, stay: bool = False) -> None:
        """Open another source in place of the present one. `stay`: on the page that is shown."""
        source = session_of(source)
        self.close_source()
        self.source, self._address, self._asked_s = source, _shown_address(source), time.monotonic()
        self._opening = Job(partial(self._open_source, source), "open")
        if not stay:
            self._window.show_page(None)

    def note_shown(self, frame: Frame) -> None:
        """A picture of the source that is open reached the screen, on whichever page."""
        if self.monitor is not None:
            self.monitor.shown(frame)

    def close_source(self) -> None:
        """Close the source; its threads end in the background."""
        self._resume_after_scrub = False  # the end of a drag over this one starts no other
        if self._opening is not None:
            opening = self._opening
            self._ending.append(Job(lambda: _stop_when_open(opening), "close"))
        if self.monitor is not None:
            self.monitor.call_on_picture(None)
            self._ending.append(Job(partial(_closed, self.monitor), "close"))
        self._opening = self.monitor = self._failed = self._held = None
        self.source = ""
        self._thumbnails.look("")
        self.marks, self._hints = Marks(), HintWatch()

    def begin_shut_down(self) -> None:
        """Close everything in the background; at the end of the program."""
        if not self._shutting_down:
            self._shutting_down = True
            self._pulse.stop()
            self.shutting_down.emit()
            self.close_source()
            self._ending.append(Job(self._thumbnails.shut_down, "close"))

    def wait_for(self, job: Job[Any]) -> None:
        """Work that must not be lost: the end of the program waits for it, and tells what it raises."""
        self._saving.append(job)

    @property
    def ended(self) -> bool:
        return all(job.done for job in (*self._ending, *self._saving))

    def shut_down(self, timeout_s: float = 6.0) -> list[Exception]:
        """Returns what could not be kept, closed or saved, and was not read in the window."""
        self.begin_shut_down()
        errors, end_s = list(self._failed_sinks), time.monotonic() + timeout_s
        for job in (*self._ending, *self._saving):
            job.wait(end_s - time.monotonic())
        for ended in self._take_ended():
            errors += _errors_of(ended)
        if self._saving:
            what, remedy = "what was being saved is not finished", "look whether it is whole"
            errors.append(SinkError(what, remedy=remedy))
        if self._ending:
            _log.error("a source or an output did not end: a device or driver hangs")
        return [error for error in dict.fromkeys(errors) if error not in self._read]

    def _take_ended(self) -> list[Job[Any]]:
        """Jobs that are done; those that are not stay."""
        ended = [job for job in (*self._ending, *self._saving) if job.done]
        for jobs in (self._ending, self._saving):
            jobs[:] = [job for job in jobs if job not in ended]
        return ended

    def tick(self) -> None:
        self._finish_jobs()
        self._complete_held()
        snapshot = self.snapshot
        self.marks.watch(snapshot)
        paused = self.frozen or (snapshot.playback is not None and not snapshot.playback.playing)
        shown, analysis = snapshot.frame, snapshot.analysis
        other = shown is None or analysis is None or analysis.frame.index != shown.index
        if paused and other and snapshot.playback is not None:
            analysis = None  # the score of the picture that is shown is still to come
        hint = self._hints.held(analysis, paused=paused)
        options, marks = self._window.options, self.marks.all
        now_s, source = time.monotonic(), self._address
        waited_s = now_s - self._asked_s
        state = view_state(snapshot, options, marks, hint, held=self.frozen, source=source, waited_s=waited_s)
        self._window.show_state(state)
        self.tell(snapshot.sink_errors)
        self._hints.measure(snapshot.analysis, now_s, paused=paused)  # after the picture
        self._thumbnails.tick()
        self.ticked.emit(snapshot)

    def _complete_held(self) -> None:
        """The score of the held picture itself, where it came only after the picture was held."""
        held, monitor = self._held, self.monitor
        if held is None or monitor is None or held.analysis is None or held.analysis.frame is held.frame:
            return
        newest = monitor.snapshot().analysis
        if newest is not None and newest.frame is held.frame:
            self._held = replace(held, analysis=newest)

    def _finish_jobs(self) -> None:
        opening = self._opening
        if opening is not None and opening.done:
            self._opening = None
            try:
                self.monitor = opening.result()
                self.monitor.call_on_picture(self._pulse.ring)
                self.monitor.start()
                self._thumbnails.look(self.source if self.monitor.playback is not None else "")
                self.source_opened.emit(self.source)
            except Exception as error:  # noqa: BLE001 - every failure to open is shown, none is swallowed
                self._failed = Snapshot(state="failed", error=error)
        for ended in self._take_ended():
            self.tell(_errors_of(ended))

    def tell(self, errors: Sequence[Exception]) -> None:
        """Of a recording or an output that failed, also when it was closed: it stands until it was read."""
        for error in errors:
            if error not in self._failed_sinks:
                self._failed_sinks.append(error)
                self._window.page.side.failures.add(error_text(error))

    def _connect(self) -> None:
        window, page = self._window, self._window.page
        window.commanded.connect(self.command)
        window.open_requested.connect(self.open)
        page.painted.connect(self.note_shown)
        page.transport.commanded.connect(self.command)
        page.transport.speed_requested.connect(self.set_speed)
        page.trace.scrub_began.connect(self._begin_scrub)
        page.trace.seek_requested.connect(self.seek_time)
        page.trace.scrub_ended.connect(self._end_scrub)

    def command(self, name: str) -> None:
        action = self._commands.get(name)
        if action is not None:
            action()
        elif name in BY_NAME and self._playback is not None:
            BY_NAME[name](self._playback)

    def _freeze(self) -> None:
        """Recordings play and pause; a live picture is held while capture and scores go on."""
        if self._playback is not None:
            play_or_pause(self._playback)
        elif self.monitor is not None:
            self._held = self.monitor.snapshot() if self._held is None else None

    @property
    def frozen(self) -> bool:
        """Whether the user holds a live picture."""
        return self._held is not None

    def show_analysis(self, analysis: Analysis) -> None:
        """Show a frame again: of a recording by a seek, of a live source held until Space."""
        if self._playback is not None:
            hold_at(self._playback, analysis.frame.index)
        elif self.monitor is not None:
            self._held = replace(self.monitor.snapshot(), frame=analysis.frame, analysis=analysis)

    def _go_to_bad(self, way: int) -> None:
        """To where the picture next becomes inadequate, or did so before."""
        snapshot = self.snapshot
        if self._playback is None or snapshot.trace is None or snapshot.playback is None:
            return
        index = neighbour(snapshot.trace, snapshot.playback.index, way)
        if index is not None:
            hold_at(self._playback, index)
        else:
            self._window.page.side.show_note(self.tr("No inadequate stretch in that direction."))

    def _begin_scrub(self) -> None:
        if self._playback is not None:
            self._resume_after_scrub = self._playback.state.playing
            self._playback.pause()

    def _end_scrub(self) -> None:
        if self._playback is not None and self._resume_after_scrub:
            self._playback.play()

    def seek_time(self, time_s: float) -> None:
        if self._playback is not None:
            self._playback.seek_time(time_s)

    def set_speed(self, speed: float) -> None:
        if self._playback is not None:
            self._playback.set_speed(speed)


def _shown_address(source: str) -> str:
    """Of what is live, without user and password; nothing for a file, which an error names itself."""
    if "://" in source:
        return identity(source)
    return source.partition("?")[0] if scheme_of(source) is not None else ""  # nothing is asked of a device


def _closed(monitor: Monitor) -> Monitor:
    monitor.stop()
    return monitor


def _errors_of(ended: Job[Any]) -> tuple[Exception, ...]:
    """What it raised; of a monitor that was closed, what its sinks said."""
    try:
        result = ended.result()
    except Exception as error:  # noqa: BLE001 - it is told
        return (error,)
    return result.snapshot().sink_errors if isinstance(result, Monitor) else ()


def _stop_when_open(opening: Job[Monitor]) -> Monitor | None:
    """For a source that was given up while it was opening."""
    try:
        monitor = opening.result()
    except Exception:  # noqa: BLE001 - it was given up: whether it would have opened no longer matters
        return None
    return _closed(monitor)


class HintWatch:
    """Keeps the hint between two measurements, while verdict, bundle and picture size stay.

    Of a paused picture it is measured at once: the one before may have been any other.
    """

    def __init__(self) -> None:
        self._measured: Analysis | None = None
        self._measured_s = -1e9
        self._hint: Hint | None = None

    def held(self, analysis: Analysis | None, *, paused: bool = False) -> Hint | None:
        """What was measured last, where it still holds for `analysis`."""
        return self._hint if analysis is not None and self._holds(analysis, paused) else None

    def _holds(self, analysis: Analysis, paused: bool) -> bool:
        before = self._measured
        if before is None or _about(analysis) != _about(before):
            return False
        return not paused or analysis.frame.index == before.frame.index

    def measure(self, analysis: Analysis | None, now_s: float, *, paused: bool = False) -> None:
        """Measure anew where the hint no longer holds, or is `EVERY_S` old."""
        if analysis is None or not analysis.reading.scored or analysis.reading.late:
            self._measured = self._hint = None
            return
        same = self._holds(analysis, paused)
        before = self._hint if same else None
        if analysis is not self._measured and not (same and now_s - self._measured_s < EVERY_S):
            self._measured, self._measured_s = analysis, now_s
            self._hint = hint_of(analysis, before)


def _about(analysis: Analysis) -> tuple[object, ...]:
    provenance, reading = analysis.provenance, analysis.reading
    return reading.verdict, reading.scored, provenance.source, provenance.bundle, analysis.frame.pixels.shape
