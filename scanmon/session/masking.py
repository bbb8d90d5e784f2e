"""What of a picture may be stored: the sector, and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage, Region
from scanmon.session.regions import may_be_stored


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
