"""Results by key in one file that a kill at any moment leaves whole: what long runs go on from.

An SQLite database; a result is there once `put` has returned, and on the disk a second later at most.
"""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from scanmon.core.errors import SettingsError, SinkError

SYNC_S: Final = 1.0
_REMEDY: Final = "choose a folder with space that is yours"
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS run (fingerprint TEXT) STRICT",
    "CREATE TABLE IF NOT EXISTS results (id INTEGER PRIMARY KEY, key TEXT, data BLOB, failed INTEGER) STRICT",
    "CREATE INDEX IF NOT EXISTS by_key ON results (key, id)",
)


class KeyedStore:
    """`path` is made where it is not there. One thread; one process at a time, kept by a lock on the file.

    `fingerprint` stands for what makes the results. Raises `SettingsError` where the file is of a run with
    other settings, or another run is at work on it; `SinkError` where the disk refuses.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._synced_s = time.monotonic()
        try:
            self._database = sqlite3.connect(path, timeout=0.0, isolation_level=None)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        try:
            self._begin(fingerprint)
        except BaseException:
            self._database.close()
            raise

    def done(self, key: str) -> bool:
        """Whether there is a result that did not fail; one that did is tried again."""
        found = self._newest("failed", key)
        return found is not None and not found

    def put(self, key: str, data: bytes, *, failed: bool = False) -> None:
        """Keep a result; a second one takes the place of the first."""
        try:
            # by SQLite's own word a commit reaches the disk with the next `synchronous = full`
            now_s = time.monotonic()
            due = now_s - self._synced_s > SYNC_S
            self._database.execute(f"PRAGMA synchronous = {'full' if due else 'normal'}")
            self._database.execute(
                "INSERT INTO results (key, data, failed) VALUES (?, ?, ?)", (key, data, failed)
            )
            self._synced_s = now_s if due else self._synced_s
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def get(self, key: str) -> bytes | None:
        """The result of a key; None where there is none."""
        data: bytes | None = self._newest("data", key)
        return data

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Every key with its last result, in the order in which they came."""
        # beside max() SQLite gives the other columns of the same row
        sql = "SELECT key, data, max(id) FROM results GROUP BY key ORDER BY max(id)"
        for key, data, _ in self._database.execute(sql):
            yield key, data

    def close(self) -> None:
        self._database.close()

    def remove(self) -> None:
        """The run is over, and what it was for is written."""
        self._database.close()
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def _begin(self, fingerprint: str) -> None:
        try:
            tables = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master")}
            if tables and "run" not in tables:
                raise SettingsError("is the file of something else", self._path, "name another file")
            # held until `close`; WAL under such a lock needs no memory shared with others, nor a local disk
            self._database.execute("PRAGMA locking_mode = exclusive")
            self._database.execute("PRAGMA journal_mode = wal")
            self._database.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                self._database.execute(table)
            found = self._database.execute("SELECT fingerprint FROM run").fetchone()
            if found is None:
                self._database.execute("INSERT INTO run VALUES (?)", (fingerprint,))
            self._database.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise SettingsError(
                    "another run is at work on this file", self._path, "wait for it, or name another file"
                ) from error
            raise self._refused(error) from error
        except sqlite3.DatabaseError as error:
            raise SettingsError(
                "is no unfinished run of this version",
                self._path,
                "name another file, or delete this one if it is not needed",
            ) from error
        if found is not None and found[0] != fingerprint:
            raise SettingsError(
                "holds an unfinished run with other settings",
                self._path,
                "finish that run with its options, or delete this file to begin anew",
            )

    def _newest(self, column: Literal["data", "failed"], key: str) -> Any:
        sql = f"SELECT {column} FROM results WHERE key = ? ORDER BY id DESC LIMIT 1"
        found = self._database.execute(sql, (key,)).fetchone()
        return None if found is None else found[0]

    def _refused(self, error: sqlite3.Error) -> SinkError:
        return SinkError(f"cannot be written ({error})", self._path, _REMEDY)
