"""The severity map's score, heatmap and worst place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.values import Parts, View
from scanmon.scoring.bundle import MapPart
from scanmon.scoring.familiar import Familiar
from scanmon.scoring.severity import MapScorer, Rules, beside, black_level, exposure, level_counts
from tests.doubles.oracle import speckled


class Darkness:
    """Severity of a cell: how dark its 16 x 16 pixels are, 0 (255) to 1 (1, the black of the inside)."""

    backend, precision = "darkness", "fp32"

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.seen.append(pixels.shape)
        n, height, width = pixels.shape
        cells = pixels.reshape(n, height // 16, 16, width // 16, 16).mean(axis=(2, 4))
        self.pixels = pixels.copy()
        return ((255.0 - cells) / 254.0).astype(np.float32)

    def close(self) -> None: ...


def _view(height: int = 160, width: int = 320, mask: NDArray[np.bool_] | None = None) -> View:
    image = np.full((height, width), 255, dtype=np.uint8)
    image[32:64, 64:112] = 0  # 2 x 3 cells of 10 x 20
    return View(image, mask, 0.0)


def test_score_is_minus_the_mean_of_the_worst_cells() -> None:
    scored = MapScorer(Darkness(), MapPart("x", topk_frac=0.05)).score(_view())
    assert scored.score == pytest.approx(-6 / 10)  # 6 dark of the 10 worst of 200
    assert scored.worst.as_list() == [64, 32, 48, 32]
    assert scored.heat.shape == (10, 20)
    assert scored.heat[3, 5] == pytest.approx(-1.0)
    assert not scored.heat.flags.writeable


def test_mean_weight_mixes_in_all_cells() -> None:
    scored = MapScorer(Darkness(), MapPart("x", topk_frac=0.05, mean_weight=0.25)).score(_view())
    assert scored.score == pytest.approx(-(0.75 * 6 / 10 + 0.25 * 6 / 200))


def test_cells_outside_the_sector_do_not_count() -> None:
    mask = np.ones((160, 320), dtype=bool)
    mask[:64] = False
    scored = MapScorer(Darkness(), MapPart("x")).score(_view(mask=mask))
    assert scored.score == pytest.approx(0.0)
    assert scored.worst.y >= 64


def test_black_inside_the_sector_is_told_from_the_surround() -> None:
    mask = np.zeros((160, 320), dtype=bool)
    mask[:, 80:240] = True
    engine = Darkness()
    MapScorer(engine, MapPart("x")).score(View(np.where(mask, _view().image, 0).astype(np.uint8), mask, 0.0))
    assert ((engine.pixels[0] > 0) == mask).all()
    assert engine.pixels[0, 40, 90] == 1  # the black patch, inside


def test_picture_that_is_no_multiple_of_the_stride_goes_through_in_one_pass() -> None:
    engine = Darkness()
    scored = MapScorer(engine, MapPart("x")).score(_view(150, 301))
    assert engine.seen == [(1, 160, 304)]
    assert scored.heat.shape == (10, 19)
    assert scored.worst.within(150, 301)


def test_tiny_picture_has_a_score_and_a_worst_place_inside() -> None:
    view = View(np.full((3, 5), 100, np.uint8), np.ones((3, 5), dtype=bool), 0.0)
    scored = MapScorer(Darkness(), MapPart("x")).score(view)
    assert scored.score == pytest.approx((100 - 255) / 254)
    assert scored.worst.within(3, 5)


def test_map_of_the_wrong_size_is_an_error() -> None:
    class Wrong(Darkness):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            return np.zeros((1, 4, 4), dtype=np.float32)

    with pytest.raises(EngineError, match="expected \\(1, 10, 20\\)"):
        MapScorer(Wrong(), MapPart("x")).score(_view())


def test_some_of_the_kinds_are_none_and_what_lies_beyond_the_end_counts_as_the_end() -> None:
    class Few(Darkness):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            return np.repeat(super().run(pixels)[:, None], 3, axis=1)

    with pytest.raises(EngineError, match="gives \\(1, 3, "):
        MapScorer(Few(), MapPart("x", kinds_beside=True)).score(_view())
    assert beside(3.0, [3.0] * 7) == beside(1.0, [1.0] * 7) == 1.0


class Kinds(Darkness):
    """A network of today: the total, seven kinds of which the second is all of it, and two features."""

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        total = super().run(pixels)
        found = np.zeros((1, 10, *total.shape[1:]), np.float32)
        found[:, 0] = found[:, 2] = total
        found[:, 8], found[:, 9] = 3.0, np.arange(total.shape[2])
        return found


def test_kinds_are_pooled_as_the_total_is() -> None:
    scored = MapScorer(Kinds(), MapPart("x", topk_frac=0.05)).score(_view())
    assert scored.score == pytest.approx(-6 / 10)
    assert scored.kinds == pytest.approx((0.0, -6 / 10, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert scored.familiar is None


def test_familiarity_is_that_of_the_mean_features_inside_the_sector() -> None:
    mask = np.zeros((160, 320), dtype=bool)
    mask[:, :160] = True  # columns 0 to 9 of the map: a mean of 4.5
    known = Familiar(np.array([3.0, 4.5]), np.eye(2), np.zeros((3, 2)), np.ones(3), (0.0, 2.0))
    scored = MapScorer(Kinds(), MapPart("x"), known).score(_view(mask=mask))
    assert scored.familiar == pytest.approx(1.0)
    scored = MapScorer(Kinds(), MapPart("x"), known).score(_view())
    assert scored.familiar == 0.0


def test_an_old_network_has_no_kinds() -> None:
    assert MapScorer(Darkness(), MapPart("x")).score(_view()).kinds == ()


def test_a_raised_black_level_is_taken_off_where_the_network_wants_that() -> None:
    mask = np.zeros((160, 320), dtype=bool)
    mask[:, 80:240] = True
    image = np.clip(_view().image.astype(int) - 30, 0, 255).astype(np.uint8)
    plain, raised = (np.where(mask, image + up, 0).astype(np.uint8) for up in (0, 20))
    seen = []
    for shown in (plain, raised):
        engine = Kinds()
        MapScorer(engine, MapPart("x", black_level=True)).score(View(shown, mask, 0.0))
        seen.append(engine.pixels)
    assert np.array_equal(*seen)
    assert ((seen[0][0] > 0) == mask).all()


def test_black_is_what_a_hundredth_of_the_sector_does_not_exceed_and_never_bright() -> None:
    image = np.full((100, 100), 200, np.uint8)
    assert black_level(level_counts(image, None)) == 40
    image[0] = 12
    assert black_level(level_counts(image, None)) == 12
    mask = np.ones(image.shape, bool)
    mask[0] = False
    assert black_level(level_counts(image, mask)) == 40
    assert black_level(level_counts(image, np.zeros_like(mask))) == 0


def test_a_dark_sector_and_a_white_one_are_severe_by_their_levels_alone() -> None:
    def of(image: NDArray[np.uint8]) -> Rules:
        counts = level_counts(image, None)
        return exposure(counts, black_level(counts))

    ramp = np.tile(np.linspace(0, 200, 256), (64, 1))
    assert of(ramp.astype(np.uint8)) == Rules()
    assert of((ramp + 20).astype(np.uint8)) == Rules()  # a pedestal is no light
    darker = [of((ramp * factor).astype(np.uint8)).light for factor in (0.4, 0.25, 0.16, 0.08)]
    assert darker == sorted(darker)
    assert darker[0] == 0.0
    assert darker[2] > 0.5
    assert darker[3] == 1.0
    top = np.zeros((100, 100), np.uint8)
    top[:6] = 220  # ringing of a probe in air, bright enough for the strong echoes of a sector
    assert of(top).light > 0.5
    white = np.where(ramp > 193, 255, ramp).astype(np.uint8)  # 3 to 4 %
    assert 0.2 < of(white).saturation < 0.5
    assert of(np.full((9, 9), 255, np.uint8)).saturation == 1.0


def test_exposure_is_added_where_the_bundle_asks_for_it_and_named_in_its_kind() -> None:
    view = View(np.where(_view().image > 0, 12, 0).astype(np.uint8), None, 0.0)
    plain, added = (MapScorer(Kinds(), MapPart("x", exposure=on)).score(view) for on in (False, True))
    assert plain.score > added.score == pytest.approx(-1.0, abs=0.02)
    assert added.kinds[0] == pytest.approx(-0.98)
    assert added.kinds[1:] == plain.kinds[1:]


def test_a_picture_too_dark_or_too_white_gets_worse_still() -> None:
    """Its levels alone say all that they can; the order of what the network sees is not lost for that."""
    for rules in (Rules(light=1.0), Rules(saturation=1.0), Rules(1.0, 1.0, 1.0, 1.0)):
        mild, severe = rules.added(0.3), rules.added(0.9)
        assert 0.98 <= mild < severe < 1.0


def test_what_else_is_wrong_counts_on_in_a_picture_that_is_bad_already() -> None:
    clean, noisy, dark = [0.0] * 7, [0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0], [0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert beside(0.9, clean) == pytest.approx(0.9)
    assert beside(0.9, dark) == pytest.approx(0.9)  # light and contact are what the total is full of
    assert beside(0.9, noisy) == pytest.approx(1.0 - 0.1 * (1.0 - 0.5 * 0.9**3))
    assert beside(0.2, noisy) < 0.21
    assert beside(0.9, []) == 0.9  # an old network has no kinds


def test_other_kinds_count_on_where_the_bundle_asks_for_it() -> None:
    class Noisy(Darkness):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            total = super().run(pixels)
            found = np.zeros((1, 8, *total.shape[1:]), np.float32)
            found[:, 0], found[:, 4] = total, 0.5  # noise
            return found

    parts = (MapPart("x", topk_frac=0.05, kinds_beside=on) for on in (False, True))
    plain, added = (MapScorer(Noisy(), part).score(_view()) for part in parts)
    assert plain.score == pytest.approx(-0.6)
    assert added.score == pytest.approx(-(1.0 - 0.4 * (1.0 - 0.5 * 0.6**3)))
    assert added.kinds == plain.kinds
    assert np.array_equal(added.heat, plain.heat)


def test_marks_are_added_where_the_bundle_asks_for_it_and_named_in_their_kind() -> None:
    once = speckled(1, 300, 400) // 2
    twice = View(once + np.roll(once, 60, axis=1), None, 0.0)
    small, large = np.ascontiguousarray(once[::2, ::2]), once.copy()
    large[1::2] = np.roll(large[1::2], 8, axis=1)  # lost in the view, which is half as high
    for view, kind in ((twice, "clutter"), (View(small, None, 0.0, captured=large), "capture")):
        plain, added = (MapScorer(Kinds(), MapPart("x", marks=on)).score(view) for on in (False, True))
        assert added.score < plain.score - 0.02
        fell = [a < p - 0.05 for a, p in zip(added.kinds, plain.kinds, strict=True)]
        assert fell == [name == kind for name in Parts._fields]
