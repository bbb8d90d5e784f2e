"""Whether a nearly black picture lives: encoders skip what stands still, noise of a cable is everywhere."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from scanmon.core.values import GrayImage, Region

WINDOW_S = 0.4
# share of the pixels that are others than in the frame before, median over the window: dark live cines had
# 0.009 to 0.22 (H.264 up to rate factor 27), frozen ones behind H.264 at most 0.006, noise of one level 0.35
LEAST, MOST = 0.008, 0.33
COHERENT = 1.8  # variance of block means over that of white noise: 1 in noise, 2 to 35 in cines
_PERCENTILE = 30  # an encoder that begins anew with a key frame skips the frames right after it
_BLOCK_PX = 6
_ROWS_APART = 3
_FEW = 4  # frames that say nothing yet


class StirWatch:
    """Compares each frame with the one before, pixel by pixel. One source, one thread."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._before: GrayImage | None = None
        self._seen: deque[tuple[float, float]] = deque()  # when, share of pixels that changed

    def update(self, pixels: GrayImage, region: Region, time_s: float) -> bool:
        """Whether what changes is an image and not noise."""
        rows = pixels[region.box.rows, region.box.columns][::_ROWS_APART]
        before, self._before = self._before, rows
        if before is None or region is not self._region or before.shape != rows.shape:
            self._region = region
            self._seen.clear()
            return False
        while self._seen and not time_s - WINDOW_S <= self._seen[0][0] <= time_s:
            self._seen.popleft()
        change = rows.astype(np.int16) - before
        self._seen.append((time_s, np.count_nonzero(change) / change.size))
        share = float(np.percentile([share for _, share in self._seen], _PERCENTILE))
        return len(self._seen) > _FEW and LEAST <= share <= MOST and _is_coherent(change)


def _is_coherent(change: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> bool:
    """Whether neighbouring pixels change together."""
    height, width = (side // _BLOCK_PX for side in change.shape)
    even = change[: height * _BLOCK_PX, : width * _BLOCK_PX].astype(np.float32)
    if not even.size:
        return False
    blocks = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    return float(np.var(blocks)) * _BLOCK_PX**2 > COHERENT * float(np.var(even))
