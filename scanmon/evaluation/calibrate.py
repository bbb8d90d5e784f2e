"""From a site's own scores to quality 0..100 and to the thresholds of the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.core.calibration import Calibration
from scanmon.core.errors import SettingsError

FEWEST = 20  # clean pictures; a percentile of fewer is a guess
FEWEST_JUDGED = 5  # accepted and rejected pictures each, to set a threshold by them
CLEAN_SHARE = 0.9  # of the clean pictures are adequate where nobody has judged any
MARGINAL_SHARE = 0.98  # ... and so many at least marginal
MEDIAN_QUALITY = 85.0  # of a clean picture
ADEQUATE, MARGINAL = 70.0, 40.0  # qualities that the thresholds are mapped to
ROBUST_SD = 1.4826  # median absolute deviation to standard deviation, for a normal distribution


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration and how it was found."""

    calibration: Calibration
    clean: int
    accepted: int
    rejected: int
    agreement: float | None  # share of judged pictures on the right side of the adequate threshold
    note: str


def calibrate(
    clean: Sequence[float],
    accepted: Sequence[float] = (),
    rejected: Sequence[float] = (),
    before: Calibration | None = None,
) -> Calibrated:
    """Knots and thresholds from scores (higher is better).

    Quality is a curve through percentiles of the clean scores: the median is 85, the 10th percentile 70
    (adequate from there on), the 2nd 40 (marginal), the best 100, and 0 is reached with the slope of the
    lowest piece. `before`, the calibration that the bundle came with, knows how far faults pull a score down:
    marginal and 0 then lie at least as far below adequate as there, as clean pictures cannot tell.

    Where at least five accepted and five rejected pictures are given, adequate begins instead where the two
    are best told apart, and marginal at the median of the rejected. Raises `SettingsError` for fewer than 20
    clean pictures.
    """
    scores = _finite(clean)
    if scores.size < FEWEST:
        raise SettingsError(
            f"{scores.size} clean pictures are too few for percentiles", "", f"give {FEWEST} or more"
        )
    low, tenth, median, best = (
        float(value)
        for value in np.percentile(scores, [100 * (1 - MARGINAL_SHARE), 100 * (1 - CLEAN_SHARE), 50, 100])
    )
    yes, no = _finite(accepted), _finite(rejected)
    agreement, note = None, "thresholds from percentiles of the clean scores"
    if min(yes.size, no.size) >= FEWEST_JUDGED:
        tenth, agreement = _best_cut(yes, no)
        low = min(float(np.median(no)), tenth)
        note = "thresholds from accepted and rejected pictures"
    elif before:
        low = min(low, tenth - (_at(before, before.adequate) - _at(before, before.marginal)))
    knots = _growing([low, tenth, median, best], _spread(scores))
    zero = knots[0] - max((knots[1] - knots[0]) * MARGINAL / (ADEQUATE - MARGINAL), 1e-6)
    if before:
        zero = min(zero, tenth - (_at(before, before.adequate) - _at(before, 0.0)))
    return Calibrated(
        Calibration((zero, *knots), (0.0, MARGINAL, ADEQUATE, MEDIAN_QUALITY, 100.0), MARGINAL, ADEQUATE),
        clean=int(scores.size),
        accepted=int(yes.size),
        rejected=int(no.size),
        agreement=agreement,
        note=note,
    )


def _at(calibration: Calibration, quality: float) -> float:
    """The score that has a quality; the highest such score where the curve is flat."""
    scores, qualities = calibration.scores, calibration.qualities
    last = max((index for index, value in enumerate(qualities) if value <= quality), default=0)
    if last == len(scores) - 1 or qualities[last] > quality:
        return scores[last]
    share = (quality - qualities[last]) / (qualities[last + 1] - qualities[last])
    return scores[last] + share * (scores[last + 1] - scores[last])


def _finite(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64).reshape(-1)
    return array[np.isfinite(array)]


def _spread(scores: NDArray[np.float64]) -> float:
    """A robust standard deviation, never 0."""
    deviation = float(np.median(np.abs(scores - np.median(scores)))) * ROBUST_SD
    return max(deviation, float(scores.std()) * 0.1, 1e-6)


def _growing(knots: list[float], spread: float) -> list[float]:
    """Knots at least a tenth of the spread apart, the adequate threshold (the second) kept where it is."""
    step = 0.1 * spread
    result = list(knots)
    result[0] = min(result[0], result[1] - step)
    for index in (2, 3):
        result[index] = max(result[index], result[index - 1] + step)
    return result


def _best_cut(accepted: NDArray[np.float64], rejected: NDArray[np.float64]) -> tuple[float, float]:
    """Threshold between two neighbouring scores with the best mean of the two hit rates, and that mean."""
    values = np.unique(np.concatenate([accepted, rejected]))
    cuts = np.concatenate([[values[0] - 1e-9], (values[1:] + values[:-1]) / 2.0])
    right = np.asarray([(np.mean(accepted >= cut) + np.mean(rejected < cut)) / 2.0 for cut in cuts])
    best = np.flatnonzero(right >= right.max() - 1e-12)
    middle = int(best[len(best) // 2])
    return float(cuts[middle]), float(right[middle])
