"""Results as a table: JSON lines, CSV or Parquet, by the ending of the file.

A file appears under its name when it is complete, never before; until then it has the ending `.part`.
"""

import csv
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import IO, Any, Final, Self

from scanmon.core.errors import SettingsError, SinkError, disk_errors
from scanmon.core.records import Row, flat
from scanmon.core.schema import TABLE, Column
from scanmon.core.write_atomic import replacing
from scanmon.session.parquet import require_duckdb, write_table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TableFile:
    """A table as a context manager: at `path` once it was left, and not at all after an error.

    Rows may lack columns; keys that are no column are left out, but for JSON lines, which keep all. Raises
    `SinkError` where the disk refuses, and `SettingsError` for an ending that is none of `ENDINGS`.
    """

    def __init__(self, path: Path, columns: Sequence[Column] = TABLE) -> None:
        check_ending(path)
        self._path = path
        self._columns = columns

    def __enter__(self) -> Self:
        with self._naming_disk_errors(), ExitStack() as opened:
            self._part = self._rows = opened.enter_context(replacing(self._path))
            if self._path.suffix.lower() == ".parquet":  # packed when all rows are there
                self._rows = self._path.with_name(f".{self._path.name}.rows.part")
                opened.callback(self._rows.unlink, missing_ok=True)
            self._file = opened.enter_context(self._rows.open("w", encoding="utf-8", newline=""))
            self._add = ENDINGS[self._path.suffix.lower()](self._file, self._columns)
            self._opened = opened.pop_all()
        return self

    def add(self, record: Row) -> None:
        with self._naming_disk_errors():
            self._add(record)

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is not None:
            with suppress(OSError):  # what a full disk did not take is not wanted any more
                self._file.close()
            self._opened.__exit__(*raised)
            return
        with self._naming_disk_errors(), self._opened:
            self._file.close()
            if self._rows != self._part:
                write_table(self._rows, self._columns, self._part)

    def _naming_disk_errors(self) -> AbstractContextManager[None]:
        remedy = "choose a folder with space that is yours"
        return disk_errors(SinkError, "cannot be written", self._path, remedy)


def line(record: Row) -> str:
    """A row as one line of JSON; numbers without a word in JSON are refused, not written."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _csv(file: IO[str], columns: Sequence[Column]) -> Callable[[Row], object]:
    """RFC 4180 with a header; a box is `X,Y,W,H` in one cell, None an empty cell."""
    writer = csv.writer(file)
    writer.writerow([column.name for column in columns])

    def add(record: Row) -> None:
        row = flat(record)
        writer.writerow([_cell(row.get(column.name)) for column in columns])

    return add


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value  # a name of a file that a spreadsheet would run as a formula
    return ",".join(map(str, value)) if isinstance(value, list) else value


ENDINGS: Final[dict[str, Callable[[IO[str], Sequence[Column]], Callable[[Row], object]]]] = {
    ".jsonl": lambda file, _: lambda record: file.write(line(record)),
    ".csv": _csv,
    ".parquet": lambda file, _: lambda record: file.write(line(flat(record))),  # packed when all are there
}


def check_ending(path: Path) -> None:
    """Raises `SettingsError` where `TableFile` would, before anything is done."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError("has no ending of a table", path, f"use one of {', '.join(ENDINGS)}")
    if path.suffix.lower() == ".parquet":
        require_duckdb(path)
