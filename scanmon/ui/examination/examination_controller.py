"""Begins and ends an examination, and carries what the user asks for to the one that goes on."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from scanmon.core.errors import SettingsError
from scanmon.examination.examination import MOST_LETTERS, Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol, own_protocols, read_protocol, samples
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Snapshot
from scanmon.session.recorder import Recorder
from scanmon.ui.controller import Controller
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.recording_controller import RecordingController
from scanmon.ui.state.errors import error_text
from scanmon.ui.widgets import ChoiceBox, Page, Scrolled, WrappedLabel, fit, lined


class StartDialog(QDialog):
    """The protocols of the user come first, then the samples."""

    begun = Signal(object, str)  # Protocol, label

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Examination"))
        self._folder = folder
        own, faults = own_protocols(folder)
        self._protocols: list[Protocol] = []
        self.protocols = ChoiceBox(self)
        self.protocols.setAccessibleName(self.tr("Protocol"))
        self.other = QPushButton(self.tr("Open a protocol…"), self)
        self.views, self.note, self.place = (WrappedLabel(self, "quiet") for _ in range(3))
        self.fault = WrappedLabel(self, "warn")
        self.label = QLineEdit(self)
        self.label.setAccessibleName(self.tr("Label"))
        self.label.setMaxLength(MOST_LETTERS)
        self.label.setPlaceholderText(self.tr("optional"))
        warning = WrappedLabel(self)
        warning.setText(
            self.tr("The label is stored and printed. No names and no numbers of patients, please.")
        )
        form = QGridLayout()  # a QFormLayout gives texts that wrap the height of one word a line
        form.setColumnStretch(1, 1)
        for row, (word, part) in enumerate(
            (
                (self.tr("Protocol"), self.protocols),
                ("", self.other),
                (self.tr("Views"), self.views),
                ("", self.note),
                ("", self.place),
                (self.tr("Label"), self.label),
                ("", warning),
            )
        ):
            form.addWidget(QLabel(word, self), row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(part, row, 1)
        content = lined(QVBoxLayout(), form, self.fault, None)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.start = buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.start.setDefault(True)
        lined(QVBoxLayout(self), (Scrolled(content, self), 1), buttons)
        fit(self, QSize(480, 440))
        self.protocols.currentIndexChanged.connect(lambda _: self._describe())
        self.other.clicked.connect(self._ask)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.place.setText(self.tr("Protocols of your own are read from {0}").format(folder))
        self._add([*own, *samples(self.tr("en"))])
        self.fault.setText("\n".join(map(error_text, faults)))

    def choose(self, path: Path) -> None:
        """Take the protocol in a file, or say what is wrong with it."""
        try:
            self._add([read_protocol(path)])
        except SettingsError as error:
            self.fault.setText(error_text(error))
        else:
            self.fault.setText("")
            self.protocols.setCurrentIndex(self.protocols.count() - 1)

    def accept(self) -> None:
        self.begun.emit(self._protocols[self.protocols.currentIndex()], self.label.text())
        super().accept()

    def _add(self, protocols: Sequence[Protocol]) -> None:
        self._protocols += protocols
        self.protocols.addItems([protocol.title for protocol in protocols])

    def _describe(self) -> None:
        protocol = self._protocols[self.protocols.currentIndex()]
        self.views.setText(
            "   ".join(f"{n}\u00a0{view.name}" for n, view in enumerate(protocol.views, start=1))
        )
        self.note.setText(protocol.note)

    def _ask(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a protocol"), str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Protocols") + " (*.toml)"])
        dialog.fileSelected.connect(lambda path: self.choose(Path(path)))
        dialog.open()


class ResultPage(Page):
    """A picture of the page, as wide as the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self._pdf = Path()
        self.told = WrappedLabel(self)
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(self.tr("Page of the examination"))
        self.area = QScrollArea(self)
        self.area.setWidget(self.picture)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.open_pdf = QPushButton(self.tr("Open the PDF"), self)
        self.open_folder = QPushButton(self.tr("Show the folder"), self)
        self.close_page = QPushButton(self.tr("Back to the picture"), self)
        buttons = lined(QHBoxLayout(), self.open_pdf, self.open_folder, None, self.close_page)
        lined(QVBoxLayout(self), (self.area, 1), self.told, buttons)
        self.open_pdf.clicked.connect(lambda: _open(self._pdf))
        self.open_folder.clicked.connect(lambda: _open(self._pdf.parent))
        self.close_page.clicked.connect(self.done)

    def show_report(self, pdf: Path, picture: Path) -> None:
        """Show the page that was written."""
        self._pdf, self._pixmap = pdf, QPixmap(str(picture))
        self.told.setText(self.tr("Saved: {0}").format(pdf))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as there is room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._pixmap.isNull():
            wide = max(1, self.area.width() - 16)
            smooth = Qt.TransformationMode.SmoothTransformation
            self.picture.setPixmap(self._pixmap.scaledToWidth(min(wide, self._pixmap.width()), smooth))


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class ExaminationController(QObject):
    """An examination belongs to one source and has a recorded session of its own.

    It ends when the user says so; where its source is closed before, its session says that it was not ended.
    """

    def __init__(
        self, window: MonitorWindow, controller: Controller, recording: RecordingController, protocols: Path
    ) -> None:
        super().__init__(window)
        self._window, self._controller, self._recording = window, controller, recording
        self._protocols = protocols
        self._examiner: Examiner | None = None
        self._monitor: Monitor | None = None
        self._recorder: Recorder | None = None
        self._was_recording = False
        self._pdf = Path()
        self._writing: Path | None = None  # session whose page is to be written once its recording has ended
        self.page = ResultPage()
        window.pages.addWidget(self.page)
        self.page.done.connect(lambda: window.show_page(None))
        self.process = CommandProcess(self)
        self.process.ended.connect(self._written)
        controller.shutting_down.connect(self.process.shut_down)
        controller.register("examination", self._begin_or_end)
        controller.register("next_view", lambda: self._change(lambda now: now.stepped(1)))
        controller.register("previous_view", lambda: self._change(lambda now: now.stepped(-1)))
        controller.register("skip_view", lambda: self._change(Examination.skipped))
        controller.register("retake_view", lambda: self._change(Examination.retaken))
        controller.ticked.connect(self._tick)
        window.page.checklist.asked.connect(window.run)
        window.page.checklist.view_chosen.connect(self.choose)

    @property
    def running(self) -> bool:
        return self._examiner is not None

    @property
    def now(self) -> Examination | None:
        """The examination that goes on."""
        return None if self._examiner is None else self._examiner.now

    def choose(self, view: int) -> None:
        """Go to a view, from 0."""
        self._change(lambda now: now.chosen(view))

    def begin(self, protocol: Protocol, label: str = "") -> None:
        """Begin, with a session of its own."""
        monitor = self._controller.monitor
        recorder = self._recording.ready_recorder()
        if monitor is None or recorder is None:
            self._note(self.tr("Open a source first."))
            return
        self._was_recording = self._recording.recording
        recorder.stop()
        self._monitor, self._recorder = monitor, recorder
        examination = Examination.begin(protocol, label)
        recorder.start()  # before it is noted, or the note is the former recording's
        self._examiner = Examiner(examination, recorder.note_examination, monitor.name_view)
        monitor.add_sink(self._examiner)
        self._note(self.tr("Examination: choose a view, then hold still until it is saved."))

    def end(self) -> None:
        """End it; its page is written as soon as its recording is whole."""
        examiner, recorder = self._examiner, self._recorder
        if examiner is None or recorder is None or self._monitor is None:
            return
        examiner.change(Examination.finished)
        name = recorder.status().name
        recorder.stop()
        if self._was_recording:
            recorder.start()
        self._writing = recorder.root / name if name else None
        if self._writing is None:
            self._note(self.tr("The examination was not recorded: there is no page."))
        self._leave()

    def _leave(self) -> None:
        if self._monitor is not None and self._examiner is not None:
            self._monitor.remove_sink(self._examiner)
            self._monitor.name_view("")
        self._examiner = self._monitor = None
        self._window.page.checklist.show_examination(None)

    def _begin_or_end(self) -> None:
        now = self.now
        if now is None:
            dialog = StartDialog(self._protocols, self._window)
            dialog.begun.connect(self.begin)
            dialog.open()
            return
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Examination"))
        box.setText(
            self.tr("End the examination? {0} of {1} views are saved.").format(now.saved, len(now.views))
        )
        box.addButton(self.tr("Go on"), QMessageBox.ButtonRole.RejectRole)
        end = box.addButton(self.tr("End it"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(end)
        end.clicked.connect(self.end)
        box.open()

    def _change(self, step: Callable[[Examination], Examination]) -> None:
        if self._examiner is not None:
            self._examiner.change(step)

    def _tick(self, _: Snapshot) -> None:
        self._write_page()
        if self._examiner is None:
            return
        if self._controller.monitor is not self._monitor:
            recorder = self._recorder
            place = recorder.root / recorder.status().name if recorder is not None else ""
            self._note(self.tr("The source was closed before the examination was ended: {0}").format(place))
            self._leave()
            return
        self._window.page.checklist.show_examination(self._examiner.now)

    def _write_page(self) -> None:
        session, recorder = self._writing, self._recorder
        if session is None or recorder is None or self.process.busy:
            return
        status = recorder.status()
        if status.state == "recording" and status.name == session.name:
            return  # its last pictures are still on their way
        self._writing = None
        if (session / "session.db").is_file():
            self._pdf = session / "report.pdf"
            self._note(self.tr("The page of the examination is made…"))
            self.process.start(
                ["report", str(session), "--to", str(self._pdf), str(self._pdf.with_suffix(".png"))]
            )

    def _written(self, worked: bool) -> None:
        if not worked:
            self._note(self.process.last_line)
            return
        self._note(self.tr("Saved: {0}").format(self._pdf))
        self.page.show_report(self._pdf, self._pdf.with_suffix(".png"))
        if not self.running:
            self._window.show_page(self.page)

    def _note(self, text: str) -> None:
        self._window.page.side.show_note(text)
