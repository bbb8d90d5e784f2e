"""SER-FIQ: a picture is good where its embedding holds still though part of what makes it is dropped.

Written from the paper (Terhoerst et al., CVPR 2020), which drops units of a face network. The backbone of a
bundle is a compiled network without dropout, so cells of the picture are dropped instead: it is the paper's
idea and formula, and not its network.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Engine
from scanmon.core.values import View
from scanmon.lab.evaluate.measure import Measure, Measured
from scanmon.lab.opening import Study
from scanmon.scoring.calibration import Calibration

PASSES = 10  # the paper has 100
DROPPED = 0.3  # of the cells
CELL_PX = 16  # a token of the backbone
SEED = 2026


@dataclass(frozen=True, slots=True)
class SerFiq:
    """2 sigmoid(-mean distance of the unit embeddings of all pairs of passes); 0 to 1, higher is better."""

    engine: Engine
    identity: str
    side_px: int
    name: str = "ser-fiq"
    calibration: Calibration | None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        """Of the view as a whole, squeezed to the side of a window; it has no map."""
        size = (self.side_px, self.side_px)
        picture = cv2.resize(view.image, size, interpolation=cv2.INTER_AREA)
        z = self.engine.run(_dropped(np.asarray(picture, np.uint8)))
        return Measured(stability(z))


def ser_fiq(study: Study) -> list[Measure]:
    """On the backbone of the bundle; none where it has none or it was not loaded."""
    judge, parts = study.loaded.get("nrq"), study.bundle.nrq
    if judge is None or judge.engine is None or parts is None:
        return []
    return [SerFiq(judge.engine, f"{study.identity('nrq')} ser-fiq", parts.patch)]


def stability(z: NDArray[np.float32]) -> float:
    """Of embeddings (passes, d)."""
    unit = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    first, second = np.triu_indices(len(unit), 1)
    distance = float(np.linalg.norm(unit[first] - unit[second], axis=1).mean())
    return 2.0 / (1.0 + float(np.exp(distance)))


def _dropped(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(passes, side, side): other cells at the picture's mean level each time, the same for every picture."""
    cells = -(-picture.shape[0] // CELL_PX)
    gone = np.random.default_rng(SEED).random((PASSES, cells, cells)) < DROPPED
    large = gone.repeat(CELL_PX, 1).repeat(CELL_PX, 2)[:, : picture.shape[0], : picture.shape[1]]
    return np.where(large, np.uint8(round(float(picture.mean()))), picture)
