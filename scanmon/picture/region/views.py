"""The views on a screen: which part of the network's map is the image, and what is a view beside it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.fit import LONG_SIDE_PX
from scanmon.picture.region.look import Map

MIN_SHARE = 0.015  # of the picture; less is no image
OTHER_SHARE = 0.3  # of the largest view; what is smaller is no view of its own
ALIKE = 0.85  # of the largest view; views as large as that come in the order of reading
_APART = 0.2  # chance of a seam that parts two views
_REACH = np.ones((9, 9), np.uint8)  # by which a view may reach beyond what is surely of it


@dataclass(frozen=True, slots=True, eq=False)
class ViewMap:
    """Where one view is, in the aspect of the picture."""

    chance: GrayImage  # (h, w), 0 to 255
    across: float  # frame pixels per pixel of the map
    down: float


def view_map(image: Map, seam: Map, height: int, width: int, view: int = 0) -> ViewMap | None:
    """A view of a picture of `height` x `width`: 0 is the largest, 1 the one beside it where there are two.

    None where no image is seen.
    """
    scale = min(1.0, LONG_SIDE_PX / max(height, width))
    wide, high = max(8, round(width * scale)), max(8, round(height * scale))
    chance = cv2.resize(np.rint(image * 255).astype(np.uint8), (wide, high), interpolation=cv2.INTER_LINEAR)
    parted = cv2.resize(seam, (wide, high), interpolation=cv2.INTER_LINEAR) > _APART
    solid = ((chance > 127) & ~parted).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4)
    found = in_order(np.asarray(stats[1:], np.int32), solid.size)
    if not found:
        return None
    own = (labels == found[min(view, len(found) - 1)]).view(np.uint8)
    beside = (np.isin(labels, found)).view(np.uint8) & (1 - own)
    reach = cv2.dilate(own, _REACH) & (own | (1 - cv2.dilate(beside, _REACH)))
    return ViewMap(np.asarray(chance * reach, np.uint8), width / wide, height / high)


def in_order(stats: np.ndarray[tuple[int, ...], np.dtype[np.int32]], size: int) -> list[int]:
    """Labels of the parts that are views, the one that is scored first."""
    areas = stats[:, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < MIN_SHARE * size:
        return []
    largest = int(areas.max())
    kept = [
        number
        for number in range(len(areas))
        if areas[number] >= max(OTHER_SHARE * largest, MIN_SHARE * size)
    ]

    def rank(number: int) -> tuple[int, int, int]:
        alike = areas[number] >= ALIKE * largest
        x, y = int(stats[number, cv2.CC_STAT_LEFT]), int(stats[number, cv2.CC_STAT_TOP])
        return (0, y // 64, x) if alike else (1, -int(areas[number]), 0)

    return [number + 1 for number in sorted(kept, key=rank)]
