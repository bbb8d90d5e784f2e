"""Results as a table: JSON lines, CSV or Parquet, by the ending of the file.

A file appears under its name when it is complete, never before; until then it has the ending `.part`.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.records import Row, flat
from scanmon.core.schema import TABLE, Column
from scanmon.session.parquet import write_table


class TableFile:
    """A table that is being written to `path`; it is there after `close` and not at all after `abandon`.

    As a context manager it is closed at the end and abandoned on an error. Rows may lack columns; keys that
    are no column are left out, but for JSON lines, which keep all. Raises `SinkError` where the disk refuses,
    and `SettingsError` for an ending that is none of `ENDINGS`.
    """

    def __init__(self, path: Path, columns: Sequence[Column] = TABLE) -> None:
        check_ending(path)
        self._path = path
        self._columns = columns
        self._part = path.with_name(f".{path.name}.part")
        self._packed = path.with_name(f".{path.name}.packed.part")
        try:
            self._file: IO[bytes] = self._part.open("wb")
        except OSError as error:
            raise _refused(path, error) from error
        try:
            self._add = ENDINGS[path.suffix.lower()](self._file, columns)
        except OSError as error:
            self.abandon()
            raise _refused(path, error) from error

    def add(self, record: Row) -> None:
        """Append one row."""
        try:
            self._add(record)
        except OSError as error:
            raise _refused(self._path, error) from error

    def close(self) -> None:
        """Finish the file and give it its name. More calls do nothing."""
        if self._file.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if self._path.suffix.lower() == ".parquet":
                write_table(self._part, self._columns, self._packed)
                with self._packed.open("rb+") as packed:
                    os.fsync(packed.fileno())
                self._packed.replace(self._path)
                self._part.unlink()
            else:
                self._part.replace(self._path)
        except OSError as error:
            self.abandon()
            raise _refused(self._path, error) from error
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # what a full disk did not take is not wanted any more
            self._file.close()
        self._part.unlink(missing_ok=True)
        self._packed.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def line(record: Row) -> str:
    """A row as one line of JSON; numbers without a word in JSON are refused, not written."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _lines(file: IO[bytes], columns: Sequence[Column]) -> Callable[[Row], object]:
    return lambda record: file.write(line(record).encode())


def _flat_lines(file: IO[bytes], columns: Sequence[Column]) -> Callable[[Row], object]:
    return lambda record: file.write(line(flat(record)).encode())


def _csv(file: IO[bytes], columns: Sequence[Column]) -> Callable[[Row], object]:
    """RFC 4180 with a header; a box is `X,Y,W,H` in one cell, None an empty cell."""
    writer = csv.writer(_Utf8(file))
    writer.writerow([column.name for column in columns])

    def add(record: Row) -> None:
        row = flat(record)
        writer.writerow([_cell(row.get(column.name)) for column in columns])

    return add


class _Utf8:
    """What csv.writer needs of a text file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _cell(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list) else value


ENDINGS: Final[dict[str, Callable[[IO[bytes], Sequence[Column]], Callable[[Row], object]]]] = {
    ".jsonl": _lines,
    ".csv": _csv,
    ".parquet": _flat_lines,  # packed when all are there
}


def check_ending(path: Path) -> None:
    """Raises `SettingsError` where `TableFile` would, before anything is done."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError("has no ending of a table", path, f"use one of {', '.join(ENDINGS)}")


def _refused(path: Path, error: OSError) -> SinkError:
    return SinkError(
        f"cannot be written ({error.strerror})", path, "choose a folder with space that is yours"
    )
