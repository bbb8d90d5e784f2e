"""Regions as they are stored, and what of a picture may be: the sector and nothing around it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Mask, Region

MOST_CORNERS: Final = 10_000
MOST_PIXELS: Final = 1 << 26  # of a picture
_KINDS: Final = ("full", "box", "linear", "sector")
_ORIGINS: Final = ("full", "user", "declared", "detected")
_HELD: Final = 16  # regions in memory; a long session may have had thousands


class StoredRegion(NamedTuple):
    """A row of the table `regions`, without its number."""

    box: str  # `x,y,w,h`
    kind: str
    origin: str
    outline: str  # JSON, [[x, y], ...]
    mask: bytes | None  # one bit a pixel of the box, zlib

    @classmethod
    def of(cls, region: Region) -> StoredRegion:
        mask = None if region.mask is None else zlib.compress(np.packbits(region.mask).tobytes(), 6)
        outline = json.dumps([[float(x), float(y)] for x, y in region.outline])
        return cls(region.box.text, region.kind, region.origin, outline, mask)

    def region(self) -> Region:
        """Raises `ValueError`, `TypeError` or `ScanmonError` where it is none of ours."""
        box = Box(*(int(number) for number in str(self.box).split(",")))
        if box.right * box.bottom > MOST_PIXELS:
            raise ValueError("a region larger than any picture")
        outline = tuple((float(x), float(y)) for x, y in json.loads(self.outline))
        if len(outline) > MOST_CORNERS or not np.isfinite(outline).all():
            raise ValueError("an outline that cannot be drawn")
        if self.kind not in _KINDS or self.origin not in _ORIGINS:
            raise ValueError("a region of an unknown kind")
        return Region(box, self._mask(box), outline, cast(Any, self.kind), cast(Any, self.origin))

    def _mask(self, box: Box) -> Mask | None:
        if self.mask is None:
            return None
        size = box.width * box.height
        try:
            packed = zlib.decompressobj().decompress(self.mask, -(-size // 8) + 1)
        except zlib.error as error:
            raise ValueError(f"a mask cannot be unpacked ({error})") from error
        if len(packed) != -(-size // 8):
            raise ValueError("a mask has not the size of its box")
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=size)
        mask = bits.reshape(box.height, box.width).view(np.bool_)
        mask.setflags(write=False)
        return mask


class Regions:
    """The regions of a session by number. They are checked once and unpacked when asked for.

    `about` may state the size of the pictures. Raises as `StoredRegion.region`.
    """

    def __init__(self, stored: Sequence[StoredRegion], about: Mapping[str, Any]) -> None:
        self._stored = tuple(stored)
        most = 1 << 16
        height, width = about.get("height") or most, about.get("width") or most
        if not all(one.region().box.within(height, width) for one in stored):
            raise ValueError("a region outside the picture")
        self._unpacked = lru_cache(_HELD)(lambda number: self._stored[number].region())

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, number: int) -> Region:
        return self._unpacked(number)


def may_be_stored(region: Region) -> bool:
    """Whether pixels of this region may leave the memory of the program.

    Where no sector was found the whole picture stands in for it, with whatever a scanner writes around the
    sector, such as names: that is never stored unless the user asks for the whole screen.
    """
    return region.kind != "full" and region.origin != "full"


def same_region(one: Region | None, other: Region | None) -> bool:
    if one is other:
        return True
    if one is None or other is None or one.box != other.box:
        return False
    if one.mask is None or other.mask is None:
        return one.mask is other.mask
    return bool(np.array_equal(one.mask, other.mask))


def sector_only(pixels: GrayImage, regions: tuple[Region, ...]) -> NDArray[np.uint8] | None:
    """A copy of `pixels`, black wherever any of `regions` does not reach.

    Several regions: those known before and after a picture that was not analysed itself. None where there is
    no region, where one is not known to be a sector, or does not fit into the picture.
    """
    if not regions or not all(may_be_stored(region) for region in regions):
        return None
    if not all(region.box.within(*pixels.shape) for region in regions):
        return None
    left = max(region.box.x for region in regions)
    top = max(region.box.y for region in regions)
    right = min(region.box.right for region in regions)
    bottom = min(region.box.bottom for region in regions)
    kept = np.zeros_like(pixels)
    if right <= left or bottom <= top:
        return kept
    kept[top:bottom, left:right] = pixels[top:bottom, left:right]
    for region in regions:
        if region.mask is not None:
            box = region.box
            part = region.mask[top - box.y : bottom - box.y, left - box.x : right - box.x]
            kept[top:bottom, left:right] *= part
    return kept
