"""How the region is found: by itself, the whole picture, or a shape that is drawn."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from scanmon.core.values import Box, Region
from scanmon.picture.region import Outline, Quad, Rectangle, Sector, Shape
from scanmon.ui.setup.region_handles import sector_in, shape_from_region, slanted_in

KINDS = ("auto", "full", "box", "slanted", "sector")


class RegionForm(QWidget):
    """One choice; a drawn shape begins where the detected region is."""

    kind_chosen = Signal(str)  # of KINDS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox(self)
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
        """Show what is in force."""
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
