from dataclasses import dataclass, field

import numpy as np

from scanmon.core.values import View
from scanmon.lab.evaluate.measure import Measured, TokenHeat
from scanmon.scoring.heads import Head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import organ_model

SIDE = 14  # tokens of a window


@dataclass
class Brightness:
    """Two features for each token: how bright its 16 x 16 pixels are, and how dark."""

    calls: int = field(default=0)

    def run(self, pictures: np.ndarray) -> list[np.ndarray]:
        self.calls += len(pictures)
        means = pictures.reshape(-1, SIDE, 16, SIDE, 16).mean(axis=(2, 4)).reshape(-1, SIDE * SIDE) / 255
        tokens = np.stack([means, 1 - means], axis=2).astype(np.float32)
        return [np.concatenate([np.full_like(tokens[:, :1], 9.0), tokens], axis=1)]


@dataclass
class Scored:
    name: str = "nrq"
    identity: str = "1"
    calibration: None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        return Measured(-7.0)


def _metric(tokens: Brightness) -> TokenHeat:
    dark = np.array([0.1, 0.9]) / np.linalg.norm([0.1, 0.9])  # clean tissue is dark here
    model = organ_model(
        "liver", dark, np.eye(2), np.ones(1), np.zeros((1, 2)), np.full((1, 2), 0.01)
    )  # fmt: skip
    return TokenHeat("nrq tokens", "1", Scored(), tokens, Manifolds([model]), Head(), 224, 112)


def _view(height: int, width: int, bright: tuple[slice, slice], mask: np.ndarray | None = None) -> View:
    image = np.full((height, width), 25, np.uint8)
    image[bright] = 230
    return View(image, mask, 0.0)


def test_a_bright_spot_is_the_lowest_cell_wherever_windows_begin() -> None:
    for height, width in ((336, 448), (224, 224), (300, 417)):
        view = _view(height, width, np.s_[100:180, 48:128])
        measured = _metric(Brightness()).measure(view, local=True)
        assert measured.worst is not None
        assert measured.heat.shape == (-(-height // 16), -(-width // 16))
        row, column = np.unravel_index(int(measured.heat.argmin()), measured.heat.shape)
        assert 100 <= row * 16 + 8 < 180
        assert 48 <= column * 16 + 8 < 128
        assert measured.worst.within(height, width)
        assert abs(measured.worst.x + measured.worst.width / 2 - 88) <= 24
        assert abs(measured.worst.y + measured.worst.height / 2 - 140) <= 24


def test_the_score_is_that_of_the_head_and_the_second_pass_is_for_the_map_alone() -> None:
    tokens = Brightness()
    view = _view(224, 224, np.s_[:1, :1])
    plain = _metric(tokens).measure(view, local=False)
    assert (plain.score, plain.heat, plain.worst) == (-7.0, None, None)
    assert tokens.calls == 0
    assert _metric(tokens).measure(view, local=True).score == -7.0
    assert tokens.calls == 1


def test_what_lies_outside_the_sector_is_never_the_worst_region() -> None:
    mask = np.ones((224, 448), np.bool_)
    mask[:, 224:] = False
    measured = _metric(Brightness()).measure(_view(224, 448, np.s_[80:160, 320:400], mask), local=True)
    assert measured.worst.x + measured.worst.width / 2 < 224


def test_a_view_smaller_than_a_window_has_a_map_of_its_own_size() -> None:
    measured = _metric(Brightness()).measure(_view(100, 120, np.s_[20:60, 20:60]), local=True)
    assert measured.heat.shape == (7, 8)
    assert np.isfinite(measured.heat).all()
