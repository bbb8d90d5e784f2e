"""What no eye minds: small, the same for the same seed, and inside the sector alone."""

from __future__ import annotations

import numpy as np
import pytest

from scanmon.degradations.nuisance import NUISANCES
from tests.doubles.tissue import picture, sector


@pytest.mark.parametrize("name", NUISANCES)
def test_a_nuisance_keeps_the_picture_and_its_mask_together(name: str) -> None:
    clean, mask = picture(1), sector((200, 260))
    clean = np.where(mask, np.maximum(clean, 1), 0).astype(np.uint8)
    one, again = (NUISANCES[name](clean, mask, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one[0], again[0])
    pixels, inside = one
    assert pixels.dtype == np.uint8
    assert inside.dtype == np.bool_
    assert pixels.shape == inside.shape
    assert inside.mean() == pytest.approx(mask.mean(), abs=0.1)
    if pixels.shape == clean.shape:
        assert not pixels[~inside].any()
        assert not np.array_equal(pixels, clean)
        assert np.abs(pixels.astype(int) - clean).mean() < 22 or name == "mirror"


def test_sizes_and_crops_are_what_their_names_say() -> None:
    clean, everywhere = picture(2), np.ones((200, 260), bool)
    rng = np.random.default_rng(0)
    assert NUISANCES["size_0.75"](clean, everywhere, rng)[0].shape == (150, 195)
    assert NUISANCES["size_1.5"](clean, everywhere, rng)[0].shape == (300, 390)
    assert np.array_equal(NUISANCES["crop_5"](clean, everywhere, rng)[0], clean[10:190, 13:247])
    assert np.array_equal(NUISANCES["mirror"](clean, everywhere, rng)[0], clean[:, ::-1])


def test_levels_stay_in_their_order() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (8, 1))
    everywhere = np.ones(ramp.shape, bool)
    for name in ("pedestal_20", "limited_range", "gamma_0.9", "brightness_1.1", "gray_map"):
        shown = NUISANCES[name](ramp, everywhere, np.random.default_rng(1))[0].astype(int)
        assert (np.diff(shown, axis=1) >= 0).all(), name
        assert np.abs(shown - ramp).max() <= 26, name


def test_an_empty_mask_is_accepted() -> None:
    nothing = np.zeros((40, 50), bool)
    for change in NUISANCES.values():
        pixels, inside = change(np.zeros((40, 50), np.uint8), nothing, np.random.default_rng(0))
        assert pixels.shape == inside.shape
