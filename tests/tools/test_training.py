"""The training's data and targets: what may be learned from, and on which scale."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch

from scanmon.core.values import Box, Metric, Scored, View
from scanmon.degradations import HELD_OUT, NUISANCES, SEVERITIES
from tools.training.acquaintance import acquainted
from tools.training.evidence import (
    TRAINED,
    Evidence,
    bound,
    clean_scores,
    curve,
    fault_scores,
    none_scores,
    shown_scores,
)
from tools.training.export import export_map
from tools.training.map_net import EMPTY, MapNet
from tools.training.phantoms import phantom, scanned
from tools.training.pictures import ORGANS, Picture, sector_mask, thinned, training_files, training_pictures


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


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


class Brightness:
    """Mean gray of a view as its score."""

    def __call__(self, view: View) -> Scored:
        inside = view.image if view.mask is None else view.image[view.mask]
        mean = float(inside.mean())
        return Scored(mean, np.zeros((1, 1), np.float32), Box(0, 0, 1, 1))


def _pictures(count: int) -> list[Picture]:
    made = [phantom(np.random.default_rng(number), (96, 96)) for number in range(count)]
    return [Picture(("here", "there")[n % 2], f"p{n}", p.gray, p.mask) for n, p in enumerate(made)]


def test_evidence_has_every_organ_every_severity_and_no_family_that_is_held_out() -> None:
    found = Evidence()
    clean_scores(found, _pictures(4), Brightness(), 64)
    shown_scores(found, _pictures(2), Brightness(), 64)
    fault_scores(found, _pictures(2), Brightness(), 64, ("gain_factor", "jpeg"))
    none_scores(found, Brightness(), 64)
    assert {organ: len(scores) for organ, scores in found.clean.items()} == {
        "here": 2 + len(NUISANCES),
        "there": 2 + len(NUISANCES),
    }
    assert set(found.faulty) == {(family, s) for family in ("gain_factor", "jpeg") for s in SEVERITIES}
    assert len(found.of_severity(4)) == 4
    darker = [np.mean(found.faulty["gain_factor", severity]) for severity in SEVERITIES]
    assert darker == sorted(darker, reverse=True)
    assert max(found.none["8 % of the light"]) < min(found.clean["here"])
    assert found.none["degenerate/black"] == [0.0]
    assert not set(TRAINED) & HELD_OUT


def test_nearly_all_clean_pictures_are_adequate_and_none_that_shows_nothing() -> None:
    clean = np.linspace(-0.3, -0.1, 101).tolist()
    faulty = {("any", severity): [-0.2 * severity] * 5 for severity in SEVERITIES}
    found = Evidence({"one": clean, "two": [-0.1] * 9}, faulty, {"black": [-0.99], "air": [-0.9, -0.8]})
    calibration = curve(found)
    qualities = [calibration.quality(score) for score in clean]
    assert 0.85 < np.mean(np.array(qualities) >= calibration.adequate) < 1.0
    assert calibration.quality(-0.8) < 15.0
    assert calibration.quality(-0.1) == pytest.approx(100.0, abs=0.1)
    found.none["noise"] = [-0.2]  # looks clean to the network: then the bound has to go up
    assert bound(found) > -0.2
    assert curve(found).quality(-0.2) < calibration.adequate


def test_files_are_thinned_evenly_and_by_organ() -> None:
    files = [("a", Path(f"{n}.png")) for n in range(11)] + [("b", Path("0.png"))]
    assert thinned(files, 3) == [
        ("a", Path("0.png")),
        ("a", Path("5.png")),
        ("a", Path("10.png")),
        ("b", Path("0.png")),
    ]


class Looking:
    """Sees mean, spread and grain of a view."""

    metric: Metric = "map"
    blind = False

    def score(self, view: View) -> Scored:
        gray = view.image.astype(np.float32)
        fine = np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2.0)).mean()
        looks = None if self.blind else np.array([gray.mean(), gray.std(), fine], np.float32)
        return Scored(0.0, np.zeros((1, 1), np.float32), Box(0, 0, 8, 8), looks=looks)

    def reset(self) -> None: ...


def _picture(seed: int, level: float = 90.0) -> Picture:
    rng = np.random.default_rng(seed)
    speckle = cv2.GaussianBlur(rng.standard_normal((96, 128)).astype(np.float32), (0, 0), 1.5)
    gray = np.clip(level + 90.0 * speckle, 1, 255).astype(np.uint8)
    return Picture("liver", f"{seed}", gray, np.ones(gray.shape, bool))


def test_pictures_of_the_training_are_known_and_so_are_their_faults() -> None:
    scorer = Looking()
    known = acquainted([_picture(n, 60.0 + 2.0 * n) for n in range(30)], scorer, 96, phantoms=0)
    own, darker, other = _picture(99), _picture(98, 70.0), _picture(97)
    checker = np.kron(np.indices((12, 16)).sum(0) % 2, np.ones((8, 8), int)) * 255
    shown = [own.gray, darker.gray, np.full_like(other.gray, 255), checker.astype(np.uint8)]
    familiar = [known.of(scorer.score(View(gray, None, 0.0)).looks) for gray in shown]
    assert familiar[0] > 0.5
    assert familiar[1] > 0.25  # as dark as some of its own
    assert familiar[2] > 0.25  # a negative that it has seen
    assert familiar[3] < familiar[0]


def test_a_network_without_features_is_refused() -> None:
    scorer = Looking()
    scorer.blind = True
    with pytest.raises(ValueError, match=r"tools\.export_map"):
        acquainted([_picture(0)], scorer, 96, phantoms=0)
