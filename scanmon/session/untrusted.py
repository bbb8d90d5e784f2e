"""Files of sessions from anybody: what an SQLite file holds never runs, and any fault is one error."""

import shutil
import sqlite3
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from scanmon.core.errors import ScanmonError, SourceError

REMEDY: Final = "copy the whole folder again, or record anew"
_FAULTS: Final = (
    ScanmonError, sqlite3.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError, MemoryError,
    EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_BUSY_S: Final = 5.0
_BESIDE: Final = ("-wal", "-shm", "-journal")  # SQLite's own files
_PRAGMAS: Final = ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1 << 24,  # bytes of a value
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 16,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 10_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class UntrustedDatabase:
    """Some tables of a database; any thread, one after the other.

    It is read where it lies, or from a copy where SQLite cannot do that: a session that was cut off, on a
    medium that cannot be written to, has a log that SQLite wants to put in order first. Raises `OSError`,
    `sqlite3.Error` and `SourceError`.
    """

    def __init__(self, path: Path, tables: Collection[str]) -> None:
        self._named = self._path = path
        self._tables = tables
        _plain(path)
        beside = [path.with_name(path.name + ending) for ending in _BESIDE]
        for file in beside:
            with suppress(FileNotFoundError):  # a writer takes its journal away at any moment
                _plain(file)
        try:
            with closing(_connected(path)) as store:
                store.execute("SELECT name FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
            self._path = self._copied([path, *beside])

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """All tables as of one moment, though somebody may write to them meanwhile."""
        with closing(_connected(self._path)) as store:
            store.execute("BEGIN")
            schema = "SELECT name, type, rootpage FROM sqlite_schema"
            found = {name: (kind, page) for name, kind, page in store.execute(schema)}
            if not found:
                raise SourceError("holds nothing yet", self._named, "the recording ended as it began")
            for name in self._tables:  # a view or a virtual table would run what somebody else wrote
                kind, page = found.get(name, ("", 0))
                if kind != "table" or not page:
                    raise sqlite3.DatabaseError(f"{name} is no table")
            store.set_authorizer(self._authorizer)
            yield store

    @contextmanager
    def changed(self, table: str) -> Iterator[sqlite3.Connection]:
        """To insert into one table and change its rows; all of it or nothing. Nothing in the file runs."""

        def authorizer(action: int, name: str | None, *more: str | None) -> int:
            ours = name == table and action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE)
            return sqlite3.SQLITE_OK if ours else self._authorizer(action, name, *more)

        with self.opened():
            pass  # its tables are tables
        with closing(_connected(self._named, "rw")) as store:
            store.execute("BEGIN IMMEDIATE")
            store.set_authorizer(authorizer)
            yield store
            store.set_authorizer(None)
            store.execute("COMMIT")

    def _authorizer(self, action: int, table: str | None, *more: str | None) -> int:
        """Reading of columns alone: no function, whatever a table may be made of."""
        may = action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and table in self._tables)
        return sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY

    def _copied(self, files: list[Path]) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="scanmon-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        shutil.copyfile(files[0], folder / files[0].name)
        for file in files[1:]:
            if not file.name.endswith("-shm"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(file, folder / file.name)
        with closing(sqlite3.connect(folder / files[0].name)) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            store.execute("PRAGMA journal_mode = delete")  # puts the log in order
        return folder / files[0].name


def _plain(file: Path) -> None:
    if not stat.S_ISREG(file.lstat().st_mode):
        raise SourceError("is no plain file", file, REMEDY)


def _connected(path: Path, mode: str = "ro") -> sqlite3.Connection:
    """As sqlite.org/security.html has it."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    store = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for limit, value in _LIMITS.items():
            store.setlimit(limit, value)
        for pragma in (*_PRAGMAS, f"query_only = {'ON' if mode == 'ro' else 'OFF'}"):
            store.execute(f"PRAGMA {pragma}")
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def _naming_faults(path: Path) -> Iterator[Path]:
    """Raises `SourceError` for what goes wrong while `path` is read, or something is made of it."""
    try:
        yield path
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", path, REMEDY) from error
    except _FAULTS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"is damaged, or of a newer scanmon ({reason})", path, REMEDY) from error


# it swallows nothing, which the type of a `contextmanager` cannot say
naming_faults: Callable[[Path], AbstractContextManager[Path, None]] = _naming_faults  # type: ignore[assignment]
