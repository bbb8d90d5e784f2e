"""Sessions of schema 1, read only: JSON lines and Parquet, as they were written until 2026.

Their table of frames, once a session was ended, is Parquet: it takes the extra `parquet`.
"""

import base64
import json
import struct
import tomllib
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.schema import SESSION
from scanmon.session import heat
from scanmon.session.about import checked, checked_event
from scanmon.session.content import Heatmap, SessionContent
from scanmon.session.frame_table import MOST_ROWS, FrameTable, Group
from scanmon.session.parquet import read_table, require_duckdb
from scanmon.session.regions import Regions, StoredRegion
from scanmon.session.untrusted import REMEDY, naming_faults

ABOUT: Final = "session.json"
_SETTINGS: Final = "config.toml"
_EVENTS: Final = "events.jsonl"
_REGIONS: Final = "regions.jsonl"
_ENDED: Final = ("frames.parquet", "heatmaps.npz")
_CUT_OFF: Final = ("frames.jsonl", "heatmaps.part")

_MOST_BYTES: Final = {ABOUT: 1 << 20, _SETTINGS: 1 << 20}
_MOST_BYTES_OF_OTHERS: Final = 1 << 30
_MOST_LINES: Final = 1_000_000
_MOST_CHUNK_BYTES: Final = 1 << 28
_ROWS_A_GROUP: Final = 4096
_HEAT_HEAD: Final = struct.Struct("<2sIHHII")  # magic, frame, height, width, length and CRC-32 of the body


def read(folder: Path) -> SessionContent:
    """Raises `SourceError` that names the file at fault."""
    with _opening(folder / ABOUT) as path:
        about = checked(json.loads(path.read_text(encoding="utf-8")), 1)
    if (folder / _SETTINGS).exists():
        with _opening(folder / _SETTINGS) as path:
            about["settings"] = tomllib.loads(path.read_text(encoding="utf-8"))
    cut_off = (folder / _CUT_OFF[0]).exists()
    if not cut_off:
        require_duckdb(folder / _ENDED[0])
    with _opening(folder / (_CUT_OFF if cut_off else _ENDED)[0]) as path:
        table = FrameTable(_groups(path) if cut_off else read_table(path, SESSION))
    with _opening(folder / _REGIONS) as path:
        regions = Regions([_region(record) for record in _lines(path)], about)
    with _opening(folder / _EVENTS) as path:
        events = [checked_event(record) for record in _lines(path)]
    heatmap: Heatmap = dict[int, Any]().get  # none was stored
    for name, maps in ((_CUT_OFF[1], _cut_off_maps), (_ENDED[1], _ended_maps)):  # the first one counts
        if (folder / name).exists():
            with _opening(folder / name) as path:
                heatmap = maps(path)
            break
    with _opening(folder / (_CUT_OFF if cut_off else _ENDED)[0]):
        return SessionContent.of(folder.name, about, table, regions, events, heatmap)


def _opening(path: Path) -> AbstractContextManager[Path, None]:
    with naming_faults(path):
        if path.exists() and path.stat().st_size > _MOST_BYTES.get(path.name, _MOST_BYTES_OF_OTHERS):
            raise SourceError("is larger than such a file ever is", path, REMEDY)
    return naming_faults(path)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file of JSON lines, up to the first that is torn; nothing where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                record = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                return  # a power cut can leave a line of zeros
            if not isinstance(record, dict):
                return
            if number >= (MOST_ROWS if path.name == _CUT_OFF[0] else _MOST_LINES):
                raise ValueError("has too many lines")
            yield record


def _groups(path: Path) -> Iterator[Group]:
    records = _lines(path)
    while rows := list(islice(records, _ROWS_A_GROUP)):
        yield {column.name: [row.get(column.name) for row in rows] for column in SESSION}


def _region(record: dict[str, Any]) -> StoredRegion:
    mask = None if record["mask"] is None else base64.b64decode(record["mask"])
    box = ",".join(str(int(number)) for number in record["box"])
    return StoredRegion(box, record["kind"], record["origin"], json.dumps(record["outline"]), mask)


def _ended_maps(path: Path) -> Heatmap:
    """`heatmaps.npz`: arrays `maps_<n>` (k, gh, gw) and `frames_<n>` (k,). A chunk is held at a time."""
    with zipfile.ZipFile(path) as archive:
        sizes = {member.filename.removesuffix(".npy"): member.file_size for member in archive.infolist()}
    names = [name for name in sorted(sizes) if name.startswith("frames_")]
    if (
        max(sizes.values(), default=0) > _MOST_CHUNK_BYTES
        or sum(sizes[name] for name in names) > 10 * MOST_ROWS
    ):
        raise SourceError("holds a chunk that is too large", path, REMEDY)
    with np.load(path, allow_pickle=False) as arrays:
        rows = {name: np.asarray(arrays[name], np.int64).ravel() for name in names}
    chunks = [(name.replace("frames_", "maps_"), frames) for name, frames in rows.items() if len(frames)]
    firsts = [int(frames[0]) for _, frames in chunks]

    @lru_cache(maxsize=1)
    def chunk(number: int) -> NDArray[np.uint8]:
        name, frames = chunks[number]
        with np.load(path, allow_pickle=False) as arrays:
            maps: NDArray[np.uint8] = arrays[name]
        if maps.dtype != np.uint8 or maps.ndim != 3 or 0 in maps.shape or len(maps) != len(frames):
            raise ValueError("holds what is no heatmap")
        return maps

    def heatmap(row: int) -> NDArray[np.float32] | None:
        number = bisect_right(firsts, row) - 1
        frames = chunks[number][1] if number >= 0 else np.empty(0)
        place = int(np.searchsorted(frames, row))
        if place == len(frames) or frames[place] != row:
            return None
        with _opening(path):
            return heat.to_quality(chunk(number)[place])

    return heatmap


def _cut_off_maps(path: Path) -> Heatmap:
    """`heatmaps.part`, up to its first record that is torn or damaged."""
    with path.open("rb") as file:
        packed = dict(_heat_records(file))

    def heatmap(row: int) -> NDArray[np.float32] | None:
        with _opening(path):
            return heat.to_quality(heat.unpack(*packed[row])) if row in packed else None

    return heatmap


def _heat_records(file: BinaryIO) -> Iterator[tuple[int, tuple[bytes, int, int]]]:
    """(row, (body, height, width)), still packed."""
    while len(head := file.read(_HEAT_HEAD.size)) == _HEAT_HEAD.size:
        magic, frame, height, width, length, crc = _HEAT_HEAD.unpack(head)
        if magic != b"HM" or not 0 < length <= heat.MAX_CELLS:  # a torn head may be zeros from the middle on
            return
        body = file.read(length)
        if len(body) != length or zlib.crc32(body) != crc:
            return
        yield frame, (body, height, width)
