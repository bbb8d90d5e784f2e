"""Which pictures a bundle knows: from the features of clean and of faulty pictures of its training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.scoring.familiar import NEIGHBOURS, Familiar, distances

DIMS = 16  # more of them tell single scanners apart, fewer forget what an organ looks like
_FEWEST = 4 * NEIGHBOURS


def known_pictures(clean: NDArray[np.floating], faulty: NDArray[np.floating], dims: int = DIMS) -> Familiar:
    """From features (n, D) of clean pictures and (m, D) of faulty ones, m may be 0.

    The axes are the principal ones of the clean pictures, each brought to unit spread. A clean picture at the
    median distance to the others has 1, one at the 95th percentile 0.5. Raises `SettingsError` for too few.
    """
    if len(clean) < _FEWEST:
        raise SettingsError(
            f"{len(clean)} clean pictures are too few to know any", "", f"give {_FEWEST} or more"
        )
    features = np.asarray(clean, np.float64)
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    _, sizes, directions = np.linalg.svd((features - centre) / spread, full_matrices=False)
    dims = min(dims, int(np.sum(sizes > 1e-6 * sizes[0])))
    axes = directions[:dims].T / (spread[:, None] * sizes[:dims] / np.sqrt(len(features)))
    place = (features - centre) @ axes
    radius = np.ones(len(place))
    near, wide = np.percentile(distances(place, radius, place, themselves=True), [50, 95])
    wide = max(float(wide), float(near) * 1.01 + 1e-9)
    known = Familiar(centre, axes, place, radius, (float(near), float(near + 2.0 * (wide - near))))
    return known.with_pictures(faulty) if len(faulty) else known


def with_site(known: Familiar, clean: NDArray[np.floating], faulty: NDArray[np.floating]) -> Familiar:
    """The same with the pictures of a site: features (n, D) clean, and (m, D) of the same with faults.

    They reach as far as nine in ten of the clean ones need to be at 0.5 by the others.
    """
    if len(clean) < _FEWEST:
        what = f"{len(clean)} pictures are too few to become familiar"
        raise SettingsError(what, "", f"give {_FEWEST} or more")
    place = known.placed(np.asarray(clean, np.float64))
    wide = float(np.percentile(distances(place, np.ones(len(place)), place, themselves=True), 90))
    radius = max(1.0, 2.0 * wide / sum(known.reach))
    return known.with_pictures(np.concatenate([clean, faulty]), radius)
