"""Every family of faults: seeded, inside the mask, stronger with severity, far enough from its neighbours."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.errors import ScanmonError
from scanmon.core.values import Parts
from scanmon.degradations import (
    FAMILIES,
    HELD_OUT,
    KINDS,
    NUISANCES,
    SEVERITIES,
    TAKES_LIGHT,
    degrade,
    degrade_level,
)
from scanmon.degradations.echoes import beam
from tests.doubles.tissue import picture, sector


def psnr(clean: np.ndarray, changed: np.ndarray, mask: np.ndarray) -> float:
    error = (clean.astype(np.float64) - changed)[mask]
    return float(10 * np.log10(255**2 / max(np.mean(error**2), 1e-9)))


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_psnr_inside_the_mask_falls_with_every_severity(family: str, seed: int) -> None:
    clean, mask = picture(seed % 7), sector((200, 260))
    clean = np.where(mask, clean, 0).astype(np.uint8)
    reached = [
        psnr(clean, degrade(clean, family, s, np.random.default_rng(seed), mask).image, mask)
        for s in SEVERITIES
    ]
    assert all(later < earlier for earlier, later in pairwise(reached)), reached
    assert reached[0] < 55


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_outside_the_mask_changes(family: str) -> None:
    clean, mask = picture(1), sector((200, 260))
    made = degrade(clean, family, 4, np.random.default_rng(3), mask)
    assert np.array_equal(made.image[~mask], clean[~mask])
    assert not made.weight[~mask].any()
    assert made.weight.max() > 0.3
    assert 0 <= made.weight.min() <= made.weight.max() <= 1
    assert made.image.dtype == np.uint8
    assert made.weight.dtype == np.float32


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(family: str) -> None:
    clean = picture(2)
    first, again = (degrade(clean, family, 3, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.image, again.image)
    other = degrade(clean, family, 3, np.random.default_rng(6))
    without_chance = {"jpeg", "h264", "gain_factor", "overexposure"}
    assert np.array_equal(first.image, other.image) == (family in without_chance)


def test_severities_share_the_place_of_a_local_artefact() -> None:
    clean = picture(3)
    boxes = {degrade(clean, "local_artefact", s, np.random.default_rng(9)).box for s in SEVERITIES}
    assert len(boxes) == 1
    (box,) = boxes
    assert box is not None
    x, y, width, height = box
    made = degrade(clean, "local_artefact", 4, np.random.default_rng(9))
    changed = made.image != clean
    around = np.zeros_like(changed)
    around[max(y - 8, 0) : y + height + 8, max(x - 12, 0) : x + width + 12] = True
    assert changed[around].sum() > 0.9 * changed.sum()
    assert 0.01 < width * height / clean.size < 0.2


def test_only_a_local_family_names_a_box() -> None:
    named = {
        name for name in FAMILIES if degrade(picture(4), name, 2, np.random.default_rng(1)).box is not None
    }
    assert named == {"local_artefact"}


def test_gain_errors_move_brightness_in_their_direction() -> None:
    clean = picture(5)
    clean = np.clip(clean * 1.6, 0, 250).astype(np.uint8)
    low = degrade(clean, "gain_low", 2, np.random.default_rng(0)).image
    high = degrade(clean, "gain_high", 2, np.random.default_rng(0)).image
    assert low.mean() < clean.mean() - 20
    assert high.mean() > clean.mean() + 20
    strongest = degrade(clean, "gain_high", 4, np.random.default_rng(0)).image
    assert (strongest == 255).sum() > (clean == 255).sum() + 20


def test_shadow_darkens_and_haze_brightens_only() -> None:
    clean = picture(6)
    assert (degrade(clean, "shadow", 4, np.random.default_rng(2)).image <= clean).all()
    assert (degrade(clean, "haze", 4, np.random.default_rng(2)).image >= clean).all()


def test_a_vanishing_level_leaves_the_picture_almost_alone() -> None:
    clean = picture(7)
    for family in ("gain_low", "gain_high", "haze", "electronic_noise", "interlace_comb"):
        made = degrade_level(clean, family, 0.0, np.random.default_rng(4)).image
        assert psnr(clean, made, np.ones(clean.shape, bool)) > 30, family


def test_the_kinds_are_those_of_a_reading() -> None:
    assert Parts._fields == KINDS


def test_every_family_has_a_kind_and_nine_are_common() -> None:
    assert {family.kind for family in FAMILIES.values()} == {*KINDS, None}
    common = [family for family in FAMILIES.values() if family.common]
    assert len(common) == 9
    assert not [family for family in common if family.held_out]


@pytest.mark.parametrize("family", TAKES_LIGHT)
def test_a_fault_of_light_only_takes_light_away_and_more_with_every_severity(family: str) -> None:
    clean = picture(6)
    versions = [clean, *(degrade(clean, family, s, np.random.default_rng(2)).image for s in SEVERITIES)]
    assert all((worse <= better).all() for better, worse in pairwise(versions))
    assert all(worse.mean() < better.mean() for better, worse in pairwise(versions))


def test_a_gain_factor_ends_at_eight_percent_of_the_brightness() -> None:
    clean = picture(1)
    worst = degrade(clean, "gain_factor", 4, np.random.default_rng(0)).image
    assert worst.mean() == pytest.approx(0.08 * clean.mean(), abs=0.3)


def test_a_probe_in_air_shows_ringing_at_the_top_and_nothing_below() -> None:
    tops = []
    for seed in range(8):
        worst = degrade(picture(2), "lost_contact", 4, np.random.default_rng(seed)).image
        assert worst[100:].max() <= 13  # a last trace of tissue at most
        tops.append(int(worst[:30].max()))
    assert max(tops) > 150  # a lens that rings loudly
    assert 60 < min(tops) < 130  # and one that is hardly seen


def test_contact_is_lost_at_the_same_places_and_more() -> None:
    clean = np.maximum(picture(3), 60)
    lost = [
        degrade(clean, "partial_contact", s, np.random.default_rng(4)).image[100:].mean(axis=0) < 5
        for s in SEVERITIES
    ]
    shares = [float(columns.mean()) for columns in lost]
    assert all((later >= earlier).all() for earlier, later in pairwise(lost[1:]))
    assert shares == sorted(shares)
    assert 0.4 < shares[-1] < 0.75


def test_an_unspoilt_aperture_gives_a_narrow_beam_and_a_screen_before_it_widens_it() -> None:
    window = np.hanning(66)[1:-1].astype(np.complex128)
    screen = np.sin(np.linspace(0, 9, 64))
    sharp, spoilt = beam(window, 2.0), beam(window * np.exp(1.5j * screen), 2.0)
    assert sharp.sum() == pytest.approx(1.0, abs=1e-4)
    assert spoilt.sum() == pytest.approx(1.0, abs=1e-4)
    assert (sharp > 0.5 * sharp.max()).sum() <= 5
    assert spoilt.max() < 0.7 * sharp.max()


def test_a_ghost_and_side_lobes_only_add_echoes() -> None:
    clean = picture(5)
    for family in ("ghost", "side_lobe_clutter", "mains_interference"):
        assert (degrade(clean, family, 4, np.random.default_rng(2)).image >= clean).all(), family


def test_a_torn_frame_is_whole_above_the_tear() -> None:
    clean = picture(4)
    made = degrade(clean, "frame_tear", 4, np.random.default_rng(3))
    first = int(np.flatnonzero(made.weight[:, 0])[0])
    assert 20 < first < 110
    assert np.array_equal(made.image[:first], clean[:first])
    assert (made.image[first:] != clean[first:]).mean() > 0.5


def test_the_page_about_the_score_explains_every_family_and_stars_what_is_held_out() -> None:
    page = (Path(__file__).parents[2] / "docs" / "score.md").read_text(encoding="utf-8")
    for name in FAMILIES:
        assert f"`{name}`" in page, name
        assert (f"`{name}` *" in page) == (name in HELD_OUT), name


def test_five_families_stay_out_of_training() -> None:
    assert {"h264", "lost_elements", "low_line_density", "side_lobe_clutter", "frame_tear"} == HELD_OUT


def test_black_and_tiny_pictures_and_an_empty_mask_are_accepted() -> None:
    for family in FAMILIES:
        made = degrade(
            np.zeros((33, 41), np.uint8), family, 4, np.random.default_rng(0), np.zeros((33, 41), bool)
        )
        assert not made.image.any()
        assert degrade(np.zeros((33, 41), np.uint8), family, 1, np.random.default_rng(0)).image.shape == (
            33,
            41,
        )


def test_wrong_requests_name_the_way_out() -> None:
    clean, rng = picture(8), np.random.default_rng(0)
    with pytest.raises(ScanmonError, match="choose one of gain_low"):
        degrade(clean, "fog", 1, rng)
    with pytest.raises(ScanmonError, match="1, 2, 3 or 4"):
        degrade(clean, "haze", 5, rng)
    with pytest.raises(ScanmonError, match="uint8"):
        degrade(clean.astype(np.float32), "haze", 1, rng)  # type: ignore[arg-type]


@pytest.mark.parametrize("family", FAMILIES)
def test_real_pictures_get_worse_with_every_severity(family, real_pictures) -> None:
    for clean in real_pictures.values():
        everywhere = np.ones(clean.shape, bool)
        reached = [
            psnr(clean, degrade(clean, family, s, np.random.default_rng(11)).image, everywhere)
            for s in SEVERITIES
        ]
        assert reached == sorted(reached, reverse=True)
        assert reached[0] - reached[-1] > 1.5


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
