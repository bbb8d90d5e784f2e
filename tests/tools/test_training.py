"""The training's data and targets: what may be learned from, and on which scale."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch

from scanmon.degradations import FAMILIES, HELD_OUT
from tools.training.distortions import GENERIC, TRAINED, generic, named
from tools.training.export import export_map
from tools.training.losses import dense_loss, order_loss, pooled
from tools.training.map_net import EMPTY, MapNet
from tools.training.phantom import phantom, scan_convert, scanned
from tools.training.pictures import ORGANS, sector_mask, training_files, training_pictures
from tools.training.target import BEST_DB, WORST_DB, local_severity, severity_of_error
from tools.training.views import CHAINS, VIEWS, Layout, group


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_a_held_out_family_is_refused_and_all_others_are_trained() -> None:
    gray, mask = np.full((64, 64), 90, np.uint8), np.ones((64, 64), bool)
    for family in HELD_OUT:
        with pytest.raises(ValueError, match="held out"):
            named(gray, family, 0.5, np.random.default_rng(0), mask)
    assert set(TRAINED) | HELD_OUT == set(FAMILIES)
    assert not set(TRAINED) & HELD_OUT


def test_only_pictures_with_a_licence_are_read_and_the_splits_are_disjoint(shared: Path) -> None:
    trained = training_files(shared / "data")
    held_back = training_files(shared / "data", validation=True)
    names = [{(organ, file.stem) for organ, file in part} for part in (trained, held_back)]
    assert not names[0] & names[1]
    assert {organ for organ, _ in trained} == set(ORGANS) == {organ for organ, _ in held_back}
    assert "carotid" not in ORGANS
    assert ("nerve", "nv_0066") not in names[0] | names[1]
    assert len(names[0]) + len(names[1]) == 420 + 203 + 209 + 205 + 194


def test_training_pictures_are_gray_with_their_sector(tmp_path: Path) -> None:
    for organ in ORGANS:
        (tmp_path / "train" / organ).mkdir(parents=True)
        sector = np.zeros((90, 120), np.uint8)
        sector[10:80, 20:100] = 70
        cv2.imwrite(str(tmp_path / "train" / organ / "a.png"), sector)
    pictures = training_pictures(tmp_path)
    assert [(p.organ, p.name) for p in pictures] == [(organ, "a") for organ in ORGANS]
    assert all(np.array_equal(p.mask, p.gray > 0) for p in pictures)
    assert training_pictures(tmp_path, validation=True) == []
    (tmp_path / "train" / ORGANS[1] / "a.png").unlink()
    with pytest.raises(FileNotFoundError, match=ORGANS[1]):
        training_pictures(tmp_path)


def test_severity_is_linear_in_local_psnr_between_its_ends() -> None:
    decibel = np.array([60.0, BEST_DB, 26.0, WORST_DB, 3.0])
    error = (255.0**2 / 10 ** (decibel / 10)).astype(np.float32)
    assert severity_of_error(error) == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0], abs=1e-5)


def test_the_target_is_severe_where_the_fault_is_and_zero_elsewhere() -> None:
    clean = np.full((192, 240), 100, np.uint8)
    changed = clean.copy()
    changed[:, :96] += 40
    mask = np.ones(clean.shape, bool)
    severity, weight = local_severity(clean, changed, mask, (192, 240))
    assert severity.shape == (12, 15)
    expected = (BEST_DB - 10 * np.log10(255**2 / 40**2)) / (BEST_DB - WORST_DB)
    assert severity[:, :4] == pytest.approx(expected, abs=0.01)
    assert not severity[:, 9:].any()
    assert weight == pytest.approx(1.0)


def test_a_group_grows_in_severity_and_is_the_same_for_the_same_seed() -> None:
    layout = Layout(view=(128, 128))
    picture = scan_convert(phantom(np.random.default_rng(0), (200, 200)), np.random.default_rng(1))
    rises = []
    for seed in range(12):
        one, two = (group(picture, layout, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(one.pictures, two.pictures)
        assert one.pictures.shape == (VIEWS, 128, 128)
        assert one.severity.shape == one.weight.shape == (VIEWS, 8, 8)
        assert not one.severity[0].any()
        means = (one.severity * one.weight).sum((1, 2))
        for chain in CHAINS:
            rises += list(np.diff(means[chain]) >= -1e-3)
    assert np.mean(rises) > 0.9


@pytest.mark.parametrize("kind", range(len(GENERIC)))
def test_every_generic_distortion_changes_the_picture_inside_the_mask_only(kind: int) -> None:
    gray = phantom(np.random.default_rng(3), (120, 120)).gray
    mask = np.zeros(gray.shape, bool)
    mask[20:100, 20:100] = True
    changed = generic(gray, kind, 0.9, np.random.default_rng(4), mask)
    assert changed.dtype == np.uint8
    assert np.array_equal(changed[~mask], gray[~mask])
    assert (changed != gray).any()


def test_the_mask_of_a_sector_holds_its_dark_tissue_and_not_the_surround() -> None:
    gray = np.zeros((200, 200), np.uint8)
    rows, columns = np.mgrid[:200, :200]
    inside = np.abs(columns - 100) < 10 + 0.4 * rows
    gray[inside] = 80
    gray[150:, 90:110] = 0
    mask = sector_mask(gray)
    assert mask[180, 100]
    assert not mask[10, 20]
    assert abs(int(mask.sum()) - int(inside.sum())) < 0.03 * inside.sum()


def test_a_scanned_phantom_is_a_clean_picture_and_no_two_are_alike() -> None:
    rng = np.random.default_rng(3)
    pictures = [scanned(rng) for _ in range(6)]
    assert len({p.gray.tobytes() for p in pictures}) == len(pictures)
    assert {bool(p.mask.all()) for p in pictures} == {True, False}  # flat probes and curved ones
    for picture in pictures:
        assert picture.gray.shape == picture.mask.shape
        assert not picture.gray[~picture.mask].any()
        inside = picture.gray[picture.mask]
        assert (inside == 255).mean() < 0.1  # neither overdriven
        assert (inside > 10).mean() > 0.3  # nor lost in the dark


def test_the_map_network_takes_any_size() -> None:
    net = MapNet().eval()
    for height, width in ((64, 64), (100, 333), (336, 448)):
        with torch.no_grad():
            severity, features = net(torch.randint(0, 255, (1, height, width), dtype=torch.uint8))
        assert severity.shape == (1, 8, -(-height // 16), -(-width // 16))
        assert features.shape == (1, 32)
        assert 0 <= float(severity.min()) <= float(severity.max()) <= 1


def test_a_place_without_echoes_is_worse_than_the_network_alone_says() -> None:
    net = MapNet().eval()
    pictures = torch.randint(40, 200, (1, 64, 96), dtype=torch.uint8)
    pictures[:, :16, :16] = 1  # inside the sector, black
    pictures[:, :16, 16:32] = 0  # outside
    with torch.no_grad():
        more = net.logits(pictures)[0] - net.head(net.seen(pictures)[0])[0, 0]
    expected = torch.zeros(4, 6)
    expected[0, 0] = EMPTY
    assert torch.allclose(more, expected, atol=1e-6)


def test_an_exported_map_says_the_same_for_pictures_of_any_size(tmp_path: Path) -> None:
    net = MapNet().eval()
    for norm in (m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.running_mean = 0.1 * torch.randn(norm.num_features)
        norm.running_var = 0.5 + torch.rand(norm.num_features)
    export_map(net, tmp_path / "map.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "map.onnx", providers=["CPUExecutionProvider"])
    for height, width in ((64, 96), (100, 333)):
        pictures = torch.randint(0, 255, (1, height, width), dtype=torch.uint8)
        pictures[:, :40, :40] = 1
        with torch.no_grad():
            severity, features = (output.numpy() for output in net(pictures))
        found = session.run(None, {"pictures": pictures.numpy()})[0]
        np.testing.assert_allclose(found[:, :8], severity, atol=1e-5)
        np.testing.assert_allclose(found[:, 8:, 0, 0], features, atol=1e-4)
        np.testing.assert_allclose(found[:, 8:].std(axis=(2, 3)), 0.0, atol=1e-4)


def test_losses_vanish_for_the_truth_and_punish_a_wrong_order() -> None:
    truth = torch.rand(VIEWS, 8, 8).clamp(0.05, 0.95)
    for view, severity in ((0, 0.01), (2, 0.2), (3, 0.4), (4, 0.6), (5, 0.3), (6, 0.5)):
        truth[view] = severity
    weight = torch.ones_like(truth)
    assert dense_loss(torch.logit(truth), truth, weight).item() == pytest.approx(0.0, abs=1e-5)
    assert order_loss(truth, truth, weight).item() == 0.0
    assert order_loss(truth.flip(0), truth, weight).item() > 0.5
    across = truth.clone()  # each fault in its own order, but the second judged milder than the first
    across[5], across[6] = 0.12, 0.18
    assert order_loss(across, truth, weight).item() > 0.01


def test_a_map_is_pooled_in_training_as_the_bundle_pools_it() -> None:
    cells = torch.rand(2, 9, 11)
    weight = (torch.rand(2, 9, 11) > 0.3).float()
    for map_, share, found in zip(cells, weight, pooled(cells, weight), strict=True):
        inside = np.sort(map_[share > 0.5].numpy())
        worst = inside[-max(1, round(0.15 * inside.size)) :]
        assert found.item() == pytest.approx(0.7 * worst.mean() + 0.3 * inside.mean(), abs=1e-5)
