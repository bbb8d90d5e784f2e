"""What the gray levels of a sector say before any network looks: its black level, too little light, white.

The black level is taken off in front of the map: nobody sees a pedestal, and it is no veil. Light is not
made up for: what is dark stays dark. The cap keeps an all-gray picture from becoming a black one, and a veil
from being hidden. The map was trained on pictures treated so (`tools/training/levels.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage, Mask

_SHARE = 0.01
_MOST = 40

_STRONG_SHARE = 0.95  # of the sector's pixels are below its strong echoes
_DARK_BELOW, _BLACK_BELOW = 60, 20  # gray levels of the strong echoes above black: too dark, and all dark
_LIT_ABOVE, _LIT_LEAST = 20, 0.15  # gray levels above black, and the least share of the sector that is lit
_WHITE_FROM, _WHITE_ALLOWED, _PER_WHITE = (
    250,
    0.002,
    10.0,
)  # gray level; share of the sector; severity a share


class Exposure(NamedTuple):
    """Severities 0..1 of too little light in the whole sector, and of white in it."""

    dark: float
    white: float

    def added(self, severity: float) -> float:
        """A severity 0..1 of other faults with these: independent faults add up, and none hides another."""
        return 1.0 - (1.0 - severity) * (1.0 - self.dark) * (1.0 - self.white)


def level_counts(image: GrayImage, mask: Mask | None) -> NDArray[np.float32]:
    """How many pixels (256,) of the sector have each gray level; of all of the picture without a mask."""
    inside = None if mask is None else mask.view(np.uint8)
    return np.asarray(cv2.calcHist([image], [0], inside, [256], [0, 256]).ravel(), np.float32)


def black_level(counts: NDArray[np.float32]) -> int:
    """The gray level that 1 % of the sector lies at or below; at most 40."""
    return int(np.count_nonzero(np.cumsum(counts)[:_MOST] < _SHARE * counts.sum()))


def exposure(counts: NDArray[np.float32], black: int) -> Exposure:
    """From the counts of the levels and the black level: rules that hold for every organ and scanner.

    A network may be wrong about a dark that it has not seen; these rules are not.
    """
    total = float(counts.sum())
    if total <= 0:
        return Exposure(0.0, 0.0)
    strong = int(np.searchsorted(np.cumsum(counts), _STRONG_SHARE * total)) - black
    lit = float(counts[black + _LIT_ABOVE + 1 :].sum()) / total
    dark = max((_DARK_BELOW - strong) / (_DARK_BELOW - _BLACK_BELOW), (_LIT_LEAST - lit) / _LIT_LEAST, 0.0)
    white = max(float(counts[_WHITE_FROM:].sum()) / total - _WHITE_ALLOWED, 0.0)
    return Exposure(min(dark, 1.0), min(_PER_WHITE * white, 1.0))
