"""What is kept: pictures, the best frames and recorded sessions."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from scanmon.core.errors import SinkError, disk_errors
from scanmon.core.values import Analysis, Frame, Verdict
from scanmon.core.write_atomic import PRIVATE, write_atomic
from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Snapshot
from scanmon.scoring.best import Best, BestFrames
from scanmon.scoring.overlay import sector, with_heat
from scanmon.session.reader import is_session
from scanmon.session.recorder import Recorder
from scanmon.session.regions import may_be_stored, same_region
from scanmon.ui.controller import Controller
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.errors import error_text, in_words
from scanmon.ui.state.texts import figure, seconds

_PERCENT = re.compile(r"(\d+)\s*%")
_SHARE = re.compile(r"(\d+)\s*(?:/|of)\s*(\d+)")


class Exporting(QObject):
    """`scanmon export` from the window: table, film, report, DICOM or NRRD by the ending of the file."""

    def __init__(self, window: MonitorWindow, controller: Controller) -> None:
        super().__init__(window)
        self._window, self._controller = window, controller
        self._target = ""
        self._waiting: list[tuple[str, str]] = []  # session and target
        self._dialog: QProgressDialog | None = None
        self.process = CommandProcess(self)
        self.process.line_read.connect(self._progress)
        self.process.ended.connect(self._ended)
        controller.register("export", self._ask)
        controller.shutting_down.connect(self._waiting.clear)  # before the end of the one that runs
        controller.shutting_down.connect(self.process.shut_down)

    def begin(self, target: str) -> None:
        """Export the session that is open to a file, once the exports before it have ended."""
        session = self._controller.source
        if not is_session(Path(session)):
            self._not_a_session()
            return
        self._waiting.append((session, target))
        if not self.process.busy:
            self._start()

    def _start(self) -> None:
        session, self._target = self._waiting.pop(0)
        text = self.tr("Exporting to {0}").format(Path(self._target).name)
        self._dialog = QProgressDialog(text, self.tr("Cancel"), 0, 0, self._window)
        self._dialog.setMinimumDuration(1000)
        self._dialog.setAutoClose(False)
        self._dialog.setAutoReset(False)
        self._dialog.canceled.connect(self.process.cancel)
        self.process.start(["export", session, "--to", self._target])

    def _ask(self) -> None:
        session = Path(self._controller.source)
        if not is_session(session):
            self._not_a_session()
            return
        dialog = QFileDialog(self._window, self.tr("Export session"), str(session.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [
                self.tr("Report") + " (*.pdf *.png)",
                self.tr("Film with overlay") + " (*.mp4)",
                self.tr("Table") + " (*.csv *.parquet)",
                self.tr("DICOM") + " (*.dcm)",
                self.tr("Sequence for 3D Slicer") + " (*.seq.nrrd)",
            ]
        )
        dialog.filterSelected.connect(lambda kind: _propose(dialog, session.name, kind))
        _propose(dialog, session.name, dialog.nameFilters()[0])
        dialog.fileSelected.connect(self.begin)
        dialog.open()

    def _not_a_session(self) -> None:
        self._window.page.side.show_note(self.tr("Only a recorded session can be exported (R records one)."))

    def _progress(self, line: str) -> None:
        percent, share = _PERCENT.search(line), _SHARE.search(line)
        if self._dialog is None or not (percent or share):
            return
        self._dialog.setMaximum(100)
        if percent:
            self._dialog.setValue(int(percent[1]))
        elif share and int(share[2]):
            self._dialog.setValue(100 * int(share[1]) // int(share[2]))

    def _ended(self, worked: bool) -> None:
        dialog, self._dialog = self._dialog, None
        cancelled = dialog is not None and dialog.wasCanceled()
        if dialog is not None:
            dialog.close()
            dialog.deleteLater()
        if worked:
            note = self.tr("Saved: {0}").format(self._target)
        elif cancelled:
            note = self.tr("Export stopped; nothing was kept.")
        else:
            note = self.process.last_line
        self._window.page.side.show_note(note)
        if self._waiting:
            self._start()


def _propose(dialog: QFileDialog, name: str, kind: str) -> None:
    """The name of the session, with the first ending of the kind that is chosen."""
    ending = kind.rpartition("(*")[2].split(")")[0].split()[0]
    dialog.setDefaultSuffix(ending.lstrip("."))
    dialog.selectFile(name + ending)


OFFER_EVERY_S = 0.1
PAST_S = 10.0  # of a live source that G saves, and R reaches back
AUTO_GOOD_S = 2.0  # a picture that is adequate for this long is kept automatically
AUTO_APART_S = 10.0
LOW_DISK_BYTES = 5_000_000_000

MakeRecorder = Callable[[Monitor, str, float], Recorder]  # monitor, source, seconds that it reaches back
PATIENCE_S = 0.5  # after that the window says what it is waiting for
WAIT_S = 20.0  # no engine that is any use needs longer for a picture


class RecordingController(QObject):
    """Carries out record, snapshot, best and auto_best; writes on threads of its own."""

    def __init__(
        self,
        window: MonitorWindow,
        controller: Controller,
        pictures: Path,
        make_recorder: MakeRecorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        cleared: Callable[[Analysis], Analysis] = lambda analysis: analysis,
    ) -> None:
        """`cleared` takes out of a picture what may not be kept; it runs on the thread that writes."""
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._pictures = pictures
        self._make_recorder = make_recorder
        self._clock = clock
        self._cleared = cleared
        self.recorder: Recorder | None = None  # of the source that is open
        self._recorded = ""  # the session that is recorded now
        self._best = BestFrames()
        self._analysis: Analysis | None = None
        self._offered: Analysis | None = None
        self._offered_s = self._auto_kept_s = -1e9
        self._good_since_s: float | None = None
        self._saving: list[Job[Path]] = []
        self._shown = Snapshot()
        self._asked: list[ShownPicture] = []
        for name, action in (
            ("record", self._record),
            ("snapshot", self._save_shown),
            ("best", self._save_best),
            ("auto_best", lambda: None),
        ):
            controller.register(name, action)
        controller.ticked.connect(self._tick)
        controller.source_opened.connect(self._new_source)
        controller.shutting_down.connect(self._finish)
        window.page.side.filmstrip.chosen.connect(self._show)

    @property
    def recording(self) -> bool:
        return self.recorder is not None and self.recorder.status().state == "recording"

    def ready_recorder(self) -> Recorder | None:
        """Of the source that is open; a recording gets one when it is asked for."""
        monitor = self._controller.monitor
        if self.recorder is None and monitor is not None:
            self._attach(monitor)
        return self.recorder if monitor is not None else None

    def _new_source(self, source: str) -> None:
        monitor = self._controller.monitor
        still = monitor is not None and monitor.snapshot().still
        self._best, self._analysis, self._good_since_s = BestFrames(still=still), None, None
        self._shown, self._asked, self._recorded = Snapshot(), [], ""
        # one that the command has added is shown too; the monitor that a recorder belongs to closes it
        self.recorder = monitor.find_sink(Recorder) if monitor is not None else None
        if self.recorder is None and monitor is not None and monitor.playback is None:
            self._attach(monitor)

    def _attach(self, monitor: Monitor) -> None:
        if self._make_recorder is not None:
            self.recorder = self._make_recorder(monitor, self._controller.source, PAST_S)
            monitor.add_sink(self.recorder)

    def _tick(self, snapshot: Snapshot) -> None:
        analysis, now_s = snapshot.analysis, self._clock()
        if (
            snapshot.analyzers != self._shown.analyzers
        ):  # qualities of two bundles or regions are not compared
            self._best, self._good_since_s = BestFrames(still=snapshot.still), None
        self._shown = snapshot
        self._keep_asked(now_s)
        if analysis is not None and analysis is not self._analysis:
            self._analysis = analysis
            self._keep_automatically(analysis, now_s)
        if analysis is not self._offered and now_s - self._offered_s >= OFFER_EVERY_S:
            self._offered, self._offered_s = analysis, now_s
            if analysis is not None:
                self._best.offer(analysis)
        self._window.page.side.filmstrip.show_best(self._best.kept)
        self._window.page.side.filmstrip.show_automatic(self._window.actions_by_name["auto_best"].isChecked())
        self._show_saved()
        self._show_recording()

    def _keep_automatically(self, analysis: Analysis, now_s: float) -> None:
        if analysis.reading.verdict is not Verdict.ADEQUATE:
            self._good_since_s = None
            return
        if self._good_since_s is None:
            self._good_since_s = now_s
        wanted = self._window.actions_by_name["auto_best"].isChecked()
        long_enough = now_s - self._good_since_s >= AUTO_GOOD_S
        if wanted and long_enough and now_s - self._auto_kept_s >= AUTO_APART_S:
            self._auto_kept_s = now_s
            self._save(analysis, "auto")

    def _record(self) -> None:
        if self._controller.monitor is None:
            return
        recorder = self.ready_recorder()
        if recorder is None:
            self._window.page.side.show_note(self.tr("Recording is not available here."))
        elif self.recording:
            recorder.stop()
        else:
            recorder.start()

    def _save_best(self) -> None:
        """The best picture; of a live source the last seconds as well, as a session."""
        if not self._best.kept:
            self._window.page.side.show_note(self.tr("No picture was adequate yet."))
            return
        self._save(self._best.kept[0].analysis, "best")
        if self.recorder is not None and not self.recording and self.recorder.status().past_s > 0:
            self.recorder.start(PAST_S)
            self.recorder.stop()

    def _save_shown(self) -> None:
        """The picture on the screen: after a seek its analysis may still be on its way."""
        if self._shown.frame is None:
            self._window.page.side.show_note(self.tr("Nothing to save yet: there is no picture."))
            return
        now_s = self._clock()
        self._asked.append(ShownPicture(self._shown.frame, self._shown.analysis, now_s))
        self._keep_asked(now_s)

    def _keep_asked(self, now_s: float) -> None:
        monitor = self._controller.monitor
        if not self._asked or monitor is None:
            return
        now = monitor.snapshot()  # also while a picture is held
        for asked in tuple(self._asked):
            analysis = asked.analysis(self._shown.analysis) or asked.analysis(now.analysis)
            if analysis is not None:
                self._save(analysis, "picture")
                self._asked.remove(asked)
            elif now_s - asked.asked_s > WAIT_S or now.scoring == "failed":
                self._asked.remove(asked)
                self._window.page.side.show_note(self.tr("Not saved: this picture was not analysed."))
            elif now_s - asked.asked_s > PATIENCE_S:
                self._window.page.side.show_note(self.tr("Saved as soon as the picture is analysed…"))

    def _save(self, analysis: Analysis, label: str) -> None:
        cleared, folder, strength = self._cleared, self._pictures, self._window.options.strength
        self._saving.append(Job(lambda: save_still(cleared(analysis), folder, strength, label), "save"))

    def _finish(self) -> None:
        """At the end of the program: what was asked for is written, as far as it was analysed."""
        self._keep_asked(self._clock())
        for job in self._saving:
            self._controller.wait_for(job)

    def _show(self, best: Best) -> None:
        self._controller.show_analysis(best.analysis)

    def _show_saved(self) -> None:
        for job in [job for job in self._saving if job.done]:
            self._saving.remove(job)
            try:
                self._window.page.side.show_note(self.tr("Saved: {0}").format(job.result()))
            except Exception as error:  # noqa: BLE001 - shown in the window
                self._window.page.side.show_note(error_text(error))

    def _show_recording(self) -> None:
        text = begun = ""
        was, self._recorded = self._recorded, ""
        if self.recorder is not None:
            status = self.recorder.status()
            if status.state == "recording":
                self._recorded = status.name
                text = begun = self.tr("● recording {0}").format(seconds(status.seconds))
                if status.not_stored:
                    text += self.tr(" ({0} pictures lost)").format(status.not_stored)
                if status.free_bytes is not None and status.free_bytes < LOW_DISK_BYTES:
                    gigabytes = figure(f"{status.free_bytes / 1e9:.1f}")
                    text += self.tr(" — disk nearly full, {0} GB left").format(gigabytes)
                if status.whole_screen:
                    text += self.tr(" (whole screen)")
                if status.warning:
                    text += f" — {in_words(status.warning)}"
                if status.withheld > status.frames / 2:
                    text += self.tr(" — scores alone: no sector is known, mark it with M")
            elif status.error is not None:
                text = begun = in_words(status.error.what)
                self._controller.tell([status.error])
            elif was and status.state != "failed":  # its error may have been taken when it was closed
                note = self.tr("Saved: {0}")
                if not status.pictures:
                    note = self.tr("Saved without a picture, as none was analysed meanwhile: {0}")
                self._window.page.side.show_note(note.format(self.recorder.root / was))
        self._window.status.show_recording(text)
        self._window.page.side.show_trouble(text[len(begun) :].strip(" —"))  # where it is not cut


def save_still(analysis: Analysis, folder: Path, strength: float, label: str = "picture") -> Path:
    """Write `<label>_<UTC>.png` and the same with overlay; returns the first.

    Raises `SinkError`, also where no sector is known: the whole picture may show a name.
    """
    if not may_be_stored(analysis.region):
        raise SinkError(
            "no ultrasound image was found in this picture, and the whole of it may show a name",
            remedy="draw the region (M)",
        )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S_%f")[:-3]
    plain = folder / f"{label}_{stamp}.png"
    overlaid = folder / f"{label}_{stamp}_overlay.png"
    with disk_errors(SinkError, "picture cannot be saved", folder, "choose another folder"):
        for path, pixels in ((plain, sector(analysis)), (overlaid, with_heat(analysis, strength))):
            write_atomic(path, cv2.imencode(".png", pixels)[1].tobytes(), mode=PRIVATE)
    return plain


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """A picture that the user asked to keep while its analysis may still be running."""

    frame: Frame
    before: Analysis | None  # the newest analysis at that moment
    asked_s: float  # time.monotonic()

    def analysis(self, newest: Analysis | None) -> Analysis | None:
        """What to keep; None: ask again with the next analysis.

        A live picture that was never analysed, because a newer one had come, is kept without heatmap in the
        region that was found both before and after it. Where those two differ its own region is not known,
        and text around a region may be a name: then the picture analysed next takes its place.
        """
        if newest is None or newest.frame is self.frame:
            return newest
        if newest is self.before or newest.frame.captured_s < self.frame.captured_s:
            return None
        sizes = newest.frame.pixels.shape == self.frame.pixels.shape
        if sizes and self.before is not None and same_region(self.before.region, newest.region):
            bare = replace(newest.reading, worst=None)
            return replace(newest, frame=self.frame, readings=(bare,), heatmap=None)
        return newest
