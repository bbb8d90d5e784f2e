"""Reads the folder of a recorded session: ended, cut off, or still being recorded. Takes nothing on trust."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.schema import SESSION
from scanmon.session import heat, layout, version1
from scanmon.session.about import checked, checked_event
from scanmon.session.content import Heatmap, SessionContent
from scanmon.session.frame_table import MOST_ROWS, FrameTable, Group
from scanmon.session.regions import Regions, StoredRegion
from scanmon.session.untrusted import UntrustedDatabase, naming_faults

_MOST_EVENTS: Final = 1_000_000
_MOST_KEYS: Final = 1000
_ROWS_A_GROUP: Final = 4096
_MAP: Final = "SELECT steps, height, width FROM heat WHERE frame = ?"
_MOST_PARTS: Final = 100
_COLUMNS: Final = {
    table: [column.split()[0] for column in columns.split(", ")] for table, columns in layout.TABLES.items()
}


def is_session(path: Path) -> bool:
    return store_in(path).is_file()


def session_of(source: str) -> str:
    """The folder of a session where `source` is its store; otherwise `source`."""
    path = Path(source)
    return str(path.parent) if path.name in (layout.STORE, version1.ABOUT) and path.is_file() else source


def store_in(folder: Path) -> Path:
    """The file in which a session says what it is."""
    path = folder / layout.STORE
    return path if path.is_file() else folder / version1.ABOUT


def parts_of(folder: Path) -> list[Path]:
    """The folders of a recording that was split, in their order; mostly `folder` alone. Raises `SourceError`.

    Each names the one before and the one after; names alone, so that they lie beside each other.
    """
    parts = [folder]
    for key, place in (("continues", 0), ("continued_in", len(parts))):
        while len(parts) < _MOST_PARTS:
            name = _about(parts[place and -1]).get(key)
            other = folder.parent / name if name else None
            if other is None or other in parts or not is_session(other):
                break
            parts.insert(place and len(parts), other)
    return parts


def read_session(folder: Path) -> SessionContent:
    """Everything but the pictures, as of now. Raises `SourceError` that names the file at fault."""
    if store_in(folder).name == version1.ABOUT:
        return version1.read(folder)
    with naming_faults(folder / layout.STORE) as path:
        database = UntrustedDatabase(path, layout.TABLES)
        with database.opened() as store:
            about = _told(store)
            return SessionContent.of(
                folder.name,
                about,
                FrameTable(_groups(store)),
                Regions([StoredRegion(*values) for values in _numbered(store, "regions", 0)], about),
                [_event(*values) for values in _numbered(store, "events", 1)],
                _heatmaps(path, database),
            )


def _about(folder: Path) -> dict[str, Any]:
    """What a session says of itself; nothing of one of version 1, which was never split."""
    if store_in(folder).name == version1.ABOUT:
        return {}
    with (
        naming_faults(folder / layout.STORE) as path,
        UntrustedDatabase(path, layout.TABLES).opened() as store,
    ):
        return _told(store)


def _told(store: sqlite3.Connection) -> dict[str, Any]:
    return checked(dict(_pairs(store)), layout.SCHEMA_VERSION)


def _heatmaps(path: Path, database: UntrustedDatabase) -> Heatmap:
    def heatmap(row: int) -> NDArray[np.float32] | None:
        with naming_faults(path):
            with database.opened() as store:
                found = store.execute(_MAP, (row,)).fetchone()
            return None if found is None else heat.to_quality(heat.unpack(*found))

    return heatmap


def _pairs(store: sqlite3.Connection) -> Iterator[tuple[str, Any]]:
    for key, value in store.execute("SELECT key, value FROM session").fetchmany(_MOST_KEYS):
        yield key, json.loads(value, parse_constant=_refuse)


def _groups(store: sqlite3.Connection) -> Iterator[Group]:
    """The rows of `frames`, some thousand at a time."""
    there = {column[0] for column in store.execute("SELECT * FROM frames LIMIT 0").description}
    columns = [column for column in SESSION if column.name in there]
    rows = store.execute(f"SELECT {', '.join(column.name for column in columns)} FROM frames")
    done = 0
    while batch := rows.fetchmany(_ROWS_A_GROUP):
        group: dict[str, list[Any]] = {}
        for column, values in zip(columns, zip(*batch, strict=True), strict=True):
            group[column.name] = [_box(text) for text in values] if column.kind == "integers" else [*values]
        if group.get("frame") != list(range(done, done + len(batch))):
            raise ValueError("its frames are numbered wrongly")
        done += len(batch)
        if done > MOST_ROWS:
            raise ValueError(f"has more than {MOST_ROWS} rows")
        yield group


def _numbered(store: sqlite3.Connection, table: str, first: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a table whose first column counts on from `first`."""
    rows = store.execute(f"SELECT {', '.join(_COLUMNS[table])} FROM {table}")
    for number, row in zip(count(first), rows):
        if row[0] != number or number > _MOST_EVENTS:
            raise ValueError(f"its {table} are numbered wrongly")
        yield row[1:]


def _box(text: Any) -> list[int] | None:
    return None if text is None else [int(number) for number in str(text).split(",")]


def _event(kind: Any, time_s: Any, frame: Any, details: Any) -> dict[str, Any]:
    more = json.loads(details, parse_constant=_refuse)
    return checked_event({**more, "kind": kind, "time_s": time_s, "frame": frame})


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
