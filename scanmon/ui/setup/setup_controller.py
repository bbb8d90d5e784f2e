"""Carries out what the set-up page and the preset keys ask for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from scanmon.app.analyzers import OTHER_VIEW
from scanmon.app.settings import ScoringSettings
from scanmon.core.errors import ScanmonError
from scanmon.core.values import Region
from scanmon.inference.engines import backends
from scanmon.picture.region import Outline, Rectangle, Shape
from scanmon.runtime.background import Job
from scanmon.runtime.snapshot import Snapshot
from scanmon.session.regions import same_region
from scanmon.ui.controller import Controller
from scanmon.ui.engines.catalogue import BundleEntry, bundles
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor_factory import MonitorFactory
from scanmon.ui.setup.forms import kind_of
from scanmon.ui.setup.presets import Preset, Presets
from scanmon.ui.setup.previews import Previews
from scanmon.ui.setup.remembered import Recent, RememberedRegions
from scanmon.ui.setup.setup_page import SetupPage
from scanmon.ui.setup.source_list import Choice, choices, shown
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.texts import metric_name, translate

MAX_SHIFT = 30.0  # quality points
THUMB_EVERY = 12  # ticks between two thumbnails of the source that is open


class SetupController(QObject):
    """Owns the settings that the user changes while the program runs."""

    def __init__(
        self,
        window: MonitorWindow,
        controller: Controller,
        factory: MonitorFactory,
        recent: Recent,
        remembered: RememberedRegions,
        config: Path,
        bundles: Path,
    ) -> None:
        super().__init__(window)
        self._window, self._controller, self._factory = window, controller, factory
        self._recent = recent
        self._bundle_folder = bundles
        self._presets = Presets(config / "presets")
        self._remembered = remembered
        self._shape: Shape | None = None
        self._catalogue: Job[list[BundleEntry]] | None = None
        self._bundles: list[BundleEntry] = []
        self._ticks = 0
        self._drawn = ""  # file of the region that was drawn for the source that is open
        self._size = (0, 0)  # of the pictures of that source
        self._found: Region | None = None  # the region of the last snapshot
        self.page = SetupPage(window.theme)
        window.pages.addWidget(self.page)
        self._previews = Previews(self.page.sources.show_frame)
        controller.shutting_down.connect(self._previews.shut_down)
        controller.register("setup", self.open_page)
        controller.register("region", self.open_page)
        controller.register("lock_region", self._lock_region)
        controller.register("rescore", self._score_again)
        controller.register("other_view", self._other_view)
        controller.register("other_metric", self._other_metric)
        controller.register("threshold_up", lambda: self._shift_threshold(1.0))
        controller.register("threshold_down", lambda: self._shift_threshold(-1.0))
        controller.ticked.connect(self._tick)
        controller.source_opened.connect(self._source_opened)
        page = self.page
        page.source_requested.connect(lambda source: controller.open(source, stay=True))
        page.region_requested.connect(self._use_region)
        page.scoring.settings_changed.connect(self._use_scoring)
        page.presets.preset_chosen.connect(self.use_preset)
        page.presets.save_requested.connect(self._save_preset)
        page.file_requested.connect(lambda: window.run("open"))
        page.folder_requested.connect(lambda: window.run("open_folder"))
        page.presets.delete_requested.connect(self._delete_preset)
        page.done.connect(lambda: window.show_page(None))
        page.editor.painted.connect(controller.note_shown)

    def open_page(self) -> None:
        """Show the page with what is in force."""
        scoring = self._factory.settings.scoring
        presets, errors = self._presets.load()
        self.page.show_presets(presets)
        devices = [Choice(uri, title, detail) for uri, title, detail in self._factory.devices()]
        of_presets = [Choice(p.source, p.name, shown(p.source)) for p in presets if p.source]
        addresses = [Choice(uri, uri, "") for uri in self._recent.addresses]
        listed = choices(self._recent.entries, [*addresses, *devices], [*of_presets, *screens()])
        self.page.sources.show_choices(listed)
        self._previews.ask([choice.source for choice in listed])
        self.page.show_region(kind_of(scoring.region, self._shape), self._shape)
        self.page.scoring.show_settings(scoring, self._bundles, backends())
        self.page.show_note("\n".join(error_text(error) for error in errors))
        if self._catalogue is None:
            self._catalogue = Job(lambda: bundles(self._bundle_folder, scoring.bundle), "bundles")
        self._window.show_page(self.page)

    def use_preset(self, key: int) -> None:
        """Bring a preset into force; its source is opened where it names another one."""
        try:
            preset = self._presets.get(key)
            if preset is None:
                self._show_note(self.tr("There is no preset on key {0}.").format(key))
                return
            region = self._presets.region_option(preset)
        except ScanmonError as error:
            self._show_note(error_text(error))
            return
        self._shape = preset.shape
        own = self._factory.settings
        scanner, probe = preset.scanner or own.recording.scanner, preset.probe or own.recording.probe
        recording = replace(own.recording, scanner=scanner, probe=probe)
        self._factory.settings = replace(own, recording=recording)
        self._apply(replace(preset.scoring, region=region), rescore=False)
        if preset.source and preset.source != self._controller.source:
            self._controller.open(preset.source)
        else:
            self._rescore()
        self._show_note(self.tr("Preset {0}: {1}").format(key, preset.name))
        if self._window.pages.currentWidget() is self.page:
            self.open_page()

    def use_bundle(self, name: str) -> None:
        """Score with another bundle from now on; organ and metric of the old one may not exist in it."""
        self._apply(replace(self._factory.settings.scoring, bundle=name, organ="auto", metric="auto"))

    def _other_metric(self) -> None:
        """The one that runs beside the metric which is too slow here makes the number."""
        provenance = self._controller.snapshot.provenance
        if provenance is None or provenance.slow is None:
            return
        other = provenance.slow.other
        self._apply(replace(self._factory.settings.scoring, metric=other))
        self._show_note(self.tr("Metric: {0}").format(metric_name(other)))

    def _shift_threshold(self, points: float) -> None:
        """Stricter or milder, at once: the engine runs on."""
        scoring = self._factory.settings.scoring
        shift = min(MAX_SHIFT, max(-MAX_SHIFT, scoring.threshold_shift + points))
        self._apply(replace(scoring, threshold_shift=shift), rescore=False)
        self._show_note(self.tr("Thresholds {0} points from those of the bundle").format(f"{shift:+.0f}"))
        if self._controller.monitor is not None:
            self._controller.monitor.shift_thresholds(shift)

    def _use_region(self, kind: str, shape: Shape | None) -> None:
        source, size = self._controller.source, picture_size(self._controller.snapshot)
        try:
            if shape is None:
                self._remembered.forget(source, size)
            else:
                self._drawn = str(self._remembered.remember(source, size, shape))
        except ScanmonError as error:
            self._show_note(error_text(error))
            return
        self._shape = shape
        region = kind if shape is None else self._drawn
        self._apply(replace(self._factory.settings.scoring, region=region))

    def _lock_region(self) -> None:
        """Hold the region that was found; the same key lets it be looked for again."""
        if self._shape is not None:
            self._use_region("auto", None)
            self._show_note(self.tr("The image area is looked for again"))
            return
        analysis = self._controller.snapshot.analysis
        if analysis is None or analysis.region.origin == "full":
            self._show_note(self.tr("No image area was found that could be held"))
            return
        region = analysis.region
        shape = Rectangle(region.box) if region.mask is None else Outline(region.outline)
        self._use_region(kind_of(None, shape), shape)
        self._show_note(self.tr("The image area is held"))

    def _other_view(self) -> None:
        """Score the other of two views that stand beside each other; the same key goes back."""
        self._use_region("auto" if self._factory.settings.scoring.region == OTHER_VIEW else OTHER_VIEW, None)

    def _follow_region(self, snapshot: Snapshot) -> None:
        """Say that the image is looked for in another place than before."""
        region = snapshot.analysis.region if snapshot.analysis else None
        before, self._found = self._found, region
        if region is None or before is None or region is before or region.origin != "detected":
            return
        if snapshot.still:  # another picture
            return
        if before.origin == "detected" and not same_region(before, region):
            self._show_note(self.tr("Image area changed"))

    def _source_opened(self, _: str) -> None:
        """A region that was drawn for another source says nothing of this one."""
        scoring = self._factory.settings.scoring
        if self._drawn and scoring.region == self._drawn:
            self._shape = None
            self._apply(replace(scoring, region=None))
        self._drawn = ""
        self._size = (0, 0)
        self._found = None

    def _size_changed(self, size: tuple[int, int]) -> None:
        """A region that was drawn for this source at this size before comes back by itself; another goes."""
        self._size = size
        scoring = self._factory.settings.scoring
        if scoring.region is not None and scoring.region != self._drawn:
            return  # what was asked for by other means holds for every size
        source, drawn = self._controller.source, self._drawn
        try:
            shape = self._remembered.recall(source, size)
        except ScanmonError as error:
            self._show_note(error_text(error))
            shape = None
        self._shape, self._drawn = shape, str(self._remembered.path(source, size)) if shape else ""
        if self._drawn != drawn:
            self._apply(replace(scoring, region=self._drawn or None))

    def _use_scoring(self, scoring: ScoringSettings) -> None:
        region = self._factory.settings.scoring.region
        self._apply(replace(scoring, region=region))
        self.page.scoring.show_settings(self._factory.settings.scoring, self._bundles, backends())

    def _apply(self, scoring: ScoringSettings, *, rescore: bool = True) -> None:
        self._factory.settings = replace(self._factory.settings, scoring=scoring)
        if rescore:
            self._rescore()

    def _rescore(self) -> None:
        """The new settings for the source that is open; the video goes on."""
        monitor = self._controller.monitor
        if monitor is not None:
            monitor.use(self._factory.analyzer(self._controller.source, monitor))

    def _score_again(self) -> None:
        """A recorded session shows its own scores until then; the former curve stays as a dashed line."""
        self._show_note(self.tr("Scored again, in the background"))
        self._rescore()

    def _save_preset(self, name: str, key: int) -> None:
        own = self._factory.settings
        names = own.recording.scanner, own.recording.probe
        preset = Preset(name, key, self._controller.source, own.scoring, self._shape, *names)
        self._change_presets(lambda: self.tr("Saved: {0}").format(self._presets.save(preset)))

    def _delete_preset(self, key: int) -> None:
        self._change_presets(
            lambda: self.tr("Preset {0} is deleted: {1}").format(key, self._presets.delete(key))
        )

    def _change_presets(self, change: Callable[[], str]) -> None:
        """`change` says what it did; the page shows the presets that there are now."""
        try:
            done = change()
        except ScanmonError as error:
            self._show_note(error_text(error))
            return
        self.open_page()
        self._show_note(done)

    def _tick(self, snapshot: Snapshot) -> None:
        if self._catalogue is not None and self._catalogue.done:
            self._bundles, self._catalogue = self._catalogue.result(), None
            self.page.scoring.show_settings(self._factory.settings.scoring, self._bundles, backends())
        if snapshot.frame is not None and picture_size(snapshot) != self._size:
            self._size_changed(picture_size(snapshot))
        self._follow_region(snapshot)
        if self._window.pages.currentWidget() is not self.page:
            self._previews.rest()
            return
        self._previews.tick(self._controller.source)
        self.page.show_snapshot(self._controller.source, snapshot)
        self._ticks += 1
        if snapshot.frame is not None and self._ticks % THUMB_EVERY == 1:
            self.page.sources.show_frame(self._controller.source, snapshot.frame)

    def _show_note(self, text: str) -> None:
        self.page.show_note(text)
        self._window.page.side.show_note(text)


def screens() -> list[Choice]:
    """The screens of this machine, where they can be watched."""
    if QGuiApplication.platformName() not in ("xcb", "windows"):
        return []
    found = []
    for number, screen in enumerate(QGuiApplication.screens(), start=1):
        area, ratio = screen.geometry(), screen.devicePixelRatio()
        width, height = round(area.width() * ratio), round(area.height() * ratio)
        uri = f"screen:{area.x()},{area.y()},{width},{height}"  # of several screens Qt scales the size alone
        title = translate("SetupController", "Screen {0}").format(number)
        found.append(Choice(uri, title, f"{screen.name()}  {width}×{height}"))
    return found


def picture_size(snapshot: Snapshot) -> tuple[int, int]:
    """(width, height); zeros before the first picture."""
    frame = snapshot.frame
    return (0, 0) if frame is None else (frame.pixels.shape[1], frame.pixels.shape[0])
