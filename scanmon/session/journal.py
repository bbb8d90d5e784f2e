"""What a long run has done so far, in one file that a kill at any moment leaves usable.

First a line that names the run; then for each scored file a line of JSON and, behind it, its rows as packed
JSON lines. Results that come in any order go into the table in the order of the files.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.records import Row
from scanmon.session.results_table import line

VERSION: Final = 1
SYNC_S: Final = 1.0
_REMEDY: Final = "choose a folder with space that is yours"


class FileScores(NamedTuple):
    """All rows of one scored file, packed."""

    data: bytes  # gzip of JSON lines
    failed: bool  # the file could not be read; its only row says why


class _Place(NamedTuple):
    offset: int
    length: int
    failed: bool


def packed(rows: Iterable[Row], *, failed: bool = False) -> FileScores:
    """Pack rows as they come: a long cine takes kilobytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=4, mtime=0) as file:
        for record in rows:
            file.write(line(record).encode())
    return FileScores(buffer.getvalue(), failed)


def lines_of(data: bytes) -> Iterator[Row]:
    """The rows that `packed` packed, one at a time."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as lines:
        for text in lines:
            yield json.loads(text)


class Journal:
    """`path` is made where it is not there. One thread, one process.

    `fingerprint` stands for what makes the scores. Raises `SettingsError` where the file is of a run with
    other settings, `SinkError` where the disk refuses.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._places: dict[str, _Place] = {}
        self._synced_s = time.monotonic()
        try:
            self._file = path.open("r+b" if path.exists() else "w+b")
            try:
                self._take_up(fingerprint)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise _refused(path, error) from error

    def done(self, key: str) -> bool:
        """Whether that file was scored; one that could not be read is tried again."""
        place = self._places.get(key)
        return place is not None and not place.failed

    def add(self, key: str, scores: FileScores) -> None:
        """Keep the result of a file; a second one takes the place of the first."""
        head = {
            "key": key,
            "bytes": len(scores.data),
            "crc": zlib.crc32(scores.data),
            "failed": scores.failed,
        }
        try:
            start = self._file.seek(0, os.SEEK_END)
            written = json.dumps(head).encode() + b"\n"
            self._file.write(written + scores.data + b"\n")
            self._file.flush()
            if time.monotonic() - self._synced_s > SYNC_S:
                os.fsync(self._file.fileno())
                self._synced_s = time.monotonic()
        except OSError as error:
            raise _refused(self._path, error) from error
        self._places[key] = _Place(start + len(written), len(scores.data), scores.failed)

    def rows(self, key: str) -> Iterator[Row]:
        """The rows of a file; nothing where there is no result."""
        place = self._places.get(key)
        if place is None:
            return
        self._file.seek(place.offset)
        yield from lines_of(self._file.read(place.length))

    def close(self) -> None:
        """Leave it for the next run."""
        self._file.close()

    def remove(self) -> None:
        """The run is over and its table written."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _take_up(self, fingerprint: str) -> None:
        """Read what an earlier run left, and cut off what it had not finished writing."""
        head = _parsed(self._file.readline())
        if not head:
            self._file.seek(0)
            self._file.truncate()
            name = {"scanmon_journal": VERSION, "fingerprint": fingerprint}
            self._file.write(json.dumps(name).encode() + b"\n")
            self._file.flush()
            return
        if head.get("scanmon_journal") != VERSION or head.get("fingerprint") != fingerprint:
            raise SettingsError(
                "holds an unfinished run with other settings",
                self._path,
                "finish that run with its options, or delete this file to begin anew",
            )
        end = self._file.tell()
        while (entry := _parsed(self._file.readline())) is not None:
            start = self._file.tell()
            data = self._file.read(entry["bytes"] + 1)
            if len(data) != entry["bytes"] + 1 or zlib.crc32(data[:-1]) != entry["crc"]:
                break
            self._places[entry["key"]] = _Place(start, entry["bytes"], entry["failed"])
            end = self._file.tell()
        self._file.truncate(end)


def _parsed(text: bytes) -> dict[str, Any] | None:
    """The record of a whole line; None for anything else."""
    if not text.endswith(b"\n"):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _refused(path: Path, error: OSError) -> SinkError:
    return SinkError(f"cannot be written ({error.strerror or error})", path, _REMEDY)
