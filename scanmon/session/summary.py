"""What a session amounts to: how long the picture was adequate, and its best and worst moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import stands_for
from scanmon.core.records import DROPPED
from scanmon.session.content import SessionContent

# `no score`: the picture was no live B-mode; `not scored`: nobody knows, no frame was analysed for a while
SHARES = ("adequate", "marginal", "inadequate", "no score", "not scored")
APART_S = 1.0  # between the moments that are shown


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
    """Of the recorded time; an analysed frame stands for the time until the next, but for no gap."""
    rows, weights, end_s = spoken_for(content)
    times_s = content.table.numbers("time_s")
    shares = seconds_of(content, rows, weights)
    known_s = times_s[np.isfinite(times_s)]
    if len(known_s):
        shares[-1] = max(0.0, end_s - float(known_s.min()) - shares.sum())
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


def spoken_for(content: SessionContent) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
    """The rows that were analysed, the seconds that each speaks for, and when the session ends."""
    rows = np.flatnonzero([reason != DROPPED for reason in content.table.texts("reason")])
    times_s = content.table.numbers("time_s")
    known_s = times_s[np.isfinite(times_s)]
    frame_s = float(np.median(np.diff(known_s))) if len(known_s) > 1 else 1.0
    end_s = float(known_s.max(initial=0.0)) + frame_s
    return rows, stands_for(times_s[rows], end_s), end_s


def seconds_of(
    content: SessionContent, rows: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(5,) seconds in the order of `SHARES` for which analysed `rows` speak; the last one is 0."""
    verdicts = content.table.texts("verdict")
    seconds = np.zeros(len(SHARES))
    for row, weight in zip(rows, weights, strict=True):
        seconds[SHARES.index(verdicts[row] or "no score")] += weight
    return seconds


def _apart(order: list[int], times_s: NDArray[np.float64], most: int) -> tuple[int, ...]:
    """The first of `order`, each at least `APART_S` from those before it."""
    chosen: list[int] = []
    for picture in order:
        if all(abs(times_s[picture] - times_s[other]) >= APART_S for other in chosen):
            chosen.append(picture)
        if len(chosen) == most:
            break
    return tuple(chosen)
