from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import View
from scanmon.lab.evaluate.baselines import DROPPED, PASSES, SerFiq, ser_fiq, stability
from scanmon.lab.loaded_bundle import load_bundle
from tests.doubles.oracle import speckled


@dataclass
class Embedding:
    """Gives the mean of each of 14 x 14 cells, which what is dropped changes, or always the same."""

    still: bool = False
    seen: list[np.ndarray] = field(default_factory=list)
    backend: str = "numpy"
    precision: str = "fp32"

    def run(self, pixels: np.ndarray) -> np.ndarray:
        self.seen.append(pixels)
        if self.still:
            return np.ones((len(pixels), 8), np.float32)
        return pixels.reshape(len(pixels), 14, 16, 14, 16).mean((2, 4)).reshape(len(pixels), -1)

    def close(self) -> None:
        """Nothing is open."""


def score(engine: Embedding, picture: np.ndarray) -> float:
    return SerFiq(engine, "1", 224).measure(View(picture, None, 0.0), local=True).score


def test_the_backbone_of_a_bundle_gives_a_row_and_a_bundle_without_one_gives_none(tiny_bundle: Path) -> None:
    with load_bundle(Settings(ScoringSettings(bundle=str(tiny_bundle)))) as loaded:
        (measure,) = ser_fiq(loaded)
        found = measure.measure(View(speckled(3), None, 0.0), local=False)
        assert (measure.name, 0 < found.score < 1, found.heat) == ("ser-fiq", True, None)
        assert ser_fiq(replace(loaded, judges={})) == []


def test_stability_is_the_formula_of_the_paper() -> None:
    z = np.array([[3.0, 0.0], [0.0, 2.0], [-5.0, 0.0]], np.float32)
    distance = (np.sqrt(2) + 2.0 + np.sqrt(2)) / 3
    assert stability(z) == pytest.approx(2 / (1 + np.exp(distance)), rel=1e-6)
    assert stability(np.ones((4, 3), np.float32)) == pytest.approx(1.0)


def test_an_embedding_that_holds_still_is_better_than_one_that_moves() -> None:
    picture = speckled(1)
    assert score(Embedding(still=True), picture) == pytest.approx(1.0)
    assert 0 < score(Embedding(), picture) < 0.99


def test_a_flat_picture_loses_nothing_by_what_is_dropped() -> None:
    assert score(Embedding(), np.full((120, 160), 90, np.uint8)) == pytest.approx(1.0)


def test_every_picture_loses_the_same_cells_and_each_pass_others() -> None:
    engine = Embedding()
    values = [score(engine, speckled(2)) for _ in range(2)]
    assert values[0] == values[1]
    passes = engine.seen[0]
    assert passes.shape == (PASSES, 224, 224)
    np.testing.assert_array_equal(engine.seen[0], engine.seen[1])
    gone = (passes == np.bincount(passes[0].ravel()).argmax()).mean()
    assert gone == pytest.approx(DROPPED, abs=0.06)
    assert not np.array_equal(passes[0], passes[1])
