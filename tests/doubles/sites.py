"""What a site has before it builds a bundle, a checkpoint and an organ model of it; and the building."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from scanmon.core.ports import Engine
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.architecture import Architecture, Weights, random_weights
from scanmon.lab.builder.build import OpenEngine, Request, build, phantoms, windows_of
from scanmon.scoring.bundle import Bundle
from scanmon.scoring.organ_file import save_organ
from tests.doubles.bundles import fitted

SMALL = Architecture("small", width=24, depth=5, heads=3, image=64)
LAYERS = (2, 4)


def small_site(folder: Path, weights: Weights | None = None) -> Request:
    """Writes `small.pth` and `organs` into `folder`; `out` of the request is to be replaced."""
    import torch

    from scanmon.lab.builder.vit import features, from_weights

    weights = random_weights(SMALL, 2) if weights is None else weights
    torch.save({"model": {k: torch.from_numpy(v) for k, v in weights.items()}}, folder / "small.pth")
    windows, _ = windows_of(phantoms(64)[::4], 64, 16, limit=20)
    (folder / "organs").mkdir()
    model = fitted("Nerve", features(from_weights(weights, SMALL), windows, LAYERS))
    save_organ(folder / "organs" / "Nerve.npz", model)
    return Request(folder / "small.pth", folder / "unset", folder / "organs", layers=LAYERS, known=[SMALL])


def one_thread(network: bytes, precision: str) -> Engine:
    return OnnxEngine(network, precision, threads=1)


def built(request: Request, out: Path, open_engine: OpenEngine = one_thread, **changes: Any) -> Bundle:
    """The bundle of a request with other `changes`, built without a word."""
    return build(replace(request, out=out, **changes), open_engine, lambda line: None)
