"""All clean pictures on the device, ready to be cut: uint8 with their sectors, organs and grades."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.pictures import Picture, sector_mask

SIDE = (480, 720)
SHARES = {"fetal-head": 0.2, "nerve": 0.2, "muscle": 0.17, "breast": 0.2, "lung": 0.11, "phantom": 0.15}
"""How often each source is drawn."""
FAIR, POOR = 1, 2


@dataclass(slots=True, eq=False)
class Store:
    """`gray` and `mask` (n, *SIDE) uint8 on the device, 0 beyond `sizes` (n, 2) float (h, w)."""

    gray: Tensor
    mask: Tensor
    sizes: Tensor
    organs: NDArray[np.str_]
    grades: NDArray[np.uint8]

    def add(self, pictures: Sequence[Picture]) -> None:
        if not pictures:
            return
        more = store_of(pictures, [0] * len(pictures), self.gray.device)
        self.gray, self.mask, self.sizes = (
            torch.cat([own, new])
            for own, new in ((self.gray, more.gray), (self.mask, more.mask), (self.sizes, more.sizes))
        )
        self.organs = np.concatenate([self.organs, more.organs])
        self.grades = np.concatenate([self.grades, more.grades])

    def drawn(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Numbers of `count` pictures: sources by their shares, pictures of a source evenly."""
        present = sorted(set(self.organs.tolist()))
        odds = np.array([SHARES.get(organ, 0.1) for organ in present])
        chosen = rng.choice(present, size=count, p=odds / odds.sum())
        return np.array([rng.choice(np.flatnonzero(self.organs == organ)) for organ in chosen])


def store_of(pictures: Sequence[Picture], grades: Sequence[int], device: torch.device) -> Store:
    """The pictures on the device; larger ones than SIDE lose their right and lower ends."""
    gray = np.zeros((len(pictures), *SIDE), np.uint8)
    mask = np.zeros_like(gray)
    sizes = np.zeros((len(pictures), 2), np.float32)
    for number, picture in enumerate(pictures):
        height, width = (min(a, b) for a, b in zip(picture.gray.shape, SIDE, strict=True))
        gray[number, :height, :width] = picture.gray[:height, :width]
        mask[number, :height, :width] = picture.mask[:height, :width]
        sizes[number] = height, width
    return Store(
        torch.from_numpy(gray).to(device),
        torch.from_numpy(mask).to(device),
        torch.from_numpy(sizes).to(device),
        np.array([picture.organ for picture in pictures]),
        np.array(grades, np.uint8),
    )


def packed(file: Path, *, held_back: bool = False) -> tuple[list[Picture], list[int]]:
    """Pictures and grades of one split of a packed file."""
    with np.load(file, allow_pickle=False) as kept:
        data, grades, held = kept["bytes"], kept["grades"], kept["held_back"]
        ends = [0, *kept["ends"].tolist()]
        labels = list(zip(kept["organs"].tolist(), kept["names"].tolist(), strict=True))
    chosen = [number for number in range(len(labels)) if bool(held[number]) == held_back]

    def read(number: int) -> Picture:
        gray = np.asarray(cv2.imdecode(data[ends[number] : ends[number + 1]], cv2.IMREAD_GRAYSCALE), np.uint8)
        return Picture(*labels[number], gray, sector_mask(gray))

    with ThreadPoolExecutor() as threads:
        pictures = list(threads.map(read, chosen))
    return pictures, [int(grades[number]) for number in chosen]
