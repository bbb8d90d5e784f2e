"""What a network of a bundle must not do, told from its bytes before a runtime loads it.

It must not name other files (a bundle lists and checks its own), need code that no runtime brings, repeat
itself without end, state a tensor that no picture needs, or take a size from the gray levels that it sees.
What it makes of the size of a picture is seen in its first pass (`networks`).
"""

import math
import struct

from scanmon.core.errors import EngineError
from scanmon.inference.onnx_outputs import fields_of

MAX_CELLS = 1 << 28  # of a tensor that is made from a stated shape: 1 GB as float32
_DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})  # of operators that the runtimes bring
_LOOPS = frozenset({"Loop", "Scan", "SequenceMap"})
_FROM_SHAPE = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}  # operator -> which input is a shape
# operator -> the inputs that say how large its output is
_SIZES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("Expand", "Tile", "Pad", "OneHot", "Upsample", "Reshape", "TopK"), (1,)),
    "ConstantOfShape": (0,),
    "Range": (0, 1, 2),
    "Resize": (1, 2, 3),
    "MaxUnpool": (2,),
    "Col2Im": (1, 2),
    "CenterCropPad": (1,),
    "HannWindow": (0,),
    "HammingWindow": (0,),
    "BlackmanWindow": (0,),
    "STFT": (1, 3),
    "DFT": (1,),
    "MelWeightMatrix": (0, 1, 2, 3, 4),
    "GroupQueryAttention": (5, 6),
}
_FORGET = frozenset({"Shape", "Size"})  # of a tensor they say its size alone
_RANDOM = frozenset({"RandomNormal", "RandomUniform"})
_MOST_DEPTH = 16

# onnx.proto3
_MODEL_GRAPH, _MODEL_FUNCTION = 7, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_SPARSE = 1, 5, 11, 15
_VALUE_NAME = 1
_FUNCTION_NODE = 7
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_INTS = 1, 5, 6, 8
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 10, 11
_ATTRIBUTE_SPARSE = (22, 23)
_SPARSE_VALUES, _SPARSE_INDICES = 1, 2
_TENSOR_DIM, _TENSOR_TYPE, _TENSOR_INT64, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 7, 8, 9
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_INT64 = 7
_MOST_DIMS = 16
_REMEDY = "use a bundle that scanmon build has written"


def check_network(network: bytes, where: object) -> None:
    """Raise `EngineError` for a network that is not run, or for bytes that are no ONNX file."""
    try:
        _check_model(network)
    except EngineError as error:
        raise EngineError(error.what, where, error.remedy) from None


def _check_model(network: bytes) -> None:
    for field in fields_of(network):
        if field.number == _MODEL_GRAPH:
            _check_graph(field.content, 0)
        elif field.number == _MODEL_FUNCTION:
            inner = fields_of(field.content)
            _check_nodes([part.content for part in inner if part.number == _FUNCTION_NODE], {}, 0, set())


def _check_graph(graph: memoryview, depth: int) -> None:
    nodes: list[memoryview] = []
    constants: dict[str, list[int]] = {}
    seen: set[str] = set()
    for field in fields_of(graph):
        if field.number == _GRAPH_NODE:
            nodes.append(field.content)
        elif field.number == _GRAPH_INITIALIZER:
            _check_tensor(field.content)
            name, values = _integers(field.content)
            constants[name] = values
        elif field.number == _GRAPH_SPARSE:
            _check_sparse(field.content)
        elif field.number == _GRAPH_INPUT:
            seen |= {_text(part.content) for part in fields_of(field.content) if part.number == _VALUE_NAME}
    _check_nodes(nodes, constants, depth, seen - constants.keys())


def _check_nodes(
    nodes: list[memoryview], constants: dict[str, list[int]], depth: int, seen: set[str]
) -> None:
    """`seen` are the tensors that depend on gray levels."""
    if depth > _MOST_DEPTH:
        raise _refused("has graphs in graphs without end")
    for node in nodes:
        fields = list(fields_of(node))
        inputs = [_text(field.content) for field in fields if field.number == _NODE_INPUT]
        outputs = [_text(field.content) for field in fields if field.number == _NODE_OUTPUT]
        operator = "".join(_text(field.content) for field in fields if field.number == _NODE_OPERATOR)
        domain = "".join(_text(field.content) for field in fields if field.number == _NODE_DOMAIN)
        if domain not in _DOMAINS:
            raise _refused(f"needs the operator {operator} of {domain}, which no runtime brings")
        if operator in _LOOPS:
            raise _refused(f"has a {operator}, which may never end")
        for field in fields:
            if field.number == _NODE_ATTRIBUTE:
                shape = _check_attribute(field.content, depth)
                if operator == "Constant" and outputs:
                    constants[outputs[0]] = shape
                elif operator in _RANDOM:
                    _check_cells(shape, operator)
        if operator == "If":
            raise _refused("decides by itself what it computes (If)")
        if any(inputs[at] in seen for at in _SIZES.get(operator, ()) if at < len(inputs)):
            raise _refused(f"takes the size of a tensor from what it sees ({operator})")
        if operator not in _FORGET and not seen.isdisjoint(inputs):
            seen.update(outputs)
        at = _FROM_SHAPE.get(operator)
        if at is not None and at < len(inputs):
            _check_cells(constants.get(inputs[at], []), operator)


def _check_attribute(attribute: memoryview, depth: int) -> list[int]:
    """The integers that it holds, where it holds a few."""
    integers: list[int] = []
    for field in fields_of(attribute):
        if field.number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            _check_tensor(field.content)
            integers = _integers(field.content)[1]
        elif field.number in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            _check_graph(field.content, depth + 1)
        elif field.number in _ATTRIBUTE_SPARSE:
            _check_sparse(field.content)
        elif field.number == _ATTRIBUTE_INTS:
            integers += _varints(field.content) if field.content else [field.value]
    return integers


def _check_tensor(tensor: memoryview) -> None:
    for field in fields_of(tensor):
        if field.number == _TENSOR_EXTERNAL or (field.number == _TENSOR_LOCATION and field.value):
            raise _refused("keeps weights in another file (external data), which is not opened")


def _check_sparse(tensor: memoryview) -> None:
    for field in fields_of(tensor):
        if field.number in (_SPARSE_VALUES, _SPARSE_INDICES):
            _check_tensor(field.content)


def _check_cells(shape: list[int], operator: str) -> None:
    if math.prod(abs(size) or 1 for size in shape) > MAX_CELLS:
        raise _refused(f"makes a tensor of {' x '.join(map(str, shape))} ({operator})")


def _integers(tensor: memoryview) -> tuple[str, list[int]]:
    """Name and values of a tensor, empty where it is no short list of integers, as a shape is."""
    name, kind, cells, values = "", 0, 1, []
    for field in fields_of(tensor):
        if field.number == _TENSOR_NAME:
            name = _text(field.content)
        elif field.number == _TENSOR_TYPE:
            kind = field.value
        elif field.number == _TENSOR_DIM:
            cells *= math.prod(_varints(field.content)) if field.content else field.value
        elif field.number == _TENSOR_INT64:
            values += _varints(field.content[: 10 * _MOST_DIMS]) if field.content else [field.value]
        elif field.number == _TENSOR_RAW and len(field.content) <= 8 * _MOST_DIMS:
            values += [
                value for (value,) in struct.iter_unpack("<q", field.content[: len(field.content) // 8 * 8])
            ]
    return name, values if kind == _INT64 and cells <= _MOST_DIMS else []


def _varints(packed: memoryview) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            values.append(value - (1 << 64) if value >> 63 else value)
            value, shift = 0, 0
    return values


def _text(content: memoryview) -> str:
    return bytes(content).decode("utf-8", "replace")


def _refused(what: str) -> EngineError:
    return EngineError(f"the network {what}", remedy=_REMEDY)
