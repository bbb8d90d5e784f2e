"""The trained networks as ONNX files that a bundle can hold."""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from scanmon.lab.builder.architecture import Weights
from tools.training.backbone import LAST, join
from tools.training.map_net import MapNet

OPSET = 17
SMALL = 2048  # numbers; smaller weights stay as they are


def trained_map(state_files: Sequence[Path]) -> MapNet:
    """The averaged network of a training state, or the mean of the networks of several, ready to be run.

    A mean makes sense where one training began with the weights of the other: it often holds what both know.
    """
    states = [torch.load(file, map_location="cpu", weights_only=True)["averaged"] for file in state_files]
    averaged = {
        name.removeprefix("module."): torch.stack([state[name].double() for state in states]).mean(0)
        for name in states[0]
        if name != "n_averaged"
    }
    net = MapNet()
    net.load_state_dict(averaged)
    return net.eval()


def exported(
    net: torch.nn.Module,
    shape: tuple[int, ...],
    names: tuple[str, ...],
    axes: Mapping[str, dict[int, str]] | None = None,
) -> onnx.ModelProto:
    """A network of uint8 levels of that shape, whose first name is the input; batch norms are folded in."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # the exporter that folds batch norm is called legacy
        file = Path(folder) / "network.onnx"
        torch.onnx.export(
            net.eval(),
            (torch.zeros(shape, dtype=torch.uint8),),
            file,
            input_names=names[:1],
            output_names=names[1:],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load(file)


def export_map(net: MapNet, file: Path) -> None:
    """Write the map network: uint8 (1, H, W) of any size -> float32 (1, 8 + 32, h, w), see `one_output`."""
    axes = {"pictures": {1: "height", 2: "width"}, "severity": {2: "rows", 3: "columns"}}
    onnx.save(one_output(exported(net, (1, 320, 416), ("pictures", "severity", "features"), axes)), file)


def one_output(model: onnx.ModelProto) -> onnx.ModelProto:
    """Severities (1, 8, h, w) and features (1, 32) as one output (1, 40, h, w), as every runtime takes it.

    The features stand at every place alike. A network with one output is given back as it is.
    """
    if len(model.graph.output) == 1:
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    severity, features = (output.name for output in made.graph.output)
    node, constant = onnx.helper.make_node, onnx.numpy_helper.from_array
    for entry in made.graph.node:  # the joined output takes the name
        entry.output[:] = ["severities" if name == severity else name for name in entry.output]
    made.graph.initializer.append(constant(np.array([1, -1, 1, 1], np.int64), "as_places"))
    made.graph.initializer.append(constant(np.array([0], np.int64), "first"))
    made.graph.node.extend(
        [
            node("Reshape", [features, "as_places"], ["one_place"]),
            node("Gather", ["severities", "first"], ["total"], axis=1),
            node("Shape", ["total"], ["places"]),
            node("Expand", ["one_place", "places"], ["everywhere"]),
            node("Concat", ["severities", "everywhere"], [severity], axis=1),
        ]
    )
    shape = [1, None, "rows", "columns"]
    del made.graph.output[:]
    made.graph.output.append(onnx.helper.make_tensor_value_info(severity, onnx.TensorProto.FLOAT, shape))
    onnx.checker.check_model(made)
    return made


def stored_in_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its large weights stored as float16 and cast to float32 when it is loaded.

    Exact where the weights are float16 numbers already (`rounded`); the file is half as large. ONNX Runtime
    folds the casts away, so it runs in float32 as before.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    casts = []
    for weight in made.graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or np.prod(weight.dims) < SMALL:
            continue
        name = weight.name
        half = onnx.numpy_helper.from_array(
            onnx.numpy_helper.to_array(weight).astype(np.float16), f"{name}.half"
        )
        weight.CopyFrom(half)
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    for cast in reversed(casts):
        made.graph.node.insert(0, cast)
    onnx.checker.check_model(made)
    return made


def with_joined_quality(model: onnx.ModelProto) -> onnx.ModelProto:
    """A backbone of a bundle with its quality channels as one (`join`), for those released with several."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    held = {array.name.removesuffix(".half"): array for array in made.graph.initializer}
    weight, bias = (held[f"blocks.{LAST - 1}.mlp.fc2.{kind}"] for kind in ("weight", "bias"))
    rows, ends = (
        torch.from_numpy(onnx.numpy_helper.to_array(array).copy()).float() for array in (weight, bias)
    )
    join(rows.T, ends)  # the graph multiplies from the right
    for array, values in ((weight, rows), (bias, ends)):
        kind = onnx.helper.tensor_dtype_to_np_dtype(array.data_type)
        array.CopyFrom(onnx.numpy_helper.from_array(values.numpy().astype(kind), array.name))
    return made


def rounded(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """Weights at the nearest float16 numbers, kept as float32."""
    return {name: array.astype(np.float16).astype(np.float32) for name, array in weights.items()}
