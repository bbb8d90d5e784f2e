"""The clean pictures that weights may be trained on, and the split that training never sees.

Only sources whose licence allows weights to be passed on: HC18 (CC BY 4.0), usgra-seg (CC BY 4.0), TimTrack
data sets 1 and 2 (CC0), BrEaST (CC BY 4.0) and the lung pictures under CC BY. The carotid set is not
read: its licence is unconfirmed, and it serves as the organ and scanner that no training has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ORGANS = ("fetal-head", "nerve", "muscle", "breast", "lung")
LEFT_OUT = frozenset({("nerve", "nv_0066")})
"""0037 and 0066 are the same picture; the second is left out."""
HELD_BACK_OF_TEN = 1
"""Of every ten runs of eight neighbours one is kept for validation: neighbours of a loop are alike, so runs
are cut, not single pictures."""
LUNG_OFFSET = 1
"""The runs of the lung pictures are cines of six frames, behind five stills."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One clean picture: gray (H, W) uint8, and where the sector is (H, W) bool."""

    organ: str
    name: str
    gray: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def sector_mask(gray: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The sector of a cropped picture: the convex hull of what is lit.

    Dark tissue and shadows that reach the border belong to the picture, so the hull is taken and not the lit
    part; specks of light outside the sector, less than 1/50 of the height across, are left out.
    """
    lit = (gray > 3).astype(np.uint8)
    reach = max(gray.shape[0] // 50, 3)
    opened = cv2.morphologyEx(lit, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    opened = cv2.morphologyEx(opened, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    edges, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not edges:
        return np.ones(gray.shape, np.bool_)
    hull = cv2.convexHull(np.concatenate(edges))  # of all lit points it is the same, fifty times slower
    return np.asarray(cv2.fillConvexPoly(np.zeros(gray.shape, np.uint8), hull, 1) > 0)


def training_files(data: Path, *, validation: bool = False) -> list[tuple[str, Path]]:
    """Organ and file of every picture of the training split, or of the validation split, in a fixed order.

    They lie under `data`/train. Raises FileNotFoundError where a folder of an organ holds no picture.
    """
    chosen = []
    for organ in ORGANS:
        files = sorted((data / "train" / organ).glob("*.png"))
        if not files:
            raise FileNotFoundError(f"no training pictures in {data / 'train' / organ}")
        for index, file in enumerate(files):
            run = (index + LUNG_OFFSET) // 6 if organ == "lung" else index // 8
            held_back = run % 10 >= 10 - HELD_BACK_OF_TEN
            if (organ, file.stem) not in LEFT_OUT and held_back == validation:
                chosen.append((organ, file))
    return chosen


def read(organ: str, file: Path) -> Picture:
    gray = np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), np.uint8)
    return Picture(organ, file.stem, gray, sector_mask(gray))


def training_pictures(data: Path, *, validation: bool = False) -> list[Picture]:
    return [read(organ, file) for organ, file in training_files(data, validation=validation)]


def thinned(files: Sequence[tuple[str, Path]], of_each: int) -> list[tuple[str, Path]]:
    """At most so many files of every organ, evenly spread."""
    chosen: list[tuple[str, Path]] = []
    for organ in sorted({organ for organ, _ in files}):
        group = [file for file in files if file[0] == organ]
        chosen += [group[int(i)] for i in np.linspace(0, len(group) - 1, min(of_each, len(group)))]
    return chosen
