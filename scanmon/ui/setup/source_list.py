"""What can be watched, each with the last picture that it gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from scanmon.core.values import Frame
from scanmon.sources.opening import identity
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.state.texts import translate

_THUMB = QSize(96, 72)
_LEAST_THUMB = 40  # width
_LEAST_CHARS, _NAMES_PX = 26, 180  # of the list, and of it for names before the thumbnails give way


def shown(source: str) -> str:
    """A source as it may be read by anybody: an address without user and password."""
    return identity(source) if "://" in source else source


@dataclass(frozen=True, slots=True)
class Choice:
    """A source that can be chosen: the URI or path, and its words."""

    source: str
    title: str
    detail: str = ""


class SourceList(QListWidget):
    """Shows what it is given; it opens nothing (ui.previews looks at what may be looked at)."""

    source_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(_THUMB)
        self.setMinimumWidth(_LEAST_CHARS * self.fontMetrics().averageCharWidth())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the tool tip has all of it
        self.setAccessibleName(self.tr("Sources"))
        self._frames: dict[str, Frame] = {}
        self.itemActivated.connect(self._choose)
        self.itemClicked.connect(self._choose)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow list leaves its width to the names."""
        super().resizeEvent(event)
        wide = min(_THUMB.width(), max(_LEAST_THUMB, self.width() - _NAMES_PX))
        self.setIconSize(QSize(wide, wide * _THUMB.height() // _THUMB.width()))

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Fill the list; what was selected stays selected."""
        selected = self.selected
        self.clear()
        for choice in choices:
            item = QListWidgetItem(f"{choice.title}\n{choice.detail}", self)
            item.setData(Qt.ItemDataRole.UserRole, choice.source)
            lines = filter(None, (choice.title, choice.detail, shown(choice.source)))
            item.setToolTip("\n".join(dict.fromkeys(lines)))
            item.setIcon(_icon(self._frames.get(choice.source)))
            if choice.source == selected:
                self.setCurrentItem(item)

    @property
    def selected(self) -> str | None:
        item = self.currentItem()
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def show_frame(self, source: str, frame: Frame) -> None:
        self._frames[source] = frame
        for row in range(self.count()):
            item = self.item(row)
            if item.data(Qt.ItemDataRole.UserRole) == source:
                item.setIcon(_icon(frame))

    def _choose(self, item: QListWidgetItem) -> None:
        self.source_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))


def choices(recent: Sequence[str], devices: Sequence[Choice], presets: Sequence[Choice]) -> list[Choice]:
    """Devices first, then sources of presets, recent files, and what always works."""
    found = [*devices, *presets]
    found += [Choice(path, Path(path).name, str(Path(path).parent)) for path in recent]
    found += [
        Choice("demo", translate("SourceList", "Demo"), translate("SourceList", "cine loop with faults")),
        Choice("phantom:", translate("SourceList", "Phantom"), translate("SourceList", "simulated B-mode")),
    ]
    unique: dict[str, Choice] = {}
    for choice in found:
        unique.setdefault(choice.source, choice)
    return list(unique.values())


def _icon(frame: Frame | None) -> QIcon:
    pixmap = QPixmap(_THUMB)
    pixmap.fill(QColor("#000000"))
    if frame is not None:
        height, width = frame.pixels.shape
        fit = Fit.of((width, height), (_THUMB.width(), _THUMB.height()))
        wide, high = max(1, round(width * fit.scale)), max(1, round(height * fit.scale))
        image = GrayImageScaler().scaled(frame.pixels, wide, high, frame.colour)
        painter = QPainter(pixmap)  # one size for all: texts begin in one column
        painter.drawImage(round(fit.x), round(fit.y), image)
        painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else the style tints it
    return icon
