"""The number, readable at two metres, with its word, its shape and where it lies between the thresholds."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from scanmon.ui.state.meter_state import MeterState
from scanmon.ui.theme import DARK, Shape, Theme, shape_of

MIN_NUMBER_PX = 40
MIN_WORD_PX = 14
MIN_SMALL_PX = 12
HIGH = 2.2  # times the number: with its word, the scale and the word to come
GAPS_PX = 10
BELOW_PX = 36  # two lines of the smallest letters
WRAPPED = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap)


class QualityMeter(QWidget):
    """Never on the picture, always beside it. Changes slowly and does not flash."""

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(96, 104)  # number, word and scale
        self._theme = theme
        self._state = MeterState()
        self.placed: tuple[str, ...] = ()  # what found room below the scale

    def sizeHint(self) -> QSize:
        return QSize(240, 300)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_meter(self, state: MeterState) -> None:
        """Show another state; nothing is repainted where it reads the same."""
        if state == self._state:
            return
        self._state = state
        self.setAccessibleName(" ".join(filter(None, (state.number, state.word, state.beside, state.reason))))
        self.setToolTip("\n".join(filter(None, (state.reason, state.metric, state.second, state.tooltip))))
        self.update()

    @property
    def number_px(self) -> int:
        """Height of the font of the number: in a low window what leaves room for both metrics below it."""
        below = BELOW_PX if self._state.metric or self._state.second else 0
        low = int((self.height() - GAPS_PX - below) / HIGH)
        return max(MIN_NUMBER_PX, min(self.height() * 2 // 5, self.width() * 2 // 5, low))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Number, word with shape, scale, metric."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        state, theme = self._state, self._theme
        colour = QColor(theme.verdict(state.verdict))
        width, y = float(self.width()), 4.0
        number_px = self.number_px

        painter.setFont(self._fitting_font(state.number, number_px))
        painter.setPen(QColor(theme.quiet if state.dim or state.verdict is None else theme.text))
        line = QRectF(0, y, width, number_px * 1.14)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, state.number)
        y = line.bottom() + number_px * 0.06

        word_px = max(16, number_px * 10 // 34)
        y = self._paint_word(painter, y, word_px, colour) + word_px * 0.45
        y = self._paint_scale(painter, QRectF(14, y, width - 28, max(8.0, word_px * 0.42)), colour)

        small_px = max(MIN_SMALL_PX, word_px * 6 // 10)
        painter.setFont(self._font(small_px))
        painter.setPen(QColor(theme.quiet))
        keeps = state.quality is not None and (state.beside or not state.reason)
        if keeps and y + small_px * 1.4 <= self.height():  # nothing below jumps when a word is pending
            line = QRectF(6, y, width - 12, small_px * 1.4)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, state.beside)
            y = line.bottom()
        below = self._below(painter, y, small_px)
        if below and below[-1][1].bottom() > self.height():  # all of it smaller, in a low window
            below = self._below(painter, y, MIN_SMALL_PX)
        self.placed = tuple(text for text, used in below if used.bottom() <= self.height())
        for text, used in below:
            if text in self.placed:  # where there is no room at all the tool tip has it
                painter.setOpacity(0.5 if text == state.second and state.second_dim else 1.0)
                painter.drawText(used, WRAPPED, text)
        painter.end()

    def _below(self, painter: QPainter, y: float, pixels: int) -> list[tuple[str, QRectF]]:
        """What stands below the scale, and where, in letters of this size, which the painter then has."""
        painter.setFont(self._font(pixels))
        placed = []
        for text in filter(None, (self._state.reason, self._state.metric, self._state.second)):
            used = painter.boundingRect(QRectF(6, y, self.width() - 12.0, pixels * 2.8), WRAPPED, text)
            placed.append((text, used))
            y = used.bottom() + pixels * 0.25
        return placed

    def _paint_word(self, painter: QPainter, y: float, word_px: int, colour: QColor) -> float:
        state = self._state
        needed = QFontMetricsF(self._font(word_px, QFont.Weight.Medium)).horizontalAdvance(state.word)
        room = self.width() - 12.0 - 1.23 * word_px  # the mark and the gap beside it
        if needed > room:  # some languages need longer words
            word_px = max(MIN_WORD_PX, int(word_px * (self.width() - 12.0) / (needed + 1.23 * word_px)))
        painter.setFont(self._font(word_px, QFont.Weight.Medium))
        mark, gap = word_px * 0.78, word_px * 0.45
        room = max(0, int(self.width() - mark - gap))
        word = painter.fontMetrics().elidedText(state.word, Qt.TextElideMode.ElideRight, room)
        text_width = painter.fontMetrics().horizontalAdvance(word)
        left = max(0.0, (self.width() - text_width - mark - gap) / 2)
        if state.word:
            square = QRectF(left, y + word_px * 0.26, mark, mark)
            draw_shape(painter, shape_of(state.verdict), square, colour)
        painter.setPen(colour if state.verdict is not None else QColor(self._theme.text))
        rect = QRectF(left + mark + gap, y, text_width + 4, word_px * 1.3)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.AlignmentFlag.AlignLeft), word)
        return rect.bottom()

    def _paint_scale(self, painter: QPainter, rect: QRectF, colour: QColor) -> float:
        """0..100 from left to right, filled up to the quality, ticks at the thresholds."""
        theme, state = self._theme, self._state
        radius = rect.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.edge))
        painter.drawRoundedRect(rect, radius, radius)
        if state.quality is not None:
            filled = QRectF(rect)
            filled.setWidth(max(rect.height(), rect.width() * state.quality / 100))
            painter.setBrush(colour)
            painter.drawRoundedRect(filled, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if state.thresholds is not None:
            painter.setPen(QPen(QColor(theme.text), 1.5))
            for threshold in state.thresholds:
                x = rect.left() + rect.width() * threshold / 100
                painter.drawLine(
                    QRectF(x, rect.top() - 4, 0, rect.height() + 8).topLeft(),
                    QRectF(x, rect.bottom() + 4, 0, 0).topLeft(),
                )
        return rect.bottom() + rect.height() + 6

    def _fitting_font(self, text: str, pixels: int) -> QFont:
        """As large as asked for; smaller only where a raw score is too long for the panel."""
        font = self._font(pixels, QFont.Weight.DemiBold)
        needed = QFontMetricsF(font).horizontalAdvance(text)
        room = self.width() - 16.0
        return font if needed <= room else self._font(int(pixels * room / needed), QFont.Weight.DemiBold)

    def _font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        return font


def draw_shape(painter: QPainter, shape: Shape, rect: QRectF, colour: QColor) -> None:
    """Draw `shape` into the square `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    stroke = max(2.0, rect.width() * 0.14)
    inner = rect.adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if shape is Shape.DISC:
        painter.drawEllipse(rect)
    elif shape is Shape.TRIANGLE:
        painter.drawPolygon(
            QPolygonF([QPointF(rect.center().x(), rect.top()), rect.bottomRight(), rect.bottomLeft()])
        )
    elif shape is Shape.HOLLOW_SQUARE:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, stroke, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(inner)
    else:
        painter.drawRect(QRectF(rect.left(), rect.center().y() - stroke / 2, rect.width(), stroke))
    painter.setBrush(Qt.BrushStyle.NoBrush)
