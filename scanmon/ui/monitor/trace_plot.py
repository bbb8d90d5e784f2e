"""The pyqtgraph plot of the trace. Imported when a picture is on the screen: the library is slow to load."""

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QWidget

from scanmon.core.gaps import BRIDGED_S, LONE_S
from scanmon.core.values import Verdict
from scanmon.scoring.calibration import Steadiness
from scanmon.ui.state.texts import figure, translate
from scanmon.ui.state.view_state import Mark, TraceState
from scanmon.ui.theme import Theme

HELD_POINTS = Steadiness().hysteresis  # of quality, beyond a threshold, in which the word may stay
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class CurveBuffer:
    """Room for one curve, allocated once and grown by doubling: an update allocates no curve of its own."""

    def __init__(self, rows: int = 4096) -> None:
        self._x = np.empty(rows)
        self._y = np.empty(rows)

    def fill(
        self,
        time_s: NDArray[np.float64],
        values: NDArray[np.float32],
        offset_s: float = 0.0,
        each_s: float | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x = `time_s` - `offset_s` and y (m,) of the scored rows, a NaN row in each gap over `BRIDGED_S`.

        A score without neighbours, as from a slow engine, becomes a dash of `LONE_S`; with `each_s` every
        score becomes one, of that length: stills have nothing between them.
        `time_s` (n,) grows; `values` (n,) is NaN where there is no score. The arrays belong to this buffer
        and hold until the next call.
        """
        good = np.flatnonzero(np.isfinite(values))
        times, scores = time_s[good], values[good]
        breaks = np.flatnonzero(np.diff(times) > (0.0 if each_s else BRIDGED_S)) + 1
        ends = np.append(breaks, len(good))
        lone = ends[np.diff(ends, prepend=0) == 1] - 1
        rows = len(good) + len(breaks) + len(lone)
        if rows > len(self._x):
            self._x, self._y = np.empty(2 * rows), np.empty(2 * rows)
        x, y = self._x[:rows], self._y[:rows]
        shift = np.zeros(len(good) + 1, np.int64)
        shift[breaks] += 1
        shift[lone + 1] += 1
        place = np.arange(len(good)) + np.cumsum(shift[:-1])
        x[place], y[place] = times, scores
        x[place[breaks] - 1], y[place[breaks] - 1] = times[breaks], np.nan
        x[place[lone] + 1], y[place[lone] + 1] = times[lone] + (each_s or LONE_S), scores[lone]
        x -= offset_s
        return x, y


def verdict_columns(
    time_s: NDArray[np.float64],
    verdict: NDArray[np.int8],
    wordless: NDArray[np.bool_],
    span_s: tuple[float, float],
    columns: int,
    each_s: float | None = None,
) -> NDArray[np.int8]:
    """(columns,): the worst verdict of each pixel column of a span of time, -1 where none was given.

    Columns between two verdicts at most `BRIDGED_S` apart take the earlier one, unless a picture between them
    was scored and is `wordless` (n,). With `each_s` every verdict holds for so long, and nothing is bridged.
    """
    start_s, end_s = span_s
    if each_s:
        places_s = start_s + (np.arange(columns) + 0.5) / columns * (end_s - start_s)
        rows = np.maximum(np.searchsorted(time_s, places_s, side="right") - 1, 0)
        held = (places_s >= time_s[rows]) & (places_s < time_s[rows] + each_s)
        return np.where(held, verdict[rows], -1).astype(np.int8)
    row = np.full(columns, -1, np.int8)
    inside = (time_s >= start_s) & (time_s <= end_s)
    times, worst, silent = time_s[inside], verdict[inside], wordless[inside]
    if not len(times):
        return row
    at = np.minimum(((times - start_s) / (end_s - start_s) * columns).astype(np.int64), columns - 1)
    np.maximum.at(row, at, worst)
    blocked = np.zeros(columns, np.int64)
    blocked[at[silent]] = 1
    blocked = np.cumsum(blocked)
    known = np.flatnonzero(row >= 0)
    reach = math.ceil(BRIDGED_S / (end_s - start_s) * columns)
    steps = np.diff(known)
    for before in np.flatnonzero((steps > 1) & (steps <= reach)):
        if blocked[known[before]] == blocked[known[before + 1]]:
            row[known[before] + 1 : known[before + 1]] = row[known[before]]
    return row


def verdicts_in_bands(
    verdict: NDArray[np.int8], steady: NDArray[np.float32], thresholds: tuple[float, float] | None
) -> NDArray[np.int8]:
    """(n,) verdicts as they were given, brought to what the bands of `thresholds` say now.

    Thresholds may have moved since, or a preset brought others: the strip then tells the same as the bands
    behind the curve. Where the curve is as near to a threshold as hysteresis reaches, the word stays. What is
    recorded is not touched.
    """
    if thresholds is None:
        return verdict
    low, high = thresholds

    def band(quality: NDArray[np.float32]) -> NDArray[np.int8]:
        """0, 1, 2 as in `Verdict`: from high on, from low on, below."""
        return (quality < high).astype(np.int8) + (quality < low).astype(np.int8)

    fitting = np.clip(verdict, band(steady + HELD_POINTS), band(steady - HELD_POINTS))
    return np.where((verdict < 0) | np.isnan(steady), verdict, fitting).astype(np.int8)


def time_ticks(start_s: float, end_s: float, room: float) -> list[float]:
    """Round times of a span, about `room` of them at most; zero is one of them where it is inside."""
    span = end_s - start_s
    tick_s = next((tick for tick in _TICKS_S if span / tick <= max(2.0, room)), _TICKS_S[-1])
    first, last = math.ceil(start_s / tick_s - 1e-9), math.floor(end_s / tick_s + 1e-9)
    return [number * tick_s for number in range(first, last + 1)]


def picture_ticks(start_s: float, end_s: float, each_s: float, room: float) -> list[tuple[float, str]]:
    """Where stills stand, which have no time, and their numbers from 1; about `room` of them at most."""
    steps = (number * 10**power for power in range(9) for number in (1, 2, 5))
    step = next(step for step in steps if (end_s - start_s) / each_s / step <= max(2.0, room))
    first, last = math.floor(start_s / each_s + 1e-6), math.ceil(end_s / each_s - 1e-6)
    numbers = (number for number in range(first + 1, last + 1) if number % step == 0 or number == 1)
    return [((number - 0.5) * each_s, f"{number}") for number in numbers]


def time_label(time_s: float, *, tenths: bool) -> str:
    """`1:05`, or `1:05.3` with tenths."""
    minutes, rest = divmod(round(time_s, 3), 60)
    return figure(f"{int(minutes)}:{rest:04.1f}") if tenths else f"{int(minutes)}:{rest:02.0f}"


FLOOR, STRIP, ROOF = -13.0, (-9.0, -3.0), 109.0  # in quality points: ends of the view, place of the strip
PROGRESS = -11.5  # below the strip
MARKS = 96.0  # above the curve
_LETTERS = 24  # of a bookmark; the tool tip has all
_TICK_PX = 90
_MIN_SPAN_S = 0.5


class TracePlot:
    """A `pyqtgraph.PlotWidget` that shows a `TraceState`.

    x is the time of a recording, or seconds before now of a live source: then the view stands still and the
    curve moves under it. The wheel zooms, dragging moves what was zoomed, a double click shows all.
    """

    def __init__(self, theme: Theme, font: QFont, parent: QWidget, now: Callable[[], str]) -> None:
        self.widget = pg.PlotWidget(parent, background=None)
        self._item = self.widget.getPlotItem()
        self._view = self._item.getViewBox()
        self._now = now
        self._state = TraceState()
        self._offset_s = 0.0
        self._span = (0.0, 0.0)
        self._font = font
        self._buffers = CurveBuffer(), CurveBuffer(), CurveBuffer(), CurveBuffer()
        self._set_up(font)
        self._bands = [self._region("horizontal") for _ in Verdict]
        self._outside = [self._region("vertical", z=5) for _ in range(2)]  # of the loop
        self._strip = pg.ImageItem(axisOrder="row-major")
        self._strip.setZValue(1)
        self._former, self._second, self._gcnr, self._line = (self._curve(z) for z in (1.5, 2, 2.5, 3))
        self._progress = pg.PlotCurveItem()
        self._progress.setZValue(4)
        self._marks = pg.ScatterPlotItem(pxMode=True, hoverable=True, tip=_told)
        self._texts: list[pg.TextItem] = []
        self._marks.setZValue(6)
        self._chapters: list[pg.InfiniteLine] = []
        self._cursor = pg.InfiniteLine(angle=90)
        self._cursor.setZValue(7)
        curves = self._former, self._second, self._gcnr, self._line
        for item in (self._strip, *curves, self._progress, self._marks, self._cursor):
            self._item.addItem(item, ignoreBounds=True)
        for changed in (self._view.sigXRangeChanged, self._view.sigResized):
            changed.connect(self._range_changed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.widget.setBackground(theme.panel)
        for band, verdict in zip(self._bands, reversed(Verdict), strict=True):
            band.setBrush(_faint(theme.verdict(verdict), 0.10))
            for line in band.lines:
                line.setPen(pg.mkPen(theme.edge))
        for shade in self._outside:
            shade.setBrush(_faint(theme.ground, 0.55))
        for shade, inner, outer in zip(self._outside, (1, 0), (0, 1), strict=True):
            shade.lines[inner].setPen(pg.mkPen(theme.quiet))
            shade.lines[outer].setPen(pg.mkPen(None))
        colours = [QColor(0, 0, 0, 0), *(QColor(theme.verdict(verdict)) for verdict in Verdict)]
        self._strip.setLookupTable(np.array([colour.getRgb() for colour in colours], np.uint8))
        self._second.setPen(pg.mkPen(theme.none, width=1))
        self._gcnr.setPen(pg.mkPen(theme.accent, width=1, style=Qt.PenStyle.DotLine))
        self._line.setPen(pg.mkPen(theme.text, width=1.5))
        self._former.setPen(pg.mkPen(theme.none, width=1, style=Qt.PenStyle.DashLine))
        self._progress.setPen(pg.mkPen(theme.accent, width=2))
        self._cursor.setPen(pg.mkPen(theme.text, width=2))
        self._marks.setPen(None)
        self._marks.setBrush(pg.mkBrush(theme.accent))
        for text in self._texts:
            text.setColor(theme.text)
        for name in ("left", "bottom"):
            axis = self._item.getAxis(name)
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(theme.quiet)
        for chapter in self._chapters:
            chapter.setPen(self._dotted())

    def show_state(self, state: TraceState) -> None:
        """Curves, bands, marks: all but the cursor."""
        before, self._state = self._state, state
        self._offset_s = 0.0 if state.seekable else state.end_s
        span = (state.start_s - self._offset_s, state.end_s - self._offset_s)
        if span != self._span or state.seekable != before.seekable:
            self._span = span
            self._view.setLimits(xMin=span[0], xMax=span[1], minXRange=min(_MIN_SPAN_S, span[1] - span[0]))
            self.show_all()
        if state.thresholds != before.thresholds or not self._item.getAxis("left")._tickLevels:
            self._show_bands(state.thresholds)
        for item, buffer, values in (
            (self._second, self._buffers[0], None if state.trace is None else state.trace.second),
            (self._line, self._buffers[1], None if state.trace is None else state.trace.steady),
            (self._former, self._buffers[2], None if state.trace is None else state.trace.former),
            (self._gcnr, self._buffers[3], None if state.trace is None else state.trace.gcnr),
        ):
            if state.trace is None or values is None:
                item.setData([], [])
            else:
                first = max(0, int(np.searchsorted(state.trace.time_s, state.start_s)) - 1)
                rows = state.trace.time_s[first:], values[first:]
                item.setData(*buffer.fill(*rows, self._offset_s, state.each_s))
        end_s = 0.0 if state.scored_to is None else span[0] + state.scored_to * (span[1] - span[0])
        self._progress.setData([span[0], end_s] if end_s else [], [PROGRESS, PROGRESS] if end_s else [])
        self._show_strip()
        self._show_marks()
        self._show_loop()
        if state.chapters_s != before.chapters_s:
            self._show_chapters()

    def show_cursor(self, time_s: float | None) -> None:
        """Where a recording stands; a zoomed view follows it."""
        self._cursor.setVisible(time_s is not None)
        if time_s is None:
            return
        self._cursor.setValue(time_s)
        left, right = self._view.viewRange()[0]
        if not left <= time_s <= right:
            start = min(max(time_s - 0.1 * (right - left), self._span[0]), self._span[1] - (right - left))
            self._view.setXRange(start, start + right - left, padding=0)

    def show_all(self) -> None:
        """The whole span again."""
        self._view.setXRange(*self._span, padding=0)

    def zoom(self, by: float) -> None:
        """Show `by` times less of the time, around the cursor of a recording or up to now."""
        left, right = self._view.viewRange()[0]
        span = min(self._span[1] - self._span[0], max(_MIN_SPAN_S, (right - left) / by))
        middle = self._cursor.value() if self._cursor.isVisible() else right
        share = (middle - left) / (right - left)
        start = min(max(middle - share * span, self._span[0]), self._span[1] - span)
        self._view.setXRange(start, start + span, padding=0)

    def call_on_range(self, changed: Callable[[], None]) -> None:
        """When another span of time is seen, or in another width."""
        for signal in (self._view.sigXRangeChanged, self._view.sigResized):
            signal.connect(lambda *_: changed())

    def x_of(self, time_s: float) -> float:
        """Column of a time, in pixels of the viewport."""
        scene = self._view.mapViewToScene(QPointF(time_s - self._offset_s, 50.0))
        return float(self.widget.mapFromScene(scene).x())

    def time_of(self, x: float) -> float:
        """Time of a column, kept inside the span."""
        scene = self.widget.mapToScene(round(x), 0)
        time_s = float(self._view.mapSceneToView(scene).x()) + self._offset_s
        return min(max(time_s, self._state.start_s), self._state.end_s)

    @property
    def pixel_s(self) -> float:
        """Time of a pixel."""
        left, right = self._view.viewRange()[0]
        return float(right - left) / max(1.0, float(self._view.width()))

    @property
    def plot(self) -> QRectF:
        """Where the curve lies, in pixels of the viewport."""
        scene = self._view.sceneBoundingRect()
        return QRectF(self.widget.mapFromScene(scene).boundingRect())

    def _set_up(self, font: QFont) -> None:
        item = self._item
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setDownsampling(auto=True, mode="peak")
        item.setClipToView(True)
        self._view.setMouseEnabled(x=True, y=False)
        self._view.setYRange(FLOOR, ROOF, padding=0)
        self._view.setDefaultPadding(0)
        self._view.disableAutoRange()
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setStyle(tickLength=0, tickFont=font, tickTextOffset=4, autoExpandTextSpace=False)
        item.getAxis("left").setWidth(round(font.pixelSize() * 2.6))
        item.getAxis("bottom").setHeight(round(font.pixelSize() * 1.6))
        item.getAxis("bottom").setStyle(hideOverlappingLabels=False)  # both ends are named too
        item.layout.setContentsMargins(0, 4, round(font.pixelSize() * 1.8), 0)

    def _curve(self, z: float) -> pg.PlotDataItem:
        """A line with gaps at NaN; where points are dense each column keeps its lowest and highest value."""
        curve = pg.PlotDataItem(connect="finite", antialias=True)
        curve.curve.setSegmentedLineMode("on")  # one smooth path costs more (decision 0010)
        curve.curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # for the cursor to pass over
        curve.opts["autoDownsampleFactor"] = 1.0  # a lowest and a highest value for each pixel
        curve.setZValue(z)
        return curve

    def _region(self, orientation: str, z: float = 0) -> pg.LinearRegionItem:
        region = pg.LinearRegionItem(orientation=orientation, movable=False)
        region.setZValue(z)
        region.hide()
        self._item.addItem(region, ignoreBounds=True)
        return region

    def _show_bands(self, thresholds: tuple[float, float] | None) -> None:
        limits = (0.0, *(thresholds or ()), 100.0)
        for band in self._bands:
            band.setVisible(thresholds is not None)
        if thresholds is not None:
            for band, low, high in zip(self._bands, limits, limits[1:], strict=False):
                band.setRegion((low, high))
        shown: list[float] = []
        for limit in limits:  # labels that would touch the one below are left out
            if not shown or limit - shown[-1] >= 14:
                shown.append(limit)
        self._item.getAxis("left").setTicks([[(limit, f"{limit:.0f}") for limit in shown]])

    def _range_changed(self) -> None:
        left, right = self._view.viewRange()[0]
        room, each_s = self._view.width() / _TICK_PX, self._state.each_s
        times = time_ticks(left, right, room)
        tenths = len(times) > 1 and times[1] - times[0] < 1
        if each_s:
            ticks = picture_ticks(left, right, each_s, room)
        elif self._state.seekable:
            ticks = [(time_s, time_label(time_s, tenths=tenths)) for time_s in times]
        else:
            form = ".1f" if tenths else ".0f"
            ticks = [(t, figure(f"−{-t:{form}} s") if t < 0 else self._now()) for t in times]
        self._item.getAxis("bottom").setTicks([ticks])
        self._show_strip()
        self._show_marks()

    def _show_strip(self) -> None:
        trace = self._state.trace
        left, right = self._view.viewRange()[0]
        if trace is None or not len(trace.time_s) or right <= left:
            self._strip.clear()
            return
        columns = max(1, int(self._view.width()))
        offset_s = self._offset_s
        verdict = verdicts_in_bands(trace.verdict, trace.steady, self._state.thresholds)
        span_s = left + offset_s, right + offset_s
        wordless = np.isfinite(trace.steady) & (trace.verdict < 0)
        row = verdict_columns(trace.time_s, verdict, wordless, span_s, columns, self._state.each_s)
        self._strip.setImage(row[None] + 1, autoLevels=False, levels=(0, len(Verdict) + 1))
        self._strip.setRect(QRectF(left, STRIP[0], right - left, STRIP[1] - STRIP[0]))

    def _show_marks(self) -> None:
        state = self._state
        marks = [mark for mark in state.marks if state.start_s <= mark.time_s <= state.end_s]
        self._marks.setData(
            [mark.time_s - self._offset_s for mark in marks],
            [MARKS for _ in marks],
            data=[mark.text or _TOLD.get(mark.kind, str)() for mark in marks],
            symbol=[_SYMBOLS[mark.kind] for mark in marks],
            size=16,
        )
        self._show_texts([mark for mark in marks if mark.text])

    def _show_texts(self, marks: list[Mark]) -> None:
        """What was typed stands beside its flag, where the one before leaves room."""
        while len(self._texts) < len(marks):
            text = pg.TextItem(anchor=(0.0, 0.5), color=self._theme.text)
            text.setZValue(6)
            text.textItem.setFont(self._font)
            self._item.addItem(text, ignoreBounds=True)
            self._texts.append(text)
        end_s = -np.inf
        for text in self._texts[len(marks) :]:
            text.hide()
        for text, mark in zip(self._texts, sorted(marks, key=lambda mark: mark.time_s), strict=False):
            text.setVisible(mark.time_s >= end_s)
            if text.isVisible():
                short = mark.text if len(mark.text) <= _LETTERS else f"{mark.text[: _LETTERS - 1]}…"
                text.setText(f"   {short}")
                text.setPos(mark.time_s - self._offset_s, MARKS)
                end_s = mark.time_s + text.boundingRect().width() * self.pixel_s

    def _show_loop(self) -> None:
        loop_s = self._state.loop_s
        for shade in self._outside:
            shade.setVisible(loop_s is not None)
        if loop_s is not None:
            self._outside[0].setRegion((self._span[0], loop_s[0]))
            self._outside[1].setRegion((loop_s[1], self._span[1]))

    def _show_chapters(self) -> None:
        for line in self._chapters:
            self._item.removeItem(line)
        self._chapters = [
            pg.InfiniteLine(start_s, angle=90, pen=self._dotted()) for start_s in self._state.chapters_s
        ]
        for line in self._chapters:
            self._item.addItem(line, ignoreBounds=True)

    def _dotted(self) -> object:
        return pg.mkPen(self._theme.quiet, style=Qt.PenStyle.DotLine)


def _told(x: float, y: float, data: object) -> str:
    """The tool tip of a mark."""
    return str(data)


def _faint(colour: str, alpha: float) -> QColor:
    shade = QColor(colour)
    shade.setAlphaF(alpha)
    return shade


def _flag() -> QPainterPath:
    """A flag on its pole; the pole stands at the time."""
    path = QPainterPath()
    path.addRect(QRectF(-0.04, -0.5, 0.08, 1.0))
    path.moveTo(0.0, -0.5)
    path.lineTo(0.6, -0.25)
    path.lineTo(0.0, 0.0)
    path.closeSubpath()
    return path


def _pause() -> QPainterPath:
    """The two bars of a pause."""
    path = QPainterPath()
    path.addRect(QRectF(-0.25, -0.5, 0.18, 0.6))
    path.addRect(QRectF(0.07, -0.5, 0.18, 0.6))
    return path


def _line() -> QPainterPath:
    """A thin line."""
    path = QPainterPath()
    path.addRect(QRectF(-0.04, -0.5, 0.08, 1.0))
    return path


_TOLD = {"settings": lambda: translate("TracePlot", "the scanner's settings changed")}
_SYMBOLS = {"bookmark": _flag(), "frozen": _pause(), "settings": _line()}
