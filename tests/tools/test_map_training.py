"""The batches of the map's training: faults that grow, nuisances that are none, targets that count light."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from scanmon.degradations import FAMILIES as MEASURED
from scanmon.degradations import HELD_OUT
from scanmon.degradations import KINDS as MEASURED_KINDS
from scanmon.scoring.bundle import default_bundle, open_bundle
from scanmon.scoring.severity import black_level as scored_black_level
from scanmon.scoring.severity import level_counts
from tools.train_map import Training, options_of
from tools.training.draw import ANY_KIND, NO_KIND, Plan, draw
from tools.training.export import export_map
from tools.training.faults import FAMILIES, KINDS, apply
from tools.training.faults.scene import Chance, Scene, scene_of
from tools.training.folded import unfolded
from tools.training.map_net import MapNet
from tools.training.nuisance import (
    BLACK_MOST,
    LEAST_STRONG,
    Display,
    black_level,
    gray_map,
    levelled,
    strong_echoes,
)
from tools.training.pace import rate_at
from tools.training.pack import lung_grades
from tools.training.phantoms import phantom, scan_convert
from tools.training.store import Store, store_of
from tools.training.terms import NAMES, across_loss, batch_loss, calm_loss, grade_loss, order_loss
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


def test_a_blur_of_dark_tissue_is_severe_too() -> None:
    scene = tissue()
    told = []
    for light in (1.0, 0.3):
        gray = scene.gray * light
        shown = torch.cat([torch.nn.functional.avg_pool2d(gray, n, 1, n // 2) for n in (3, 7)], 1)
        told.append(severity(gray, shown, scene.mask, None)[..., 2:].mean((0, 2, 3)))
    bright, dark = told
    assert 0.1 < bright[0] < bright[1]
    assert (dark > 0.4 * bright).all()  # by the gray levels alone a seventh
    same = severity(scene.gray, scene.gray, scene.mask, None)
    assert not same.any()


def test_a_picture_that_is_poor_before_gets_worse_with_every_fault(store: Store) -> None:
    drawn = draw(store, replace(SMALL, poor=1.0), chance(4))
    before = drawn.severity[:, :1]
    assert (before.amax((1, 2, 3)) > 0.05).all()
    assert (drawn.severity >= before - 1e-6).all()
    assert (drawn.kinds == ANY_KIND).all()
    loss, _ = batch_loss(MapNet(), drawn, store, None)
    assert torch.isfinite(loss)


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
    net, drawn = MapNet(), draw(store, replace(SMALL, view=(64, 80)), chance(2))
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


def test_another_makers_gray_map_keeps_the_order_of_gray_levels_and_is_never_too_dark() -> None:
    scene = tissue(2)
    ramp = scene.shown(torch.linspace(0, 255, 160).expand_as(scene.gray) * scene.mask)
    for seed in range(12):
        drawn = replace(ramp, chance=chance(seed), depth=torch.zeros_like(ramp.depth))
        shown = gray_map(drawn)
        assert not shown[:, :, :, :16].any()
        assert (shown.diff(dim=3)[:, :, :, 16:] >= 0).all()
        assert strong_echoes(shown, ramp.mask).min() > LEAST_STRONG
    mapped = torch.cat([gray_map(replace(ramp, chance=chance(seed))) for seed in range(12)])
    assert mapped.std(0).max() > 15  # they do differ


def test_an_exported_map_goes_on_with_the_weights_it_left_with(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = MapNet()
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.bias)
            torch.nn.init.uniform_(part.weight, 0.5, 2.0)
            assert part.running_mean is not None
            assert part.running_var is not None
            torch.nn.init.normal_(part.running_mean)
            torch.nn.init.uniform_(part.running_var, 0.5, 2.0)
    export_map(net.eval(), tmp_path / "map.onnx")
    again = unfolded(onnx.load(tmp_path / "map.onnx"), MapNet())
    pictures = torch.randint(0, 256, (2, 96, 140), dtype=torch.uint8)
    with torch.no_grad():
        for one, two in zip(net(pictures), again(pictures), strict=True):
            assert torch.allclose(one, two, atol=1e-5 * float(one.abs().max().clamp_min(1)))


def test_a_training_goes_on_from_the_default_bundle_and_from_its_own_state(tmp_path: Path) -> None:
    pictures = [phantom(np.random.default_rng(n), (140, 170)).gray for n in range(3)]
    blobs = [cv2.imencode(".webp", gray)[1] for gray in pictures]
    names, data = np.array(["a", "b", "c"]), tmp_path / "pack.npz"
    np.savez(
        data,
        bytes=np.concatenate(blobs),
        ends=np.cumsum([blob.size for blob in blobs]),
        names=names,
        organs=np.array(["nerve"] * 3),
        grades=np.zeros(3, np.uint8),
        held_back=np.array([0, 0, 1], bool),
    )
    given = ["--data", str(data), "--begin", str(default_bundle()), "--groups", "2", "--small"]
    training = Training(options_of(given))
    bundle = open_bundle(default_bundle())
    session = onnxruntime.InferenceSession(bundle.read(bundle.map.file))
    said = session.run(None, {"pictures": pictures[0][None]})[0]
    with torch.no_grad():
        severity, features = training.net.eval()(torch.from_numpy(pictures[0])[None])
    assert np.abs(said[:, :8] - severity.numpy()).max() < 1e-5
    assert np.abs(said[:, 8:, 0, 0] - features.numpy()).max() < 1e-5 * np.abs(said[:, 8:]).max()
    assert torch.isfinite(training.learn(1e-3)).all()
    norms = [part for part in training.net.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert not any(part.training for part in norms)
    again = Training(options_of(given))
    again.take_up(training.state())
    assert again.step == 1
    assert again.folded
    assert all(
        torch.equal(a, b) for a, b in zip(again.net.parameters(), training.net.parameters(), strict=True)
    )


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
