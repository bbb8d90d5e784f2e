"""Carries out what the engine page asks for. Building and checking run in a process of their own."""

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from scanmon.inference.cards import Word, lacking
from scanmon.runtime.background import Job
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.controller import Controller
from scanmon.ui.engines.catalogue import BundleEntry, bundles
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor_factory import MonitorFactory
from scanmon.ui.state.errors import in_words
from scanmon.ui.state.texts import figure, translate
from scanmon.ui.widgets import Page, Scrolled, WrappedLabel, heading, lined

TABLE_ROWS, OUTPUT_LINES = 5, 6  # that can be read in a low window, the heading among the rows


class EnginePage(Page):
    """Shows; asks for use, check, build and cancel."""

    use_requested = Signal(str)  # name of a bundle
    check_requested = Signal(str)
    build_requested = Signal(str, str, str)  # checkpoint, organ folder or empty, name
    calibrate_requested = Signal(str, str, str)  # bundle, folders of accepted and of rejected pictures
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bundles: Sequence[BundleEntry] = ()
        self.table = QTableWidget(0, 5, self)
        self.table.setHorizontalHeaderLabels(
            [self.tr("Bundle"), self.tr("Metrics"), self.tr("Organs"), self.tr("Licence"), self.tr("State")]
        )
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(self.tr("Engine bundles"))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.use = QPushButton(self.tr("Use it now"), self)
        self.check = QPushButton(self.tr("Check on this machine"), self)
        self.checkpoint, self.organs, self.name, self.accepted, self.rejected = (
            QLineEdit(self) for _ in range(5)
        )
        self.checkpoint.setPlaceholderText("TinyUSFM.pth")
        self.name.setPlaceholderText("tinyusfm")
        self.build = QPushButton(self.tr("Build"), self)
        self.calibrate = QPushButton(self.tr("Calibrate the selected bundle"), self)
        self.steps = QTabWidget(self)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.close_page = QPushButton(self.tr("Back to the picture"), self)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)  # how long a build takes is not known: the lines below tell the step
        self.output = QPlainTextEdit(self)
        self.output.setReadOnly(True)
        self.output.setTabChangesFocus(True)
        self.output.setAccessibleName(self.tr("What happens"))
        self.hardware = WrappedLabel(self, "quiet")
        self._lay_out()
        self.show_busy("")
        self.table.itemSelectionChanged.connect(self._enable)
        self.use.clicked.connect(lambda: self.use_requested.emit(self.selected))
        self.check.clicked.connect(lambda: self.check_requested.emit(self.selected))
        self.build.clicked.connect(
            lambda: self.build_requested.emit(
                self.checkpoint.text().strip(), self.organs.text().strip(), self.name.text().strip()
            )
        )
        self.calibrate.clicked.connect(
            lambda: self.calibrate_requested.emit(
                self.selected, self.accepted.text().strip(), self.rejected.text().strip()
            )
        )
        self.cancel.clicked.connect(self.cancel_requested)
        self.close_page.clicked.connect(self.done)

    @property
    def selected(self) -> str:
        """Name of the selected bundle; empty without one."""
        row = self.table.currentRow()
        return self._bundles[row].name if 0 <= row < len(self._bundles) else ""

    def lead_to_calibration(self) -> None:
        self.steps.setCurrentIndex(1)
        self.accepted.setFocus()
        self.scrolled.ensureWidgetVisible(self.steps)

    def show_bundles(self, bundles: Sequence[BundleEntry], in_use: str, select: str = "") -> None:
        """`select`: the bundle to be selected; without it the one in use."""
        self._bundles = bundles
        self.table.setRowCount(len(bundles))
        for row, entry in enumerate(bundles):
            state = entry.problem or (self.tr("in use") if entry.name == in_use else self.tr("whole"))
            organs = ", ".join(entry.organs[:4]) + ("…" if len(entry.organs) > 4 else "")
            for column, text in enumerate((entry.title, entry.precision, organs, entry.licence, state)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
            if entry.name == (select or in_use):
                self.table.selectRow(row)
        self._enable()

    def show_busy(self, what: str) -> None:
        """What is going on; empty: nothing."""
        self.progress.setVisible(bool(what))
        self.cancel.setEnabled(bool(what))
        self.build.setEnabled(not what)
        if what:
            self.say(what)
            self.scrolled.ensureWidgetVisible(self.output)
        self._enable()

    def say(self, line: str) -> None:
        self.output.appendPlainText(line)

    def _enable(self) -> None:
        entry = next((entry for entry in self._bundles if entry.name == self.selected), None)
        usable = entry is not None and not entry.problem
        self.use.setEnabled(usable)
        self.check.setEnabled(usable and not self.cancel.isEnabled())
        self.calibrate.setEnabled(usable and not self.cancel.isEnabled())

    def _lay_out(self) -> None:
        buttons = lined(QHBoxLayout(), self.use, self.check, None, self.close_page)
        self._add_step(
            self.tr("Build from a checkpoint"),
            self._row(self.tr("Checkpoint"), self.checkpoint, folder=False),
            self._row(self.tr("Organ models (optional)"), self.organs, folder=True),
            (self.tr("Name"), self.name),
            ("", self.build),
        )
        self._add_step(
            self.tr("Calibrate for this site"),
            self._row(self.tr("Accepted pictures, 20 or more"), self.accepted, folder=True),
            self._row(self.tr("Rejected pictures (optional)"), self.rejected, folder=True),
            ("", self.calibrate),
        )
        running = lined(QHBoxLayout(), self.cancel, (self.progress, 1))
        running.addStretch()
        column = lined(QVBoxLayout(), heading(self.tr("Engines")), self.hardware, (self.table, 2), buttons)
        lined(column, self.steps, running, (self.output, 2))
        # a low window shows a part of the page, and of each part as much as can be read
        self.table.setMinimumHeight(TABLE_ROWS * self.table.verticalHeader().defaultSectionSize())
        self.output.setMinimumHeight(OUTPUT_LINES * self.output.fontMetrics().lineSpacing())
        self.scrolled = Scrolled(column, self)
        QVBoxLayout(self).addWidget(self.scrolled)

    def _add_step(self, title: str, *rows: tuple[str, QWidget]) -> None:
        holder = QWidget(self)
        form = QFormLayout(holder)
        for label, field in rows:
            form.addRow(label, field)
        self.steps.addTab(holder, title)

    def _row(self, text: str, field: QLineEdit, *, folder: bool) -> tuple[str, QWidget]:
        field.setAccessibleName(text)
        return text, self._with_browse(field, folder=folder)

    def _with_browse(self, field: QLineEdit, *, folder: bool) -> QWidget:
        holder = QWidget(self)
        browse = QPushButton(self.tr("Browse…"), holder)
        lined(QHBoxLayout(holder), (field, 1), browse, margins=(0, 0, 0, 0))

        def ask() -> None:
            dialog = QFileDialog(self)
            mode = QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile
            dialog.setFileMode(mode)
            dialog.fileSelected.connect(lambda path: field.setText(str(Path(path))))
            dialog.open()

        browse.clicked.connect(ask)
        return holder


class EngineController(QObject):
    """A build neither blocks the window nor brings PyTorch into it; cancelling ends its process."""

    bundle_chosen = Signal(str)

    def __init__(
        self, window: MonitorWindow, controller: Controller, factory: MonitorFactory, bundle_folder: Path
    ) -> None:
        super().__init__(window)
        self._window, self._factory, self._folder = window, factory, bundle_folder
        self._catalogue: Job[tuple[list[BundleEntry], list[Word]]] | None = None
        self._lacking: list[Word] = []  # what a GPU lacks, and the command that brings it
        self._select = ""  # bundle that was built and is to be calibrated next
        self._built = self._calibrated = ""  # the bundle that a command makes now, or has just made
        self.process = CommandProcess(self)
        self.page = EnginePage()
        window.pages.addWidget(self.page)
        self.page.use_requested.connect(self._use)
        self.page.check_requested.connect(lambda name: self._run(["check", name]))
        self.page.build_requested.connect(self._build)
        self.page.calibrate_requested.connect(self._calibrate)
        self.page.cancel_requested.connect(self.process.cancel)
        self.process.line_read.connect(self.page.say)
        self.process.ended.connect(self._ended)
        self.page.done.connect(lambda: window.show_page(None))
        controller.register("engines", self.open_page)
        controller.ticked.connect(self._tick)
        controller.shutting_down.connect(self.process.shut_down)

    def open_page(self) -> None:
        self._look()
        self._window.show_page(self.page)

    def _look(self) -> None:
        chosen = self._factory.settings.scoring.bundle
        if self._catalogue is None:
            self._catalogue = Job(lambda: (bundles(self._folder, chosen), lacking()), "bundles")

    def _use(self, name: str) -> None:
        self.bundle_chosen.emit(name)
        self._look()

    def _build(self, checkpoint: str, organs: str, name: str) -> None:
        word = re.sub(r"[^\w.-]+", "_", name) or Path(checkpoint).stem
        if not checkpoint:
            self.page.say(self.tr("Choose a checkpoint first."))
            return
        self._built = str(self._folder / word)
        arguments = ["build", checkpoint, "--out", self._built]
        self._run([*arguments, "--organs", organs] if organs else arguments)

    def _calibrate(self, name: str, accepted: str, rejected: str) -> None:
        if not accepted:
            self.page.say(self.tr("Choose a folder of accepted pictures first, 20 or more."))
            return
        stem = f"{Path(name).name}-site"
        names = (f"{stem}{number}" if number > 1 else stem for number in count(1))
        out = next(self._folder / word for word in names if not (self._folder / word).exists())
        self._calibrated = str(out)
        # accepted pictures are clean ones too; thresholds between two kinds need both
        judged = ["--accepted", accepted, "--rejected", rejected] if rejected else []
        self._run(["calibrate", accepted, *judged, "--bundle", name, "--out", self._calibrated])

    def _run(self, arguments: list[str]) -> None:
        if not self.process.busy:
            self.page.show_busy(f"scanmon {' '.join(arguments)}")
            self.process.start(arguments)

    def _ended(self, worked: bool) -> None:
        """After a build the page leads on to the calibration, without which its score has no word."""
        built, calibrated = self._built, self._calibrated
        self._built = self._calibrated = ""
        self.page.show_busy("")
        if not worked:
            self.page.say(self.tr("It did not work out; see above."))
        elif built:
            self._select = built
            self.page.say(self.tr("Built. Next: choose accepted pictures of your site, and calibrate."))
            self.page.lead_to_calibration()
        elif calibrated:
            self._select = ""
            self.bundle_chosen.emit(calibrated)
            self.page.say(self.tr("Done: {0} is calibrated and in use.").format(Path(calibrated).name))
        else:
            self.page.say(self.tr("Done."))
        self._look()

    def _tick(self, snapshot: Snapshot) -> None:
        if self._catalogue is not None and self._catalogue.done:
            (found, self._lacking), self._catalogue = self._catalogue.result(), None
            self.page.show_bundles(found, self._factory.settings.scoring.bundle, self._select)
        if self._window.pages.currentWidget() is self.page:
            lacking = (f"{in_words(word.what)}: {in_words(word.remedy)}" for word in self._lacking)
            self.page.hardware.setText("\n".join([_running(snapshot), *lacking]).strip())


def _running(snapshot: Snapshot) -> str:
    provenance = snapshot.provenance
    if provenance is None:
        return ""
    parts = [f"{provenance.bundle} · {provenance.engine}"]
    reading = snapshot.analysis.reading if snapshot.analysis else None
    if reading is not None and reading.engine_ms is not None:
        parts.append(figure(f"{reading.engine_ms:.1f} ms"))
    if snapshot.capture_to_score is not None:
        parts.append(
            f"p50 {snapshot.capture_to_score.p50_ms:.0f} ms, p95 {snapshot.capture_to_score.p95_ms:.0f} ms"
        )
    if not any(name in provenance.engine.backend.lower() for name in ("tensorrt", "cuda", "webgpu")):
        parts.append(
            translate("EngineController", "no GPU in use: scores come less often, the picture is not slowed")
        )
    return "   ".join(parts)
