"""Finding the sector by itself, frame after frame."""

from __future__ import annotations

from scanmon.core.region.shapes import Rectangle, region_of
from scanmon.core.region.still import find_in_still
from scanmon.core.values import Box, Frame, Region

LOOK_EVERY_S = 0.2


class AutoRegion:
    """What the recording declares, otherwise what is found in the picture; the whole of it where nothing is.

    The same `Region` object is returned while nothing changes.
    """

    def __init__(self) -> None:
        self._region: Region | None = None
        self._size: tuple[int, ...] = ()
        self._looked_s = float("-inf")

    def find(self, frame: Frame) -> Region:
        """The region of `frame`, looked for anew every 0.2 s."""
        height, width = frame.pixels.shape
        if self._size != frame.pixels.shape:
            self.reset()
            self._size = frame.pixels.shape
        if frame.declared is not None:
            if self._region is None or self._region.box != frame.declared:
                self._region = region_of(Rectangle(frame.declared), height, width, "declared")
            return self._region
        if self._region is None or not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S:
            self._looked_s = frame.time_s
            found = find_in_still(frame.pixels)
            if found is not None and (self._region is None or self._region.box != found):
                self._region = region_of(Rectangle(found), height, width, "detected")
            if self._region is None:
                self._region = Region(Box(0, 0, width, height), kind="full", origin="full")
        return self._region

    def reset(self) -> None:
        """Look anew at the next frame."""
        self._region = None
        self._looked_s = float("-inf")
