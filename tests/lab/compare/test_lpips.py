from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from scanmon.core.errors import CheckpointError, SettingsError
from scanmon.lab.compare.lpips import Lpips, check_lpips
from tests.doubles.commands import python
from tests.doubles.oracle import speckled

_LAYOUT = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512)
_TAPS = (3, 8, 15, 22, 29)  # after the last ReLU of each block


def _vgg() -> nn.Sequential:
    """Layers and numbers of torchvision's vgg16().features."""
    layers: list[nn.Module] = []
    before = 3
    for entry in _LAYOUT:
        if isinstance(entry, str):
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(before, entry, 3, padding=1), nn.ReLU()]
            before = entry
    return nn.Sequential(*layers)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Sequential, Path, Path]:
    """A random VGG16, its file with a classifier as torchvision has it, and made weights of the layers."""
    folder = tmp_path_factory.mktemp("vgg")
    torch.manual_seed(0)
    network = _vgg().eval()
    state = {f"features.{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save(state | {"classifier.0.bias": torch.zeros(4)}, folder / "vgg16.pth")
    widths = (64, 128, 256, 512, 512)
    layers = {f"lin{n}.model.1.weight": torch.rand(1, width, 1, 1) for n, width in enumerate(widths)}
    torch.save(layers, folder / "layers.pth")
    return network, folder / "vgg16.pth", folder / "layers.pth"


def test_lpips_is_the_published_formula(made: tuple[nn.Sequential, Path, Path]) -> None:
    network, vgg, learned = made
    one, other = speckled(0)[:48, :64], speckled(1)[:48, :64]
    layers = torch.load(learned, weights_only=True)
    expected, features = 0.0, []
    for image in (one, other):
        x = torch.from_numpy(image / 127.5 - 1.0).float().expand(1, 3, -1, -1)
        x = (x - torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)) / torch.tensor(
            [0.458, 0.448, 0.450]
        ).view(1, 3, 1, 1)
        taken = []
        with torch.no_grad():
            for number, layer in enumerate(network):
                x = layer(x)
                if number in _TAPS:
                    taken.append(x / (x.norm(dim=1, keepdim=True) + 1e-10))
        features.append(taken)
    for number, (a, b) in enumerate(zip(*features, strict=True)):
        weight = layers[f"lin{number}.model.1.weight"][0]
        expected += float((weight * (a - b)[0] ** 2).sum(dim=0).mean())
    metric = Lpips(vgg, learned)
    assert metric(one, other) == pytest.approx(expected, rel=1e-4)
    assert metric(one, one) == 0.0
    assert metric(one[:31], one[:31]) is None


def test_a_file_without_a_weight_or_with_another_shape_is_refused(made, tmp_path) -> None:
    _, vgg, learned = made
    state = torch.load(vgg, weights_only=True)
    torch.save({name: tensor for name, tensor in state.items() if "28" not in name}, tmp_path / "cut.pth")
    with pytest.raises(CheckpointError, match=r"lacks features\.28\.weight"):
        Lpips(tmp_path / "cut.pth", learned)
    torch.save(state | {"features.5.weight": torch.zeros(128, 32, 3, 3)}, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=r"features\.5\.weight is \(128, 32, 3, 3\), expected"):
        Lpips(tmp_path / "other.pth", learned)
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(CheckpointError, match=r"torchvision's vgg16"):
        Lpips(tmp_path / "text.pth", learned)


def test_without_a_vgg_file_or_the_package_the_word_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="does not ship"):
        check_lpips(None)
    monkeypatch.setattr("scanmon.lab.compare.lpips.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"scanmon\[lpips\]"):
        check_lpips(Path("vgg16.pth"))


@pytest.mark.skipif(find_spec("lpips") is None, reason="the extra lpips is not installed")
def test_the_learned_weights_of_the_package_are_read(made: tuple[nn.Sequential, Path, Path]) -> None:
    _, vgg, _ = made
    metric = Lpips(vgg, check_lpips(vgg))
    distance = metric(speckled(0)[:48, :64], speckled(1)[:48, :64])
    assert np.isfinite(distance)
    assert distance > 0


def test_without_torch_the_command_compares_and_names_the_extra_for_lpips(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    run = (
        "import sys; sys.modules['torch'] = None; from scanmon.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["-c", run, "compare", tmp_path / "a.png", tmp_path / "a.png", "--metrics"]
    python(*words, "psnr,ssim")
    assert "scanmon[lpips]" in python(*words, "lpips", code=1).err
