"""The trained networks as ONNX files that a bundle can hold."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from tools.training.map_net import MapNet

OPSET = 17


def trained_map(state_file: Path) -> MapNet:
    """The averaged network of a training state, ready to be run."""
    state = torch.load(state_file, weights_only=True)
    averaged = {
        name.removeprefix("module."): value
        for name, value in state["averaged"].items()
        if name.startswith("module.")
    }
    net = MapNet()
    net.load_state_dict(averaged)
    return net.eval()


def export_map(net: MapNet, file: Path) -> None:
    """Write the map network: uint8 (1, H, W) of any size -> float32 severity (1, h, w); batch norm folded."""
    example = torch.zeros(1, 320, 416, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that folds batch norm is called legacy
        torch.onnx.export(
            net,
            (example,),
            str(file),
            input_names=["pictures"],
            output_names=["severity"],
            dynamic_axes={"pictures": {1: "height", 2: "width"}, "severity": {1: "rows", 2: "columns"}},
            opset_version=OPSET,
            dynamo=False,
        )
