"""Results as a table: JSON lines, CSV or Parquet, by the ending of the file.

A file appears under its name when it is complete, never before; until then it has the ending `.part`.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Protocol, Self, TextIO

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.parquet import Column, Kind, ParquetEncoder
from scanmon.core.records import BOXES, ERROR, FIELDS, INTEGERS, NUMBERS, Row, row
from scanmon.core.values import Analysis, Provenance

ROWS_A_GROUP: Final = 4096  # of Parquet: what is held in memory before it is written


def _kind(field: str) -> Kind:
    if field in BOXES:
        return "integers"
    return "integer" if field in INTEGERS else "number" if field in NUMBERS else "text"


COLUMNS: Final = tuple(Column(field, _kind(field)) for field in (*FIELDS, ERROR))


class _Format(Protocol):
    """Turns rows into the bytes of one kind of file."""

    def begin(self, file: IO[bytes]) -> None: ...
    def add(self, record: Row) -> None: ...
    def end(self) -> None: ...


class TableFile:
    """A table that is being written to `path`; it is there after `close` and not at all after `abandon`.

    As a context manager it is closed at the end and abandoned on an error. Rows may lack columns; keys that
    are no column are left out, but for JSON lines, which keep all. Raises `SinkError` where the disk refuses,
    and `SettingsError` for an ending that is none of `ENDINGS`.
    """

    def __init__(self, path: Path, columns: Sequence[Column] = COLUMNS) -> None:
        check_ending(path)
        self._format = ENDINGS[path.suffix.lower()](columns)
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        try:
            self._file: IO[bytes] = self._part.open("wb")
            self._format.begin(self._file)
        except OSError as error:
            raise _refused(path, error) from error

    def add(self, record: Row) -> None:
        """Append one row."""
        try:
            self._format.add(record)
        except OSError as error:
            raise _refused(self._path, error) from error

    def close(self) -> None:
        """Finish the file and give it its name. More calls do nothing."""
        if self._file.closed:
            return
        try:
            self._format.end()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            self.abandon()
            raise _refused(self._path, error) from error

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


class TableSink:
    """A sink that adds a row for each analysis to a table, and closes it.

    `whence` tells where scores come from; it is asked at each row, as the engine may change during a run.
    """

    def __init__(self, table: TableFile, whence: Callable[[], Provenance]) -> None:
        self._table = table
        self._whence = whence

    def write(self, analysis: Analysis) -> None:
        """Append one row."""
        self._table.add(row(analysis.reading, self._whence()))

    def close(self) -> None:
        """Finish the table."""
        self._table.close()


class LineSink:
    """A sink that prints one JSON line for each analysis; the stream stays open."""

    def __init__(
        self,
        stream: TextIO,
        whence: Callable[[], Provenance],
        age_ms: Callable[[Analysis], float | None] = lambda _: None,
    ) -> None:
        self._stream = stream
        self._whence = whence
        self._age_ms = age_ms

    def write(self, analysis: Analysis) -> None:
        """Print one line, at once."""
        print_line(self._stream, row(analysis.reading, self._whence(), self._age_ms(analysis)))

    def close(self) -> None:
        """Nothing is held back."""


def print_line(stream: TextIO, record: Row) -> None:
    """One JSON line, flushed, so that a program which reads along has it at once."""
    stream.write(line(record))
    stream.flush()


def line(record: Row) -> str:
    """A row as one line of JSON; numbers without a word in JSON are refused, not written."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


class _Lines:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._known = columns

    def begin(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, record: Row) -> None:
        self._file.write(line(record).encode())

    def end(self) -> None:
        """Lines need no end."""


class _Csv:
    """RFC 4180 with a header; a box is `X,Y,W,H` in one cell, None an empty cell."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def begin(self, file: IO[bytes]) -> None:
        self._writer = csv.writer(_Utf8(file))
        self._writer.writerow([column.name for column in self._columns])

    def add(self, record: Row) -> None:
        self._writer.writerow([_cell(record.get(column.name)) for column in self._columns])

    def end(self) -> None:
        """Lines need no end."""


class _Utf8:
    """What csv.writer needs of a text file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _cell(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list) else value


class _Parquet:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._encoder = ParquetEncoder(columns)
        self._rows: list[Row] = []

    def begin(self, file: IO[bytes]) -> None:
        self._file = file
        self._file.write(self._encoder.header())

    def add(self, record: Row) -> None:
        self._rows.append(record)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def end(self) -> None:
        if self._rows:
            self._flush()
        self._file.write(self._encoder.footer())

    def _flush(self) -> None:
        self._file.write(self._encoder.row_group(self._rows))
        self._rows = []


ENDINGS: Final[dict[str, Callable[[Sequence[Column]], _Format]]] = {
    ".jsonl": _Lines,
    ".csv": _Csv,
    ".parquet": _Parquet,
}


def check_ending(path: Path) -> None:
    """Raises `SettingsError` where `TableFile` would, before anything is done."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError("has no ending of a table", path, f"use one of {', '.join(ENDINGS)}")


def _refused(path: Path, error: OSError) -> SinkError:
    return SinkError(
        f"cannot be written ({error.strerror})", path, "choose a folder with space that is yours"
    )
