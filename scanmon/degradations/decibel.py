"""The log-compressed gray scale of a B-mode picture as amplitudes: 0..255 shows 60 dB.

Faults of the signal path act on echo amplitudes; a picture shows their logarithm. A gain error is therefore
an added number of gray levels, and clutter or noise adds in power: it fills dark tissue, not bright echoes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DYNAMIC_RANGE_DB = 60.0
GRAY_PER_DB = 255.0 / DYNAMIC_RANGE_DB


def add_power(gray: NDArray[np.float32], power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gray (H, W) 0..255 after incoherent addition of `power` (H, W), where 1.0 is the power of full white.

    Zero power leaves the picture as it is; the result never is darker than the picture.
    """
    own = np.exp((gray - 255.0) * np.float32(np.log(10.0) / (10.0 * GRAY_PER_DB)))
    ratio = np.log1p(power / own) * np.float32(10.0 / np.log(10.0) * GRAY_PER_DB)
    return np.asarray(gray + ratio, np.float32)


def power_of_db(level_db: float) -> np.float32:
    """Power of a level in dB below full white (0 dB = 1.0)."""
    return np.float32(10.0 ** (level_db / 10.0))
