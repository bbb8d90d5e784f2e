"""Reads the folder of a recorded session: ended, cut off, or still being recorded. Takes nothing on trust."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.schema import SESSION
from scanmon.session import heat, layout, version1
from scanmon.session.about import checked, checked_event
from scanmon.session.content import SessionContent
from scanmon.session.regions import Regions, StoredRegion
from scanmon.session.table import MOST_ROWS, FrameTable, Group

MOST_EVENTS: Final = 1_000_000
MOST_KEYS: Final = 1000
MOST_BYTES_A_VALUE: Final = 1 << 24
_ROWS_A_GROUP: Final = 4096
_MAPS: Final = "SELECT frame, height, width, steps FROM heat WHERE frame >= ? AND frame < ?"
_MAPS_HELD: Final = 256
_HELD_BYTES: Final = 1 << 26
_BUSY_S: Final = 5.0
_BESIDE: Final = ("-wal", "-shm", "-journal")  # SQLite's own files
_REMEDY: Final = "copy the whole folder again, or record anew"
_FAULTS: Final = (sqlite3.Error, ScanmonError, ValueError, TypeError, OverflowError, RecursionError)
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: MOST_BYTES_A_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 16,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 10_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

_COLUMNS: Final = {
    table: [column.split()[0] for column in columns.split(", ")] for table, columns in layout.TABLES.items()
}


def is_session(path: Path) -> bool:
    """Whether a folder is a recorded session."""
    return store_in(path).is_file()


def store_in(folder: Path) -> Path:
    """The file in which a session says what it is."""
    path = folder / layout.STORE
    return path if path.is_file() else folder / version1.ABOUT


def read_session(folder: Path) -> SessionContent:
    """Everything but the pictures, as of now. Raises `SourceError` that names the file at fault."""
    if not (folder / layout.STORE).is_file():
        return version1.read(folder)
    path = _Readable(folder / layout.STORE)
    with path.opened() as store:
        about = checked(dict(_pairs(store)), layout.SCHEMA_VERSION)
        return SessionContent.of(
            folder.name,
            about,
            FrameTable(_groups(store)),
            Regions([StoredRegion(*values) for values in _numbered(store, "regions", MOST_EVENTS)], about),
            [_event(*values) for values in _numbered(store, "events", MOST_EVENTS)],
            _Heatmaps(path),
        )


class _Readable:
    """The store by its path; by that of a copy where SQLite cannot read it where it lies.

    That is so with a session that was cut off, on a medium that cannot be written to: SQLite wants to put
    its log in order first.
    """

    def __init__(self, path: Path) -> None:
        self._path = self._stated = path
        with self.told():
            for name in (path, *_files_beside(path)):
                if not stat.S_ISREG(name.lstat().st_mode):
                    raise SourceError("is no plain file", name, _REMEDY)
            try:
                with closing(_connected(path)) as store:
                    store.execute("SELECT name FROM sqlite_schema").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                    raise
                self._path = self._copy(path)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The store as it is at this moment. What is wrong with it, or with what is made of it, is told."""
        with self.told(), closing(_connected(self._path)) as store:
            store.execute("BEGIN")  # all tables as of one moment, though the recording goes on
            _check_tables(store)
            store.set_authorizer(_only_reading)
            yield store

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raises `SourceError` for whatever goes wrong."""
        try:
            yield
        except SourceError:
            raise
        except OSError as error:
            raise SourceError(f"cannot be read ({error.strerror})", self._stated, _REMEDY) from error
        except _FAULTS as error:
            reason = " ".join(str(error).split())
            raise SourceError(
                f"is damaged, or of a newer scanmon ({reason})", self._stated, _REMEDY
            ) from error

    def _copy(self, path: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="scanmon-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        for file in (path, *_files_beside(path)):
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, folder / file.name)
        with closing(sqlite3.connect(folder / path.name)) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            store.execute("PRAGMA journal_mode = delete")  # puts the log in order
        return folder / path.name


class _Heatmaps:
    """The heatmap of a row; some hundred are held at a time. None where there is none."""

    def __init__(self, path: _Readable) -> None:
        self._path = path
        self._held: dict[int, tuple[bytes, int, int]] = {}
        self._range = range(0)

    def __call__(self, row: int) -> NDArray[np.float32] | None:
        for first in (row - row % _MAPS_HELD, row):  # the second where those before it are too large
            if row not in self._range:
                with self._path.opened() as store:
                    self._hold(store.execute(_MAPS, (first, first + _MAPS_HELD)), first)
        found = self._held.get(row)
        if found is None:
            return None
        with self._path.told():
            return heat.to_quality(heat.unpack(*found))

    def _hold(self, maps: Iterator[tuple[int, int, int, bytes]], first: int) -> None:
        self._held, self._range, size = {}, range(first, first + _MAPS_HELD), 0
        for frame, height, width, steps in maps:
            self._held[frame] = (steps, height, width)
            size += len(steps)
            if size > _HELD_BYTES:
                self._range = range(first, frame + 1)
                return


def _files_beside(path: Path) -> list[Path]:
    beside = [path.with_name(path.name + ending) for ending in _BESIDE]
    return [file for file in beside if file.exists() or file.is_symlink()]


def _connected(path: Path) -> sqlite3.Connection:
    store = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip
    try:
        _guard(store)
    except BaseException:
        store.close()
        raise
    return store


def _guard(store: sqlite3.Connection) -> None:
    """sqlite.org/security.html, for files from anybody."""
    for limit, value in _LIMITS.items():
        store.setlimit(limit, value)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "query_only = ON"):
        store.execute(f"PRAGMA {pragma}")


def _check_tables(store: sqlite3.Connection) -> None:
    """Tables alone: a view or a virtual table runs what somebody else wrote."""
    kinds = {
        name: (kind, page)
        for kind, name, page in store.execute("SELECT type, name, rootpage FROM sqlite_schema")
    }
    for name in layout.TABLES:
        kind, page = kinds.get(name, ("nothing", 0))
        if kind != "table" or not page:
            raise ValueError(f"{name} is no table")


def _only_reading(action: int, one: str | None, two: str | None, database: str | None, by: str | None) -> int:
    allowed = action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and one in layout.TABLES)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _pairs(store: sqlite3.Connection) -> Iterator[tuple[str, Any]]:
    for key, value in store.execute("SELECT key, value FROM session").fetchmany(MOST_KEYS):
        yield key, json.loads(value, parse_constant=_refuse)


def _groups(store: sqlite3.Connection) -> Iterator[Group]:
    """The rows of `frames`, some thousand at a time."""
    there = {column[0] for column in store.execute("SELECT * FROM frames LIMIT 0").description}
    columns = [column for column in SESSION if column.name in there]
    boxes = {column.name for column in columns if column.kind == "integers"}
    rows = store.execute(f"SELECT {', '.join(column.name for column in columns)} FROM frames")
    done = 0
    while batch := rows.fetchmany(_ROWS_A_GROUP):
        group = {
            column.name: list(own) for column, own in zip(columns, zip(*batch, strict=True), strict=True)
        }
        for name in boxes:
            group[name] = [_box(text) for text in group[name]]
        if group.get("frame") != list(range(done, done + len(batch))):
            raise ValueError("its frames are numbered wrongly")
        done += len(batch)
        if done > MOST_ROWS:
            raise ValueError(f"has more than {MOST_ROWS} rows")
        yield group


def _numbered(store: sqlite3.Connection, table: str, most: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a table whose first column counts on from its first row."""
    rows = store.execute(f"SELECT {', '.join(_COLUMNS[table])} FROM {table}")
    for number in count(1 if table == "events" else 0):
        row = rows.fetchone()
        if row is None:
            return
        if row[0] != number or number >= most:
            raise ValueError(f"its {table} are numbered wrongly")
        yield row[1:]


def _box(text: Any) -> list[int] | None:
    return None if text is None else [int(number) for number in str(text).split(",")]


def _event(kind: Any, time_s: Any, frame: Any, details: Any) -> dict[str, Any]:
    more = json.loads(details, parse_constant=_refuse)
    return checked_event({**more, "kind": kind, "time_s": time_s, "frame": frame})


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
