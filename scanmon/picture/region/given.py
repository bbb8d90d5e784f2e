"""Regions that need no search: the whole picture, and what a person has chosen."""

from __future__ import annotations

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Frame, Region
from scanmon.picture.region.shapes import Rectangle, Shape, region_of


class FullRegion:
    """The whole picture, whatever is in it. The region is the same object while the size stays."""

    def __init__(self) -> None:
        self._region: Region | None = None

    def find(self, frame: Frame) -> Region:
        """The whole of `frame`."""
        height, width = frame.pixels.shape
        if self._region is None or (self._region.box.height, self._region.box.width) != (height, width):
            self._region = Region(Box(0, 0, width, height), kind="full", origin="full")
        return self._region

    def reset(self) -> None:
        """Nothing is remembered that matters."""


class FixedRegion:
    """A box or shape that a person chose: it always wins."""

    def __init__(self, shape: Shape | Box) -> None:
        self._shape: Shape = Rectangle(shape) if isinstance(shape, Box) else shape
        self._size: tuple[int, ...] = ()
        self._region: Region | None = None

    def find(self, frame: Frame) -> Region:
        """The chosen region; a box has to lie inside the picture, a shape may reach over its edge.

        Raises `SettingsError` where it does not.
        """
        if self._region is None or self._size != frame.pixels.shape:
            height, width = frame.pixels.shape
            if isinstance(self._shape, Rectangle) and not self._shape.box.within(height, width):
                raise SettingsError(
                    f"the region {self._shape.box.text} is not inside the picture of {width}x{height}",
                    "--region",
                    "choose a smaller one, or auto",
                )
            self._size = frame.pixels.shape
            self._region = region_of(self._shape, height, width)
        return self._region

    def reset(self) -> None:
        """Nothing is remembered that matters."""
