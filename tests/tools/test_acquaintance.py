"""What a bundle is made to know: its own pictures, with and without faults, and no others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanmon.core.values import Box, Metric, Scored, View
from tools.training.acquaintance import acquainted
from tools.training.pictures import Picture


class Looking:
    """Sees mean, spread and grain of a view."""

    metric: Metric = "map"
    blind = False

    def score(self, view: View) -> Scored:
        gray = view.image.astype(np.float32)
        fine = np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2.0)).mean()
        looks = None if self.blind else np.array([gray.mean(), gray.std(), fine], np.float32)
        return Scored(0.0, np.zeros((1, 1), np.float32), Box(0, 0, 8, 8), looks=looks)

    def reset(self) -> None: ...


def _picture(seed: int, level: float = 90.0) -> Picture:
    rng = np.random.default_rng(seed)
    speckle = cv2.GaussianBlur(rng.standard_normal((96, 128)).astype(np.float32), (0, 0), 1.5)
    gray = np.clip(level + 90.0 * speckle, 1, 255).astype(np.uint8)
    return Picture("liver", f"{seed}", gray, np.ones(gray.shape, bool))


def test_pictures_of_the_training_are_known_and_so_are_their_faults() -> None:
    scorer = Looking()
    known = acquainted([_picture(n, 60.0 + 2.0 * n) for n in range(30)], scorer, 96, phantoms=0)
    own, darker, other = _picture(99), _picture(98, 70.0), _picture(97)
    checker = np.kron(np.indices((12, 16)).sum(0) % 2, np.ones((8, 8), int)) * 255
    shown = [own.gray, darker.gray, np.full_like(other.gray, 255), checker.astype(np.uint8)]
    familiar = [known.of(scorer.score(View(gray, None, 0.0)).looks) for gray in shown]
    assert familiar[0] > 0.5
    assert familiar[1] > 0.25  # as dark as some of its own
    assert familiar[2] > 0.25  # a negative that it has seen
    assert familiar[3] < familiar[0]


def test_a_network_without_features_is_refused() -> None:
    scorer = Looking()
    scorer.blind = True
    with pytest.raises(ValueError, match=r"tools\.export_map"):
        acquainted([_picture(0)], scorer, 96, phantoms=0)
