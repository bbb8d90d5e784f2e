"""Pictures with letters over them, and where the letters are: drawn without end from a seed."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tools.training.sector.textures import floats, jpeg, phantom
from tools.training.text.letters import Font, Gray, Rng, line, met, put, words

SIDE = 192  # of a crop that is learned from
STEP = 4  # pixels of a place of the network's map
HELD_SHARE = 0.125  # of the pictures of each organ, the last ones: never learned from
ANY = 128  # of a label: marks that are no letters, and may be taken for some


def pictures_in(folder: Path, *, held: bool = False) -> list[Gray]:
    """The pictures of every organ below `folder`: those that are learned from, or those that are held back.

    Stills of publications, which carry letters of their own, are left out: lung before the first cine.
    """
    found = []
    for organ in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(organ.glob("*.png"))[8 if organ.name == "lung" else 0 :]
        first = round(len(files) * (1 - HELD_SHARE))
        for path in files[first:] if held else files[:first]:
            found.append(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8))
    return found


class Scenes:
    """Crops (SIDE, SIDE) with labels (SIDE / STEP, SIDE / STEP): 255 letters, 0 none."""

    def __init__(self, pictures: Sequence[Gray], fonts: Sequence[Font], seed: int) -> None:
        self._rng = np.random.default_rng([seed, 31])
        self._pictures, self._fonts = list(pictures), list(fonts)
        self._phantoms = [phantom(self._rng) for _ in range(24)]

    def draw(self) -> tuple[Gray, Gray]:
        rng = self._rng
        reduced = int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))  # as on a coarser floor of the pyramid
        side = SIDE * reduced
        canvas = self._ground(side)
        label = np.zeros((side, side), np.uint8)
        if rng.random() < 0.3:
            _marks(rng, canvas, label)
        for _ in range(int(rng.choice([0, 1, 2, 3, 5], p=[0.2, 0.25, 0.25, 0.2, 0.1]))):
            high = reduced * float(np.exp(rng.uniform(np.log(5.5), np.log(46))))
            written = line(rng, words(rng), self._font(), high)
            x, y = (
                int(rng.integers(-int(0.5 * extent), max(1, side - int(0.5 * extent))))
                for extent in written.ink.shape[::-1]
            )
            put(rng, canvas, written, x, y)
            covered = np.zeros_like(label)
            below, above = met(covered, written.ink, x, y)
            below[:] = above
            reach = cv2.getStructuringElement(
                cv2.MORPH_RECT, (max(3, int(0.9 * high)), max(3, int(0.3 * high)))
            )
            label = np.maximum(
                label, cv2.morphologyEx((covered > 80).astype(np.uint8) * 255, cv2.MORPH_CLOSE, reach)
            )
        if rng.random() < 0.65:
            canvas = jpeg(canvas, int(rng.integers(25, 96)))
        if rng.random() < 0.2:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 0.9) * reduced), np.uint8)
        if reduced > 1:
            canvas = np.asarray(cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        return canvas, np.asarray(
            cv2.resize(label, (SIDE // STEP,) * 2, interpolation=cv2.INTER_AREA), np.uint8
        )

    def _font(self) -> Font:
        wanted = self._rng.random() < 0.65  # TrueType: many files, and Hershey fonts are few
        drawn = [font for font in self._fonts if font.umlauts == wanted] or self._fonts
        return drawn[self._rng.integers(len(drawn))]

    def _ground(self, side: int) -> Gray:
        rng = self._rng
        bank = self._phantoms if rng.random() < 0.15 else self._pictures
        picture = bank[rng.integers(len(bank))]
        scale = float(np.exp(rng.uniform(np.log(0.45), np.log(2.4)))) * (side / SIDE) ** 0.5
        scale = max(scale, 0.6 * side / min(picture.shape))
        high, wide = (int(extent * scale) for extent in picture.shape)
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        large = cv2.resize(picture, (wide, high), interpolation=way)
        canvas = np.zeros((side, side), np.uint8)  # black beside the image
        x, y = (
            int(rng.integers(min(0, side - extent), max(0, side - extent) + 1)) for extent in (wide, high)
        )
        below, above = met(canvas, np.asarray(large, np.uint8), x, y)
        below[:] = above
        if rng.random() < 0.2:  # the edge of a sector
            corners = (rng.uniform(-0.3, 1.3, (3, 2)) * side).astype(np.int32)
            cv2.fillConvexPoly(canvas, corners, 0)
        level = floats(canvas)
        if rng.random() < 0.6:
            level = floats(255 * (level / 255) ** rng.uniform(0.5, 1.6) * rng.uniform(0.5, 1.5))
        if rng.random() < 0.3:
            level = floats(level + rng.normal(0, rng.uniform(1, 8), level.shape))
        level = level[:, ::-1] if rng.random() < 0.5 else level
        return np.ascontiguousarray(np.clip(level, 0, 255).astype(np.uint8))


def _marks(rng: Rng, canvas: Gray, label: Gray) -> None:
    """Calipers, dotted lines, frames and ticks: no letters, and nothing is lost where they are masked."""
    side, level = len(canvas), int(rng.integers(130, 256))
    drawn = np.zeros_like(canvas)
    for _ in range(int(rng.integers(1, 4))):
        (x0, y0), (x1, y1) = rng.integers(0, side, (2, 2)).tolist()
        kind, size = int(rng.integers(4)), int(rng.integers(2, 9))
        if kind == 0:
            cv2.drawMarker(drawn, (x0, y0), 255, int(rng.integers(0, 7)), 2 * size, int(rng.integers(1, 3)))
        elif kind == 1:
            for x, y in np.linspace((x0, y0), (x1, y1), int(rng.integers(8, 40))).astype(int).tolist():
                cv2.circle(drawn, (x, y), int(rng.integers(0, 2)), 255, -1)
        elif kind == 2:
            cv2.rectangle(drawn, (x0, y0), (x1, y1), 255, 1)
        else:
            for y in range(0, side, 3 * size):
                cv2.line(drawn, (x0, y), (x0 + size, y), 255, 1)
    canvas[drawn > 0] = level
    label[cv2.dilate(drawn, np.ones((5, 5))) > 0] = ANY
