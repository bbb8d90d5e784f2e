"""What a session amounts to: how long the picture was adequate, and its best and worst moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.session.content import SessionContent

SHARES = ("adequate", "marginal", "inadequate", "no score")
APART_S = 1.0  # between the moments that are shown
_LONGEST_STEP_S = 1.0  # a longer hole in time belongs to no frame


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares of the recorded time in the order of `SHARES`, and pictures worth a look."""

    seconds: float
    frames: int
    scored: int
    shares: tuple[float, ...]  # they add up to 1, or are all 0 for an empty session
    median_quality: float | None
    best: tuple[int, ...]  # pictures, the best first
    worst: tuple[int, ...]  # pictures, the worst first


def summary(content: SessionContent, moments: int = 3) -> Summary:
    """Of the analysed frames; each stands for the time until the next one, at most a second."""
    analysed = np.array([reason != "dropped" for reason in content.table.texts("reason")], bool)
    rows = np.flatnonzero(analysed)
    times_s = content.table.numbers("time_s")
    verdicts = content.table.texts("verdict")
    weights = _weights(times_s[rows])
    shares = np.zeros(len(SHARES))
    for row, weight in zip(rows, weights, strict=True):
        shares[SHARES.index(verdicts[row] or "no score")] += weight
    quality = content.table.numbers("quality")
    scored = quality[rows][np.isfinite(quality[rows])]
    pictured = content.pictures
    order = [
        int(p) for p in np.argsort(quality[pictured], kind="stable") if np.isfinite(quality[pictured][p])
    ]
    total = shares.sum()
    return Summary(
        seconds=float(np.nanmax(times_s, initial=0.0)),
        frames=len(content.table),
        scored=len(scored),
        shares=tuple(float(share) for share in (shares / total if total else shares)),
        median_quality=float(np.median(scored)) if len(scored) else None,
        best=_apart(order[::-1], times_s[pictured], moments),
        worst=_apart(order, times_s[pictured], moments),
    )


def _weights(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds that each frame stands for."""
    if len(times_s) < 2:
        return np.ones(len(times_s))
    steps = np.clip(np.diff(times_s), 0.0, _LONGEST_STEP_S)
    return np.append(steps, np.median(steps))


def _apart(order: list[int], times_s: NDArray[np.float64], most: int) -> tuple[int, ...]:
    """The first of `order`, each at least `APART_S` from those before it."""
    chosen: list[int] = []
    for picture in order:
        if all(abs(times_s[picture] - times_s[other]) >= APART_S for other in chosen):
            chosen.append(picture)
        if len(chosen) == most:
            break
    return tuple(chosen)
