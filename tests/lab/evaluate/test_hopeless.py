from collections.abc import Sequence

import numpy as np
import pytest

from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.evaluate.plan import hopeless_pictures


def _named(height_px: int = 240) -> dict[str, np.ndarray]:
    return {picture.name.partition("/")[2]: picture.pixels for picture in hopeless_pictures(height_px)}


def test_hopeless_pictures_never_change() -> None:
    one, two = list(hopeless_pictures()), list(hopeless_pictures())
    assert [p.name for p in one] == [f"degenerate/{name}" for name in NEGATIVES]
    assert all((a.pixels == b.pixels).all() for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(("asked", "height", "width"), [(0, 480, 640), (336, 336, 448), (64, 64, 85)])
def test_they_have_the_working_height_so_that_no_scaling_softens_them(asked, height, width) -> None:
    for picture in hopeless_pictures(asked):
        assert picture.pixels.shape == (height, width)
        assert (picture.region.box.height, picture.region.box.width) == (height, width)
        assert picture.pixels.dtype == np.uint8


def _correlation(pixels: np.ndarray, offset: Sequence[int]) -> float:
    """Of neighbours at (down, across) pixels."""
    down, across = offset
    height, width = pixels.shape
    one, other = pixels[: height - down, : width - across], pixels[down:, across:]
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


def test_noise_has_no_grain_and_the_grains_have_the_size_that_their_names_say() -> None:
    found = _named()
    assert abs(_correlation(found["noise"], (0, 1))) < 0.05
    fine, middle, coarse = (_correlation(found[n], (2, 0)) for n in ("fine_grain", "grain", "coarse_grain"))
    assert fine < 0.3 < middle < 0.8 < coarse
    assert found["faint_grain"].std() < 0.5 * found["grain"].std()


def test_speckle_is_dark_in_small_places_as_log_compressed_envelopes_are() -> None:
    speckle = _named()["speckle"].astype(float)
    skew = ((speckle - speckle.mean()) ** 3).mean() / speckle.std() ** 3
    assert skew < -0.5
    assert 100 < np.median(speckle) < 230


def test_pages_and_bars_are_what_they_are_called() -> None:
    found = _named()
    assert np.median(found["text_page"]) == 235
    assert np.median(found["dark_text_page"]) == 12
    assert 0.03 < (found["text_page"] < 128).mean() < 0.3
    assert len(np.unique(found["colour_bars"])) == 7
    assert (np.diff(found["gradient_down"].astype(int), axis=0) >= 0).all()
    assert (np.diff(found["gradient_across"].astype(int), axis=1) >= 0).all()


def test_a_probe_in_air_has_bands_at_the_top_and_is_dark_below() -> None:
    for name in ("air", "air_curved"):
        pixels = _named()[name]
        assert pixels[:24].max() > 120, name
        assert np.median(pixels[120:]) < 40, name


def test_photographs_have_objects_of_many_sizes() -> None:
    found = _named()
    names = ("photograph", "soft_photograph")
    sharp, soft = (np.abs(np.diff(found[name].astype(int), axis=1)).mean() for name in names)
    assert sharp > soft > 0.5
    assert _correlation(found["photograph"], (8, 0)) > 0.5
