"""Changes of the scanner's settings, seen by what is written beside the sector, which is never read.

Depth, gain and preset stand there as text. A change of settings is text that became other text in the same
place, and then stayed. A clock, an ECG and a second image change again and again: their places are learnt
and left alone. A cursor and a menu come and go where nothing was written.
"""

from typing import Final

import cv2
import numpy as np

from scanmon.core.values import Frame, GrayImage, Mask, Region, SettingsSeen
from scanmon.picture.region.look import LOOK_EVERY_S
from scanmon.picture.signal.freeze import reduced

SETTLED_S: Final = 1.5  # nothing beside the sector changes any more: longer than a clock stands still
_WIDE: Final = 160  # cells across, of square pixels; a digit is two of them or more
_LEVELS: Final = 14  # of the mean of a cell: H.264 at rate factor 30 changes still text by at most 7
_TEXTURE: Final = 25  # levels within 3x3 cells: something is written there
_LEAST_CELLS: Final = 2
_MOST_SHARE: Final = 0.15  # of what is beside the sector: more is another page and no number
_LEAST_BESIDE: Final = 0.03  # of the picture
_HELD_S: Final = 10.0  # after which what else is there now counts as how it is
_APART_S: Final = 2.0  # without change, after which a change of a cell is a new one
_OFTEN, _MEMORY_S = 4.5, 60.0  # changes that were forgotten by a factor e in so many seconds
_LASTING_S: Final = 8.0  # of one change: a knob that is turned comes to rest before
_LEARNING_S: Final = 8.0  # after the last new place that changes always: a sweep of an ECG
_LEFT_ALONE_S: Final = 90.0
_NEAR: Final = np.ones((5, 13), np.uint8)  # cells in which changes are those of one place: peaks of an ECG
_AROUND: Final = np.ones((3, 15), np.uint8)  # beside a place that changes always: the rest of the clock
_LONG_AGO_S: Final = -1e9


class SettingsWatch:
    """Follows the frames of one source in order. One thread at a time.

    A clock of minutes alone is taken for a setting once: the second minute shows what it is.
    """

    def __init__(self) -> None:
        self._changes, self._index = 0, -1
        self._since_s: float | None = None
        self.reset()

    def reset(self) -> None:
        """After a seek or a gap: what stood beside the sector before says nothing any more."""
        self._region: Region | None = None
        self._beside: Mask | None = None
        self._known: GrayImage | None = None  # cells as they were when nothing changed
        self._last: GrayImage | None = None
        self._looked_s = self._stirred_s = self._began_s = self._odd_s = self._learnt_s = float("-inf")

    def update(self, frame: Frame, region: Region, *, live: bool = True) -> SettingsSeen | None:
        """What was seen so far; None: nothing lies beside the sector. Not `live`: no look is taken."""
        if frame.index < self._index:  # another recording, or a seek backwards
            self._changes, self._since_s = 0, None
        self._index = frame.index
        if live and not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S:
            self._looked_s = frame.time_s
            self._look(frame.pixels, region, frame.time_s)
        elif not live:
            self._last = None
        return None if self._beside is None else SettingsSeen(self._changes, self._since_s)

    def _look(self, pixels: GrayImage, region: Region, time_s: float) -> None:
        now = reduced(pixels, round(pixels.shape[1] / _WIDE))
        if region is not self._region:
            self._region, beside = region, _beside(region.inside(*pixels.shape), now.shape)
            self._beside = beside if beside.mean() >= _LEAST_BESIDE and region.origin != "full" else None
        if self._beside is None:
            return
        if self._known is None or self._known.shape != now.shape:
            self._known = self._last = now.copy()
            self._known_beside = self._beside
            # last change, first of those that go on, and until when a cell is left alone
            self._changed_s, self._first_s, self._alone_s = np.full((3, *now.shape), _LONG_AGO_S)
            self._often = np.zeros(now.shape)
            self._stirred_s = time_s
            return
        if self._last is None:
            self._last, self._stirred_s = now, time_s
        changed = _differs(now, self._last) & self._beside
        self._last = now
        left_alone = self._left_alone(changed, time_s)
        counted = self._beside & self._known_beside & ~left_alone
        if (changed & counted).any():
            if time_s - self._stirred_s >= SETTLED_S:
                self._began_s = time_s
            self._stirred_s = time_s
        elif time_s - self._stirred_s >= SETTLED_S and time_s - self._learnt_s >= _LEARNING_S:
            self._settled(now, counted, time_s)
        self._known[left_alone] = now[left_alone]

    def _left_alone(self, changed: Mask, time_s: float) -> Mask:
        """Cells that change again and again, with those around them."""
        changed = cv2.dilate(changed.view(np.uint8), _NEAR).view(np.bool_)
        self._often *= np.exp(-LOOK_EVERY_S / _MEMORY_S)
        again = changed & (time_s - self._changed_s > _APART_S)
        minute = again & (np.abs(time_s - self._first_s - 60.0) <= 2 * LOOK_EVERY_S)
        self._first_s[again] = time_s
        self._often[again] += 1.0
        self._changed_s[changed] = time_s
        going_on = (time_s - self._changed_s <= _APART_S) & (self._changed_s - self._first_s >= _LASTING_S)
        always = (self._often >= _OFTEN) | going_on | minute
        if (always & ~self._around(time_s)).any():
            self._learnt_s = time_s
        self._alone_s[always] = time_s + _LEFT_ALONE_S
        return self._around(time_s)

    def _around(self, time_s: float) -> Mask:
        alone = (self._alone_s > time_s).view(np.uint8)
        return np.asarray(cv2.dilate(alone, _AROUND), np.uint8).view(np.bool_)

    def _settled(self, now: GrayImage, counted: Mask, time_s: float) -> None:
        assert self._known is not None and self._beside is not None
        other = _differs(now, self._known) & counted
        if not other.any():
            self._odd_s = float("-inf")
            self._known_beside = self._beside
            return
        written = other & (_texture(now) > _TEXTURE) & (_texture(self._known) > _TEXTURE)
        few = np.count_nonzero(other) <= _MOST_SHARE * np.count_nonzero(counted)
        if few and np.count_nonzero(written) >= _LEAST_CELLS:
            self._changes += 1
            self._since_s = self._began_s if np.isfinite(self._began_s) else time_s
        elif not np.isfinite(self._odd_s):
            self._odd_s = time_s  # a menu or a cursor: it may go again
            return
        elif time_s - self._odd_s < _HELD_S:
            return
        self._known, self._known_beside, self._odd_s = now.copy(), self._beside, float("-inf")


def _beside(inside: Mask, cells: tuple[int, ...]) -> Mask:
    """Cells that are at least two away from the sector (H, W)."""
    whole = inside.view(np.uint8) * np.uint8(255)
    small = cv2.resize(whole, (cells[1], cells[0]), interpolation=cv2.INTER_AREA) > 0
    return np.asarray(cv2.dilate(small.view(np.uint8), np.ones((5, 5), np.uint8)) == 0, np.bool_)


def _differs(now: GrayImage, before: GrayImage) -> Mask:
    return np.asarray(cv2.absdiff(now, before) > _LEVELS, np.bool_)


def _texture(cells: GrayImage) -> GrayImage:
    """Levels between the darkest and the brightest of 3x3 cells."""
    around = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(cells, cv2.MORPH_GRADIENT, around), np.uint8)
