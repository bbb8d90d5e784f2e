"""Finding the sector by itself, frame after frame."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.region.evidence import evidence
from scanmon.core.region.shapes import Rectangle, region_of
from scanmon.core.region.still import Found, find_shape, to_frame
from scanmon.core.region.tissue import Reduced, reduce, with_motion
from scanmon.core.values import Box, Frame, GrayImage, Region

LOOK_EVERY_S = 0.2
SETTLED = (0.4, 1.0, 2.0, 5.0)  # seconds after the first search: motion has shown more by then
LOST = 0.75  # share of the first support below which a shape no longer fits
BETTER = 1.1  # gain in support for which a shape that still fits is given up
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
        self._searches = 0
        self._doubts = 0
        self._last: Reduced | None = None
        self._moved: GrayImage | None = None

    def _look(self, frame: Frame) -> None:
        if frame.time_s < self._looked_s:  # time ran backwards: another part of the recording
            self._forget()
        self._looked_s = frame.time_s
        now = reduce(frame.pixels)
        self._follow_motion(now)
        seen = with_motion(now, self._moved)
        self._last = now
        if self._found is None:
            self._search(seen, frame)
            return
        support = evidence(self._found.fit, seen)
        self._doubts = self._doubts + 1 if support < LOST * self._found.support else 0
        if self._doubts >= _LOOKS:
            self._doubts = 0
            self._moved = None  # what moved before the change belongs to the old shape
            self._search(with_motion(now, None), frame, support)
        elif self._first_s is not None and self._due(frame.time_s - self._first_s):
            self._searches += 1
            if support < CERTAIN:
                self._search(seen, frame, support)

    def _due(self, age_s: float) -> bool:
        return self._searches < len(SETTLED) and age_s >= SETTLED[self._searches]

    def _follow_motion(self, now: Reduced) -> None:
        if self._last is None:
            return
        change = cv2.absdiff(now.image, self._last.image)
        moved = (change > now.tolerance + 1).view(np.uint8)
        self._moved = moved if self._moved is None else self._moved | moved

    def _search(self, seen: Reduced, frame: Frame, support: float = 0.0) -> None:
        """Take over what is found where it is supported better than what was known."""
        found = find_shape(seen)
        if self._first_s is None:
            self._first_s = frame.time_s
        if found is None or found.support < BETTER * support:
            return
        height, width = frame.pixels.shape
        shape = to_frame(found, frame.pixels, seen.step)
        region = region_of(shape, height, width, "detected")
        self._found = found
        if self._region is None or not _alike(region, self._region):
            self._region = region


def _alike(one: Region, other: Region) -> bool:
    """Whether two regions differ by no more than the search scatters."""
    if one.kind != other.kind:
        return False
    a, b = one.box, other.box
    slack = max(2.0, 0.01 * max(a.width, a.height))
    return max(abs(a.x - b.x), abs(a.y - b.y), abs(a.right - b.right), abs(a.bottom - b.bottom)) <= slack
