"""One page of how a session or an examination went: A4 across as PDF or PNG, in the language of the user."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, Qt, QUuid
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QPolygonF,
    QTextLayout,
)

from scanmon.core.errors import SinkError
from scanmon.core.gaps import stretches
from scanmon.core.palette import ON_LIGHT
from scanmon.core.values import Analysis, Metric, Verdict
from scanmon.scoring.overlay import with_heat
from scanmon.session.content import RecordedScores, SessionContent, joined
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import STRENGTH
from scanmon.session.summary import SHARES, Examined, Stretch, Summary, ViewResult, examined, summary
from scanmon.ui.app import application
from scanmon.ui.state.texts import (
    disclaimer,
    figure,
    metric_name,
    part_name,
    seconds,
    translate,
    verdict_word,
)

PAGE: Final = (8420, 5950)  # tenths of a point
LEFT, RIGHT = 420, 8000
PIXELS: Final = (1753, 1240)  # 150 a inch
INK, DIM, MARK = "#1d2733", "#6b7785", "#2f5bd0"
COLOURS: Final = {
    **{verdict.value: colour for verdict, colour in ON_LIGHT.items()},
    "no word": "#c3b6cf",
    "no score": "#8d98a4",
    "not scored": "#dde1e5",
}
LEAST: Final = 6.0  # points: letters get no smaller than that
_MOST_WORDS: Final = 0.55  # of the height of a picture's place
_ROOMY: Final = 1500  # of a picture with words of the usual size above it
_MOMENTS: Final = 4
_COLUMNS: Final = ((4, 4), (6, 3), (8, 4), (12, 6), (24, 8))  # up to so many views: pictures in a row
_TICKS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def export_report(parts: Sequence[Material], path: Path, progress: Progress) -> None:
    """The page of a recording in all its parts. Raises `SinkError`."""
    application(offscreen=True)
    contents = [part.content for part in parts]
    content = contents[0] if len(parts) == 1 else joined(contents)
    page = _Page(content, summary(content, _MOMENTS), examined(content), len(parts))
    moments = _moments(parts, page.pictures, progress)
    data = _pdf if path.suffix.lower() == ".pdf" else _png
    with replacing(path) as part:
        part.write_bytes(data(lambda painter: _draw(Sheet(painter), page, moments), path))


def _pdf(draw: Callable[[QPainter], None], path: Path) -> bytes:
    """Nothing of this machine, and no date: the same session gives the same file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QPageLayout().margins())
    writer.setResolution(1200)
    writer.setTitle(_title())
    writer.setCreator("scanmon")
    writer.setDocumentId(QUuid())
    writer.setDocumentXmpMetadata(b"<?xpacket begin=''?><?xpacket end='r'?>")
    painter = QPainter(writer)
    painter.setWindow(0, 0, *PAGE)
    draw(painter)
    painter.end()
    blank = re.compile(rb"/(?:Creation|Mod)Date \([^)]*\)")  # as long: the file has places
    return blank.sub(lambda found: b" " * len(found[0]), buffer.data().data())


def _png(draw: Callable[[QPainter], None], path: Path) -> bytes:
    image = QImage(*PIXELS, QImage.Format.Format_RGB888)
    image.setDotsPerMeterX(5906)
    image.setDotsPerMeterY(5906)
    for key, value in (("Title", _title()), ("Description", disclaimer()), ("Software", "scanmon")):
        image.setText(key, value)
    painter = QPainter(image)
    painter.fillRect(image.rect(), Qt.GlobalColor.white)
    painter.setWindow(0, 0, *PAGE)
    draw(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise SinkError("the page cannot be drawn", path)
    return bytes(buffer.data().data())


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """What is on it."""

    content: SessionContent
    found: Summary
    views: Examined | None
    parts: int  # recordings that it was made of

    @property
    def pictures(self) -> list[int]:
        if self.views is None:
            return [*self.found.best, *self.found.worst]
        return [view.picture for view in self.views.views if view.picture is not None]


def _moments(parts: Sequence[Material], wanted: Iterable[int], progress: Progress) -> dict[int, Analysis]:
    """The analysed pictures to be shown, by their number on all parts; none of a part without pictures."""
    moments: dict[int, Analysis] = {}
    order = sorted(set(wanted))
    ends = list(accumulate(len(part.content.pictures) for part in parts))
    for done, picture in enumerate(order):
        progress(done + 1, len(order))
        number = next(number for number, end in enumerate(ends) if picture < end)
        part = parts[number]
        if part.recording is not None:
            own = picture - (ends[number - 1] if number else 0)
            frame = next(iter(part.recording.frames_from(own)))
            moments[picture] = RecordedScores(part.content).analyze(frame)
    return moments


class Sheet:
    """Draws words, lines and pictures on a page, in tenths of a point."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )

    def text(
        self,
        place: QRectF,
        words: str,
        size: float = 9,
        colour: str = INK,
        *,
        bold: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> QRectF:
        """One line, no wider than its place: smaller where it is longer, then shortened; where it lies."""
        needed = QFontMetricsF(_font(size, bold=bold)).horizontalAdvance(words)
        smaller = min(size, max(LEAST, size * place.width() / max(needed, 1.0)))
        font = _font(smaller, bold=bold)
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, place.width() + 1)
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        flags = align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        self.painter.drawText(place, int(flags.value), shown)
        wide = metrics.horizontalAdvance(shown)
        left = {
            Qt.AlignmentFlag.AlignRight: place.width() - wide,
            Qt.AlignmentFlag.AlignHCenter: (place.width() - wide) / 2,
        }
        return QRectF(place.x() + left.get(align, 0.0), place.y(), wide, place.height())

    def width(self, words: str, size: float) -> float:
        return QFontMetricsF(_font(size)).horizontalAdvance(words)

    def lines(self, words: str, wide: float, size: float) -> list[str]:
        """`words` in as many lines as they need, between words where that is possible."""
        layout, units = QTextLayout(words, _font(size)), words.encode("utf-16-le")  # Qt counts in these
        layout.beginLayout()
        parts: list[str] = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(wide)
            begin, end = 2 * line.textStart(), 2 * (line.textStart() + line.textLength())
            parts.append(units[begin:end].decode("utf-16-le", "replace").strip())
        layout.endLayout()
        return parts

    def fill(self, place: QRectF, colour: str, opacity: float = 1.0) -> None:
        shade = QColor(colour)
        shade.setAlphaF(opacity)
        self.painter.fillRect(place, shade)

    def line(
        self, points: Sequence[QPointF], colour: str, width: float, dashes: Sequence[float] = ()
    ) -> None:
        pen = QPen(QColor(colour), width, j=Qt.PenJoinStyle.RoundJoin, c=Qt.PenCapStyle.FlatCap)
        if dashes:
            pen.setDashPattern(list(dashes))
        self.painter.setPen(pen)
        self.painter.drawPolyline(QPolygonF(points))

    def picture(self, place: QRectF, pixels: NDArray[np.uint8]) -> None:
        """As large as fits, its upper edge on that of the place."""
        height, width = pixels.shape[:2]
        scale = min(place.width() / width, place.height() / height)
        wide, high = width * scale, height * scale
        data = np.ascontiguousarray(pixels)
        image = QImage(data.data, width, height, 3 * width, QImage.Format.Format_BGR888)
        target = QRectF(place.center().x() - wide / 2, place.y(), wide, high)
        self.painter.drawImage(target, image, QRectF(0, 0, width, height))


def _font(size: float, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(round(size * 10))
    font.setBold(bold)
    return font


def _draw(sheet: Sheet, page: _Page, moments: dict[int, Analysis]) -> None:
    views = page.views
    _heading(sheet, page, views.protocol if views is not None else _title())
    if views is None:
        _shares(sheet, QRectF(LEFT, 790, RIGHT - LEFT, 160), page.found)
        _trace(sheet, QRectF(LEFT, 1080, RIGHT - LEFT, 1150), page.content)
        # as the curve has it: the times of a film begin with its pictures
        times_s = page.content.table.numbers("time_s")[page.content.pictures]
        best, worst = translate("Report", "best {0}:  {1}"), translate("Report", "worst {0}:  {1}")
        for row, (words, pictures) in enumerate(((best, page.found.best), (worst, page.found.worst))):
            for column, picture in enumerate(pictures):
                shown = moments.get(picture)
                title = words.format(column + 1, _said(shown, float(times_s[picture]))) if shown else ""
                _moment(sheet, _cell(2520, 2900, row, 2, column, _MOMENTS), [title], shown)
    else:
        _examination(sheet, page, views, moments)
    _footing(sheet, page.content)


def _heading(sheet: Sheet, page: _Page, title: str) -> None:
    found, about = page.found, page.content.about
    median = "–" if found.median_quality is None else f"{found.median_quality:.0f}"
    room = 4500
    sheet.text(QRectF(LEFT, 230, room, 300), title, 20, bold=True)
    when = f"{str(about.get('started_utc', ''))[:16].replace('T', ' ')} UTC"
    frames = translate("Report", "{0} frames, {1} scored").format(found.frames, found.scored)
    source = translate("Report", "source: {0}").format(about.get("source", ""))
    parts = (
        translate("Report", "{0} recordings: the size of the picture changed").format(page.parts)
        if page.parts > 1
        else ""
    )
    line = _joined(when, _duration(found.seconds), frames, source, parts)
    sheet.text(QRectF(LEFT, 540, RIGHT - LEFT, 150), line, 10, DIM)
    right = Qt.AlignmentFlag.AlignRight
    sheet.text(QRectF(5000, 220, 900, 320), f"{100 * found.shares[0]:.0f} %", 30, bold=True, align=right)
    sheet.text(QRectF(5970, 220, 780, 140), translate("Report", "of the time"), 10, DIM)
    word = verdict_word(Verdict.ADEQUATE)
    sheet.text(QRectF(5970, 370, 850, 160), word, 12, COLOURS["adequate"], bold=True)
    sheet.text(QRectF(6800, 220, 520, 320), median, 30, bold=True, align=right)
    sheet.text(QRectF(7400, 220, 600, 140), translate("Report", "median"), 10, DIM)
    sheet.text(QRectF(7400, 370, 600, 160), translate("Report", "quality"), 12, bold=True)
    if not page.content.complete:
        cut_off = translate("Report", "The recording was cut off.")
        sheet.text(QRectF(5000, 90, RIGHT - 5000, 130), cut_off, 9, COLOURS["inadequate"], align=right)


def _shares(sheet: Sheet, place: QRectF, found: Summary) -> None:
    x = place.x()
    for name, share in zip(SHARES, found.shares, strict=True):
        part = QRectF(x, place.y(), place.width() * share, place.height())
        sheet.fill(part, COLOURS[name])
        if share > 0.08:
            colour = "#ffffff" if name in ("adequate", "marginal", "inadequate") else INK
            words = f"{_share_name(name)} {100 * share:.0f} %", f"{100 * share:.0f} %"
            fitting = next((one for one in words if sheet.width(one, 9) <= part.width()), "")
            sheet.text(part, fitting, 9, colour, align=Qt.AlignmentFlag.AlignHCenter)
        x += part.width()


def _trace(sheet: Sheet, place: QRectF, content: SessionContent) -> Callable[[float], float]:
    """The curve, and what was noted on the time line; gives where a time lies."""
    times_s, quality = content.table.numbers("time_s"), content.table.numbers("quality")
    plot = place.adjusted(260, 0, 0, -150)
    end_s = max(float(np.nanmax(times_s, initial=1e-3)), 1e-3)

    def x(time_s: float) -> float:
        return plot.x() + plot.width() * time_s / end_s

    def y(value: float) -> float:
        return plot.bottom() - plot.height() * value / 100.0

    low, high = content.provenance().thresholds or (0.0, 0.0)
    if high:
        for name, bottom, top in (("inadequate", 0, low), ("marginal", low, high), ("adequate", high, 100)):
            sheet.fill(
                QRectF(QPointF(plot.x(), y(top)), QPointF(plot.right(), y(bottom))), COLOURS[name], 0.12
            )
    known = np.isfinite(times_s)
    dropped = np.array(content.table.texts("reason")) == "dropped"
    for rows in stretches(times_s, known & ~np.isfinite(quality) & ~dropped):
        begin, end = (x(float(times_s[row])) for row in rows[[0, -1]])
        sheet.fill(QRectF(begin, plot.y(), max(end - begin, 6), plot.height()), COLOURS["no score"], 0.4)
    shown = content.shown()
    for rows in stretches(
        times_s, np.isfinite(quality) & known
    ):  # as in the window: what was not scored is a gap
        for values, colour, width in ((quality, "#a6adb5", 5), (shown, INK, 14)):
            curve = [QPointF(x(float(times_s[row])), y(float(values[row]))) for row in rows]
            sheet.line(curve if len(curve) > 1 else [*curve, curve[0] + QPointF(14, 0)], colour, width)
    for time_s in content.settings_s:
        sheet.line([QPointF(x(time_s), plot.y()), QPointF(x(time_s), plot.bottom())], DIM, 8, (12, 8))
    _notes(sheet, plot, [(x(time_s), text) for _, time_s, text in content.bookmarks])
    names = _event_names()
    free = plot.x()
    for event in content.events:
        begin = x(float(event["time_s"]))
        if event.get("kind") in names and begin >= free:
            room = QRectF(begin, plot.y() + 10, plot.right() - begin, 100)
            free = sheet.text(room, names[event["kind"]], 7, DIM).right() + 40
    sheet.line([plot.topLeft(), plot.bottomLeft(), plot.bottomRight()], DIM, 6)
    for value in (0.0, low, high, 100.0) if high else (0.0, 50.0, 100.0):
        label = QRectF(place.x(), y(value) - 60, 220, 120)
        sheet.text(label, f"{value:.0f}", 8, DIM, align=Qt.AlignmentFlag.AlignRight)
    step = next((step for step in _TICKS_S if end_s / step <= 10), 36_000)
    for time_s in np.arange(0, end_s + 1e-9, step):
        sheet.line([QPointF(x(time_s), plot.bottom()), QPointF(x(time_s), plot.bottom() + 25)], DIM, 6)
        label = QRectF(x(time_s) - 200, plot.bottom() + 45, 400, 105)
        sheet.text(label, _clock(time_s), 8, DIM, align=Qt.AlignmentFlag.AlignHCenter)
    return x


def _notes(sheet: Sheet, plot: QRectF, marks: Sequence[tuple[float, str]]) -> None:
    """Bookmarks with their texts, which never lie over each other."""
    ends = [plot.x()] * 3  # of the lines of text
    for x, text in marks:
        sheet.line([QPointF(x, plot.y()), QPointF(x, plot.bottom())], MARK, 10)
        row = next((row for row, end in enumerate(ends) if end <= x), None)
        if row is not None and text:
            room = QRectF(x + 30, plot.bottom() - 110 * (row + 1), min(1900.0, plot.right() - x - 30), 100)
            ends[row] = sheet.text(room, text, 7, MARK).right() + 60


def _examination(sheet: Sheet, page: _Page, views: Examined, moments: dict[int, Analysis]) -> None:
    saved = sum(view.state == "saved" for view in views.views)
    ended = "" if views.ended else translate("Report", "the examination was not ended")
    line = translate("Report", "{0} of {1} views saved").format(saved, len(views.views))
    sheet.text(QRectF(LEFT, 690, RIGHT - LEFT, 170), _joined(line, ended, views.label), 11, bold=True)
    _shares(sheet, QRectF(LEFT, 880, RIGHT - LEFT, 150), page.found)
    columns = next(columns for most, columns in _COLUMNS if len(views.views) <= most)
    rows = -(-len(views.views) // columns)
    curve = 1350 if rows == 1 else 800
    plot = QRectF(LEFT, 1180, RIGHT - LEFT, curve)
    _turns(sheet, plot, page.content, [view.name for view in views.views], _trace(sheet, plot, page.content))
    top = plot.bottom() + 60
    for number, view in enumerate(views.views):
        cell = _cell(top, 4680 - top, number // columns, rows, number % columns, columns)
        picture = moments.get(view.picture) if view.picture is not None else None
        _moment(sheet, cell, _told(number, view), picture)
    stretched = [_stretch(one) for one in views.worst] or [translate("Report", "none was inadequate")]
    faults = [f"{100 * share:.0f} %  {part_name(fault)}" for fault, share in views.faults[:4]]
    for x, wide, title, lines in (
        (LEFT, 5000, translate("Report", "Worst stretches"), stretched),
        (5600, RIGHT - 5600, translate("Report", "Wrong most of the scored time"), faults),
    ):
        sheet.text(QRectF(x, 4730, wide, 140), title, 10, bold=True)
        for row, line in enumerate(lines or [translate("Report", "nothing stood out")]):
            sheet.text(QRectF(x, 4890 + 135 * row, wide, 125), line, 9)


def _turns(
    sheet: Sheet, plot: QRectF, content: SessionContent, names: Sequence[str], x: Callable[[float], float]
) -> None:
    """Where on the time line another view was chosen, by its number."""
    before, free, times_s = None, plot.x(), content.table.numbers("time_s")
    for row, view in enumerate(content.table.texts("view")):
        if view in names and view != before:
            begin = x(float(times_s[row]))
            sheet.line([QPointF(begin, plot.y() - 90), QPointF(begin, plot.bottom() - 150)], DIM, 8, (3, 5))
            if begin >= free:
                room = QRectF(begin + 25, plot.y() - 115, 300, 110)
                free = sheet.text(room, str(names.index(view) + 1), 8, DIM).right()
            before = view


def _cell(top: float, high: float, row: int, rows: int, column: int, columns: int) -> QRectF:
    wide, part = (RIGHT - LEFT) / columns, high / rows
    return QRectF(LEFT + column * wide, top + row * part, wide, part).adjusted(20, 0, -20, -50)


def _moment(sheet: Sheet, cell: QRectF, lines: Sequence[str], analysis: Analysis | None) -> None:
    """A picture with its heatmap, and words above it; the words alone where there is no picture."""
    size = 9 if cell.width() >= _ROOMY else 7.5
    high = 14 * size
    parts = [part for line in lines for part in sheet.lines(line, cell.width(), size)]
    most = max(1, int(_MOST_WORDS * cell.height() / high)) if analysis is not None else len(parts)
    if len(parts) > most:
        parts = [*parts[: most - 1], f"{parts[most - 1]}…"]
    for row, part in enumerate(parts):
        place = QRectF(cell.x(), cell.y() + high * row, cell.width(), high)
        sheet.text(place, part, size, align=Qt.AlignmentFlag.AlignHCenter)
    if analysis is not None:
        colours = with_heat(analysis, STRENGTH)
        if analysis.region.mask is not None:
            colours[~analysis.region.mask] = 255  # so that the sector stands on the page
        sheet.picture(cell.adjusted(0, high * len(parts) + 15, 0, 0), colours)


def _footing(sheet: Sheet, content: SessionContent) -> None:
    provenance, about = content.provenance(), content.about
    metrics, second = (
        ", ".join(_metric(name) for name in sorted({name for name in content.table.texts(column) if name}))
        for column in ("metric", "second_metric")
    )
    organs = ", ".join(sorted({organ for organ in content.table.texts("organ") if organ}))
    low, high = provenance.thresholds or (None, None)
    sha256 = provenance.details.get("bundle_sha256", "")
    line = _joined(
        metrics,
        f"{provenance.bundle} ({sha256[:12]})" if sha256 else provenance.bundle,
        content.engines,
        translate("Report", "beside it {0} ({1})").format(second, content.second_engines) if second else "",
        translate("Report", "organ models {0}").format(organs) if organs else "",
        ""
        if low is None or high is None
        else translate("Report", "marginal from {0}, adequate from {1}").format(
            figure(f"{low:g}"), figure(f"{high:g}")
        ),
        str(about.get("software", "")),
    )
    sheet.text(QRectF(LEFT, 5560, RIGHT - LEFT, 130), line, 8, DIM)
    sheet.text(QRectF(LEFT, 5690, RIGHT - LEFT, 140), disclaimer(), 9, bold=True)


def _title() -> str:
    return translate("Report", "Ultrasound image quality")


def _joined(*parts: str) -> str:
    return "   ·   ".join(part for part in parts if part)


def _metric(name: str) -> str:
    known: dict[str, Metric] = {"nrq": "nrq", "map": "map"}
    return metric_name(known[name]) if name in known else name


def _share_name(name: str) -> str:
    if name == "no word":
        return translate("Report", "scored, no word")
    if name == "no score":
        return translate("Report", "no score")
    return translate("Report", "not scored") if name == "not scored" else verdict_word(Verdict(name))


def _event_names() -> dict[str, str]:
    return {
        "freeze": translate("Report", "frozen"),
        "signal_lost": translate("Report", "no signal"),
        "not_b_mode": translate("Report", "not B-mode"),
    }


def _said(analysis: Analysis, time_s: float) -> str:
    """Number, word and time of one picture."""
    reading = analysis.reading
    verdict = reading.verdict and (analysis.provenance.word(reading.quality or 0.0) or reading.verdict)
    word = f" {verdict_word(verdict)}" if verdict else ""
    return f"{reading.quality or 0:.0f}{word},  {seconds(time_s)}"


def _told(number: int, view: ViewResult) -> list[str]:
    if view.state == "saved" and view.quality is not None:
        state = translate("Report", "saved: {0}").format(f"{view.quality:.0f}")
    elif view.quality is not None:
        state = translate("Report", "not saved, best {0}").format(f"{view.quality:.0f}")
    else:
        state = translate("Report", "not saved")
    if view.state == "skipped":
        state = translate("Report", "skipped")
    scanned = translate("Report", "adequate {0} of {1} s scored").format(
        *(figure(f"{one:.{int(view.seconds < 10)}f}") for one in (view.adequate_s, view.seconds))
    )
    time = scanned if view.seconds else translate("Report", "not scanned")
    return [f"{number + 1}  {view.name}", state, time]


def _stretch(one: Stretch) -> str:
    return _joined(
        translate("Report", "{0} to {1}").format(_clock(one.start_s), _clock(one.end_s)),
        one.view,
        "" if one.lowest is None else translate("Report", "down to {0}").format(f"{one.lowest:.0f}"),
        part_name(one.fault) if one.fault else "",
    )


def _clock(seconds: float) -> str:
    """`m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return figure(f"{seconds:.1f} s")
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"
