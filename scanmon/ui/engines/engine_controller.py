"""Carries out what the engine page asks for. Building and checking run in a process of their own."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from scanmon.inference.cards import lacking
from scanmon.runtime.background import Job
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.controller import Controller
from scanmon.ui.engines.catalogue import BundleEntry, bundles
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.engines.engine_page import EnginePage
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor_factory import MonitorFactory
from scanmon.ui.state.texts import translate


class EngineController(QObject):
    """A build neither blocks the window nor brings PyTorch into it; cancelling ends its process."""

    bundle_chosen = Signal(str)

    def __init__(
        self, window: MonitorWindow, controller: Controller, factory: MonitorFactory, bundle_folder: Path
    ) -> None:
        super().__init__(window)
        self._window, self._factory, self._folder = window, factory, bundle_folder
        self._catalogue: Job[tuple[list[BundleEntry], list[str]]] | None = None
        self._lacking: list[str] = []  # what a GPU lacks, and the command that brings it
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
        """Show the page and look what is installed."""
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
            self.page.hardware.setText("\n".join([_running(snapshot), *self._lacking]).strip())


def _running(snapshot: Snapshot) -> str:
    """What scores now, and how fast on this machine."""
    provenance = snapshot.provenance
    if provenance is None:
        return ""
    parts = [f"{provenance.bundle} · {provenance.engine}"]
    reading = snapshot.analysis.reading if snapshot.analysis else None
    if reading is not None and reading.engine_ms is not None:
        parts.append(f"{reading.engine_ms:.1f} ms")
    if snapshot.capture_to_score is not None:
        parts.append(
            f"p50 {snapshot.capture_to_score.p50_ms:.0f} ms, p95 {snapshot.capture_to_score.p95_ms:.0f} ms"
        )
    if not any(name in provenance.engine.backend.lower() for name in ("tensorrt", "cuda")):
        parts.append(
            translate("EngineController", "no GPU in use: scores come less often, the picture is not slowed")
        )
    return "   ".join(parts)
