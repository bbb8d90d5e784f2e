"""The chosen metrics of `scanmon compare`, opened once and run on pair after pair.

LPIPS 0.1 with VGG16 (Zhang et al. 2018) runs on weights of VGG16 that the user names: scanmon ships none, for
those in circulation have no licence that would allow it. The learned weights of the five layers are read from
the installed package `lpips` (BSD-2), whose code, and torchvision, are not loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scanmon.core.errors import CheckpointError, SettingsError
from scanmon.core.schema import Column
from scanmon.core.values import GrayImage
from scanmon.inference.networks import network_of
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.builder.checkpoint import tensors_in
from scanmon.lab.compare.full_reference import Floats, ms_ssim, psnr, ssim
from scanmon.lab.compare.ulpips import LAYERS, RADIUS, TAU, distance_map, total, ulpips_input, ulpips_terms
from scanmon.scoring.bundle import open_named_bundle

Measure = Literal["ulpips", "psnr", "ssim", "ms-ssim", "lpips"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
DEFAULT: Final[tuple[Measure, ...]] = ("ulpips", "psnr", "ssim")
_NAMES: Final = {"psnr": "psnr_db", "ms-ssim": "ms_ssim"}  # in the results, where they differ


@dataclass(frozen=True, slots=True)
class Options:
    """Which metrics, and the published options of uLPIPS."""

    measures: tuple[Measure, ...] = DEFAULT
    layers: tuple[int, ...] = LAYERS
    radius: int = RADIUS
    tau: float = TAU
    terms: bool = False  # also what each layer adds
    vgg: Path | None = None  # weights of VGG16, for LPIPS


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Values under the names of the results, and where the pictures differ (None without uLPIPS)."""

    values: dict[str, float | None]
    map: Floats | None = None


class Measures:
    """Raises `ScanmonError` where a metric cannot be had, before any picture is read."""

    def __init__(self, options: Options, bundle: str) -> None:
        self._options = options
        self.bundle: str | None = None
        if "ulpips" in options.measures:
            self._engine, self._side_px, self.bundle = _token_engine(options.layers, bundle)
        if "lpips" in options.measures:
            self._lpips = _open_lpips(options.vgg)

    def __call__(self, reference: GrayImage, other: GrayImage) -> Measured:
        """Two pictures of one size."""
        values: dict[str, float | None] = {}
        where = None
        for measure in self._options.measures:
            match measure:
                case "ulpips":
                    more, where = self._ulpips(reference, other)
                    values |= more
                case "psnr":
                    values["psnr_db"] = psnr(reference, other)
                case "ssim":
                    values["ssim"] = ssim(reference, other)
                case "ms-ssim":
                    values["ms_ssim"] = ms_ssim(reference, other)
                case "lpips":
                    values["lpips"] = self._lpips(reference, other)
        return Measured(values, where)

    def _ulpips(self, reference: GrayImage, other: GrayImage) -> tuple[dict[str, float | None], Floats]:
        ours, theirs = (
            [layer[0] for layer in self._engine.run(ulpips_input(pixels, self._side_px)[None])]
            for pixels in (reference, other)
        )
        found = ulpips_terms(ours, theirs, self._options.radius, self._options.tau)
        values: dict[str, float | None] = {"ulpips": total(found)}
        if self._options.terms:
            for layer, term in zip(self._options.layers, found, strict=True):
                values |= {f"structure_{layer}": term.structure, f"gram_{layer}": term.gram}
        return values, distance_map(found)


def columns(options: Options, maps: bool) -> tuple[Column, ...]:
    names: list[str] = []
    for measure in options.measures:
        names.append(_NAMES.get(measure, measure))
        if measure == "ulpips" and options.terms:
            names += [f"{kind}_{layer}" for layer in options.layers for kind in ("structure", "gram")]
    return (
        Column("reference", "text"),
        Column("image", "text"),
        Column("reference_frame", "integer"),
        Column("frame", "integer"),
        Column("time_s", "number"),
        *(Column(name, "number") for name in names),
        *((Column("map", "text"), Column("map_top", "number")) if maps else ()),
        Column("bundle", "text"),
        Column("error", "text"),
    )


def layers_of(name: str) -> tuple[int, ...]:
    """The blocks that a bundle's score reads, as published 3, 5, 7, 11; those where it has no backbone."""
    part = open_named_bundle(name).nrq
    return LAYERS if part is None else part.layers


def _token_engine(layers: Sequence[int], name: str) -> tuple[TokenEngine, int, str]:
    bundle = open_named_bundle(name)
    if bundle.nrq is None:
        raise SettingsError(
            "this bundle has no backbone to compare with", bundle.folder, "use another --bundle"
        )
    last = max(bundle.nrq.layers)
    beyond = [layer for layer in layers if layer > last]
    if beyond:
        raise SettingsError(
            f"block {beyond[0]} is not in this bundle: its network ends with block {last}, the last that the "
            "score reads",
            "--layers",
            f"give blocks from 1 to {last}",
        )
    engine = TokenEngine(network_of(bundle, bundle.nrq), layers, bundle.nrq.patch)
    return engine, bundle.nrq.patch, f"{bundle.name} {bundle.version}"


def _open_lpips(vgg: Path | None) -> Any:
    try:
        from scanmon.lab.compare.measures import Lpips, check_lpips
    except ImportError as error:
        raise SettingsError("LPIPS needs PyTorch", "--metrics", 'pip install "scanmon[lpips]"') from error
    learned = check_lpips(vgg)
    assert vgg is not None
    return Lpips(vgg, learned)


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
