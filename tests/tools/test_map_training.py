"""The batches of the map's training: faults that grow, nuisances that are none, targets that count light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scanmon.degradations import FAMILIES as MEASURED
from scanmon.degradations import HELD_OUT
from scanmon.degradations import KINDS as MEASURED_KINDS
from scanmon.scoring.levels import black_level as scored_black_level
from scanmon.scoring.levels import level_counts
from tools.training.draw import NO_KIND, Plan, draw
from tools.training.faults import FAMILIES, KINDS, apply
from tools.training.faults.scene import Chance, Scene, scene_of
from tools.training.levels import BLACK_MOST, black_level, levelled
from tools.training.map_losses import NAMES, batch_loss
from tools.training.map_net import MapNet
from tools.training.nuisance import Display
from tools.training.pace import rate_at
from tools.training.pack import lung_grades
from tools.training.phantom import phantom, scan_convert
from tools.training.store import Store, store_of
from tools.training.terms import across_loss, calm_loss, grade_loss, order_loss
from tools.training.truth import severity, severity_of_light

SMALL = Plan(view=(128, 160), groups=3, negatives=3, slot=2)


def chance(seed: int = 0) -> Chance:
    return Chance(np.random.default_rng(seed), torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def store() -> Store:
    rng = np.random.default_rng(0)
    flat = [phantom(rng, (140, 170)) for _ in range(2)]
    return store_of([*flat, scan_convert(flat[0], rng)], [0, 0, 0], torch.device("cpu"))


def tissue(count: int = 2) -> Scene:
    rng = np.random.default_rng(1)
    gray = np.stack([phantom(rng, (128, 160)).gray for _ in range(count)])[:, None]
    mask = torch.ones(count, 1, 128, 160)
    mask[:, :, :, :16] = 0.0
    return scene_of(torch.from_numpy(gray).float() * mask, mask, chance())


def test_no_family_of_the_training_is_held_out_and_the_kinds_are_those_of_the_reading() -> None:
    assert not HELD_OUT & set(FAMILIES)
    assert len(HELD_OUT) >= 4
    assert KINDS == MEASURED_KINDS
    assert {family.kind for family in FAMILIES.values()} == set(KINDS)
    assert {family.kind for family in MEASURED.values()} - {None} == set(KINDS)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_a_fault_grows_with_its_level_at_the_same_place_and_stays_inside(name: str) -> None:
    scene = tissue()
    levels = torch.tensor([[0.1, 0.5, 1.0]]).expand(2, -1)
    made = apply(FAMILIES[name], scene, levels)
    assert made.gray.shape == (2, 3, 128, 160)
    assert not (made.gray - scene.gray)[:, :, :, :16].any()
    told = severity(scene.gray, made.gray, scene.mask, made.left).mean((2, 3))
    assert (told[:, 2] > told[:, 0]).all()
    assert (told.diff(dim=1) > -0.02).all()


def test_less_light_is_severe_in_dark_places_too_and_a_tenth_less_is_not() -> None:
    scene = tissue()
    dark = scene.gray * 0.1
    for factor, low, high in ((0.9, 0.0, 0.0), (0.5, 0.3, 0.9), (0.08, 0.99, 1.0)):
        left = torch.full_like(dark, factor)
        told = severity(dark, dark * factor, scene.mask, left)[:, :, :, 1:]
        assert low <= told.min() <= told.max() <= high
    assert severity_of_light(torch.tensor([1.0, 0.88, 0.08, 0.0])).tolist() == pytest.approx([0, 0, 1, 1])


def test_the_black_level_goes_and_the_light_stays() -> None:
    gray = (tissue().gray[:, 0] * 0.8).to(torch.uint8)
    inside = torch.ones_like(gray, dtype=torch.bool)
    raised = gray + 15
    assert (black_level(raised, inside) - black_level(gray, inside) == 15).all()
    assert (levelled(raised, inside).int() - levelled(gray, inside).int()).abs().max() <= 0
    assert levelled(torch.full_like(gray, 200), inside).unique().tolist() == [200 - BLACK_MOST]
    inside[:, :, :16] = False
    shown = levelled(torch.zeros_like(gray), inside)
    assert not shown[:, :, :16].any()
    assert (shown[:, :, 16:] == 1).all()


def test_a_display_keeps_the_order_of_gray_levels_and_stays_near_them() -> None:
    ramp = torch.arange(0, 256.0).view(1, 1, 1, -1).expand(64, -1, -1, -1)
    shown = Display(64, chance())(ramp)
    assert (shown.diff(dim=3) >= -1e-3).all()
    assert (shown - ramp).abs().max() < 75


def test_a_batch_is_the_same_for_the_same_seed_and_its_clean_pictures_have_no_severity(store: Store) -> None:
    one, two = draw(store, SMALL, chance(4)), draw(store, SMALL, chance(4))
    assert torch.equal(one.pictures, two.pictures)
    assert one.pictures.shape == (3, SMALL.versions, 128, 160)
    assert one.severity.shape == (3, 9, 8, 10)
    assert not one.severity[:, [0, 7]].any()
    assert torch.equal(one.severity[:, 2], one.severity[:, 8])
    assert (one.kinds[:, [0, 7]] == NO_KIND).all()
    assert (one.kinds[:, 1:7] >= 0).all()
    assert one.none.shape == (3, 128, 160)
    assert not torch.equal(one.pictures[:, 0], one.pictures[:, 7])  # the same picture, shown otherwise


def test_a_step_lowers_what_one_batch_asks_for(store: Store) -> None:
    torch.manual_seed(0)
    net, drawn = MapNet(), draw(store, SMALL, chance(2))
    optimizer = torch.optim.AdamW([w for w in net.parameters() if w.requires_grad], lr=2e-3)
    losses = []
    for _ in range(8):
        loss, parts = batch_loss(net, drawn, store, None)
        assert parts.shape == (len(NAMES),)
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_the_terms_vanish_for_the_truth_and_punish_what_is_wrong() -> None:
    truth = torch.tensor([[0.0, 0.2, 0.5], [0.0, 0.3, 0.9]])
    assert (
        order_loss(truth, truth).item() == across_loss(truth, truth, torch.tensor([True, True])).item() == 0.0
    )
    assert order_loss(truth.flip(1), truth).item() > 0.5
    assert across_loss(truth.flip(1), truth, torch.tensor([True, True])).item() > 0.1
    assert calm_loss(truth, truth).item() == 0.0
    good, poor = torch.tensor([0.1, 0.2]), torch.tensor([0.7])
    assert grade_loss(good, poor).item() == 0.0
    assert grade_loss(poor, good).item() > 0.5
    assert grade_loss(good, torch.zeros(0)).item() == 0.0


def test_the_rate_rises_and_falls_with_the_clock() -> None:
    rates = [rate_at(share) for share in np.linspace(0, 1, 101)]
    peak = int(np.argmax(rates))
    assert 2 <= peak <= 6
    assert rates[-1] < 0.01
    assert all(a >= b for a, b in zip(rates[peak:], rates[peak + 1 :], strict=False))


def test_every_lung_picture_has_a_grade(shared: Path) -> None:
    names = {file.stem for file in (shared / "data" / "train" / "lung").glob("*.png")}
    assert names == set(lung_grades())


def test_the_scorer_takes_off_the_same_black_level_as_the_training() -> None:
    rng = np.random.default_rng(5)
    mask = np.zeros((120, 200), bool)
    mask[:, 30:] = True
    for pedestal in (0, 7, 30, 90):
        gray = (phantom(rng, (120, 200)).gray // 2 + pedestal).astype(np.uint8)
        gray = np.repeat(np.repeat(gray[::2, ::2], 2, 0), 2, 1)  # so that the training's sparse look is whole
        trained = black_level(torch.from_numpy(gray)[None], torch.from_numpy(mask)[None])
        assert scored_black_level(level_counts(gray, mask)) == int(trained)
    assert scored_black_level(level_counts(np.full((20, 20), 9, np.uint8), None)) == 9
