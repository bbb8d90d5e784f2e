"""What is common to all places along the face: the rings of a reverberation, against all else."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STRIPS = 12
LEAST_LEVELS = 3.0  # gray levels above the noise that count as an echo


def strips(gray: NDArray[np.float32], count: int = STRIPS) -> Floats:
    """(depths, count) mean gray of as many equal parts of the face; NaN where a part is cut off."""
    parts = np.array_split(gray, count, axis=1)
    return np.stack([_mean(part) for part in parts], axis=1)


def common_share(parts: Floats, window: int) -> Floats:
    """(depths,) share of the variance along depth that all parts have in common, around each depth.

    With parts x_i = s + n_i, the mean covariance of two parts is the variance of s: an estimate that noise
    does not raise. 1: rings alone, 0: noise alone. A slope inside the window counts as neither.
    """
    known = np.where(np.isfinite(parts), parts, 0.0)
    slow = cv2.blur(known, (1, 2 * window + 1), borderType=cv2.BORDER_REFLECT)
    fast = known - slow
    mean = fast.mean(axis=1)
    count = parts.shape[1]
    every = smooth((fast**2).mean(axis=1), window)
    # var of the mean = common + alone / count
    common = (count * smooth(mean**2, window) - every) / (count - 1)
    return np.asarray(np.clip(common / np.maximum(every, 0.05), 0.0, 1.0))


def agreement(parts: Floats) -> float:
    """How alike the parts are along depth: median correlation of a part with the median part, -1..1."""
    middle = _middle(parts)
    found = []
    for part in parts.T:
        both = np.isfinite(part) & np.isfinite(middle)
        if both.sum() > 8 and part[both].std() > 0.5 and middle[both].std() > 0.5:
            found.append(float(np.corrcoef(part[both], middle[both])[0, 1]))
        else:
            found.append(0.0)
    return float(np.median(found))


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """The reverberation along depth."""

    profile: Floats  # (depths,) median gray across the face
    share: Floats  # (depths,) as `common_share`
    floor: float  # gray of the noise, or of black
    depth: int  # rows until the rings sink into noise
    spacing: float | None  # rows between two rings; None where none repeat
    reaches_end: bool  # rings at the last row: the true depth is larger
    agreement: float


def find_rings(gray: NDArray[np.float32]) -> Rings:
    """The rings in a straightened picture (depths, places)."""
    parts = strips(gray)
    profile = np.nan_to_num(_middle(gray))
    rows = len(profile)
    window = max(7, rows // 25)
    tail = profile[int(0.85 * rows) :]
    floor = float(np.median(tail))
    spread = robust_spread(tail)
    level = smooth(profile, 2)
    loud = level > floor + max(LEAST_LEVELS, 3 * spread)
    share = common_share(parts, window)
    audible = (share > 0.5) & (smooth(np.abs(profile - smooth(profile, window)), window) > 0.5)
    depth = _last_of_run(loud | audible, window)
    spacing = _spacing(profile[:depth]) if depth > 12 else None
    return Rings(
        profile,
        share,
        floor,
        depth,
        spacing,
        depth >= rows - window // 2 - 1 or _cut_short(profile[:depth], spacing, floor),
        agreement(parts[: max(depth, 8)]),
    )


def _cut_short(profile: Floats, spacing: float | None, floor: float) -> bool:
    """Whether the last ring is too strong for one that sinks into noise: the image ends there."""
    last = profile[-max(6, round(spacing or 0)) :]
    return bool(len(last)) and float(last.max()) > floor + 0.3 * float(profile.max() - floor)


def _last_of_run(known: NDArray[np.bool_], gap: int) -> int:
    """Rows from the top until `known` fails for longer than `gap` rows."""
    rows = np.flatnonzero(known)
    if not len(rows) or rows[0] > len(known) // 4:
        return 0
    breaks = np.flatnonzero(np.diff(rows) > gap)
    return int(rows[breaks[0]] if len(breaks) else rows[-1]) + 1


def _spacing(profile: Floats) -> float | None:
    """Rows between rings: the highest peak of the autocorrelation behind its first minimum, if clear."""
    fast = profile - smooth(profile, max(6, len(profile) // 6))
    power = np.correlate(fast, fast, "full")[len(fast) - 1 :]
    if power[0] <= 0:
        return None
    power = power / power[0]
    falls = np.flatnonzero(np.diff(power) > 0)
    if not len(falls):
        return None
    start = int(falls[0])
    peak = start + int(np.argmax(power[start : max(start + 2, len(power) * 2 // 3)]))
    return float(peak) if power[peak] > 0.25 and peak >= 3 else None


def smooth(values: Floats, half: int) -> Floats:
    """The mean of `half` neighbours on either side."""
    return np.asarray(
        cv2.blur(values.reshape(-1, 1), (1, 2 * half + 1), borderType=cv2.BORDER_REFLECT).ravel(), np.float64
    )


def robust_spread(values: NDArray[np.floating]) -> float:
    """Standard deviation by the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _middle(values: NDArray[np.floating]) -> Floats:
    """(depths,) median across; NaN where nothing is known."""
    middle, known = np.full(len(values), np.nan), np.isfinite(values).any(axis=1)
    middle[known] = np.nanmedian(values[known], axis=1)
    return middle


def _mean(part: NDArray[np.float32]) -> Floats:
    known = np.isfinite(part)
    count = known.sum(axis=1)
    total = np.where(known, part, 0.0).sum(axis=1, dtype=np.float64)
    return np.asarray(np.where(count > part.shape[1] // 2, total / np.maximum(count, 1), np.nan))
