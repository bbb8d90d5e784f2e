"""The backbone of a bundle in PyTorch, from the network that the bundle holds: no checkpoint is needed."""

from __future__ import annotations

import numpy as np
import onnx

from scanmon.core.errors import EngineError, SettingsError
from scanmon.inference.onnx_check import read_network
from scanmon.lab.builder.derive import weights_of
from scanmon.lab.builder.vit import VisionTransformer, from_weights
from scanmon.scoring.bundle import Bundle, NrqPart, open_named_bundle


def open_backbone(name: str) -> tuple[Bundle, NrqPart, VisionTransformer]:
    """A bundle by its name or folder, and its network with frozen weights. Raises `ScanmonError`."""
    bundle = open_named_bundle(name)
    if bundle.nrq is None:
        raise SettingsError("this bundle has no backbone", bundle.folder, "use another one")
    try:
        weights, architecture = weights_of(onnx.load_from_string(read_network(bundle, bundle.nrq.file)))
        width = architecture.width
        last = {"norm.weight": np.ones(width, np.float32), "norm.bias": np.zeros(width, np.float32)}
        network = from_weights(weights | last, architecture)
    except (KeyError, ValueError, IndexError, StopIteration, RuntimeError) as error:
        raise EngineError(
            f"the bundle's network is none that scanmon wrote ({error})", bundle.folder, "build it anew"
        ) from error
    network.requires_grad_(requires_grad=False)
    return bundle, bundle.nrq, network
