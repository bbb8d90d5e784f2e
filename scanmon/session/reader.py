"""Reads the folder of a recorded session, whole or as a power cut left it. Writes nothing."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.schema import SESSION
from scanmon.core.values import Region
from scanmon.session import heat, layout, regions
from scanmon.session.about import checked, checked_event
from scanmon.session.content import SessionContent
from scanmon.session.lines import whole_lines
from scanmon.session.parquet import read_table
from scanmon.session.table import FrameTable, Group

MAX_ABOUT_BYTES: Final = 1 << 20
MAX_TABLE_BYTES: Final = 1 << 30
MAX_CHUNK_BYTES: Final = 1 << 28
_ROWS_A_GROUP: Final = 4096
# what zipfile and NumPy raise for an archive that is not whole
_DAMAGE: Final = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
_REMEDY: Final = "copy the whole folder again, or record anew"


def is_session(path: Path) -> bool:
    """Whether a folder is a recorded session."""
    return (path / layout.ABOUT).is_file()


def read_session(folder: Path) -> SessionContent:
    """Everything but the pictures. Raises `SourceError` that names the file at fault."""
    about = _about(folder / layout.ABOUT)
    table = _table(folder)
    numbers = table.numbers("video_frame")
    pictures = np.flatnonzero(np.isfinite(numbers))
    if not np.array_equal(numbers[pictures], np.arange(len(pictures))):
        raise SourceError("numbers its pictures wrongly", folder / layout.FRAMES, _REMEDY)
    return SessionContent(
        name=folder.name,
        about=about,
        table=table,
        pictures=pictures,
        regions=tuple(_regions(folder / layout.REGIONS)),
        region_ids=_carried_on(table.numbers("region_id")),
        events=tuple(_events(folder / layout.EVENTS)),
        heatmap=_heatmaps(folder),
    )


def _carried_on(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each place without a number takes the last one before it, or the first of all; -1 where there is none.

    A recording may begin with a picture that was never analysed. Its pixels were kept because the regions
    before and after it are the same; the one before is no part of the recording.
    """
    known = np.isfinite(numbers)
    if not known.any():
        return np.full(len(numbers), -1, np.int64)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(numbers)), -1))
    return numbers[np.where(latest >= 0, latest, np.argmax(known))].astype(np.int64)


def _about(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_ABOUT_BYTES:
            raise SourceError("is too large for what a session says of itself", path, _REMEDY)
        return checked(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SourceError(f"no recorded session here ({error.strerror})", path, _REMEDY) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise SourceError(f"is damaged, or of a newer scanmon ({error})", path, _REMEDY) from error


def _table(folder: Path) -> FrameTable:
    """Of the row store where there is one: a recorder that closes the session now takes it away last."""
    path = folder / layout.ROW_STORE
    try:
        with suppress(FileNotFoundError), path.open("rb") as file:
            _check_size(path)
            return FrameTable(_groups(whole_lines(file)))
        path = folder / layout.FRAMES
        _check_size(path)
        return FrameTable(read_table(path, SESSION))
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", path, _REMEDY) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise SourceError(f"is damaged ({error})", path, _REMEDY) from error


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise SourceError("is larger than such a file ever is", path, _REMEDY)


def _groups(records: Iterator[dict[str, Any]]) -> Iterator[Group]:
    while rows := list(islice(records, _ROWS_A_GROUP)):
        yield {column.name: [row.get(column.name) for row in rows] for column in SESSION}


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        _check_size(path)
        with path.open("rb") as file:
            return list(whole_lines(file))
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", path, _REMEDY) from error


def _events(path: Path) -> Iterator[dict[str, Any]]:
    for record in _lines(path):
        try:
            yield checked_event(record)
        except ValueError as error:
            raise SourceError(f"is damaged ({error})", path, _REMEDY) from error


def _regions(path: Path) -> Iterator[Region]:
    for record in _lines(path):
        try:
            yield regions.from_record(record)
        except (KeyError, TypeError, ValueError, OverflowError, ScanmonError) as error:
            raise SourceError(f"is damaged ({error})", path, _REMEDY) from error


def _heatmaps(folder: Path) -> Callable[[int], NDArray[np.float32] | None]:
    """Heatmap of a row; a chunk of the file is held at a time. None where there is none."""
    with suppress(FileNotFoundError):  # as with the table of frames
        return _StoredMaps(folder / layout.HEAT_STORE)
    if (folder / layout.HEATMAPS).exists():
        return _SealedMaps(folder / layout.HEATMAPS)
    return lambda row: None


class _SealedMaps:
    """Of `heatmaps.npz`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: tuple[str, NDArray[np.uint8]] | None = None
        self._place: dict[int, tuple[str, int]] = {}
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if member.file_size > MAX_CHUNK_BYTES:
                        raise SourceError("holds a chunk that is too large", path, _REMEDY)
            with np.load(path, allow_pickle=False) as arrays:
                for name in arrays.files:
                    if name.startswith("frames_"):
                        chunk = name.replace("frames_", "maps_")
                        self._place |= {int(row): (chunk, n) for n, row in enumerate(arrays[name])}
        except _DAMAGE as error:
            raise SourceError(f"is damaged ({error})", path, _REMEDY) from error

    def __call__(self, row: int) -> NDArray[np.float32] | None:
        if row not in self._place:
            return None
        chunk, number = self._place[row]
        if self._held is None or self._held[0] != chunk:
            try:
                with np.load(self._path, allow_pickle=False) as arrays:
                    self._held = (chunk, arrays[chunk])
            except _DAMAGE as error:
                raise SourceError(f"is damaged ({error})", self._path, _REMEDY) from error
        return heat.to_quality(self._held[1][number])


class _StoredMaps:
    """Of the store that a recording which was cut off left behind: read once, kept as whole steps."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._steps = {record.frame: record.steps for record in heat.unpack(file)}

    def __call__(self, row: int) -> NDArray[np.float32] | None:
        steps = self._steps.get(row)
        return None if steps is None else heat.to_quality(steps)
