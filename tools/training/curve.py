"""From the scores of training pictures to the quality that a bundle shows."""

import numpy as np

from scanmon.degradations import SEVERITIES
from scanmon.scoring.calibration import Calibration
from tools.training.evidence import Evidence

MARGINAL, ADEQUATE = 40.0, 70.0
BEST, TYPICAL, WORST = 100.0, 92.0, 10.0
CLEAN_MISSED = 0.04
"""Share of clean pictures, every organ weighing the same, that the bound of adequate leaves out."""
GAP = 0.02
"""Of the whole range: how far the best picture of nothing stays below the bound."""
_EVENLY = np.linspace(0.005, 0.995, 100)


def bound(found: Evidence) -> float:
    """The score from which on a picture is adequate: nearly all clean ones, none that shows nothing."""
    every = np.concatenate([np.quantile(scores, _EVENLY) for scores in found.clean.values()])
    nothing = max(max(scores) for scores in found.none.values())
    return max(float(np.quantile(every, CLEAN_MISSED)), nothing + GAP * abs(float(every.max()) - nothing))


def curve(found: Evidence) -> Calibration:
    """Quality 70 at the bound, 92 at the least median of a clean organ, 100 at the best clean pictures.

    Below: 10 at the median of the worst severity, and 0 where pictures of nothing are. Between the knots
    quality follows the score, so that equal scores are equal qualities whatever the fault.
    """
    limit = bound(found)
    worst = found.of_severity(SEVERITIES[-1])
    medians = [float(np.median(scores)) for scores in found.clean.values()]
    top = max(float(np.quantile(scores, 0.98)) for scores in found.clean.values())
    nothing = float(np.median([max(scores) for scores in found.none.values()]))
    knots = [min(nothing, float(np.quantile(worst, 0.05))), float(np.median(worst)), limit, min(medians), top]
    step = 1e-3 * max(top - knots[0], 1e-6)
    for index in (1, 0):  # the bound stands; what is below and above it makes room
        knots[index] = min(knots[index], knots[index + 1] - step)
    for index in (3, 4):
        knots[index] = max(knots[index], knots[index - 1] + step)
    return Calibration(tuple(knots), (0.0, WORST, ADEQUATE, TYPICAL, BEST), MARGINAL, ADEQUATE)


def report(name: str, found: Evidence, calibration: Calibration) -> None:
    """Print what a calibration does to what it rests on."""

    def line(what: str, scores: list[float]) -> None:
        qualities = np.array([calibration.quality(score) for score in scores])
        share = float(np.mean(qualities >= calibration.adequate))
        spread = np.percentile(qualities, (5, 50, 95)).round(1)
        print(f"{name} {what}: adequate {share:.2f}, quality 5/50/95 % {spread}")

    for organ, scores in found.clean.items():
        line(f"clean {organ}", scores)
    for severity in SEVERITIES:
        line(f"severity {severity}", found.of_severity(severity).tolist())
    for (family, severity), scores in found.faulty.items():
        if severity == SEVERITIES[-1]:
            line(f"worst {family}", scores)
    best = sorted(found.none, key=lambda key: -max(found.none[key]))[:6]
    print(f"{name} nothing: " + ", ".join(f"{k} {calibration.quality(max(found.none[k])):.0f}" for k in best))
