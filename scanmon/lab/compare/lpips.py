"""LPIPS 0.1 with VGG16 (Zhang et al. 2018), on weights of VGG16 that the user names.

scanmon ships none: those in circulation have no licence that would allow it. The learned weights of the
five layers are read from the installed package `lpips` (BSD-2), whose code, and torchvision, are not loaded.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scanmon.core.errors import CheckpointError, SettingsError
from scanmon.core.values import GrayImage
from scanmon.lab.builder.checkpoint import tensors_in

SIDE_PX = 32  # the smallest side with something left after four halvings
_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_PLACES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))  # of torchvision's vgg16().features
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of pixels in -1..1; published
_EXPECTED = "name the state dict of torchvision's vgg16 (.pth, features.0.weight to features.28.bias)"


def check_lpips(vgg: Path | None) -> Path:
    """The learned weights of the layers. Raises `SettingsError` where LPIPS cannot be computed here."""
    if vgg is None:
        raise SettingsError(
            "LPIPS needs the weights of VGG16, which scanmon does not ship",
            "--vgg",
            f"{_EXPECTED}, or use ulpips",
        )
    found = find_spec("lpips")
    if found is None or found.origin is None:
        raise SettingsError("LPIPS needs the package lpips", "--metrics", 'pip install "scanmon[lpips]"')
    return Path(found.origin).parent / "weights" / "v0.1" / "vgg.pth"


class Lpips:
    """The distance of two gray pictures, shown to VGG16 as three equal channels."""

    def __init__(self, vgg: Path, learned: Path) -> None:
        """Raises `CheckpointError` for a file that lacks a weight or has one of another shape."""
        tensors = _named(vgg)
        self._blocks: list[list[tuple[Tensor, Tensor]]] = []
        before = 3
        for widths, places in zip(_WIDTHS, _PLACES, strict=True):
            block = []
            for width, place in zip(widths, places, strict=True):
                weight = _checked(tensors, f"features.{place}.weight", (width, before, 3, 3), vgg)
                block.append((weight, _checked(tensors, f"features.{place}.bias", (width,), vgg)))
                before = width
            self._blocks.append(block)
        layers = _named(learned)
        self._learned = [
            _checked(layers, f"lin{number}.model.1.weight", (1, widths[0], 1, 1), learned)
            for number, widths in enumerate(_WIDTHS)
        ]

    @torch.inference_mode()
    def __call__(self, reference: GrayImage, other: GrayImage) -> float | None:
        """0: the same. None for a picture with a side below 32 px."""
        if min(reference.shape) < SIDE_PX:
            return None
        x = torch.stack([_input(reference), _input(other)])
        distance = 0.0
        for number, (block, learned) in enumerate(zip(self._blocks, self._learned, strict=True)):
            x = functional.max_pool2d(x, 2) if number else x
            for weight, bias in block:
                x = functional.relu(functional.conv2d(x, weight, bias, padding=1))
            unit = x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)
            distance += float(functional.conv2d((unit[:1] - unit[1:]).square(), learned).mean())
        return distance


def _input(image: GrayImage) -> Tensor:
    """(3, H, W): gray in -1..1, shifted and scaled for each channel."""
    gray = torch.from_numpy(image.astype(np.float32) / np.float32(127.5) - np.float32(1.0))
    shift, scale = torch.tensor(_SHIFT)[:, None, None], torch.tensor(_SCALE)[:, None, None]
    return (gray[None] - shift) / scale


def _named(path: Path) -> dict[str, Tensor]:
    try:
        return tensors_in(path)
    except CheckpointError as error:
        raise CheckpointError(error.what, path, _EXPECTED) from error


def _checked(tensors: dict[str, Tensor], name: str, shape: tuple[int, ...], path: Path) -> Tensor:
    tensor = tensors.get(name)
    if tensor is None:
        raise CheckpointError(f"lacks {name}", path, _EXPECTED)
    if tuple(tensor.shape) != shape or not tensor.is_floating_point():
        raise CheckpointError(f"{name} is {tuple(tensor.shape)}, expected {shape}", path, _EXPECTED)
    if not torch.isfinite(tensor).all():
        raise CheckpointError(f"{name} holds NaN or infinity", path, _EXPECTED)
    return tensor.float()
