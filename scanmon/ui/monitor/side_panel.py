"""Beside the picture: the meter, what there is to tell, and the heatmap's colours and strength."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from scanmon.core.values import Box
from scanmon.scoring.overlay import heat_pixels
from scanmon.ui.monitor.filmstrip import Filmstrip
from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import WrappedLabel

ROOMY_PX = 340  # from this height on there is room for the best frames and the legend
LEAST_PX = 34  # two lines


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
        self.trouble, self.note, self.roi, self.look = (WrappedLabel(self) for _ in range(4))
        self.roi.hide()
        self.look.hide()
        self.trouble.setProperty("warn", True)
        self.trouble.hide()
        self.note.setProperty("quiet", True)
        self._quiet = False

        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 8)
        column.addWidget(self.meter, 3)
        column.addWidget(Told(self.message, self.trouble, self.look, self.roi, self.note, parent=self))
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

    def show_look(self, text: str) -> None:
        """How the display differs from the picture; empty where it does not."""
        self.look.setText(text)
        self.look.setVisible(bool(text))

    def show_roi(self, text: str) -> None:
        """What was measured in a region of interest; empty where there is none."""
        if text != self.roi.text():
            self.roi.setText(text)
            self.roi.setVisible(bool(text))

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
        self.meter.set_theme(theme)
        self.filmstrip.set_theme(theme)


class HeatLegend(QWidget):
    """A bar from good to poor, made by the function that paints the heatmap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ramp = np.linspace(100.0, 0.0, 128, dtype=np.float32)[None].repeat(2, 0)
        self._pixels = heat_pixels(ramp, Box(0, 0, 128, 8), None)
        height, width = self._pixels.shape[:2]
        form = QImage.Format.Format_ARGB32_Premultiplied
        self._bar = QImage(self._pixels.data, width, height, self._pixels.strides[0], form)

    def sizeHint(self) -> QSize:
        """A thin bar with words at its ends."""
        return QSize(160, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        bar = QRect(0, 2, self.width(), 6)
        painter.fillRect(bar, Qt.GlobalColor.black)
        painter.drawImage(bar, self._bar)
        words = QRect(0, 10, self.width(), self.height() - 10)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, self.tr("as clean"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, self.tr("poor"))
        painter.end()


class Told(QScrollArea):
    """Parts below each other; never higher than they need, never wider than it is."""

    def __init__(self, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        content = self._content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        for part in parts:
            column.addWidget(part)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the page
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        """The height that the texts have in this width."""
        layout, width = self._content.layout(), max(1, self.width())
        if layout is None or layout.totalSizeHint().isEmpty():
            return QSize(0, 0)
        height = layout.heightForWidth(width) if layout.hasHeightForWidth() else -1
        return QSize(width, height if height >= 0 else layout.totalSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Two lines; nothing where nothing is told."""
        return QSize(0, min(LEAST_PX, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text that changes may need another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
