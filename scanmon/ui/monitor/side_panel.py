"""Beside the picture: the meter, what there is to tell, and how strong the heatmap is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from scanmon.ui.labels import WrappedLabel
from scanmon.ui.monitor.filmstrip import Filmstrip
from scanmon.ui.monitor.heat_legend import HeatLegend
from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.told import Told
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import DARK, Theme

ROOMY_PX = 340  # from this height on there is room for the best frames and the legend


class SidePanel(QWidget):
    """A column of fixed share; grows with the window."""

    heatmap_toggled = Signal(bool)
    strength_requested = Signal(float)  # 0..1

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.meter = QualityMeter(theme, self)
        self.message = MessagePanel(compact=True, parent=self)
        self.message.hide()
        self.filmstrip = Filmstrip(theme, self)
        self.heatmap = QCheckBox(self.tr("Heatmap"), self)
        self.heatmap.setToolTip(self.tr("Where the picture is poor (H)"))
        self.strength = QSlider(Qt.Orientation.Horizontal, self)
        self.strength.setRange(0, 100)
        self.strength.setAccessibleName(self.tr("Strength of the heatmap"))
        self.strength.setToolTip(self.tr("Strength of the heatmap (, and .)"))
        self.legend = HeatLegend(self)
        self.trouble, self.note = WrappedLabel(self), WrappedLabel(self)
        self.trouble.setProperty("warn", True)
        self.trouble.hide()
        self.note.setProperty("quiet", True)
        self._quiet = False

        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 8)
        column.addWidget(self.meter, 3)
        column.addWidget(Told(self.message, self.trouble, self.note, parent=self))
        column.addWidget(self.filmstrip, 2)
        row = QHBoxLayout()
        row.addWidget(self.heatmap)
        row.addWidget(self.strength, 1)
        column.addLayout(row)
        column.addWidget(self.legend)

        self.heatmap.toggled.connect(self.heatmap_toggled)
        self.strength.valueChanged.connect(lambda percent: self.strength_requested.emit(percent / 100))

    def show_options(self, options: ViewOptions) -> None:
        """Set the controls without asking for anything."""
        for control in (self.heatmap, self.strength):
            control.blockSignals(True)
        self.heatmap.setChecked(options.heatmap)
        self.strength.setValue(round(options.strength * 100))
        for control in (self.heatmap, self.strength):
            control.blockSignals(False)
        self.strength.setEnabled(options.heatmap)

    def show_note(self, text: str) -> None:
        """One line of what just happened, for instance where a picture was saved."""
        self.note.setText(text)

    def show_trouble(self, text: str) -> None:
        """What a recording lacks while it goes on, or why it ended; empty while all is well."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def set_quiet(self, quiet: bool) -> None:
        """The meter alone, and what there is to tell."""
        self._quiet = quiet
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low window has room for the number and the switch of the heatmap."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        for widget in (self.heatmap, self.strength, self.note):
            widget.setVisible(not self._quiet)
        roomy = self.height() >= ROOMY_PX and not self._quiet
        self.filmstrip.setVisible(roomy)
        self.legend.setVisible(roomy)

    def set_theme(self, theme: Theme) -> None:
        """Change colours."""
        self.meter.set_theme(theme)
        self.filmstrip.set_theme(theme)
