"""`session.db` of one session while it is recorded: an SQLite database that is whole at every moment."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from scanmon.core.records import Row
from scanmon.core.schema import SESSION
from scanmon.core.values import Region
from scanmon.core.write_atomic import PRIVATE
from scanmon.session import heat
from scanmon.session.layout import SCHEMA_VERSION, TABLES
from scanmon.session.regions import StoredRegion

_BOXES: Final = frozenset(column.name for column in SESSION if column.kind == "integers")
_INSERT: Final = {
    table: f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns.split(',')))})"
    for table, columns in TABLES.items()
}
_BUSY_S: Final = 5.0  # how long a reader on a network share may hold a commit up


class SessionStore:
    """Makes `path` and appends to it. What was added is on the disk after `commit`. One thread.

    Raises `OSError` as the disk does. `shared`: other machines may see the file. SQLite's write-ahead log
    needs memory that all readers share, so a plain rollback journal is used there.
    """

    def __init__(self, path: Path, *, shared: bool) -> None:
        # SQLite gives its own files the rights of this one
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
        self._path = path
        self._database = sqlite3.connect(path, timeout=_BUSY_S)
        mode = self._pragma("journal_mode", "truncate" if shared else "wal")
        self.journal: Literal["wal", "truncate"] = "wal" if mode == "wal" else "truncate"
        if mode not in ("wal", "truncate"):  # a file system that cannot do what WAL needs
            self._pragma("journal_mode", "truncate")
        self._pragma("synchronous", "full")  # a commit survives a power cut
        self._pragma("user_version", str(SCHEMA_VERSION))
        for name, columns in TABLES.items():
            self._run(f"CREATE TABLE {name} ({columns}) STRICT")
        self._regions = 0

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the session now."""
        log = self._path.with_name(f"{self._path.name}-wal")
        return (self._path, log) if self.journal == "wal" else (self._path,)

    def say(self, **values: Any) -> None:
        """Keep values of the session; a later one takes the place of an earlier one."""
        for key, value in values.items():
            text = json.dumps(value, allow_nan=False)
            self._run("INSERT OR REPLACE INTO session VALUES (?, ?)", (key, text))

    def frame(self, row: Row) -> None:
        """Append a row with the columns of `core.schema.SESSION`."""
        self._insert("frames", [_value(column.name, row.get(column.name)) for column in SESSION])

    def region(self, region: Region) -> int:
        """Append a region; returns its number."""
        self._insert("regions", [self._regions, *StoredRegion.of(region)])
        self._regions += 1
        return self._regions - 1

    def heat(self, frame: int, steps: NDArray[np.uint8]) -> None:
        """Append the heatmap of a row."""
        self._insert("heat", [frame, *steps.shape, heat.pack(steps)])

    def event(self, kind: str, time_s: float, frame: int, details: dict[str, Any]) -> None:
        """Append an event."""
        # SQLite counts: a full disk takes back what was not committed, and the reason for it comes after
        self._insert("events", [None, kind, time_s, frame, json.dumps(details, allow_nan=False)])

    def commit(self) -> None:
        """What was added until now stays, whatever happens."""
        try:
            self._database.commit()
        except sqlite3.Error as error:
            raise _disk_error(error) from error

    def close(self) -> None:
        """Commit. One file is left, which can be read from any medium."""
        self.commit()
        if self.journal == "wal":
            self._pragma("journal_mode", "delete", wait_s=0.0)  # a reader is not waited for: it stays a WAL
        self._database.close()

    def abandon(self) -> None:
        """Keep what the disk takes, and let go. Raises nothing: the reason was told before."""
        with suppress(sqlite3.Error):
            self._database.commit()
        with suppress(sqlite3.Error):
            self._database.close()

    def _insert(self, table: str, values: Sequence[Any]) -> None:
        self._run(_INSERT[table], values)

    def _run(self, sql: str, values: Sequence[Any] = ()) -> None:
        try:
            self._database.execute(sql, values)
        except sqlite3.Error as error:
            raise _disk_error(error) from error

    def _pragma(self, name: str, value: str, wait_s: float = _BUSY_S) -> str:
        try:
            self._database.execute(f"PRAGMA busy_timeout = {int(1000 * wait_s)}")
            row = self._database.execute(f"PRAGMA {name} = {value}").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return ""
            raise _disk_error(error) from error
        return str(row[0]) if row else ""


def _value(name: str, value: Any) -> Any:
    return ",".join(map(str, value)) if name in _BOXES and value is not None else value


def _disk_error(error: sqlite3.Error) -> OSError:
    """SQLite's word for a disk that refuses as the system's own."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
    text = os.strerror(number)
    return OSError(number, text if code == sqlite3.SQLITE_FULL else f"{text}: {error}")
