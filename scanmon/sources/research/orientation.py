"""Which way up a stored plane is shown, as 3D Slicer shows it.

Its slice views have the patient's left at the right of the screen, and below it posterior (axial view) or
inferior (the others); sagittal, posterior is at the right (slicer.readthedocs.io, coordinate systems).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Turn = Callable[[NDArray[Any]], NDArray[Any]]


def slicer_turn(first: NDArray[np.float64], second: NDArray[np.float64]) -> Turn:
    """For a plane stored as [second axis, first axis], whose axes point so in LPS space (3,)."""
    axes = [int(np.argmax(np.abs(direction))) for direction in (first, second)]
    swap = axes[0] > axes[1]  # left before posterior before superior runs along the screen
    across, down = (second, first) if swap else (first, second)
    mirror = across[int(np.argmax(np.abs(across)))] < 0
    along = int(np.argmax(np.abs(down)))
    flip = (down[along] < 0) != (along == 2)  # superior is up

    def turn(plane: NDArray[Any]) -> NDArray[Any]:
        plane = np.swapaxes(plane, 0, 1) if swap else plane
        return plane[:: -1 if flip else 1, :: -1 if mirror else 1]

    return turn


def plus_turn(letters: str) -> Turn:
    """PLUS: where the axes point, to the Marked or Unmarked side of the probe, Near or Far; shown as `MF`."""
    named = letters.upper() if len(letters) >= 2 else "MF"
    first, second = named[0], named[1]
    swap = first in "NF"
    across, down = (second, first) if swap else (first, second)

    def turn(plane: NDArray[Any]) -> NDArray[Any]:
        plane = np.swapaxes(plane, 0, 1) if swap else plane
        return plane[:: -1 if down == "N" else 1, :: -1 if across == "U" else 1]

    return turn
