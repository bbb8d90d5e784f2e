"""Which pictures a bundle knows: clean ones of every organ, faulty ones, and some that show nothing.

Without the faulty ones every fault would look like an organ that nobody has seen.
"""

from collections.abc import Iterable
from itertools import chain, product

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Scorer
from scanmon.core.values import View
from scanmon.degradations import degrade_level
from scanmon.degradations.negatives import NEGATIVES, negative
from scanmon.lab.calibrate import known_pictures
from scanmon.scoring.familiar import NEIGHBOURS, Familiar
from tools.training.evidence import TRAINED, view_of
from tools.training.phantoms import unseen
from tools.training.pictures import Picture

FAULTS = 4  # of each picture
SIMULATED = 30


def acquainted(
    pictures: Iterable[Picture],
    scorer: Scorer,
    height_px: int,
    phantoms: int = SIMULATED,
    faults: int = FAULTS,
) -> Familiar:
    """What a metric knows once it has looked at all of these, and at so many simulated ones."""
    clean, faulty = [], []
    for number, picture in enumerate(chain(pictures, unseen(phantoms))):
        rng = np.random.default_rng(number)
        view = view_of(picture.gray, picture.mask, height_px)
        clean.append(_looks(scorer, view))
        for family in rng.choice(TRAINED, faults, replace=False):
            changed = degrade_level(view.image, str(family), float(rng.uniform()), rng, view.mask).image
            faulty.append(_looks(scorer, View(changed, view.mask, 0.0)))
    for name, seed in product(NEGATIVES, range(NEIGHBOURS)):  # each has neighbours of its own kind
        pixels = negative(name, height_px, round(height_px * 4 / 3), seed)
        faulty.append(_looks(scorer, View(pixels, None, 0.0)))
    return known_pictures(np.stack(clean), np.stack(faulty))


def _looks(scorer: Scorer, view: View) -> NDArray[np.float32]:
    scorer.reset()
    looks = scorer.score(view).looks
    if looks is None:
        raise ValueError("the network gives no features: export it with tools.export_map")
    return looks
