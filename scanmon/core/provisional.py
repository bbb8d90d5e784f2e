"""A first scale for scores where no picture of a site has been judged: from what the organ models know.

Organ models of `scanmon fit` carry what windows of clean pictures gave that they were not fitted on.
Published ones do not, and the spread of the model itself says nothing of that: its variances have a floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from scanmon.core.calibration import Calibration
from scanmon.core.manifold import OrganModel

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
