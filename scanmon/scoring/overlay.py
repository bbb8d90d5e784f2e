"""An analysed frame as a picture for people: the sector, its heatmap, the worst place framed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, GrayImage
from scanmon.scoring.heat_colours import heat_pixels

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
