"""A cine loop that was stored as one DICOM file a picture, as some scanners and archives do."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import NoPictureError, SourceError, disk_errors
from scanmon.core.ports import Recording, SourceInfo
from scanmon.core.values import Box
from scanmon.sources.dicom import open_dicom, picture_at
from scanmon.sources.dicom_header import is_video, read_header
from scanmon.sources.gray import Picture
from scanmon.sources.images import natural
from scanmon.sources.material import is_dicom
from scanmon.sources.picture_size import Size
from scanmon.sources.recordings import IndexedRecording, mean_rate_hz, steady_times

_LOG = logging.getLogger(__name__)
MAX_FILES = 20_000  # more than ten minutes at 30 a second: an archive, which `scanmon score` walks through
_CINE_STEP_S = 1.0  # pictures further apart are stills that were taken one by one
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class _Still:
    path: Path
    size: Size
    photometric: str
    region: Box | None
    instance: int | None
    acquired_s: float | None  # since midnight


def dicom_files_in(folder: Path, most: int = MAX_FILES) -> list[Path]:
    """The DICOM files that lie directly in a folder, in the natural order of their names; hidden ones not.

    Raises `SourceError` where the folder cannot be read, or holds more than `most`.
    """
    with disk_errors(SourceError, "cannot be read", folder, "check the path and its rights"):
        found = (path for path in folder.iterdir() if not path.name.startswith(".") and is_dicom(path))
        files = list(islice(found, most + 1))
    if len(files) > most:
        raise SourceError(
            f"holds more than {most} DICOM files", folder, "name one series, or use scanmon score"
        )
    return sorted(files, key=lambda path: natural(path.name))


def open_dicom_folder(folder: Path, files: list[Path]) -> Recording:
    """Single-frame DICOM files as the frames of one recording; every header is checked here (`SourceError`).

    In the order of the Instance Number where all have one of their own, otherwise of the Acquisition Time,
    otherwise of the names. Acquisition Times also give the intervals where they grow by less than a second
    from picture to picture; otherwise 25 a second are assumed. A declared region counts where all agree.
    Files without a picture (a CD's directory, structured reports) are passed over, and cine loops beside
    stills too; where there are no stills the first loop is opened. Both are said in the log.
    """
    found: list[_Still] = []
    loops: list[Path] = []
    others = 0
    for path in files:
        try:
            header = read_header(path)
        except NoPictureError:
            others += 1
            continue
        if len(header.times_s) == 1 and not is_video(header.syntax):
            found.append(
                _Still(
                    path, header.size, header.photometric, header.region, header.instance, header.acquired_s
                )
            )
        else:
            loops.append(path)
    if others:
        _LOG.warning("%s: %d files without a picture are passed over", folder.name, others)
    if loops and (found or len(loops) > 1):
        rest = loops if found else loops[1:]
        _LOG.warning(
            "%s: cine loops to be opened one by one: %s", folder.name, ", ".join(p.name for p in rest)
        )
    if not found:
        if not loops:
            raise NoPictureError("holds no picture", folder, "give a folder with ultrasound images in it")
        return open_dicom(loops[0])
    stills = _ordered(found)
    times_s, rate_hz = _times(stills)
    first = stills[0]
    declared = first.region if len({(still.region, still.size) for still in stills}) == 1 else None
    info = SourceInfo(
        folder.name,
        first.size.width,
        first.size.height,
        rate_hz,
        len(stills),
        f"{len(stills)} DICOM files, {first.photometric}",
    )
    paths = [still.path for still in stills]

    def pictures_from(index: int) -> Iterator[Picture]:
        return (picture_at(path) for path in paths[index:])

    return IndexedRecording(info, times_s, pictures_from, declared)


def _ordered(stills: list[_Still]) -> list[_Still]:
    numbers = [still.instance for still in stills]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return sorted(stills, key=lambda still: still.instance or 0)
    if all(still.acquired_s is not None for still in stills):
        return sorted(stills, key=lambda still: still.acquired_s or 0.0)  # keeps the names' order within one
    return stills


def _times(stills: list[_Still]) -> tuple[NDArray[np.float64], float | None]:
    """Times (n,) that grow strictly, and the rate where it is known."""
    nominal = steady_times(len(stills))
    acquired = [still.acquired_s for still in stills if still.acquired_s is not None]
    if len(acquired) != len(stills) or len(stills) < 2:
        return nominal, None
    steps_s = np.diff(acquired)
    steps_s = np.where(steps_s < -_DAY_S / 2, steps_s + _DAY_S, steps_s)  # over midnight
    if steps_s.min() <= 0 or steps_s.max() > _CINE_STEP_S:
        return nominal, None
    times_s = np.concatenate([[0.0], np.cumsum(steps_s)])
    return times_s, mean_rate_hz(times_s)
