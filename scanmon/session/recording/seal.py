"""The stores of a session that was ended, or killed -> its tables. Constant memory, and safe to repeat."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from scanmon.core.schema import SESSION
from scanmon.session import layout
from scanmon.session.heat import HeatRecord, unpack
from scanmon.session.lines import whole_size
from scanmon.session.parquet import write_table
from scanmon.session.recording.durable import replacing, whole_file

MAPS_A_CHUNK: Final = 256
_ROWS_SHARE: Final = 0.2  # of the time that closing takes, roughly


def seal(folder: Path, progress: Callable[[float], None] = lambda share: None) -> bool:
    """Make `frames.parquet` and `heatmaps.npz` of what was stored; True where there was something to do.

    Each appears complete, and only then its store goes. A torn last record is left out. `progress` is called
    with the share that is done. Raises `OSError`, and `ValueError` for rows that are none of ours.
    """
    rows, heat = folder / layout.ROW_STORE, folder / layout.HEAT_STORE
    done = False
    if rows.exists():
        _seal_rows(rows, folder / layout.FRAMES)
        rows.unlink()
        done = True
    progress(_ROWS_SHARE)
    if heat.exists():
        _seal_maps(heat, folder / layout.HEATMAPS, progress)
        heat.unlink()
        done = True
    progress(1.0)
    return done


def _seal_rows(source: Path, target: Path) -> None:
    with source.open("rb+") as file:
        size = whole_size(file)
        if size < file.seek(0, os.SEEK_END):
            file.truncate(size)  # the torn end, which nobody reads
    with replacing(target) as part:
        write_table(source, SESSION, part)


def _seal_maps(source: Path, target: Path, progress: Callable[[float], None]) -> None:
    """Arrays `maps_<n>` (k, gh, gw) uint8 and `frames_<n>` (k,) int64, as many pairs as there are chunks."""
    size = max(1, source.stat().st_size)
    with (
        source.open("rb") as store,
        whole_file(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for number, chunk in enumerate(_chunks(unpack(store))):
            _member(archive, f"frames_{number:05d}", np.array([record.frame for record in chunk], np.int64))
            _member(archive, f"maps_{number:05d}", np.stack([record.steps for record in chunk]))
            progress(_ROWS_SHARE + (1.0 - _ROWS_SHARE) * store.tell() / size)


def _chunks(records: Iterator[HeatRecord]) -> Iterator[list[HeatRecord]]:
    """Records that follow each other and have the same shape."""
    chunk: list[HeatRecord] = []
    for record in records:
        if chunk and (len(chunk) == MAPS_A_CHUNK or chunk[0].steps.shape != record.steps.shape):
            yield chunk
            chunk = []
        chunk.append(record)
    if chunk:
        yield chunk


def _member(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    # a fixed date: the same session gives the same bytes
    info = zipfile.ZipInfo(f"{name}.npy")
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w") as member:
        npy.write_array(member, array, allow_pickle=False)
