"""The published score, the heatmap and the worst window."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanmon.core.errors import EngineError, SettingsError
from scanmon.core.values import GrayImage, View
from scanmon.scoring.familiar import Familiar
from scanmon.scoring.heads import Head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer, Spread, worst_mean
from scanmon.scoring.organ_file import organ_model
from scanmon.scoring.schedule import Budget
from scanmon.scoring.windows import cut, grid, pad, windows
from tests.doubles.mean_gray import MeanGray, bright


class Lookup:
    """Gives stored features for known windows, in whatever order they are asked for."""

    backend, precision = "lookup", "fp32"

    def __init__(self, pixels: NDArray[np.uint8], z: NDArray[np.float32]) -> None:
        self._known = {window.tobytes(): row for window, row in zip(pixels, z, strict=True)}

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.stack([self._known[window.tobytes()] for window in pixels])

    def close(self) -> None: ...


@pytest.mark.parametrize("which", ["fitted", "released"])
def test_frame_scores_equal_the_published_ones_from_its_own_features(reference, which) -> None:
    manifolds = Manifolds(reference.organs(which))
    for name in reference.images:
        view = reference.view(name)
        cells = grid(*view.image.shape)
        engine = Lookup(windows(pad(view.image, cells), cells), reference.arrays[f"{name}|z"])
        golden = reference.golden["nrq"][name]["sets"][which]
        for maximum, part in ((0, "full"), (16, "max_patches_16_seed_2026")):
            for organ in (None, manifolds.names[0], manifolds.names[-1]):
                expected = golden[part]["mixture"] if organ is None else golden[part]["oracle"][organ]
                scorer = NrqScorer(engine, manifolds, NrqParameters(organ=organ, max_patches=maximum))
                assert scorer.score(view).score == pytest.approx(expected, abs=1e-8)


def test_organ_models_of_another_backbone_are_warned_about_once(reference, caplog) -> None:
    name = reference.images[0]
    view = reference.view(name)
    cells = grid(*view.image.shape)
    engine = Lookup(windows(pad(view.image, cells), cells), reference.arrays[f"{name}|z"])
    fitted = NrqScorer(engine, Manifolds(reference.organs("fitted")))
    fitted.score(view)
    assert fitted.warning is None
    released = NrqScorer(engine, Manifolds(reference.organs("released")))
    released.score(view)
    released.score(view)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "fitted on another backbone" in caplog.text


@pytest.mark.parametrize(
    ("count", "worst"), [(1, 1), (9, 1), (10, 2), (16, 2), (20, 3), (28, 4), (30, 4), (35, 5), (48, 7)]
)
def test_worst_share_rounds_half_to_even(count: int, worst: int) -> None:
    loglik = np.random.default_rng(0).permutation(count).astype(np.float64)
    assert worst_mean(loglik, 0.15) == np.arange(worst).mean()


def test_worst_box_and_heatmap_point_at_the_dark_window() -> None:
    image = np.full((448, 448), 250, dtype=np.uint8)
    image[224:, 224:] = 0
    scored = NrqScorer(MeanGray(), bright()).score(View(image, None, 0.0))
    assert scored.worst.as_list() == [224, 224, 224, 224]
    assert scored.heat.shape == (28, 28)
    assert np.unravel_index(scored.heat.argmin(), scored.heat.shape)[0] >= 20
    assert scored.heat[0, 0] == pytest.approx(scored.heat.max(), abs=1e-6)
    assert scored.patches == 9
    assert not scored.heat.flags.writeable


def test_worst_box_of_a_small_picture_stays_inside_it() -> None:
    scored = NrqScorer(MeanGray(), bright()).score(View(np.zeros((30, 300), np.uint8), None, 0.0))
    assert scored.worst.within(30, 300)
    assert scored.heat.shape == (2, 19)


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 700), st.integers(20, 700), st.integers(0, 9))
def test_heatmap_is_a_mean_of_window_values_without_seams(height: int, width: int, seed: int) -> None:
    cells = grid(height, width)
    values = np.random.default_rng(seed).normal(size=len(cells))
    heat = Spread(cells, np.arange(len(cells)))(values)
    assert heat.min() >= values.min() - 1e-5
    assert heat.max() <= values.max() + 1e-5
    np.testing.assert_allclose(Spread(cells, np.arange(len(cells)))(np.full(len(cells), 3.5)), 3.5, rtol=1e-6)


def test_heatmap_has_no_step_where_a_window_ends() -> None:
    cells = grid(448, 896)
    values = np.where(cells.corners[:, 1] < 300, 0.0, 1.0)
    heat = Spread(cells, np.arange(len(cells)))(values)
    assert np.abs(np.diff(heat, axis=1)).max() < 0.25


def test_windows_outside_the_sector_are_not_run() -> None:
    engine = MeanGray()
    mask = np.zeros((448, 448), dtype=bool)
    mask[:, :224] = True
    image = np.where(mask, 200, 0).astype(np.uint8)
    scored = NrqScorer(engine, bright()).score(View(image, mask, 0.0))
    assert engine.batches == [6]  # the columns of windows with all and with half of the sector
    assert scored.patches == 6
    whole = NrqScorer(engine, bright()).score(View(image, None, 0.0))
    assert whole.score < scored.score


def test_thin_sector_still_gives_a_score() -> None:
    mask = np.zeros((448, 448), dtype=bool)
    mask[100:110] = True
    scored = NrqScorer(MeanGray(), bright()).score(View(np.full((448, 448), 9, np.uint8), mask, 0.0))
    assert scored.patches >= 1


def test_best_explaining_organ_is_named_even_when_another_one_is_asked_for() -> None:
    one = np.ones((1, 1))
    models = [
        organ_model("dark", np.zeros(1), one, np.ones(1), one * 0, one),
        organ_model("light", np.zeros(1), one, np.ones(1), one, one),
    ]
    view = View(np.full((224, 224), 230, np.uint8), None, 0.0)
    scored = NrqScorer(MeanGray(), Manifolds(models), NrqParameters(organ="dark")).score(view)
    assert scored.organ == "light"
    with pytest.raises(SettingsError, match="no such organ"):
        NrqScorer(MeanGray(), Manifolds(models), NrqParameters(organ="liver"))


def test_familiarity_is_that_of_the_mean_features_of_the_windows() -> None:
    known = Familiar(np.array([0.9]), np.eye(1), np.zeros((3, 1)), np.ones(3), (0.05, 0.2))
    scorer = NrqScorer(MeanGray(), bright(), familiar=known)
    for gray, expected in ((230, 1.0), (26, 0.0)):
        scored = scorer.score(View(np.full((224, 448), gray, np.uint8), None, 0.0))
        assert scored.looks == pytest.approx([gray / 255.0])
        assert scored.familiar == pytest.approx(expected)
    black = View(np.zeros((224, 224), np.uint8), None, 0.0)
    assert NrqScorer(MeanGray(), bright()).score(black).familiar is None


class Cutting(MeanGray):
    """A device: it takes the picture, and begins at once."""

    def start_at(
        self, picture: GrayImage, corners: NDArray[np.intp], side: int
    ) -> Callable[[], NDArray[np.float32]]:
        z = super().run(cut(picture, corners, side))
        return lambda: z

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise AssertionError("windows were cut")


def test_an_engine_that_cuts_gets_the_picture_and_gives_the_same_score() -> None:
    for shape in ((100, 300), (300, 450)):  # a small picture is mirrored first
        view = View(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8), None, 0.0)
        here, there = (NrqScorer(engine, bright()).score(view) for engine in (MeanGray(), Cutting()))
        assert (here.score, here.patches, here.worst) == (there.score, there.patches, there.worst)


def test_a_device_begins_at_once_and_a_processor_when_the_result_is_wanted() -> None:
    view = View(np.random.default_rng(0).integers(0, 256, (300, 450), dtype=np.uint8), None, 0.0)
    for engine, at_once in ((Cutting(), 1), (MeanGray(), 0)):
        end = NrqScorer(engine, bright()).start(view)
        assert len(engine.batches) == at_once
        assert end().score == NrqScorer(MeanGray(), bright()).score(view).score


def test_a_pass_that_was_begun_in_vain_leaves_no_window_that_counts_as_run() -> None:
    scorer = NrqScorer(Cutting(), bright(), budget=Budget(2))
    before, after = (np.full((300, 450), level, np.uint8) for level in (200, 100))
    scorer.score(View(before, None, 0.0))
    scorer.start(View(after, None, 0.1))
    expected = NrqScorer(MeanGray(), bright()).score(View(after, None, 0.0)).score
    assert scorer.score(View(after, None, 0.1)).score == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("engine", [MeanGray, Cutting])
def test_a_pass_that_failed_leaves_no_window_that_counts_as_run(engine, monkeypatch) -> None:
    def fails(*given: object) -> NDArray[np.float32]:
        raise EngineError("out of order")

    scorer = NrqScorer(engine(), bright(), budget=Budget(2))
    before, after = (np.full((300, 450), level, np.uint8) for level in (200, 100))
    scorer.score(View(before, None, 0.0))
    with monkeypatch.context() as broken, pytest.raises(EngineError):
        broken.setattr(engine, "run" if engine is MeanGray else "start_at", fails)
        scorer.score(View(after, None, 0.1))
    expected = NrqScorer(MeanGray(), bright()).score(View(after, None, 0.0)).score
    assert scorer.score(View(after, None, 0.2)).score == pytest.approx(expected, abs=1e-9)


def test_half_precision_is_judged_in_single_and_the_rest_in_double(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    manifolds, fit = bright(), Manifolds.fit
    monkeypatch.setattr(Manifolds, "fit", lambda self, z, *, single: asked.append(single) or fit(self, z))
    for precision, head in (("fp32", Head()), ("fp16", Head()), ("fp16", Head(residual=True))):
        monkeypatch.setattr(MeanGray, "precision", precision)
        monkeypatch.setattr(manifolds, "clean", np.array([[[0.0, 1.0]] * 2]))
        NrqScorer(MeanGray(), manifolds, NrqParameters(head=head)).score(
            View(np.full((224, 224), 9, np.uint8), None, 0.0)
        )
    assert asked == [False, True, False]  # outside a subspace lies a small difference of large numbers


def test_network_that_gives_nan_is_an_error_not_a_score() -> None:
    class Broken(MeanGray):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            return np.full((len(pixels), 1), np.nan, dtype=np.float32)

    with pytest.raises(EngineError, match="NaN"):
        NrqScorer(Broken(), bright()).score(View(np.zeros((224, 224), np.uint8), None, 0.0))


def test_memory_does_not_grow_from_frame_to_frame() -> None:
    scorer = NrqScorer(MeanGray(), bright())
    view = View(np.full((480, 640), 200, np.uint8), None, 0.0)
    for _ in range(3):
        scorer.score(view)
    tracemalloc.start()
    try:
        scorer.score(view)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(30):
            scorer.score(view)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000
