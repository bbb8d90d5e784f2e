"""Set-up: choose a source, see what was negotiated, see and draw the region, choose what scores."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from scanmon.core.values import Region
from scanmon.picture.region import Shape
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.setup.forms import RegionForm, ScoringForm, first_shape
from scanmon.ui.setup.presets import Preset, PresetBar
from scanmon.ui.setup.region_editor import RegionEditor
from scanmon.ui.setup.source_list import SourceList
from scanmon.ui.state.messages import message_for
from scanmon.ui.state.texts import figure
from scanmon.ui.state.view_state import ViewOptions, view_state
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import Page, Scrolled, WrappedLabel, heading, lined


class SetupPage(Page):
    """Everything is reachable with Tab; Escape and the button lead to the monitor."""

    source_requested = Signal(str)
    region_requested = Signal(str, object)  # kind of forms.KINDS, Shape or None
    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "auto"
        self._region: Region | None = None
        self._picture = (640, 480)
        self.sources = SourceList(self)
        self.address = QLineEdit(self)
        self.address.setPlaceholderText("rtsp://…  http://…  igtl://…  screen:X,Y,W,H")
        self.address.setAccessibleName(self.tr("Address of a source"))
        self.address.setToolTip(self.address.placeholderText())
        self.open_file = QPushButton(self.tr("File…"), self)
        self.open_folder = QPushButton(self.tr("Folder…"), self)
        self.drop_hint = WrappedLabel(self, "quiet")
        self.drop_hint.setText(self.tr("Files and folders can be dropped on the window."))
        self.editor = RegionEditor(theme, self)
        self.negotiated = WrappedLabel(self, "quiet")
        self.region = RegionForm(self)
        self.scoring = ScoringForm(self)
        self.presets = PresetBar(self)
        self.note = WrappedLabel(self)
        self.start = QPushButton(self.tr("Start monitoring"), self)
        self.start.setDefault(True)
        self._lay_out()

        self.sources.source_chosen.connect(self.source_requested)
        self.address.returnPressed.connect(self._address_given)
        self.region.kind_chosen.connect(self._kind_chosen)
        self.editor.shape_changed.connect(lambda shape: self.region_requested.emit(self._kind, shape))
        self.start.clicked.connect(self.done)
        self.open_file.clicked.connect(self.file_requested)
        self.open_folder.clicked.connect(self.folder_requested)

    def show_region(self, kind: str, shape: Shape | None) -> None:
        self._kind = kind
        self.region.show_kind(kind)
        self.editor.edit(shape)

    def show_snapshot(self, source: str, snapshot: Snapshot) -> None:
        """The live picture with the region that was found, and what the source negotiated."""
        options = ViewOptions(heatmap=False, overlays=self.editor.shape is None)
        state = view_state(snapshot, options)
        self.editor.show_picture(state.picture, state.overlay)
        self._region = snapshot.analysis.region if snapshot.analysis else None
        if snapshot.frame is not None:
            height, width = snapshot.frame.pixels.shape
            self._picture = (width, height)
        elif snapshot.state == "idle":
            self.editor.say(self.tr("Choose a source on the left"))
        else:
            self.editor.say(_negotiated(snapshot))
        self.start.setEnabled(snapshot.frame is not None)
        text = _negotiated(snapshot)
        if text != self.negotiated.text():
            self.negotiated.setText(text)

    def show_note(self, text: str) -> None:
        self.note.setText(text)

    def show_presets(self, presets: Sequence[Preset]) -> None:
        self.presets.show_presets(presets)

    def _kind_chosen(self, kind: str) -> None:
        shape = first_shape(kind, self._region, self._picture)
        self.show_region(kind, shape)
        self.region_requested.emit(kind, shape)

    def _address_given(self) -> None:
        if self.address.text().strip():
            self.source_requested.emit(self.address.text().strip())

    def _lay_out(self) -> None:
        files = lined(QHBoxLayout(), self.open_file, self.open_folder)
        source = heading(self.tr("Source"))
        left = lined(QVBoxLayout(), source, (self.sources, 1), self.drop_hint, files, self.address)
        middle = lined(QVBoxLayout(), (self.editor, 1), self.negotiated)
        right = lined(QVBoxLayout(), heading(self.tr("Region")), self.region, 12)
        lined(right, heading(self.tr("Scoring")), self.scoring, 12)
        lined(right, heading(self.tr("Presets")), self.presets, None)
        last = lined(QVBoxLayout(), (Scrolled(right, self), 1), self.note, self.start)
        lined(QHBoxLayout(self), (left, 3), (middle, 6), (last, 3))


def _negotiated(snapshot: Snapshot) -> str:
    """Size, rate and format as the source really gives them; or what is wrong."""
    message = message_for(snapshot)
    if message is not None and message.problem:
        return " ".join(part for part in (message.title + ":", message.text, message.way_out) if part)
    info = snapshot.info
    if info is None:
        return message.title if message is not None else ""
    rate = figure(f"{info.rate_hz:.4g} Hz") if info.rate_hz else ""
    parts = (info.name, f"{info.width} × {info.height}", rate, info.details)
    return "   ".join(part for part in parts if part)
