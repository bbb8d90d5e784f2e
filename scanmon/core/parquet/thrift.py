"""Thrift's compact protocol, as far as Parquet's metadata needs it.

A struct is a dict {field number: value}. Values to encode: `I32`, `I64` (marked, since the protocol tells
them apart), str and bytes, list, dict. Decoding gives int, bytes, list, dict, bool, float.
Source of the encoding: apache/thrift, doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

_STOP: Final = 0
_TRUE: Final = 1
_FALSE: Final = 2
_BYTE: Final = 3
_I16: Final = 4
_I32: Final = 5
_I64: Final = 6
_DOUBLE: Final = 7
_BINARY: Final = 8
_LIST: Final = 9
_SET: Final = 10
_STRUCT: Final = 12
_MAX_DEPTH: Final = 16
Struct = dict[int, Any]


class I32(NamedTuple):
    """A 32 bit integer."""

    value: int


class I64(NamedTuple):
    """A 64 bit integer."""

    value: int


def encode(fields: Struct) -> bytes:
    """The bytes of a struct; fields with the value None are left out."""
    out = bytearray()
    last = 0
    for number, value in sorted(fields.items()):
        if value is None:
            continue
        kind, body = _encoded(value)
        delta = number - last
        out += bytes([delta << 4 | kind]) if 0 < delta < 16 else bytes([kind]) + _zigzag(number)
        out += body
        last = number
    out.append(_STOP)
    return bytes(out)


def varint(value: int) -> bytes:
    """An unsigned number, seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data: bytes, start: int = 0) -> tuple[Struct, int]:
    """The struct at `start`, and where it ends. Raises `ValueError` where the bytes are no struct."""
    reader = _Reader(data, start)
    try:
        return reader.struct(0), reader.at
    except (IndexError, struct.error) as error:
        raise ValueError("ends too early") from error


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends. Raises `IndexError` at the end of the data."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
        if shift > 70:
            raise ValueError("holds a number without end")


def _zigzag(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _encoded(value: object) -> tuple[int, bytes]:
    match value:
        case I32(number):
            return _I32, _zigzag(number)
        case I64(number):
            return _I64, _zigzag(number)
        case str():
            data = value.encode()
            return _BINARY, varint(len(data)) + data
        case bytes():
            return _BINARY, varint(len(value)) + value
        case dict():
            return _STRUCT, encode(value)
        case list():
            items = [_encoded(item) for item in value]
            kind = items[0][0] if items else _STRUCT
            head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind])
            count = b"" if len(items) < 15 else varint(len(items))
            return _LIST, head + count + b"".join(body for _, body in items)
    raise TypeError(f"{type(value).__name__} has no place in a struct")


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def struct(self, depth: int) -> Struct:
        if depth > _MAX_DEPTH:
            raise ValueError("is nested too deeply")
        fields: Struct = {}
        number = 0
        while (head := self._byte()) != _STOP:
            delta, kind = head >> 4, head & 0x0F
            number = number + delta if delta else self._signed()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind == _BINARY:
            return self._take(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._varint()
            if count > len(self.data):
                raise ValueError("holds a list that is longer than the file")
            return [self._value(head & 0x0F, depth + 1) for _ in range(count)]
        if kind == _DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if kind in (_BYTE, _TRUE, _FALSE):
            return self._byte()
        raise ValueError(f"holds a value of the unknown type {kind}")

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        value, self.at = read_varint(self.data, self.at)
        return value

    def _signed(self) -> int:
        value = self._varint()
        return value >> 1 if not value & 1 else -(value + 1 >> 1)

    def _take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ValueError("ends too early")
        self.at += count
        return piece
