"""Finding the sector by itself, frame after frame."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import Box, Frame, GrayImage, Region
from scanmon.picture.region.change import is_change
from scanmon.picture.region.evidence import evidence
from scanmon.picture.region.morphology import count
from scanmon.picture.region.shapes import Rectangle, region_of
from scanmon.picture.region.still import Found, find_shape, to_frame, worth
from scanmon.picture.region.tissue import Reduced, reduce, step_of, with_motion

MIN_SIDE_PX = 48  # a smaller picture holds no user interface beside an image
LOOK_EVERY_S = 0.2
SETTLED = (0.4, 1.0, 2.0, 5.0)  # seconds after the first search: motion has shown more by then
PATIENCE_S = 4.0  # between searches that find nothing
LOST = 0.6  # share of the first support below which a shape no longer fits
BETTER = 1.05  # gain for which a shape is given up
WEAKER = 0.85  # share below which a better shape is looked for
RENEWED = 0.25  # change of the textured area after which a search is worth while at once
OVERRUN = 0.12  # more of the outline than before with tissue beyond it: the image has grown
CERTAIN = 0.9  # support that needs no further search
_LOOKS = 2  # a change has to be seen this often: a single torn frame moves nothing


class AutoRegion:
    """What the recording declares, otherwise what is found in the picture; the whole of it where nothing is.

    A first search uses the still alone. Then the changes from look to look show which part of the screen
    lives, and the search is repeated a few times, and whenever the outline no longer fits what is seen (depth
    or probe changed). The same `Region` object is returned while nothing changes. Time comes from the frames.
    """

    def __init__(self) -> None:
        self._region: Region | None = None
        self._found: Found | None = None
        self._size: tuple[int, ...] = ()
        self._forget()

    def find(self, frame: Frame) -> Region:
        """The region of `frame`, looked for anew when needed."""
        if self._size != frame.pixels.shape:
            self.reset()
            self._size = frame.pixels.shape
        height, width = frame.pixels.shape
        if isinstance(frame.declared, Region):
            self._region = frame.declared
            return frame.declared
        if frame.declared is not None:
            if self._region is None or self._region.box != frame.declared:
                self._region = region_of(Rectangle(frame.declared), height, width, "declared")
            return self._region
        if self._region is None or not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S:
            self._look(frame)
        if self._region is None:
            self._region = Region(Box(0, 0, width, height), kind="full", origin="full")
        return self._region

    def reset(self) -> None:
        """Look anew at the next frame."""
        self._region = self._found = None
        self._forget()

    def _forget(self) -> None:
        self._looked_s = float("-inf")
        self._first_s: float | None = None
        self._support = 0.0  # of what was found, in the still alone
        self._overrun = 0.0
        self._before: Reduced | None = None  # what was seen when it was found
        self._textured = 0  # pixels that were so when a search last found nothing better
        self._searches = 0
        self._doubts = 0
        self._searched_s = float("-inf")
        self._patience_s = 0.0  # until the next search; grows while searches find nothing better
        self._last: Reduced | None = None
        self._recent: GrayImage | None = None  # 1 where the last two looks differ
        self._moved: GrayImage | None = None  # 1 where any two looks differed

    def _look(self, frame: Frame) -> None:
        if frame.time_s < self._looked_s:  # time ran backwards: another part of the recording
            self._forget()
        self._looked_s = frame.time_s
        if min(frame.pixels.shape) < MIN_SIDE_PX:
            return
        now = reduce(frame.pixels, step_of(frame.pixels))
        self._follow_motion(now)
        seen = with_motion(now, self._moved)
        self._last = now
        rested = not self._searched_s <= frame.time_s < self._searched_s + self._patience_s
        if self._found is None:
            if rested:
                self._search(seen, frame)
            return
        # only what moved since the last look counts here: earlier motion belongs to what may have gone
        recent = with_motion(now, self._recent)
        seen_now = evidence(self._found.fit, recent)
        support = seen_now.support / max(self._support, 1e-3)
        grown = seen_now.overrun > self._overrun + OVERRUN
        self._doubts = self._doubts + 1 if support < WEAKER or grown else 0
        if self._patience_s > 0 and abs(count(now.textured) - self._textured) > RENEWED * self._textured:
            self._patience_s, rested = 0.0, True  # something else has happened since
        if self._doubts >= _LOOKS and rested:
            self._doubts = 0
            if support < LOST:
                self._moved = self._recent = None
                self._first_s, self._searches = None, 0
                recent = now
            self._search(recent, frame)
        elif self._first_s is not None and self._due(frame.time_s - self._first_s):
            self._searches += 1
            if self._found.support < CERTAIN:
                self._search(seen, frame)

    def _due(self, age_s: float) -> bool:
        return self._searches < len(SETTLED) and age_s >= SETTLED[self._searches]

    def _follow_motion(self, now: Reduced) -> None:
        if self._last is None:
            return
        change = cv2.absdiff(now.image, self._last.image)
        # where flat is exactly flat, one level is an echo: walls far from the beam are hardly brighter
        self._recent = (change > (0 if now.clean else now.tolerance + 1)).view(np.uint8)
        self._moved = self._recent if self._moved is None else self._moved | self._recent

    def _search(self, seen: Reduced, frame: Frame) -> None:
        """Take over what is found where it is supported better than what was known."""
        found = find_shape(seen)
        if self._first_s is None:
            self._first_s = frame.time_s
        known = self._found
        self._searched_s = frame.time_s
        if found is None or (known and not self._is_better(found, known, seen)):
            self._patience_s = min(PATIENCE_S, max(2 * LOOK_EVERY_S, 2 * self._patience_s))
            self._textured = count(seen.textured)
            return
        self._patience_s = 0.0
        height, width = frame.pixels.shape
        region = region_of(to_frame(found, frame.pixels, seen.step), height, width, "detected")
        self._found, self._before = found, self._last
        if self._last is not None:
            seen_now = evidence(found.fit, with_motion(self._last, self._recent))
            self._support, self._overrun = seen_now.support, seen_now.overrun
        if self._region is None or not _alike(region, self._region):
            self._region = region

    def _is_better(self, found: Found, known: Found, seen: Reduced) -> bool:
        if worth(found.fit, seen) < BETTER * worth(known.fit, seen):
            return False
        return self._before is None or is_change(found.fit, known.fit, self._before, seen, self._moved)


def _alike(one: Region, other: Region) -> bool:
    """Whether two regions differ by no more than the search scatters."""
    if one.kind != other.kind:
        return False
    a, b = one.box, other.box
    slack = max(2.0, 0.01 * max(a.width, a.height))
    return max(abs(a.x - b.x), abs(a.y - b.y), abs(a.right - b.right), abs(a.bottom - b.bottom)) <= slack
