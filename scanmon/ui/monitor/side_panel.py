"""Beside the picture: the meter, what there is to tell, and the heatmap's colours and strength."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
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
from scanmon.scoring.best import Best
from scanmon.scoring.overlay import heat_pixels, sector
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.message_panel import Failures, MessagePanel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import WrappedLabel, lined

COLUMNS = 2
_GAP = 6
_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -COLUMNS,
    Qt.Key.Key_Down: COLUMNS,
}
_CHOOSE: tuple[int, ...] = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Filmstrip(QWidget):
    """Thumbnails with their quality; the best first. A click asks for one, or Tab, arrows and Return."""

    chosen = Signal(object)  # Best

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Best frames"))
        self.setToolTip(self.tr("Best frames: click to see one, G saves the best"))
        self._theme = theme
        self._best: tuple[Best, ...] = ()
        self._current = 0
        self._automatic = False

    def sizeHint(self) -> QSize:
        return QSize(220, 190)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_best(self, best: tuple[Best, ...]) -> None:
        if best is not self._best:
            self._best = best
            self._current = min(self._current, max(0, len(best) - 1))
            # only what can be used is worth a stop of Tab; the mouse leaves the keys to the page
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if best else Qt.FocusPolicy.NoFocus)
            self._describe()
            self.update()

    def show_automatic(self, on: bool) -> None:
        """Whether good pictures are saved without being asked for."""
        if on != self._automatic:
            self._automatic = on
            self.update()

    def cells(self) -> list[QRect]:
        """Places of the thumbnails that fit, in reading order."""
        title = self.fontMetrics().height() + 4
        wide = (self.width() - _GAP * (COLUMNS - 1)) // COLUMNS
        high = wide * 3 // 4
        rows = max(0, (self.height() - title + _GAP) // (high + _GAP))
        return [
            QRect(column * (wide + _GAP), title + row * (high + _GAP), wide, high)
            for row in range(rows)
            for column in range(COLUMNS)
        ]

    def event(self, event: QEvent) -> bool:
        """The arrows and Return are keys of the page too: while the strip has the focus they belong to it."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and override and event.key() in (*_STEPS, *_CHOOSE):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the frame around a thumbnail, Return asks for it."""
        key, shown = event.key(), min(len(self._best), len(self.cells()))
        if key in _STEPS and shown:
            self._current = min(max(self._current + _STEPS[key], 0), shown - 1)
            self._describe()
            self.update()
        elif key in _CHOOSE and self._current < shown:
            self.chosen.emit(self._best[self._current])
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        if self._best:
            text = self.tr("{0} of {1}, quality {2}")
            quality = f"{self._best[self._current].quality:.0f}"
            self.setAccessibleDescription(text.format(self._current + 1, len(self._best), quality))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the frame under the mouse."""
        for cell, best in zip(self.cells(), self._best, strict=False):
            if cell.contains(event.position().toPoint()):
                self.chosen.emit(best)

    def paintEvent(self, event: QPaintEvent) -> None:
        cells = self.cells()
        if not (self._best and cells) and not self._automatic:
            return
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.quiet))
        title = self.tr("Best frames")
        if self._automatic:
            title = self.tr("{0} ● saved automatically").format(title)
        painter.drawText(QRect(0, 0, self.width(), 30), Qt.AlignmentFlag.AlignLeft, title)
        for number, (cell, best) in enumerate(zip(cells, self._best, strict=False)):
            self._paint_cell(painter, cell, best)
            if self.hasFocus() and number == self._current:
                painter.setPen(QPen(QColor(self._theme.accent), 2))
                painter.drawRect(cell.adjusted(1, 1, -2, -2))
        painter.end()

    def _paint_cell(self, painter: QPainter, cell: QRect, best: Best) -> None:
        painter.fillRect(cell, QColor(0, 0, 0))
        picture = sector(best.analysis)
        fit = Fit.of((picture.shape[1], picture.shape[0]), (cell.width(), cell.height()))
        ratio = self.devicePixelRatioF()
        wide, high = max(1, round(picture.shape[1] * fit.scale)), max(1, round(picture.shape[0] * fit.scale))
        image = GrayImageScaler().scaled(picture, round(wide * ratio), round(high * ratio))
        painter.drawImage(QRect(cell.x() + int(fit.x), cell.y() + int(fit.y), wide, high), image)
        number = QRect(cell.right() - 30, cell.bottom() - 18, 30, 18)
        painter.fillRect(number, QColor(0, 0, 0, 170))
        verdict = best.analysis.reading.verdict
        painter.setPen(QColor(DARK.verdict(verdict)))  # on black in either theme
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, f"{best.quality:.0f}")
        painter.setPen(QPen(QColor(self._theme.edge), 1))
        painter.drawRect(cell.adjusted(0, 0, -1, -1))


ROOMY_PX = 340  # from this height on there is room for the best frames and the legend
LEAST_PX = 34  # two lines
TOLD = 0.4  # of the height of a roomy panel: before the number gives way what there is to tell does not


class SidePanel(QWidget):
    """A column of fixed share; grows with the window."""

    heatmap_toggled = Signal(bool)
    strength_requested = Signal(float)  # 0..1

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.meter = QualityMeter(theme, self)
        self.message = MessagePanel(compact=True, parent=self)
        self.message.hide()
        self.failures = Failures(self)
        self.filmstrip = Filmstrip(theme, self)
        self.heatmap = QCheckBox(self.tr("Heatmap"), self)
        self.heatmap.setToolTip(self.tr("Where the picture is poor (H)"))
        self.strength = QSlider(Qt.Orientation.Horizontal, self)
        self.strength.setRange(0, 100)
        self.strength.setAccessibleName(self.tr("Strength of the heatmap"))
        self.strength.setToolTip(self.tr("Strength of the heatmap (, and .)"))
        self.legend = HeatLegend(self)
        self.trouble, self.note = WrappedLabel(self, "warn"), WrappedLabel(self, "quiet")
        self.roi, self.look = WrappedLabel(self), WrappedLabel(self)
        for label in (self.trouble, self.roi, self.look):
            label.hide()
        self._quiet = False
        parts = self.message, self.failures, self.trouble, self.look, self.roi, self.note
        self.told = Told(*parts, parent=self)
        row = lined(QHBoxLayout(), self.heatmap, (self.strength, 1))
        column = (self.meter, 3), self.told, (self.filmstrip, 2), row, self.legend
        lined(QVBoxLayout(self), *column, margins=(10, 10, 10, 8))
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
        self.trouble.tell(text)

    def show_roi(self, text: str) -> None:
        """What was measured in a region of interest; empty where there is none."""
        self.roi.tell(text)

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
        self.told.updateGeometry()  # which may be as high as the panel allows
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
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, self.tr("clean"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, self.tr("poor"))
        painter.end()


class Told(QScrollArea):
    """Parts below each other; never higher than they need, never wider than it is."""

    def __init__(self, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        content = self._content = QWidget(self)
        lined(QVBoxLayout(content), *parts, margins=(0, 0, 0, 0))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the page
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        """The height that the texts have in the width that they have, so that a bar goes when it may."""
        layout, width = self._content.layout(), max(1, self.viewport().width())
        if layout is None or layout.totalSizeHint().isEmpty():
            return QSize(0, 0)
        height = layout.heightForWidth(width) if layout.hasHeightForWidth() else -1
        return QSize(width, height if height >= 0 else layout.totalSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Two lines, more in a high panel; nothing where nothing is told."""
        panel = self.parentWidget()
        high = panel.height() if panel is not None else 0
        least = int(TOLD * high) if high >= ROOMY_PX else LEAST_PX
        return QSize(0, min(least, self.sizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text that changes may need another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
