"""What quality and verdicts of a bundle rest on, and a first scale from what the organ models know.

Organ models of `scanmon fit` carry what windows of clean pictures gave that they were not fitted on.
Published ones do not, and the spread of the model itself says nothing of that: its variances have a floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from scanmon.scoring.bundle import Bundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.manifold import OrganModel

# quality -> how many deviations of a clean window a score lies above its mean. A picture's score is that of
# its worst windows, and the distribution has a long tail below: with these, 36 of 42 pictures that the
# default bundle's backbone had not seen are adequate, and 40 at least marginal.
_KNOTS = {0.0: -20.0, 40.0: -8.0, 70.0: -4.0, 85.0: -1.5, 100.0: 1.0}


def provisional(models: Sequence[OrganModel]) -> Calibration | None:
    """A calibration from held-out likelihoods of all `models`; None where one of them has none.

    Organs on different levels share the scale of the lowest one: too mild for the others, which is the side
    to err on before a site's own pictures were seen.
    """
    known = [model.clean_loglik for model in models]
    statistics = [(float(one[0]), float(one[1])) for one in known if one is not None]
    if not statistics or len(statistics) < len(models):
        return None
    mean = min(one[0] for one in statistics)
    deviation = median(one[1] for one in statistics)
    return Calibration(
        scores=tuple(mean + factor * deviation for factor in _KNOTS.values()),
        qualities=tuple(_KNOTS),
        provisional=True,
    )


def scale_of(bundle: Bundle) -> str:
    """One line: what the bundle's quality and verdicts rest on, and what to do about it."""
    part = bundle.nrq
    if part is None or not part.organs:
        return "no organ models: make some with scanmon fit, nrq gives no score without"
    if part.calibration is None:
        return (
            "not calibrated: the window shows the raw score and the worst region, but no quality, word or "
            "heatmap; run scanmon calibrate with 20 accepted pictures"
        )
    if part.calibration.provisional:
        return "provisional scale, from the organ models alone: run scanmon calibrate with your own pictures"
    return f"calibrated: {bundle.provenance.get('calibration_nrq', 'by the maker of the bundle')}"
