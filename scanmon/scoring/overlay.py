"""An analysed frame as a picture for people: the sector, its heatmap, the worst place framed.

The heatmap is cividis, more opaque where the picture is worse.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Box, GrayImage, Mask

MAX_HEIGHT_PX = 360  # of the overlay; the painter scales it to the picture
_FRAME_COLOUR = (248, 246, 244)


def sector(analysis: Analysis) -> GrayImage:
    """(h, w) uint8: the region of the analysed frame, black outside its mask."""
    region = analysis.region
    cut = analysis.frame.pixels[region.box.rows, region.box.columns]
    return cut.copy() if region.mask is None else np.where(region.mask, cut, np.uint8(0))


def with_heat(analysis: Analysis, strength: float) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 B, G, R: the sector with its heatmap, and the worst region framed."""
    gray = sector(analysis)
    picture: NDArray[np.float32] = np.repeat(gray[..., None], 3, 2).astype(np.float32)
    box, worst = analysis.region.box, analysis.reading.worst
    if analysis.heatmap is not None:
        heat = heat_pixels(analysis.heatmap, box, analysis.region.mask).astype(np.float32) * strength
        heat = np.asarray(cv2.resize(heat, (box.width, box.height)), np.float32)
        picture = picture * (1.0 - heat[..., 3:] / 255.0) + heat[..., :3]
    result: NDArray[np.uint8] = np.rint(picture).astype(np.uint8)
    if worst is not None:
        corner = (worst.x - box.x, worst.y - box.y)
        opposite = (worst.right - box.x - 1, worst.bottom - box.y - 1)
        cv2.rectangle(result, corner, opposite, _FRAME_COLOUR, 1, cv2.LINE_AA)
    return result


def heat_pixels(quality: NDArray[np.float32], box: Box, mask: Mask | None) -> NDArray[np.uint8]:
    """(h, w, 4) uint8 premultiplied B, G, R, A over the region: h, w at most `MAX_HEIGHT_PX` high.

    `quality` (gh, gw) is the local quality 0..100. Good places are transparent, so that the picture is
    tinted only where there is something to say; outside `mask` nothing is drawn.
    """
    height = min(box.height, MAX_HEIGHT_PX)
    width = max(1, round(box.width * height / box.height))
    badness = np.clip(255.0 - quality * 2.55, 0.0, 255.0).astype(np.uint8)
    spread = cv2.resize(badness, (width, height), interpolation=cv2.INTER_CUBIC)
    if mask is not None:
        inside = cv2.resize(mask.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        spread = cv2.multiply(spread, inside)  # 0 is transparent
    pixels: NDArray[np.uint8] = np.take(_table(), spread).view(np.uint8).reshape(height, width, 4)
    return pixels


@cache
def _table() -> NDArray[np.uint32]:
    """(256,) premultiplied colours, in memory B, G, R, A: from 0, transparent, to 255, the worst."""
    steps = np.arange(256, dtype=np.uint8)
    colours = cv2.applyColorMap(steps, cv2.COLORMAP_CIVIDIS).reshape(256, 3).astype(np.float64)
    share = steps / 255.0
    alpha = np.clip((share - 0.15) / 0.75, 0.0, 1.0)
    alpha = alpha * alpha * (3.0 - 2.0 * alpha)  # smooth at both ends: no contour where the tint begins
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = np.rint(colours * alpha[:, None])
    table[:, 3] = np.rint(255.0 * alpha)
    return table.view(np.uint32)[:, 0]
