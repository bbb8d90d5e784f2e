"""A recorded session as files for other programs: `export`, by the ending of the file."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.schema import BOOKMARK, SESSION
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import export_movie
from scanmon.session.results_table import TableFile

__all__ = ["ENDINGS", "PAGES", "Material", "export"]

PAGES: Final = (".pdf", ".png")  # drawn by who can: `ui.report`

_TELL_EVERY: Final = 1000  # rows


def _export_table(material: Material, path: Path, progress: Progress) -> None:
    """One row for each captured frame. Raises `SinkError`."""
    table = material.content.table
    marked = {row: text for row, _, text in material.content.bookmarks}
    with TableFile(path, (*SESSION, BOOKMARK)) as file:
        for number in range(len(table)):
            file.add(table.record(number) | {BOOKMARK.name: marked.get(number)})
            if number % _TELL_EVERY == 0:
                progress(number, len(table))
    progress(len(table), len(table))


def _export_nrrd(material: Material, path: Path, progress: Progress) -> None:
    """Gray pictures (width, height, 1, time); a pixel stands for 1 mm. Raises `SinkError`."""
    recording = material.pictures(path)
    info, times_s = recording.info, recording.times_s
    quality = material.content.table.numbers("quality")[material.content.pictures]
    header = [
        "NRRD0005",
        "# pixel size unknown: 1 mm stands for one pixel",
        "type: uint8",
        "dimension: 4",
        "space: left-posterior-superior",
        f"sizes: {info.width} {info.height} 1 {len(times_s)}",
        "space directions: (1,0,0) (0,1,0) (0,0,1) none",
        "kinds: domain domain domain list",
        'labels: "" "" "" "time"',
        'units: "" "" "" "s"',  # of the list alone: the other axes have directions in space
        'space units: "mm" "mm" "mm"',
        "encoding: gzip",
        "space origin: (0,0,0)",
        "measurement frame: (1,0,0) (0,1,0) (0,0,1)",
        "DataNodeClassName:=vtkMRMLScalarVolumeNode",
        "axis 3 index type:=numeric",
        "axis 3 index values:=" + " ".join(f"{time_s:.6f}" for time_s in times_s),
        "scanmon quality:=" + " ".join("nan" if np.isnan(value) else f"{value:.2f}" for value in quality),
    ]
    with replacing(path) as part, part.open("wb") as file:
        file.write(("\n".join(header) + "\n\n").encode("ascii"))
        # mtime 0 and no name: the file tells nothing of this machine
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=4, mtime=0) as packed:
            for frame in recording.frames_from(0):
                packed.write(np.ascontiguousarray(frame.pixels).tobytes())
                progress(frame.index + 1, len(times_s))


def _export_dicom(material: Material, path: Path, progress: Progress) -> None:
    try:
        from scanmon.session.export.dicom import export_dicom  # noqa: PLC0415 an extra, and slow to load
    except ImportError as error:
        remedy = 'pip install "scanmon[dicom]"'
        raise SinkError("DICOM reports need highdicom, which is not installed", path, remedy) from error
    export_dicom(material, path, progress)


ENDINGS: Final[dict[str, Callable[[Material, Path, Progress], None]]] = {
    ".csv": _export_table,
    ".parquet": _export_table,
    ".jsonl": _export_table,
    ".mp4": export_movie,
    ".dcm": _export_dicom,
    ".seq.nrrd": _export_nrrd,
}


def export(material: Material, path: Path, progress: Progress = lambda done, everything: None) -> None:
    """Write the session in the form that the ending of `path` asks for; nothing half-written stays behind.

    Raises `SettingsError` for an unknown ending, and `SinkError`.
    """
    for ending, write in ENDINGS.items():
        if path.name.lower().endswith(ending):
            write(material, path, progress)
            return
    raise SettingsError("has no ending of an export", path, f"use one of {', '.join([*ENDINGS, *PAGES])}")
