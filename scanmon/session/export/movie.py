"""MP4 with the overlay burned in: picture and heatmap above, the number and its trace below."""

import unicodedata
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.gaps import stretches
from scanmon.core.palette import ON_DARK, blue_green_red
from scanmon.core.values import Analysis, Reason
from scanmon.scoring.overlay import with_heat
from scanmon.session.content import SessionContent
from scanmon.session.export.material import Material, Progress, replacing

STRENGTH: Final = 0.7  # of the heatmap
STRIP_PX: Final = 112  # below the picture
WORDS_PX: Final = 30  # of it, where the number stands
LEAST_WIDTH_PX: Final = 480
NUMBER_PX: Final = 270  # of the width, for number and word; the text of a bookmark stands beside them
TOLD_S: Final = 3.0  # how long it does
_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_TICK: Final = Fraction(1, 90_000)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_LIGHT: Final = (235, 235, 235)
_DIM: Final = (130, 130, 130)
COLOURS: Final = {verdict: blue_green_red(colour) for verdict, colour in ON_DARK.items()}
NOTICE: Final = "Research use only. Not for diagnosis."


def export_movie(material: Material, path: Path, progress: Progress) -> None:
    """H.264, with the times of the session. Raises `SinkError`."""
    import av  # noqa: PLC0415 slow to load, and no other export needs it

    info, times_s = material.pictures(path).info, material.pictures(path).times_s
    painter = Painter(material.content, info.width, info.height, float(times_s[-1]))
    with (
        replacing(path) as part,
        av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as film,
    ):
        stream = film.add_stream("libx264", rate=Fraction(30, 1), options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height = painter.size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TICK
        last = -1
        try:
            for analysis in material.analyses(path, progress):
                picture = av.VideoFrame.from_ndarray(painter.paint(analysis), format="bgr24")
                last = max(last + 1, round(float(times_s[analysis.frame.index]) / _TICK))
                picture.pts, picture.time_base = last, _TICK
                film.mux(stream.encode(picture))
            film.mux(stream.encode(None))
        except av.FFmpegError as error:
            raise SinkError(f"the film cannot be written ({error})", path, "choose another folder") from error


class Painter:
    """Draws frames of one session. `size` is (width, height), both even."""

    def __init__(self, content: SessionContent, width: int, height: int, seconds: float) -> None:
        self._picture = (height, width)
        self._top = height + height % 2
        self.size = (max(LEAST_WIDTH_PX, width + width % 2), self._top + STRIP_PX)
        self._thresholds = content.provenance().thresholds
        self._seconds = max(seconds, 1e-3)
        self._whole = content.about.get("stored") == "whole screen"
        steady = content.shown()[content.pictures]
        times_s = content.table.numbers("time_s")[content.pictures]
        first_s = float(times_s[0]) if len(times_s) else 0.0
        self._bookmarks = [(time_s - first_s, self._told(text)) for _, time_s, text in content.bookmarks]
        self._strip = self._background(times_s - times_s[:1], steady)

    def paint(self, analysis: Analysis) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 B, G, R."""
        width, height = self.size
        canvas = np.zeros((height, width, 3), np.uint8)
        left = (width - self._picture[1]) // 2
        place = canvas[: self._picture[0], left : left + self._picture[1]]
        if self._whole:
            place[:] = analysis.frame.pixels[..., None]
        box = analysis.region.box
        place[box.rows, box.columns] = with_heat(analysis, STRENGTH)
        canvas[self._top :] = self._strip
        self._cursor(canvas, analysis.frame.time_s)
        self._words(canvas, analysis)
        return canvas

    def _background(self, times_s: NDArray[np.float64], steady: NDArray[np.float64]) -> NDArray[np.uint8]:
        strip = np.full((STRIP_PX, self.size[0], 3), 24, np.uint8)
        for quality in self._thresholds or ():
            y = self._y(quality)
            cv2.line(strip, (0, y), (self.size[0], y), _DIM, 1)
            cv2.putText(
                strip, f"{quality:.0f}", (self.size[0] - 26, y - 3), _FONT, 0.35, _DIM, 1, cv2.LINE_AA
            )
        for rows in stretches(times_s, np.isfinite(steady)):
            line = np.array([(self._x(float(times_s[row])), self._y(float(steady[row]))) for row in rows])
            if len(line) == 1:
                line = np.vstack([line, line + np.array([1, 0])])  # a score without neighbours is a dash
            cv2.polylines(strip, [line.astype(np.int32)], False, _LIGHT, 1, cv2.LINE_AA)
        for time_s, _ in self._bookmarks:
            x = self._x(time_s)
            cv2.line(strip, (x, WORDS_PX), (x, WORDS_PX + 8), _LIGHT, 2)
        cv2.putText(strip, NOTICE, (8, STRIP_PX - 8), _FONT, 0.4, _DIM, 1, cv2.LINE_AA)
        return strip

    def _cursor(self, canvas: NDArray[np.uint8], time_s: float) -> None:
        x = self._x(time_s)
        cv2.line(canvas, (x, self._top + WORDS_PX), (x, self._top + STRIP_PX), _LIGHT, 1)

    def _words(self, canvas: NDArray[np.uint8], analysis: Analysis) -> None:
        reading = analysis.reading
        if reading.reason is not None:
            why = reading.reason.value.replace("_", " ")
            text, colour = "not scored" if reading.reason is Reason.STALE else f"no score: {why}", _LIGHT
        else:
            number = reading.shown
            word = reading.verdict.value if reading.verdict else ""
            text = f"{number:.0f} {word} ({reading.metric})" if number is not None else f"{reading.score:.3f}"
            colour = COLOURS[reading.verdict] if reading.verdict else _LIGHT
        y = self._top + 24
        cv2.putText(canvas, text, (8, y), _FONT, 0.7, colour, 2, cv2.LINE_AA)
        told = [mark for time_s, mark in self._bookmarks if 0 <= analysis.frame.time_s - time_s < TOLD_S]
        if told:
            cv2.putText(canvas, told[-1], (NUMBER_PX, y), _FONT, 0.5, _LIGHT, 1, cv2.LINE_AA)

    def _told(self, text: str) -> str:
        """What of a text there is room for, in the letters that the font of the film has."""
        letters = unicodedata.normalize("NFKD", text.translate(_SPELLED))
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        shown, room = plain.encode("ascii", "replace").decode(), self.size[0] - NUMBER_PX - 8
        while cv2.getTextSize(shown, _FONT, 0.5, 1)[0][0] > room:
            shown = f"{shown.removesuffix('...')[:-1]}..."
        return shown

    def _x(self, time_s: float) -> int:
        return round(time_s / self._seconds * (self.size[0] - 1))

    def _y(self, quality: float) -> int:
        return round(34 + (100.0 - quality) / 100.0 * (STRIP_PX - 60))
