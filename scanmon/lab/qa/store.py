"""The checks of probes over the years: an SQLite file, one row a check."""

import json
import math
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from platformdirs import user_data_path

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.write_atomic import PRIVATE

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x73716131  # `sqa1`: what another program made is not written to
LONGEST_NAME: Final = 100
_TABLE: Final = """CREATE TABLE checks (id INTEGER PRIMARY KEY, made_utc TEXT NOT NULL, kind TEXT NOT NULL,
    scanner TEXT NOT NULL, probe TEXT NOT NULL, baseline TEXT NOT NULL, measures TEXT NOT NULL,
    dips TEXT NOT NULL, about TEXT NOT NULL) STRICT"""


@dataclass(frozen=True, slots=True)
class Record:
    """A check. `baseline`: `yes` it may belong to one, `no` it never does, `new` one begins with it."""

    made_utc: str
    kind: str  # `air` or `phantom`
    scanner: str
    probe: str
    baseline: str
    measures: dict[str, float]
    dips: list[dict[str, Any]]
    about: dict[str, Any]

    @property
    def day(self) -> float:
        """Days since 1970."""
        return datetime.fromisoformat(self.made_utc).timestamp() / 86400


def default_store() -> Path:
    """Where checks are kept unless a file is named."""
    return user_data_path("scanmon", appauthor=False) / "checks.db"


class CheckStore:
    """Opened for one command; a record is on the disk once `add` has returned. Closed by `close`.

    Raises `SettingsError` for a file that is no such store, `SinkError` where the disk refuses.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self._path = path
        if not path.exists():
            if not make:
                raise SettingsError("holds no checks yet", path, "make one with scanmon qa --probe NAME")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileExistsError):  # another check was faster
                    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
            except OSError as error:
                raise SinkError(f"cannot be made ({error.strerror})", path, "name another --store") from error
        with self._told():
            self._database = sqlite3.connect(path, timeout=10.0, isolation_level=None)
            try:
                self._begin(make=make)
            except BaseException:
                self._database.close()
                raise

    def add(self, record: Record) -> None:
        """Append a check."""
        with self._told():
            self._database.execute(
                "INSERT INTO checks (made_utc, kind, scanner, probe, baseline, measures, dips, about) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    value if isinstance(value, str) else json.dumps(value, allow_nan=False)
                    for value in asdict(record).values()
                ],
            )

    def records(self, scanner: str | None = None, probe: str | None = None) -> list[Record]:
        """Checks in the order of time; of one scanner or probe where it is named."""
        with self._told():
            rows = self._database.execute(
                "SELECT made_utc, kind, scanner, probe, baseline, measures, dips, about FROM checks "
                "WHERE (?1 IS NULL OR scanner = ?1) AND (?2 IS NULL OR probe = ?2) ORDER BY made_utc, id",
                (scanner, probe),
            ).fetchall()
            return [_record(row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _begin(self, *, make: bool) -> None:
        self._database.execute("PRAGMA synchronous = full")
        self._database.execute("BEGIN IMMEDIATE" if make else "BEGIN")
        known = self._database.execute("PRAGMA application_id").fetchone()[0]
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        empty = not self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if empty and make:
            self._database.execute(_TABLE)
            self._database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif known != APPLICATION_ID or version != SCHEMA_VERSION:
            raise SettingsError("is no store of checks of this version", self._path, "name another --store")
        self._database.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
            raise SinkError(
                f"cannot be used ({error})", self._path, "check its rights and the space"
            ) from error
        except (sqlite3.DatabaseError, ValueError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"is damaged, or no store of checks ({error})", self._path, "name another --store"
            ) from error


def now_utc() -> str:
    """The time of a check that is made now."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def name_of(text: str, option: str) -> str:
    """The name of a scanner or a probe. Raises `SettingsError` where it is none."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(f"{text[:40]!r} is no name", option, f"use up to {LONGEST_NAME} letters")
    return name


def _record(row: tuple[Any, ...]) -> Record:
    made, kind, scanner, probe, baseline = (str(value) for value in row[:5])
    measures, dips, about = (json.loads(text) for text in row[5:])
    datetime.fromisoformat(made)
    numbers = {str(name): float(value) for name, value in measures.items()}
    if not all(math.isfinite(value) for value in numbers.values()) or not isinstance(about, Mapping):
        raise ValueError("a check holds no numbers")
    return Record(made, kind, scanner, probe, baseline, numbers, list(dips), dict(about))
