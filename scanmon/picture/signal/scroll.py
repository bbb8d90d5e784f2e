"""A trace that runs sideways: M-mode and spectral Doppler draw one new column and push the others on."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import GrayImage, Region

_ROWS = 24  # that are looked at
_SHIFTS = range(1, 13)  # pixels a frame
_MOVING = 1.5  # mean change in levels below which nothing moves
_EXPLAINED = 0.15  # of the change that is left after the shift; a moved probe leaves more
_IN_A_ROW = 6  # equal shifts


class ScrollWatch:
    """Looks for the same sideways shift between neighbouring frames, time after time."""

    def __init__(self) -> None:
        self._before: GrayImage | None = None
        self._shift = 0
        self._times = 0

    def update(self, pixels: GrayImage, region: Region, *, look: bool) -> bool:
        """Whether the picture scrolls. Without `look` a frame is compared only while there is a suspicion."""
        part = pixels[region.box.rows, region.box.columns]
        rows = part[part.shape[0] // (2 * _ROWS) :: max(1, part.shape[0] // _ROWS)]
        before, self._before = self._before, rows
        if (look or self._shift) and before is not None and before.shape == rows.shape and rows.shape[1] > 64:
            shift = _shift_between(before, rows)
            if shift is not None:
                self._times = self._times + 1 if shift == self._shift and shift != 0 else 0
                self._shift = shift
        return self._times >= _IN_A_ROW - 1


def _shift_between(before: GrayImage, now: GrayImage) -> int | None:
    """Pixels by which the rows moved (left positive); 0: not by a plain shift; None: nothing moved."""
    change = float(cv2.absdiff(now, before).mean())
    if change < _MOVING:
        return None
    left = [float(cv2.absdiff(now[:, :-shift], before[:, shift:]).mean()) for shift in _SHIFTS]
    right = [float(cv2.absdiff(now[:, shift:], before[:, :-shift]).mean()) for shift in _SHIFTS]
    best = int(np.argmin(left + right))
    if (left + right)[best] > _EXPLAINED * change:
        return 0
    return _SHIFTS[best] if best < len(left) else -_SHIFTS[best - len(left)]
