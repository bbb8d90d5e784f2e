"""Parquet tables, through DuckDB. docs/decisions/0050-parquet.md has what was compared.

The one place that knows the library; what it opens has a bounded amount of memory, whatever the file claims.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanmon.core.errors import SettingsError
from scanmon.core.schema import Column

if TYPE_CHECKING:
    import duckdb

ROWS_A_GROUP: Final = 4096
MAX_ROWS: Final = 6_000_000  # a day at 60 Hz
MAX_VALUE_SIZE: Final = 4096  # bytes of a text, numbers of a list
MAX_FOOTER_BYTES: Final = 1 << 25
_SQL: Final = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR", "integers": "INTEGER[]"}
_ERRNO: Final = re.compile(r'"errno":"(\d+)"')
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "memory_limit": "256MB",
    "threads": "1",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",  # nothing is fetched from anywhere
    "autoload_known_extensions": "false",
}


class ParquetError(ValueError):
    """The file is no Parquet table, is damaged, or holds something else than its columns promise."""


def require_duckdb(path: Path) -> None:
    """Raises `SettingsError` where the extra `parquet` is not installed, before anything is done."""
    if importlib.util.find_spec("duckdb") is None:
        raise SettingsError(
            "Parquet needs DuckDB, which is not installed", path, 'pip install "scanmon[parquet]"'
        )


def write_table(lines: Path, columns: Sequence[Column], target: Path) -> None:
    """A file of JSON lines -> a Parquet file; memory does not grow with the table.

    Keys that a line lacks are null, keys that are no column are left out. Raises `OSError` as the disk does,
    with half a file left behind, and `ParquetError` for a value that its column cannot hold.
    """
    import duckdb  # slow to load, and most commands need no table

    kinds = ", ".join(f"{_name(column)}: '{_SQL[column.kind]}'" for column in columns)
    query = (
        f"COPY (SELECT * FROM read_json({_path(lines)}, format='newline_delimited', columns={{{kinds}}})) "
        f"TO {_text(str(target.absolute()))} "
        f"(FORMAT parquet, COMPRESSION gzip, ROW_GROUP_SIZE {ROWS_A_GROUP}, USE_TMP_FILE false)"
    )
    target.touch()  # DuckDB's own error for a folder that is not there has no errno
    try:
        with _opened() as connection:
            connection.execute(query)
    except duckdb.IOException as error:
        told = _ERRNO.search(str(error))
        number = int(told[1]) if told else errno.EIO
        raise OSError(number, os.strerror(number)) from error
    except duckdb.Error as error:
        raise ParquetError(_first_line(error)) from error


def read_table(
    path: Path, columns: Sequence[Column], most_rows: int = MAX_ROWS
) -> Iterator[dict[str, list[Any]]]:
    """Some thousand rows at a time, as {column: values}; columns that the table lacks are left out.

    Tables of other programs are read too, whatever their packing. Raises `OSError` and `ParquetError`.
    """
    import duckdb

    _check_footer(path)
    try:
        with _opened() as connection:
            source = f"FROM read_parquet({_path(path)})"
            there = {entry[0] for entry in connection.execute(f"SELECT * {source} LIMIT 0").description}
            wanted = [column for column in columns if column.name in there]
            if not wanted:
                raise ParquetError("has none of the columns of such a table")
            connection.execute(f"SELECT {', '.join(map(_guarded, wanted))} {source}")
            done = 0
            while rows := connection.fetchmany(ROWS_A_GROUP // 4):
                done += len(rows)
                if done > most_rows:
                    raise ParquetError(f"has more than {most_rows} rows")
                values = zip(*rows, strict=True)
                yield {column.name: list(own) for column, own in zip(wanted, values, strict=True)}
    except ParquetError:
        raise
    except (duckdb.Error, RuntimeError, ValueError, OverflowError) as error:  # a name that is no text, a date
        raise ParquetError(f"is damaged, or no table of this kind ({_first_line(error)})") from error


def _opened() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config=_SETTINGS)
    connection.execute("SET enable_progress_bar = false")  # it would go to stdout
    return connection


def _check_footer(path: Path) -> None:
    """The footer is read whole before any limit of DuckDB holds."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        if int.from_bytes(file.read(4), "little") > min(MAX_FOOTER_BYTES, size):
            raise ParquetError("is no Parquet table, or is damaged at its end")


def _guarded(column: Column) -> str:
    """A column as its kind; a few bytes of a packed dictionary can stand for gigabytes of text."""
    value = f"CAST({_name(column)} AS {_SQL[column.kind]})"
    size = {"text": f"strlen({value})", "integers": f"len({value})"}.get(column.kind, "0")
    return f"if({size} > {MAX_VALUE_SIZE}, error('a text or list is too long'), {value})"


def _name(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'


def _path(path: Path) -> str:
    """Names that look like patterns stand for themselves."""
    return _text("".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path.absolute())))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
