"""Reads tables that `write` made: plain encoding, one page a column chunk, gzip or nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.parquet import columns as c
from scanmon.core.parquet.columns import Column, Kind
from scanmon.core.parquet.thrift import Struct, decode, read_varint

MAX_PAGE_BYTES = 1 << 28  # a page of ours holds some thousand rows; a header that claims more is damaged
_GZIP_BITS = 31
_KINDS: dict[int, Kind] = {c.INT64: "integer", c.DOUBLE: "number", c.BYTE_ARRAY: "text", c.BOOLEAN: "boolean"}


class ParquetError(ValueError):
    """The bytes are no Parquet table, or one of a form that scanmon does not write."""


def read_table(data: bytes) -> Iterator[dict[str, list[Any]]]:
    """The row groups, each as {column: values}. Raises `ParquetError`."""
    if len(data) < 12 or not data.startswith(c.MAGIC) or not data.endswith(c.MAGIC):
        raise ParquetError("is no Parquet table, or was cut short")
    length = int.from_bytes(data[-8:-4], "little")
    if length > len(data) - 12:
        raise ParquetError("is damaged: its footer is longer than the file")
    try:
        footer, _ = decode(data, len(data) - 8 - length)
        columns = _columns(footer[2])
        for group in footer[4]:
            values = {
                column.name: _chunk(data, column, chunk[3]) for column, chunk in _paired(columns, group)
            }
            if any(len(column) != group[3] for column in values.values()):
                raise ParquetError("is damaged: columns have different lengths")
            yield values
    except ParquetError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, zlib.error) as error:
        raise ParquetError(f"is damaged or was written by another program ({error})") from error


def _paired(columns: list[Column], group: Struct) -> Iterator[tuple[Column, Struct]]:
    return zip(columns, group[1], strict=True)


def _columns(elements: list[Struct]) -> list[Column]:
    columns: list[Column] = []
    rest = iter(elements[1:])
    for element in rest:
        name = element[4].decode()
        if element.get(6) == c.LIST:
            next(rest)
            next(rest)
            columns.append(Column(name, "integers"))
        else:
            columns.append(Column(name, _KINDS[element[1]]))
    return columns


def _chunk(data: bytes, column: Column, metadata: Struct) -> list[Any]:
    header, at = decode(data, metadata[9])
    page = header[5]
    if header[1] != c.DATA_PAGE or page[2] != c.PLAIN or page[1] != metadata[5]:
        raise ParquetError(f"has a column {column.name} in a form that scanmon does not write")
    body = _unpacked(data[at : at + header[3]], metadata[4], header[2])
    count = page[1]
    if column.kind == "integers":
        repeated, at = _levels(body, 0, count, 1)
        defined, at = _levels(body, at, count, 2)
        return _lists(repeated, defined, np.frombuffer(body, "<i4", offset=at))
    defined, at = _levels(body, 0, count, 1)
    values = iter(_plain(column, body, at, int(defined.sum())))
    return [next(values) if there else None for there in defined]


def _unpacked(data: bytes, codec: int, size: int) -> bytes:
    if not 0 <= size <= MAX_PAGE_BYTES:
        raise ParquetError("is damaged: a page has no sensible size")
    if codec == c.UNCOMPRESSED:
        return data
    if codec != c.GZIP:
        raise ParquetError(f"is packed with codec {codec}, which scanmon does not write")
    body = zlib.decompressobj(_GZIP_BITS).decompress(data, size + 1)
    if len(body) != size:
        raise ParquetError("is damaged: a page has another size than it states")
    return body


def _plain(column: Column, body: bytes, at: int, count: int) -> list[Any]:
    match column.kind:
        case "integer":
            values: list[Any] = np.frombuffer(body, "<i8", count, at).tolist()
        case "number":
            values = np.frombuffer(body, "<f8", count, at).tolist()
        case "boolean":
            packed = np.frombuffer(body, np.uint8, offset=at)
            values = np.unpackbits(packed, count=count, bitorder="little").astype(bool).tolist()
        case _:
            values = []
            for _ in range(count):
                size = int.from_bytes(body[at : at + 4], "little")
                values.append(body[at + 4 : at + 4 + size].decode())
                at += 4 + size
    if len(values) != count or at > len(body):
        raise ParquetError(f"is damaged: column {column.name} ends too early")
    return values


def _lists(
    repeated: NDArray[np.uint8], defined: NDArray[np.uint8], numbers: NDArray[np.int32]
) -> list[list[int] | None]:
    rows: list[list[int] | None] = []
    left = iter(numbers.tolist())
    for again, level in zip(repeated.tolist(), defined.tolist(), strict=True):
        if not again:
            rows.append(None if level == 0 else [])
        if level == 2:
            row = rows[-1]
            if row is None:
                raise ParquetError("is damaged: a list goes on that never began")
            row.append(next(left))
    return rows


def _levels(body: bytes, at: int, count: int, bits: int) -> tuple[NDArray[np.uint8], int]:
    """`count` levels of the RLE hybrid at `at`, and where they end."""
    end = at + 4 + int.from_bytes(body[at : at + 4], "little")
    at += 4
    levels: list[NDArray[np.uint8]] = []
    found = 0
    while found < count:
        if at >= end:
            raise ParquetError("is damaged: levels end too early")
        head, at = read_varint(body, at)
        length = head >> 1
        if head & 1:
            packed = np.frombuffer(body, np.uint8, length * bits, at)
            flat = np.unpackbits(packed, bitorder="little").reshape(-1, bits)
            run = np.packbits(flat, axis=1, bitorder="little")[:, 0]
            at += length * bits
        else:
            run = np.full(min(length, count - found), body[at], np.uint8)
            at += 1
        levels.append(run)
        found += len(run)
    return np.concatenate([*levels, np.zeros(0, np.uint8)])[:count], end
