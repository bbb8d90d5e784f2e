"""Bookmarks in the store of a session: a moment and what a person typed there."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from scanmon.core.errors import SinkError, SourceError
from scanmon.session import layout
from scanmon.session.untrusted import UntrustedDatabase

KIND: Final = "bookmark"
REMOVED: Final = "bookmark_removed"  # events are numbered without a gap, so a row is never deleted
MOST_LETTERS: Final = 1000

Execute = Callable[[str, Sequence[Any]], sqlite3.Cursor]


def one_line(text: str) -> str:
    """What a store takes: printable, at most `MOST_LETTERS`."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:MOST_LETTERS]


def put(execute: Execute, row: int, time_s: float, text: str | None) -> None:
    """Mark a row of `frames`; a second text takes the place of the first, None takes the mark away."""
    kind = KIND if text is not None else REMOVED
    details = json.dumps({} if text is None else {"text": one_line(text)})
    changed = execute(
        "UPDATE events SET kind = ?, details = ? WHERE kind = ? AND frame = ?", (kind, details, KIND, row)
    )
    if text is not None and not changed.rowcount:
        execute(
            "INSERT INTO events (kind, time_s, frame, details) VALUES (?, ?, ?, ?)",
            (kind, time_s, row, details),
        )


def put_in_session(folder: Path, row: int, time_s: float, text: str | None) -> None:
    """As `put`, in a session that has ended. Raises `SinkError`."""
    path = folder / layout.STORE
    if not path.is_file():
        raise SinkError("bookmarks of an old session cannot be kept", folder, "record a new one")
    try:
        with UntrustedDatabase(path, layout.TABLES).changed("events") as store:
            put(store.execute, row, time_s, text)
    except (OSError, SourceError, sqlite3.Error) as error:
        remedy = "check its rights, and whether it is still being recorded"
        raise SinkError(f"the bookmark cannot be kept ({error})", folder, remedy) from error
