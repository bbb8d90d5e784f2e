"""The black level, taken off in front of the map: nobody sees a pedestal, and it is no veil.

Light is not made up for: what is dark stays dark. The cap keeps an all-gray picture from becoming a black
one, and a veil from being hidden. The map was trained on pictures treated so (`tools/training/levels.py`).
"""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import GrayImage, Mask

_SHARE = 0.01
_MOST = 40


def black_level(image: GrayImage, mask: Mask | None) -> int:
    """The gray level that 1 % of the sector lies at or below; at most 40.

    All of the picture counts where there is no mask.
    """
    inside = None if mask is None else mask.view(np.uint8)
    counts = cv2.calcHist([image], [0], inside, [_MOST], [0, _MOST]).ravel()
    total = image.size if mask is None else np.count_nonzero(mask)
    return int(np.count_nonzero(np.cumsum(counts) < _SHARE * total))
