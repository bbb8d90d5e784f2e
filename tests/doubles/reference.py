"""The numbers of the published implementation, read where they lie (the `shared` fixture says where)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import View
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import load_organs

SETS = {"fitted": "organs_fitted", "released": "organs_released"}


@dataclass(frozen=True)
class Reference:
    """`golden.json`, `golden.npz` and what they were computed from."""

    folder: Path

    @cached_property
    def golden(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "golden.json").read_text()))

    @cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        with np.load(self.folder / "golden.npz") as archive:
            return {key: archive[key] for key in archive.files}

    @property
    def images(self) -> list[str]:
        return sorted(self.golden["nrq"])

    def view(self, name: str) -> View:
        """The picture as the published code makes it gray: 16 bit clipped, not scaled."""
        pixels = cv2.imread(str(self.folder / "images" / f"{name}.png"), cv2.IMREAD_UNCHANGED)
        assert pixels is not None
        if pixels.ndim == 3:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        return View(np.clip(pixels, 0, 255).astype(np.uint8), None, 0.0)

    def manifolds(self, which: str) -> Manifolds:
        return Manifolds(load_organs(self.folder / SETS[which]))
