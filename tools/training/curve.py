"""From scores of clean and degraded pictures of the training to the quality that a bundle shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Scorer
from scanmon.core.values import Box, Frame, GrayImage, Region, View
from scanmon.degradations import SEVERITIES
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.view import Viewer
from tools.training.distortions import TRAINED, named
from tools.training.pictures import Picture
from tools.training.views import scanner

BEST, TYPICAL, LEAST_CLEAN, WORST = 100.0, 92.0, 80.0, 10.0
OTHER_SCANNERS = 2  # simulated ones that show each clean picture, beside its own
MARGINAL, ADEQUATE = 40.0, 70.0


def view_of(picture: Picture, gray: GrayImage, height: int) -> View:
    """A version of a picture as a scorer sees it: its sector, at the working height."""
    rows, columns = np.flatnonzero(picture.mask.any(1)), np.flatnonzero(picture.mask.any(0))
    box = Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    mask = np.ascontiguousarray(picture.mask[box.rows, box.columns])
    return Viewer(height).view(Frame(gray, 0, 0.0, 0.0), Region(box, mask))


def lit_view(view: View) -> View:
    """The view with what is black left out of its mask, so that a fit never takes black for clean tissue."""
    lit = (view.image > 10).astype(np.uint8)
    near = cv2.dilate(lit, np.ones((9, 9), np.uint8)) > 0
    return View(view.image, near if view.mask is None else near & view.mask, view.time_s)


def clean_scores(pictures: Sequence[Picture], scorer: Scorer, height: int) -> dict[str, NDArray[np.float64]]:
    """Scores of the clean pictures of every organ, as they are and as other scanners might show them.

    What is clean on the three scanners of the training is a narrower range than what is clean.
    """
    scores: dict[str, list[float]] = {}
    for number, picture in enumerate(pictures):
        rng = np.random.default_rng(number)
        shown = [picture.gray]
        for _ in range(OTHER_SCANNERS):
            shown.append(np.where(picture.mask, scanner(picture.gray, rng), 0).astype(np.uint8))
        scores.setdefault(picture.organ, []).extend(
            scorer.score(view_of(picture, gray, height)).score for gray in shown
        )
    return {organ: np.array(values) for organ, values in scores.items()}


def fault_scores(
    pictures: Sequence[Picture], scorer: Scorer, height: int, families: Sequence[str] = TRAINED
) -> dict[int, NDArray[np.float64]]:
    """Scores of every picture under every trained family, by severity 1..4."""
    scores: dict[int, list[float]] = {severity: [] for severity in SEVERITIES}
    for number, picture in enumerate(pictures):
        for family in families:
            for severity in SEVERITIES:
                rng = np.random.default_rng((number, severity * 0))
                changed = named(picture.gray, family, severity / SEVERITIES[-1], rng, picture.mask)
                scores[severity].append(scorer.score(view_of(picture, changed, height)).score)
    return {severity: np.array(values) for severity, values in scores.items()}


def curve(clean: Mapping[str, NDArray[np.float64]], faults: Mapping[int, NDArray[np.float64]]) -> Calibration:
    """Quality 92 at the lowest clean median of an organ, 80 at the lowest 10th percentile, 10 at severity 4.

    The best clean score is 100. Between the knots quality follows the score, so equal scores are equal
    qualities whatever the fault; above 92 the curve is flat enough that organs differ little.
    """
    medians = [float(np.median(scores)) for scores in clean.values()]
    low = min(float(np.percentile(scores, 10)) for scores in clean.values())
    top = max(float(np.percentile(scores, 98)) for scores in clean.values())
    worst = float(np.median(faults[SEVERITIES[-1]]))
    bottom = float(np.percentile(faults[SEVERITIES[-1]], 5))
    # a metric whose clean scores have a long tail would otherwise call half of the faults as good as clean
    low = max(low, worst + 0.3 * (min(medians) - worst))
    step = 1e-3 * max(top - bottom, 1e-6)
    knots = [bottom, worst, low, min(medians), top]
    for index in range(1, len(knots)):
        knots[index] = max(knots[index], knots[index - 1] + step)
    return Calibration(tuple(knots), (0.0, WORST, LEAST_CLEAN, TYPICAL, BEST), MARGINAL, ADEQUATE)
