"""The names of a session's files, and the tables of its store. docs/formats.md describes them for people."""

from typing import Final

from scanmon.core.schema import SESSION

SCHEMA_VERSION: Final = 2

STORE: Final = "session.db"
VIDEO: Final = "video.mkv"
SNAPSHOTS: Final = "snapshots"

_SQL: Final = {"integer": "INTEGER", "number": "REAL", "text": "TEXT", "integers": "TEXT"}
_FRAMES: Final = ", ".join(
    f"{column.name} {_SQL[column.kind]}{' PRIMARY KEY' if column.name == 'frame' else ''}"
    for column in SESSION
)
TABLES: Final = {
    "session": "key TEXT PRIMARY KEY, value TEXT",  # JSON
    "frames": _FRAMES,  # boxes as `x,y,w,h`
    "regions": ("region_id INTEGER PRIMARY KEY, box TEXT, kind TEXT, origin TEXT, outline TEXT, mask BLOB"),
    "heat": "frame INTEGER PRIMARY KEY, height INTEGER, width INTEGER, steps BLOB",
    "events": "event INTEGER PRIMARY KEY, kind TEXT, time_s REAL, frame INTEGER, details TEXT",
}
