"""Which pictures a bundle knows: clean ones of every organ, as other scanners show them, and faulty ones.

Without those every fault would look like an organ that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Scorer
from scanmon.core.values import View
from scanmon.degradations.negatives import NEGATIVES, negative
from scanmon.lab.fit.known import known_pictures
from scanmon.scoring.familiar import NEIGHBOURS, Familiar
from tools.training.curve import view_of
from tools.training.distortions import TRAINED, named
from tools.training.phantoms import simulated
from tools.training.pictures import Picture
from tools.training.views import scanner

FAULTS = 3  # of each picture
SIMULATED = 80


def acquainted(
    pictures: Sequence[Picture], scorer: Scorer, height_px: int, phantoms: int = SIMULATED
) -> Familiar:
    """What a map knows once it has looked at all of these, and at so many simulated ones."""
    clean, faulty = [], []
    for number, picture in enumerate([*pictures, *(simulated(seed) for seed in range(phantoms))]):
        rng = np.random.default_rng((13, number))
        other = np.where(picture.mask, scanner(picture.gray, rng), 0).astype(np.uint8)
        clean += [_looks(scorer, view_of(picture, gray, height_px)) for gray in (picture.gray, other)]
        faulty += [_looks(scorer, view) for view in _with_faults(picture, height_px, rng)]
    for name, seed in product(NEGATIVES, range(NEIGHBOURS)):  # each has neighbours of its own kind
        pixels = negative(name, height_px, round(height_px * 4 / 3), seed)
        faulty.append(_looks(scorer, View(pixels, None, 0.0)))
    return known_pictures(np.stack(clean), np.stack(faulty))


def _with_faults(picture: Picture, height_px: int, rng: np.random.Generator) -> Iterator[View]:
    for family in rng.choice(TRAINED, FAULTS, replace=False):
        changed = named(picture.gray, str(family), float(rng.uniform()), rng, picture.mask)
        yield view_of(picture, changed, height_px)


def _looks(scorer: Scorer, view: View) -> NDArray[np.float32]:
    looks = scorer.score(view).looks
    if looks is None:
        raise ValueError("the network gives no features: export it with tools.export_map")
    return looks
