"""`scanmon compare`, put together: two pictures of one size, by three full-reference metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.inference.onnx_check import read_network
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.compare.full_reference import psnr, ssim, ulpips, ulpips_input
from scanmon.lab.pictures import Regions, stills
from scanmon.scoring.bundle import open_named_bundle


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far a picture is from its reference."""

    ulpips: float  # TinyUSFM-uLPIPS of the bundle's backbone; 0: the same
    psnr_db: float | None  # None: no difference
    ssim: float  # 1: the same
    bundle: str


def compare(reference: Path, image: Path, settings: Settings) -> Comparison:
    """Compare the region (`--region`, default the whole picture) of two files. Raises `ScanmonError`.

    Only pictures of the same size are compared: uLPIPS squeezes both to a square and would compare any two.
    """
    bundle = open_named_bundle(settings.scoring.bundle)
    if bundle.nrq is None:
        raise SettingsError(
            "this bundle has no backbone to compare with", bundle.folder, "use another --bundle"
        )
    frames = [next(stills(path, 1)) for path in (reference, image)]
    sizes = [f"{frame.pixels.shape[1]}x{frame.pixels.shape[0]}" for frame in frames]
    if sizes[0] != sizes[1]:
        raise SettingsError(f"is {sizes[1]} px, its reference {sizes[0]}", image, "give pictures of one size")
    box = Regions(settings.scoring.region or "full").of(frames[0]).box
    one, other = (frame.pixels[box.rows, box.columns] for frame in frames)
    engine = TokenEngine(read_network(bundle, bundle.nrq.file), bundle.nrq.layers, bundle.nrq.patch)
    tokens = [
        [layer[0] for layer in engine.run(ulpips_input(pixels, bundle.nrq.patch)[None])]
        for pixels in (one, other)
    ]
    return Comparison(
        ulpips=ulpips(*tokens),
        psnr_db=psnr(one, other),
        ssim=ssim(one, other),
        bundle=f"{bundle.name} {bundle.version}",
    )
