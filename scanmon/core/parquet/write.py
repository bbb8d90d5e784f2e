"""Rows -> the bytes of a Parquet file, one row group at a time: memory does not grow with the table."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.parquet import columns as c
from scanmon.core.parquet.columns import Column
from scanmon.core.parquet.thrift import I32, I64, Struct, encode, varint

_GZIP_BITS = 31  # zlib: a gzip wrapper around the largest window


class ParquetEncoder:
    """Gives the pieces of one file in order: `header`, `row_group` any number of times, `footer`."""

    def __init__(self, columns: Sequence[Column], created_by: str = "scanmon") -> None:
        self._columns = tuple(columns)
        self._created_by = created_by
        self._at = 0
        self._groups: list[Struct] = []
        self._rows = 0

    def header(self) -> bytes:
        """The first bytes of the file."""
        self._at = len(c.MAGIC)
        return c.MAGIC

    def row_group(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Some thousand rows. A key that a row lacks counts as None; keys that are no column are left out.

        Raises `ValueError` or `TypeError` for a value that its column cannot hold.
        """
        chunks: list[Struct] = []
        out: list[bytes] = []
        size = 0
        for column in self._columns:
            data, metadata = self._chunk(column, [row.get(column.name) for row in rows])
            chunks.append({2: I64(self._at), 3: metadata})
            self._at += len(data)
            size += metadata[6].value
            out.append(data)
        self._groups.append({1: chunks, 2: I64(size), 3: I64(len(rows))})
        self._rows += len(rows)
        return b"".join(out)

    def footer(self) -> bytes:
        """The last bytes of the file."""
        metadata = encode(
            {
                1: I32(1),
                2: self._schema(),
                3: I64(self._rows),
                4: self._groups,
                6: self._created_by,
            }
        )
        return metadata + len(metadata).to_bytes(4, "little") + c.MAGIC

    def _schema(self) -> list[Struct]:
        elements: list[Struct] = [{4: "schema", 5: I32(len(self._columns))}]
        for name, kind in self._columns:
            physical = I32(c.PHYSICAL[kind])
            if kind == "integers":
                elements += [
                    {3: I32(c.OPTIONAL), 4: name, 5: I32(1), 6: I32(c.LIST)},
                    {3: I32(c.REPEATED), 4: "list", 5: I32(1)},
                    {1: physical, 3: I32(c.REQUIRED), 4: "element"},
                ]
            else:
                utf8 = I32(c.UTF8) if kind == "text" else None
                elements.append({1: physical, 3: I32(c.OPTIONAL), 4: name, 6: utf8})
        return elements

    def _chunk(self, column: Column, values: list[Any]) -> tuple[bytes, Struct]:
        """One page with all values of a column, and what the footer says of it."""
        if column.kind == "integers":
            path = [column.name, "list", "element"]
            count, body = _lists(values)
        else:
            path = [column.name]
            count, body = len(values), _flat(column, values)
        packed = _gzip(body)
        header = encode(
            {
                1: I32(c.DATA_PAGE),
                2: I32(len(body)),
                3: I32(len(packed)),
                5: {1: I32(count), 2: I32(c.PLAIN), 3: I32(c.RLE), 4: I32(c.RLE)},
            }
        )
        metadata: Struct = {
            1: I32(c.PHYSICAL[column.kind]),
            2: [I32(c.PLAIN), I32(c.RLE)],
            3: path,
            4: I32(c.GZIP),
            5: I64(count),
            6: I64(len(header) + len(body)),
            7: I64(len(header) + len(packed)),
            9: I64(self._at),
        }
        return header + packed, metadata


def _flat(column: Column, values: list[Any]) -> bytes:
    """Definition levels (0: None, 1: there), then the values that are there."""
    there = [value for value in values if value is not None]
    levels = np.array([value is not None for value in values], np.uint8)
    try:
        return _levels(levels, 1) + _plain(column, there)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"column {column.name} cannot hold {error}") from error


def _lists(values: list[Any]) -> tuple[int, bytes]:
    """Repetition levels, definition levels (0: None, 1: empty, 2: a number), and the numbers."""
    repeated: list[int] = []
    defined: list[int] = []
    numbers: list[int] = []
    for value in values:
        length = len(value) if value is not None else 0
        repeated += [0] + [1] * (length - 1)
        defined += [2] * length if length else [0 if value is None else 1]
        numbers += value or []
    levels = _levels(np.array(repeated, np.uint8), 1) + _levels(np.array(defined, np.uint8), 2)
    return len(defined), levels + np.array(numbers, "<i4").tobytes()


def _plain(column: Column, values: list[Any]) -> bytes:
    match column.kind:
        case "integer":
            return np.array([int(value) for value in values], "<i8").tobytes()
        case "number":
            return np.array(values, "<f8").tobytes()
        case "boolean":
            return np.packbits(np.array(values, bool), bitorder="little").tobytes()
        case _:
            texts = [str(value).encode() for value in values]
            return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def _levels(levels: NDArray[np.uint8], bits: int) -> bytes:
    """One bit-packed run of the RLE hybrid, with its length in front. `bits` is 1 or 2."""
    groups = -(-len(levels) // 8)
    padded = np.zeros((groups * 8, 1), np.uint8)
    padded[: len(levels), 0] = levels
    spread = np.unpackbits(padded, axis=1, count=bits, bitorder="little")
    run = varint(groups << 1 | 1) + np.packbits(spread.reshape(-1), bitorder="little").tobytes()
    return len(run).to_bytes(4, "little") + run


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP_BITS)
    return packer.compress(data) + packer.flush()
