"""Where a recording is inadequate for a while: the places that a person wants to see next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import BRIDGED_S
from scanmon.core.values import Verdict
from scanmon.runtime.snapshot import Trace

_BAD = list(Verdict).index(Verdict.INADEQUATE)


def beginnings(trace: Trace) -> NDArray[np.intp]:
    """Rows at which a stretch of inadequate frames begins; a gap between two of them is none."""
    bad = np.flatnonzero(trace.verdict == _BAD)
    if not len(bad):
        return bad
    known = trace.verdict >= 0
    good_before = np.cumsum(known & (trace.verdict != _BAD))[bad]
    apart = (np.diff(good_before) > 0) | (np.diff(trace.time_s[bad]) > BRIDGED_S)
    return bad[np.concatenate(([True], apart))]


def neighbour(trace: Trace, index: int, way: int) -> int | None:
    """Where the next stretch begins (`way` 1), or the one before (-1); None where there is none."""
    found = beginnings(trace)
    found = found[found > index] if way > 0 else found[found < index]
    return None if not len(found) else int(found[0] if way > 0 else found[-1])
