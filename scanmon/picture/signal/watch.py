"""Live, frozen, no signal, not B-mode: decided from the frames alone, with the time that the frames carry."""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Frame, GrayImage, Mask, Reason, Region, Signal
from scanmon.picture.region.look import HIGH, LOOK_EVERY_S, WIDE, Kind, Look, Looker
from scanmon.picture.signal.freeze import FreezeWatch
from scanmon.picture.signal.scanner_settings import SettingsWatch

COLOUR_HOLD_S = 2.0  # flow is seen once a heartbeat; the colour box is there all the time
SCROLL_HOLD_S = 1.0
_ROWS = 24  # that are looked at
_SHIFTS = range(1, 13)  # pixels a frame
_MOVING = 1.5  # mean change in levels below which nothing moves
_EXPLAINED = 0.15  # of the change that is left after the shift; a moved probe leaves more
_IN_A_ROW = 6  # equal shifts
COLOUR_LEVELS = 30  # distance from gray; a tinted gray scale has less
COLOUR_SHARE = 0.004  # of the sector; a focus mark or a caliper is smaller
AT_ONCE = 0.85  # chance of a kind that suspends the score
LIKELY = 0.5  # the same in two looks in a row
_MARKED = 0.3  # chance of a mark over the image
_RIM = np.ones((5, 5), np.uint8)  # places of a look
_PAPER = 192  # median level of a trace: 186 at most of made-up scanners, 205 at least of spoken words
_LIT_LEVEL, _LIT_SHARE = 40, 0.15  # a sector with more bright places than that is not low in gain
_CELLS, _ALIVE_CELLS = 16, 0.1  # a side, over the sector; share of them
_ALIVE_LEVELS = 0.8  # change between looks, averaged
_OVER_NOISE = 8.0  # times the usual change: noise is everywhere alike


class SignalWatch:
    """Follows the frames of one source in order. One thread at a time.

    A fault is reported at once, so that no score is shown that may be wrong; the way back needs a picture
    that is good at the next look too.
    """

    def __init__(self, looker: Looker) -> None:
        self._looker, self._settings = looker, SettingsWatch()
        self._inside = lru_cache(1)(inside_map)
        self.reset()

    def reset(self) -> None:
        """After a seek or a gap: what was seen before says nothing any more."""
        self._freeze, self._scroll = FreezeWatch(), ScrollWatch()
        self._settings.reset()
        self._signal = Signal()
        self._before: Look | None = None
        self._shown: Reason | None = None  # what the last looks showed
        self._clear = True  # the last look found nothing wrong
        self._looked_s = self._coloured_s = self._scrolled_s = float("-inf")

    def update(self, frame: Frame, region: Region) -> Signal:
        """The state at `frame`; `region` is where the image is."""
        look = not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S
        frozen = self._freeze.update(frame, region)
        if self._scroll.update(frame.pixels, region, look=look):
            self._scrolled_s = frame.time_s
        if look:
            self._looked_s = frame.time_s
            seen = self._content(frame, region)
            self._shown = seen if seen is not None or self._clear else self._shown
            self._clear = seen is None
        reason = self._reason(frame.time_s, frozen)
        settings = self._settings.update(frame, region, live=reason is None)
        if reason is not self._signal.reason:
            self._signal = Signal(reason, frame.time_s, settings)
        elif settings != self._signal.settings:
            self._signal = replace(self._signal, settings=settings)
        return self._signal

    def _content(self, frame: Frame, region: Region) -> Reason | None:
        if region.origin in ("user", "declared"):  # what lies around a chosen image says nothing of it
            look = self._looker.look(*cropped(frame, region))
            inside = np.ones((HIGH, WIDE), np.bool_)
        else:
            look = self._looker.look(frame.pixels, frame.chroma)
            inside = self._inside(region, *frame.pixels.shape)
        if is_coloured(look, inside):
            self._coloured_s = frame.time_s
        before, self._before = self._before, look
        return reason_of(look, before, inside)

    def _reason(self, now_s: float, frozen: bool) -> Reason | None:
        if now_s < self._scrolled_s + SCROLL_HOLD_S:
            return Reason.NOT_B_MODE
        if self._shown is Reason.NO_SIGNAL:
            return self._shown
        if frozen:
            return Reason.FROZEN
        if now_s < self._coloured_s + COLOUR_HOLD_S:
            return Reason.NOT_B_MODE
        return self._shown


class ScrollWatch:
    """Looks for the same sideways shift between neighbouring frames, time after time."""

    def __init__(self) -> None:
        self._before: GrayImage | None = None
        self._shift = 0
        self._times = 0

    def update(self, pixels: GrayImage, region: Region, *, look: bool) -> bool:
        """Whether the picture scrolls. Without `look` a frame is compared only while there is a suspicion."""
        part = pixels[region.box.rows, region.box.columns]
        rows = part[part.shape[0] // (2 * _ROWS) :: max(1, part.shape[0] // _ROWS)]
        before, self._before = self._before, rows
        if (look or self._shift) and before is not None and before.shape == rows.shape and rows.shape[1] > 64:
            shift = _shift_between(before, rows)
            if shift is not None:
                self._times = self._times + 1 if shift == self._shift and shift != 0 else 0
                self._shift = shift
        return self._times >= _IN_A_ROW - 1


def _shift_between(before: GrayImage, now: GrayImage) -> int | None:
    """Pixels by which the rows moved (left positive); 0: not by a plain shift; None: nothing moved."""
    change = float(cv2.absdiff(now, before).mean())
    if change < _MOVING:
        return None
    rest = {shift: float(cv2.absdiff(now[:, :-shift], before[:, shift:]).mean()) for shift in _SHIFTS}
    rest |= {-shift: float(cv2.absdiff(now[:, shift:], before[:, :-shift]).mean()) for shift in _SHIFTS}
    best = min(rest, key=rest.__getitem__)
    return best if rest[best] <= _EXPLAINED * change else 0


def reason_of(look: Look, before: Look | None, inside: Mask) -> Reason | None:
    """Why a picture is not scored; None for B-mode. `inside` (HIGH, WIDE) is where the image is.

    Faint echoes in the dark that are others than in the look `before` are an image whose gain is too low.
    """
    if _seen(look, before, Kind.NO_SIGNAL):
        faint = before is not None and _is_faint(look.levels, before.levels, inside)
        return None if faint else Reason.NO_SIGNAL
    traces = () if _is_on_paper(look) else (Kind.SPECTRAL, Kind.M_MODE)
    return Reason.NOT_B_MODE if _seen(look, before, *traces, Kind.MENU) else None


def _seen(look: Look, before: Look | None, *kinds: Kind) -> bool:
    """Whether a look is certain of one of the kinds, or two in a row think so."""
    now = float(look.kinds[list(kinds)].sum())
    then = now if before is None else float(before.kinds[list(kinds)].sum())
    return now > AT_ONCE or min(now, then) > LIKELY


def _is_on_paper(look: Look) -> bool:
    """Whether the trace is dark on white: a spectrogram of speech beside a tongue is no Doppler."""
    trace = look.levels[0][look.panel > LIKELY]
    return trace.size > 0 and float(np.median(trace)) > _PAPER


def _is_faint(now: NDArray[np.uint8], before: NDArray[np.uint8], inside: Mask) -> bool:
    """Whether there is life in the dark: echoes in many places that are others than in the look before.

    A bright picture that has just gone is no life.
    """
    area = int(inside.sum())
    lit = (int((level[0][inside] > _LIT_LEVEL).sum()) for level in (now, before))
    if area == 0 or max(lit) > _LIT_SHARE * area:
        return False
    change = cv2.blur(now[0].astype(np.float32) - before[0], (3, 3))  # noise averages out, echoes do not
    size = np.abs(change)
    limit = max(_ALIVE_LEVELS, _OVER_NOISE * float(np.median(size[inside])))
    faint = np.maximum(now[0], before[0]) < _LIT_LEVEL  # a logo that wanders is bright
    alive = (size > limit) & (now[1] > 1) & faint & inside
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    part = alive[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].view(np.uint8) * np.uint8(255)
    cells = cv2.resize(part, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    return int(np.count_nonzero(cells)) > _ALIVE_CELLS * _CELLS**2


def is_coloured(look: Look, inside: Mask) -> bool:
    """Whether part of the image is coloured (Doppler, elastography), beyond the tint of a gray scale.

    Coloured letters and marks over the image are none of it, nor what reaches over its edge from beside it.
    """
    within = cv2.erode(inside.view(np.uint8), _RIM) > 0
    part = look.levels[2][within & (look.text < _MARKED)]
    if part.size == 0:
        return False
    limit = max(COLOUR_LEVELS, float(np.median(part)) + 22)
    return bool(np.count_nonzero(part > limit) > COLOUR_SHARE * part.size)


def cropped(frame: Frame, region: Region) -> tuple[GrayImage, GrayImage | None]:
    """Levels and chroma of the region's box."""
    box, chroma = region.box, frame.chroma
    if chroma is not None:
        down, across = chroma.shape[0] / frame.pixels.shape[0], chroma.shape[1] / frame.pixels.shape[1]
        rows = slice(int(box.y * down), max(1, int(box.bottom * down)))
        columns = slice(int(box.x * across), max(1, int(box.right * across)))
        chroma = chroma[rows, columns]
    return frame.pixels[box.rows, box.columns], chroma if chroma is not None and chroma.size else None


def inside_map(region: Region, height: int, width: int) -> Mask:
    """(HIGH, WIDE) True where the region is in a picture of `height` x `width`."""
    whole = region.inside(height, width).view(np.uint8) * np.uint8(255)
    return np.asarray(cv2.resize(whole, (WIDE, HIGH), interpolation=cv2.INTER_AREA) > 127, np.bool_)
