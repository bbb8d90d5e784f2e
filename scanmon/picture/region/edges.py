"""The exact place of straight edges in frame pixels: flat lines end, and a whole line changes at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage

_REACH = 3  # reduced pixels to both sides of the first estimate
_HEADER = 0.12  # share of the height in which a header may still be mistaken for the image
_LINES = 3  # lines on each side that are compared
_GAP = 0.88  # share of a line that is flat where there is nothing
_SURE = 0.35  # below this an edge is not seen, and the estimate stays


def refine(pixels: GrayImage, box: Box, step: int) -> Box:
    """The box with every side moved to the edge that is seen there; sides at the picture's end stay.

    `step` is the size of a reduced pixel: the estimate is that exact.
    """
    reach = _REACH * step
    height, width = pixels.shape
    rows = slice(box.y + box.height // 10, box.bottom - box.height // 10)
    columns = slice(box.x + box.width // 10, box.right - box.width // 10)
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    if left > step:
        start = max(0, left - reach)
        left = start + _edge(pixels[rows, start : left + reach].T, left - start)
    if right < width - step:
        end = min(width, right + reach)
        right = end - _edge(pixels[rows, right - reach : end][:, ::-1].T, end - right)
    if top > step:
        start = max(0, top - reach)
        inner = max(reach, int(_HEADER * box.height))
        top = start + _edge(pixels[start : top + inner, columns], top - start, innermost=True)
    if bottom < height - step:
        end = min(height, bottom + reach)
        bottom = end - _edge(pixels[bottom - reach : end, columns][::-1], end - bottom)
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def _edge(strip: NDArray[np.uint8], estimate: int, *, innermost: bool = False) -> int:
    """First line of the image in a strip whose lines (axis 0) run from outside to inside."""
    lines = strip.astype(np.int16)
    flat = (np.abs(np.diff(lines, axis=1)) <= 1).mean(axis=1)
    change = (np.abs(np.diff(lines, axis=0)) > 2).mean(axis=1)
    places = np.arange(_LINES, len(lines) - _LINES + 1)
    if len(places) == 0:
        return estimate
    sums = np.concatenate([[0.0], np.cumsum(flat)])
    outside = (sums[places] - sums[places - _LINES]) / _LINES
    inside = (sums[places + _LINES] - sums[places]) / _LINES
    score = outside - inside + change[places - 1]
    if innermost:  # a header lies between two flat gaps: the image begins after the last one
        gaps = np.flatnonzero((outside > _GAP) & (inside < outside - 0.1) & (score > _SURE))
        if len(gaps):
            return int(places[gaps[-1]])
    near = np.abs(places - estimate) <= estimate
    score = np.where(near, score, 0.0)
    best = int(np.argmax(score))
    return int(places[best]) if score[best] >= _SURE else estimate
