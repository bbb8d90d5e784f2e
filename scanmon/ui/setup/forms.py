"""How the region is found, and which metric, bundle and organ score it."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QToolButton, QWidget

from scanmon.app.settings import ScoringSettings
from scanmon.core.values import Box, Region
from scanmon.picture.region import Outline, Quad, Rectangle, Sector, Shape
from scanmon.ui.engines.catalogue import BundleEntry
from scanmon.ui.setup.region_handles import sector_in, shape_from_region, slanted_in
from scanmon.ui.widgets import ChoiceBox, WrappedLabel, offer

KINDS = ("auto", "full", "box", "slanted", "sector")


class RegionForm(QWidget):
    """One choice; a drawn shape begins where the detected region is."""

    kind_chosen = Signal(str)  # of KINDS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = ChoiceBox(self)
        words = (
            self.tr("find it automatically"),
            self.tr("whole picture"),
            self.tr("rectangle"),
            self.tr("four corners (steered linear)"),
            self.tr("sector (convex, phased array)"),
        )
        for word, kind in zip(words, KINDS, strict=True):
            self.kind.addItem(word, kind)
        self.kind.setAccessibleName(self.tr("Region"))
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("Region"), self.kind)
        self.kind.activated.connect(lambda row: self.kind_chosen.emit(KINDS[row]))

    def show_kind(self, kind: str) -> None:
        self.kind.setCurrentIndex(KINDS.index(kind))


def kind_of(option: str | None, shape: Shape | None) -> str:
    """The kind for a `--region` option and a drawn shape."""
    if isinstance(shape, Rectangle):
        return "box"
    if isinstance(shape, Quad | Outline):  # corners that are free to move
        return "slanted"
    if isinstance(shape, Sector):
        return "sector"
    return "full" if option == "full" else "auto"


def first_shape(kind: str, region: Region | None, picture: tuple[int, int]) -> Shape | None:
    """The shape to begin with for a kind: the region found so far, or the middle of the picture (w, h)."""
    width, height = picture
    box = region.box if region is not None else Box(width // 8, height // 8, width * 3 // 4, height * 3 // 4)
    found = shape_from_region(region) if region is not None else None
    if kind == "box":
        return Rectangle(box)
    if kind == "slanted":
        return found if isinstance(found, Quad) else slanted_in(box)
    if kind == "sector":
        return found if isinstance(found, Sector) else sector_in(box)
    return None


class ScoringForm(QWidget):
    """Gives ScoringSettings; the region is chosen elsewhere."""

    settings_changed = Signal(object)  # ScoringSettings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = ScoringSettings()
        self._bundles: Sequence[BundleEntry] = ()
        self.bundle_box, self.metric_box, self.organ_box, self.backend_box = (
            ChoiceBox(self) for _ in range(4)
        )
        self.problem = WrappedLabel(self, "warn")
        self.advanced = QToolButton(self)
        self.advanced.setText(self.tr("Advanced"))
        self.advanced.setCheckable(True)
        self.advanced.toggled.connect(self._show_advanced)
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        self._advanced = (self.bundle_box, self.metric_box, self.backend_box)
        for label, box in (
            (self.tr("Organ"), self.organ_box),
            (self.tr("Engine bundle"), self.bundle_box),
            (self.tr("Metric"), self.metric_box),
            (self.tr("Runs on"), self.backend_box),
        ):
            form.addRow(label, box)
            box.activated.connect(lambda _: self._changed())
            if box is self.organ_box:
                form.addRow(self.advanced)
        self._show_advanced(False)
        form.addRow(self.problem)

    def show_settings(
        self, settings: ScoringSettings, bundles: Sequence[BundleEntry], backends: Sequence[str]
    ) -> None:
        """Show what is in force and what else there is."""
        self.settings, self._bundles = settings, bundles
        offer(self.bundle_box, [(entry.title, entry.name) for entry in bundles], settings.bundle)
        auto = (self.tr("automatic"), "auto")
        offer(
            self.backend_box, [auto, *((name, name) for name in backends if name != "auto")], settings.backend
        )
        entry = next((entry for entry in bundles if entry.name == settings.bundle), None)
        metrics = entry.metrics if entry else ()
        organs = entry.organs if entry else ()
        offer(self.metric_box, [auto, *((name, name) for name in metrics)], settings.metric)
        offer(
            self.organ_box, [(self.tr("automatic (all)"), "auto"), *((o, o) for o in organs)], settings.organ
        )
        self.organ_box.setEnabled(bool(organs))
        self.problem.tell(entry.problem if entry else "")

    def _show_advanced(self, shown: bool) -> None:
        for box in self._advanced:
            self._form.setRowVisible(box, shown)

    def _changed(self) -> None:
        self.settings = replace(
            self.settings,
            bundle=self.bundle_box.currentData(),
            metric=self.metric_box.currentData(),
            organ=self.organ_box.currentData(),
            backend=self.backend_box.currentData(),
        )
        self.settings_changed.emit(self.settings)
