"""The best frames of the last minutes, small, beside the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.scoring.best import Best
from scanmon.scoring.overlay import sector
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.theme import DARK, Theme

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
        if not self._best and not self._automatic:
            return
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.quiet))
        title = self.tr("Best frames")
        if self._automatic:
            title = self.tr("{0} ● saved automatically").format(title)
        painter.drawText(QRect(0, 0, self.width(), 30), Qt.AlignmentFlag.AlignLeft, title)
        for number, (cell, best) in enumerate(zip(self.cells(), self._best, strict=False)):
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
