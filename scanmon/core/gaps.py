"""Where a curve of scores has a gap: one rule for the window, the film and the report."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

BRIDGED_S: Final = 0.5  # frames that were skipped leave no gap; a longer time without a score is one
LONE_S: Final = 0.2  # that a score without neighbours stands for


def stands_for(times_s: NDArray[np.float64], end_s: float) -> NDArray[np.float64]:
    """(n,) seconds for which each of the scores at `times_s`, growing, speaks; up to `end_s`."""
    steps = np.diff(times_s, append=end_s)
    return np.where(steps <= BRIDGED_S, np.maximum(steps, 0.0), LONE_S)


def stretches(times_s: NDArray[np.float64], known: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Rows of the known values, in pieces without a gap; `times_s` (n,) grows."""
    rows = np.flatnonzero(known)
    return np.split(rows, np.flatnonzero(np.diff(times_s[rows]) > BRIDGED_S) + 1) if len(rows) else []
