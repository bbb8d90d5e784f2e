"""The stores of a session that was ended, or killed -> its tables. Constant memory, and safe to repeat."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from scanmon.core.parquet import ParquetEncoder
from scanmon.core.session import layout
from scanmon.core.session.heat import HeatRecord, unpack
from scanmon.core.session.lines import whole_lines
from scanmon.sinks.recording.durable import whole_file

ROWS_A_GROUP: Final = 4096
MAPS_A_CHUNK: Final = 256


def seal(folder: Path) -> bool:
    """Make `frames.parquet` and `heatmaps.npz` of what was stored; True where there was something to do.

    Each appears complete, and only then its store goes. A torn last record is left out. Raises `OSError`.
    """
    done = False
    for store, result, convert in (
        (layout.ROW_STORE, layout.FRAMES, _rows_to_parquet),
        (layout.HEAT_STORE, layout.HEATMAPS, _maps_to_npz),
    ):
        if not (folder / store).exists():
            continue
        with (folder / store).open("rb") as source, whole_file(folder / result) as target:
            convert(source, target)
        (folder / store).unlink()
        done = True
    return done


def _rows_to_parquet(source: BinaryIO, target: IO[bytes]) -> None:
    encoder = ParquetEncoder(layout.COLUMNS)
    target.write(encoder.header())
    group: list[dict[str, Any]] = []
    for record in whole_lines(source):
        group.append(record)
        if len(group) == ROWS_A_GROUP:
            target.write(encoder.row_group(group))
            group = []
    if group:
        target.write(encoder.row_group(group))
    target.write(encoder.footer())


def _maps_to_npz(source: BinaryIO, target: IO[bytes]) -> None:
    """Arrays `maps_<n>` (k, gh, gw) uint8 and `frames_<n>` (k,) int64, as many pairs as there are chunks."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, chunk in enumerate(_chunks(unpack(source))):
            _member(archive, f"frames_{number:05d}", np.array([record.frame for record in chunk], np.int64))
            _member(archive, f"maps_{number:05d}", np.stack([record.steps for record in chunk]))


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
