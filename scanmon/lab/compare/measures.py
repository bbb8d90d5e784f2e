"""The chosen metrics of `scanmon compare`, opened once and run on pair after pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np

from scanmon.core.errors import SettingsError
from scanmon.core.schema import Column
from scanmon.core.values import GrayImage
from scanmon.inference.networks import network_of
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.compare.full_reference import Floats, ms_ssim, psnr, ssim
from scanmon.lab.compare.ulpips import (
    LAYERS,
    RADIUS,
    TAU,
    Relations,
    distance_map,
    distances,
    relations,
    total,
    ulpips_input,
)
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
        self._known: tuple[GrayImage, list[Relations]] | None = None  # the last reference: often that of many
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
        known, ours = self._known or (None, [])
        if known is not None and np.array_equal(reference, known):
            theirs = self._relations(other)[0]
        else:
            ours, theirs = self._relations(reference, other)
            self._known = reference, ours
        found = distances(ours, theirs, self._options.radius)
        values: dict[str, float | None] = {"ulpips": total(found)}
        if self._options.terms:
            for layer, term in zip(self._options.layers, found, strict=True):
                values |= {f"structure_{layer}": term.structure, f"gram_{layer}": term.gram}
        return values, distance_map(found)

    def _relations(self, *pictures: GrayImage) -> list[list[Relations]]:
        """Of each picture, all of them in one pass."""
        tokens = self._engine.run(np.stack([ulpips_input(one, self._side_px) for one in pictures]))
        return [relations(layers, self._options.tau) for layers in zip(*tokens, strict=True)]


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
        from scanmon.lab.compare.lpips import Lpips, check_lpips
    except ImportError as error:
        raise SettingsError("LPIPS needs PyTorch", "--metrics", 'pip install "scanmon[lpips]"') from error
    learned = check_lpips(vgg)
    assert vgg is not None
    return Lpips(vgg, learned)
