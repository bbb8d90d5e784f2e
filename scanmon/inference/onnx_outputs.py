"""Another input type and other outputs for an ONNX file, by changing its bytes: `onnx` is for building alone.

An ONNX file is a Protocol Buffers message: fields, each a key (number << 3 | wire type) and a value. Only the
fields that describe inputs and outputs are written anew; nodes and weights stay as they are.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanmon.core.errors import EngineError

FLOAT, UINT8, INT32 = 1, 2, 6  # TensorProto.DataType
_GRAPH, _INPUT, _OUTPUT = 7, 11, 12  # ModelProto.graph, GraphProto.input and .output
_NAME, _TYPE = 1, 2  # of ValueInfoProto
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types

Shape = Sequence[str | int]


def with_ports(network: bytes, inputs: tuple[str, int, Shape], outputs: Sequence[str]) -> bytes:
    """The network with one input (name, element type, shape) and the named inner tensors as outputs.

    Raises `EngineError` for bytes that are no ONNX file.
    """
    ports = _bytes(_INPUT, _port(*inputs)) + b"".join(
        _bytes(_OUTPUT, _bytes(_NAME, name.encode())) for name in outputs
    )
    result: list[bytes | memoryview] = []
    for field in fields_of(network):
        if field.number == _GRAPH:
            inner = fields_of(field.content)
            kept = [part.whole for part in inner if part.number not in (_INPUT, _OUTPUT)]
            result.append(_bytes(_GRAPH, b"".join(kept) + ports))
        else:
            result.append(field.whole)
    return b"".join(result)


def cutting_graph(size: int, side: int) -> bytes:
    """A network that cuts squares out of a picture of `size` pixels, given where each of their rows begins.

    picture uint8 (size), rows int32 (n, side, 1) -> windows uint8 (n, side, side).
    """
    columns = _varint(1 << 3) + _varint(side) + _varint(2 << 3) + _varint(INT32) + _bytes(8, b"columns")
    columns += _bytes(9, b"".join(column.to_bytes(4, "little") for column in range(side)))
    nodes = (("Add", ("rows", "columns"), "at"), ("Gather", ("picture", "at"), "windows"))
    graph = _bytes(2, b"cut") + _bytes(5, columns)
    for operator, inputs, output in nodes:
        names = b"".join(_bytes(1, name.encode()) for name in inputs)
        graph += _bytes(1, names + _bytes(2, output.encode()) + _bytes(4, operator.encode()))
    graph += _bytes(_INPUT, _port("picture", UINT8, [size])) + _bytes(
        _INPUT, _port("rows", INT32, ["n", side, 1])
    )
    graph += _bytes(_OUTPUT, _port("windows", UINT8, ["n", side, side]))
    opset = _bytes(1, b"") + _varint(2 << 3) + _varint(17)
    return _varint(1 << 3) + _varint(8) + _bytes(_GRAPH, graph) + _bytes(8, opset)


def _port(name: str, element: int, shape: Shape) -> bytes:
    """A ValueInfoProto: name, type.tensor_type.elem_type and .shape.dim with dim_value or dim_param."""
    dims = b"".join(
        _bytes(1, _bytes(2, size.encode()) if isinstance(size, str) else _varint(1 << 3) + _varint(size))
        for size in shape
    )
    tensor = _varint(1 << 3) + _varint(element) + _bytes(2, dims)
    return _bytes(_NAME, name.encode()) + _bytes(_TYPE, _bytes(1, tensor))


class Field(NamedTuple):
    """One field of a message, as views of its bytes."""

    number: int
    whole: memoryview
    content: memoryview  # where it has a length, else empty
    value: int  # of a varint, else 0


def fields_of(message: bytes | memoryview) -> Iterator[Field]:
    """In their order. Raises `EngineError` for bytes that are no message."""
    view, at = memoryview(message), 0
    while at < len(view):
        start = at
        key, at = _read_varint(view, at)
        kind, content, value = key & 7, view[:0], 0
        if kind == _VARINT:
            value, at = _read_varint(view, at)
        elif kind == _BYTES:
            length, at = _read_varint(view, at)
            content = view[at : at + length]
            at += length
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
        else:
            raise _damaged()
        if at > len(view):
            raise _damaged()
        yield Field(key >> 3, view[start:at], content, value)


def _read_varint(view: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(view):
            raise _damaged()
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _damaged()


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _damaged() -> EngineError:
    return EngineError("the network is not an ONNX file", "", "restore the bundle or build it again")
