"""The backbone's objective: what it asks of the tokens agrees with what the published head makes of them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.architecture import TINYUSFM
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.builder.vit import VisionTransformer, from_weights, normalised
from scanmon.lab.fit import Features, FitOptions, fit_organ
from scanmon.scoring.manifold import Manifolds
from tools.train_backbone import begin_with
from tools.training.backbone import LOUD, STEPS, excess, released, turned, window_tokens
from tools.training.export import stored_in_half, with_joined_quality
from tools.training.first_weights import LOUDNESS, dct_basis, start
from tools.training.published_head import fit_clean, mixture
from tools.training.watch import Watched, features, watch
from tools.training.window_loss import CleanSpread, order_loss, tightness, token_loss
from tools.training.windows import LEAST_SHARE, corners_of, cut

CHANNELS = len(STEPS) + 2


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def network() -> VisionTransformer:
    """First weights whose quality channels already say something."""
    network = VisionTransformer()
    start(network, grown=5)
    last = network.get_submodule("blocks.10.mlp.fc2")
    last.get_parameter("weight").data.mul_(4.0)
    last.get_parameter("bias").data[:CHANNELS] = 0.2
    return network.eval()


def test_the_released_weights_say_the_severity_that_the_training_reads(network: VisionTransformer) -> None:
    windows = np.random.default_rng(0).integers(0, 255, (2, 224, 224), dtype=np.uint8)
    windows[1] //= 4
    with torch.no_grad():
        channels = window_tokens(network, torch.from_numpy(windows))[1][:, 1:, :CHANNELS]
        said = turned(channels.mean(2, keepdim=True))
        z = from_weights({k: v.numpy() for k, v in released(network, CHANNELS).items()})(normalised(windows))
    assert said.diff(dim=0).abs().max() > 2e-3  # the windows differ in what is said
    last = z[:, 3 * 192 : 3 * 192 + 1]
    assert torch.allclose(last, said, atol=2e-3)
    assert torch.allclose(last.diff(dim=0), said.diff(dim=0), atol=3e-4)
    shown = torch.cat([z[:, : 3 * 192], z[:, 3 * 192 + 2 :]], 1)
    assert (shown - shown.mean(0)).norm(dim=1).max() < 0.06


def test_several_quality_channels_of_a_file_become_their_mean(network: VisionTransformer) -> None:
    left = released(network, CHANNELS)
    ten = {name: weight.clone() for name, weight in left.items()}
    for kind in ("weight", "bias"):
        rows = ten[f"blocks.10.mlp.fc2.{kind}"]
        rows[:CHANNELS] = network.state_dict()[f"blocks.10.mlp.fc2.{kind}"][:CHANNELS] * LOUD
        rows[CHANNELS] = LOUD if kind == "bias" else 0.0
    files = [
        stored_in_half(backbone_graph({name: w.numpy() for name, w in weights.items()}, TINYUSFM))
        for weights in (left, ten)
    ]
    one, several = (
        OnnxEngine(with_joined_quality(file).SerializeToString(), "fp32", threads=1) for file in files
    )
    windows = np.random.default_rng(0).integers(0, 255, (3, 224, 224), dtype=np.uint8)
    windows[1:] //= np.array([3, 9], np.uint8)[:, None, None]
    before = OnnxEngine(files[1].SerializeToString(), "fp32", threads=1).run(windows).copy()
    z = one.run(windows).copy()
    assert np.ptp(z[:, 576]) > 2e-3
    assert several.run(windows) == pytest.approx(z, abs=3e-4)
    assert np.abs(before - z).max() > 0.01


def test_blocks_that_are_fixed_get_no_gradient_and_all_others_do(network: VisionTransformer) -> None:
    windows = torch.randint(0, 255, (1, 224, 224), dtype=torch.uint8)
    kept, added = window_tokens(network, windows, fixed=3)
    torch.autograd.backward([added.float().square().mean() + kept[-1].float().square().mean()])
    moved = {name: weight.grad is not None for name, weight in network.named_parameters()}
    assert not any(
        on
        for name, on in moved.items()
        if name.startswith(("patch_embed.", "pos_embed", "blocks.0.", "blocks.2."))
    )
    assert all(on for name, on in moved.items() if name.startswith(("blocks.3.", "blocks.6.", "blocks.10.")))


def test_a_quality_channel_rises_from_its_step_to_one() -> None:
    asked = excess(torch.tensor([0.0, STEPS[1], 0.6, 1.0]))
    assert asked[0].tolist() == [0.0] * len(STEPS)
    assert asked[1, 1].item() == 0.0
    assert asked[3].tolist() == [1.0] * len(STEPS)
    assert (asked.diff(dim=0) >= 0).all()


def test_the_running_spread_follows_the_clean_windows_of_each_organ() -> None:
    spread = CleanSpread(3, 2, torch.device("cpu"))
    organ = torch.arange(400) % 2
    for _ in range(200):
        z = 0.1 * torch.randn(400, 2) + organ[:, None] * 0.5
        spread.learn(z, organ, organ >= 0)
    assert spread.mean[:2].numpy() == pytest.approx(np.array([[0.0, 0.0], [0.5, 0.5]]), abs=0.01)
    assert spread.variance[:2].numpy() == pytest.approx(0.01, rel=0.1)
    assert spread.mean[2].tolist() == [0.0, 0.0]  # no window of it was seen
    again = CleanSpread(3, 2, torch.device("cpu"))
    again.load(spread.state())
    assert torch.equal(again.found(z), spread.found(z))


def test_a_worse_window_is_further_off_even_from_below_the_mean_of_the_clean_ones() -> None:
    spread = CleanSpread(1, 3, torch.device("cpu"))
    none = torch.zeros(500, dtype=torch.long)
    spread.learn(0.02 * torch.randn(500, 3), none, none == 0)
    severity = torch.tensor([-0.03, -0.015, 0.0, 0.05, 0.3, 0.7])
    found = spread.found(severity[:, None].expand(-1, 3))
    assert (found.diff() > 0).all()


def test_the_losses_vanish_for_the_truth_and_punish_a_wrong_order() -> None:
    asked = torch.rand(4, 196, CHANNELS)
    assert token_loss(asked, asked, torch.ones(4, 196)).item() == 0.0
    z, clean = torch.tensor([[0.02], [0.0], [0.9]]), torch.tensor([False, True, False])
    assert tightness(z, clean).item() == 0.0 < tightness(z, ~clean).item()
    truth, fault = torch.tensor([[0.0, 0.2, 0.4, 0.21, 0.6]]), torch.tensor([-1, 0, 0, 1, 1])
    assert order_loss(truth, truth, fault).item() == 0.0
    assert order_loss(-truth, truth, fault).item() > 0.5
    close = torch.tensor([[0.0, 0.2, 0.4, 0.18, 0.6]])  # two faults almost alike: no order asked for
    assert order_loss(close, truth, fault).item() == 0.0


def test_the_head_of_the_training_agrees_with_the_one_that_fits_bundles() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 192)) * 0.1 * np.exp(-np.arange(192) / 40)
    z[:150] += rng.normal(size=192) * 0.03
    pictures = np.arange(len(z)) // 4
    model = fit_organ("organ", Features(z, pictures), FitOptions(dimensions=16)).model
    found = fit_clean(torch.from_numpy(z), dimensions=16)
    off = z[:50] * 1.5
    assert mixture([found], torch.from_numpy(off)).numpy() == pytest.approx(
        Manifolds([model]).fit(off).loglik[:, 0], rel=0.02
    )


def test_watching_tells_the_order_by_the_features_that_a_bundle_has(network: VisionTransformer) -> None:
    weights = released(network, CHANNELS)
    rng = np.random.default_rng(1)
    windows = torch.from_numpy(rng.integers(0, 200, (12, 224, 224), dtype=np.uint8))
    z = features(weights, windows[:3])
    assert torch.allclose(
        z,
        from_weights({k: v.numpy() for k, v in weights.items()})(normalised(windows[:3].numpy())),
        atol=1e-5,
    )
    chain = torch.stack([windows[:2], windows[:2] // 2, windows[:2] // 8], 1)
    told = watch(weights, Watched((windows,), {"dim": chain}, torch.zeros_like(windows[:1])))
    assert told.startswith("order ")
    assert "dim " in told


def test_the_first_weights_measure_detail_by_band_near_and_far() -> None:
    network = VisionTransformer()
    start(network, grown=5)
    rng = np.random.default_rng(3)
    flat, rough = np.full((2, 224, 224), 128.0)
    rough[:112] += rng.normal(0, 12, (112, 224))
    windows = torch.from_numpy(np.stack([flat, rough, flat + 2 * (rough - flat)]).round().clip(0, 255)).byte()
    with torch.no_grad():
        said = window_tokens(network, windows, fixed=3)[0][0][:, 1:].view(3, 14, 14, -1)
    own, near, far = said[..., 30:60], said[..., 60:90], said[..., 120:150]
    detail = own[..., 10:]  # leaves brightness and the slowest waves out
    assert (detail[1, :7].mean((0, 1)) - detail[1, 7:].mean((0, 1))).min() > 2.0  # rough above, flat below
    twice = (detail[2, :7] - detail[1, :7]).mean().item()
    assert twice == pytest.approx(LOUDNESS * np.log(2), rel=0.15)  # a logarithm of the size
    assert (near[1, :5, :, 10:].mean((0, 1)) > near[1, 9:, :, 10:].mean((0, 1)) + 2.0).all()
    assert (own[1, :7] - own[1, 7:]).mean() > (near[1, :7] - near[1, 7:]).mean()
    assert far[1].std((0, 1)).max() < 0.2  # the same all over the window
    assert (far[1].mean((0, 1)) - own[1].mean((0, 1))).abs().max() < 0.8


def test_the_cosine_basis_is_orthonormal_and_begins_with_the_mean() -> None:
    basis = dct_basis().flatten(1)
    assert torch.allclose(basis @ basis.T, torch.eye(256), atol=1e-4)
    assert torch.allclose(basis[0], basis[0, :1])


def test_windows_are_cut_where_the_sector_is() -> None:
    weight = torch.zeros(1, 1, 28, 28)
    weight[..., 16:, 14:] = 1.0
    generator = torch.Generator().manual_seed(0)
    corners = torch.cat([corners_of(weight, generator) for _ in range(50)])
    shares = cut(weight.expand(50, -1, -1, -1), corners, 14).mean((1, 2, 3))
    assert shares.min() >= LEAST_SHARE
    assert len(set(map(tuple, corners.tolist()))) > 5
    planes = torch.arange(2 * 3 * 20 * 30).view(2, 3, 20, 30)
    found = cut(planes, torch.tensor([[1, 2], [5, 7]]), 10)
    assert torch.equal(found[1], planes[1, :, 5:15, 7:17])


def test_a_training_begins_with_the_weights_of_some_blocks_and_refuses_others(tmp_path: Path) -> None:
    network = VisionTransformer()
    name = "blocks.4.mlp.fc1.bias"
    torch.save({"network": {name: torch.full((768,), 0.5).half()}}, tmp_path / "a.pt")
    begin_with(network, tmp_path / "a.pt")
    assert network.state_dict()[name].eq(0.5).all()
    torch.save({"network": {"other": torch.zeros(1)}}, tmp_path / "b.pt")
    with pytest.raises(ValueError, match="other"):
        begin_with(network, tmp_path / "b.pt")
