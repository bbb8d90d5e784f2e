"""A region as one line of JSON and back: what was stored can be scored again over exactly the same pixels."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from scanmon.core.values import Box, Region

MOST_CORNERS: Final = 10_000
MOST_PIXELS: Final = 1 << 16  # of a side
_KINDS: Final = ("full", "box", "linear", "sector")
_ORIGINS: Final = ("full", "user", "declared", "detected")


def may_be_stored(region: Region) -> bool:
    """Whether pixels of this region may leave the memory of the program.

    Where no sector was found the whole picture stands in for it, with whatever a scanner writes around the
    sector, such as names: that is never stored unless the user asks for the whole screen.
    """
    return region.kind != "full" and region.origin != "full"


def same_region(one: Region | None, other: Region | None) -> bool:
    """Whether two regions cover the same pixels."""
    if one is other:
        return True
    if one is None or other is None or one.box != other.box:
        return False
    if one.mask is None or other.mask is None:
        return one.mask is other.mask
    return bool(np.array_equal(one.mask, other.mask))


def to_record(region: Region) -> dict[str, Any]:
    """Box, outline and mask (one bit a pixel, zlib, base64)."""
    mask = None
    if region.mask is not None:
        mask = base64.b64encode(zlib.compress(np.packbits(region.mask).tobytes(), 6)).decode("ascii")
    return {
        "box": region.box.as_list(),
        "kind": region.kind,
        "origin": region.origin,
        "outline": [[float(x), float(y)] for x, y in region.outline],
        "mask": mask,
    }


def from_record(record: Mapping[str, Any]) -> Region:
    """The region of a record.

    Raises `KeyError`, `TypeError`, `ValueError` or `OverflowError` where it is none of ours.
    """
    box = Box(*(int(number) for number in record["box"]))
    if not box.within(MOST_PIXELS, MOST_PIXELS):
        raise ValueError("a region larger than any picture")
    mask = None
    if record["mask"] is not None:
        size = box.width * box.height
        try:
            packed = zlib.decompressobj().decompress(base64.b64decode(record["mask"]), -(-size // 8) + 1)
        except zlib.error as error:
            raise ValueError(f"a mask cannot be unpacked ({error})") from error
        if len(packed) != -(-size // 8):
            raise ValueError("a mask has not the size of its box")
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=size)
        mask = bits.reshape(box.height, box.width).astype(np.bool_)
        mask.setflags(write=False)
    outline = tuple((float(x), float(y)) for x, y in record["outline"])
    if len(outline) > MOST_CORNERS or not np.isfinite(outline).all():
        raise ValueError("an outline that cannot be drawn")
    if record["kind"] not in _KINDS or record["origin"] not in _ORIGINS:
        raise ValueError("a region of an unknown kind")
    return Region(box, mask, outline, record["kind"], record["origin"])
