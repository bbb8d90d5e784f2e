"""The table of frames as CSV, Parquet or JSON lines, and the pictures as an NRRD volume."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from scanmon.core.schema import BOOKMARK, SESSION
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.results_table import TableFile

_TELL_EVERY = 1000


def export_table(material: Material, path: Path, progress: Progress) -> None:
    """One row for each captured frame. Raises `SinkError`."""
    table = material.content.table
    marked = {row: text for row, _, text in material.content.bookmarks}
    with TableFile(path, (*SESSION, BOOKMARK)) as file:
        for number in range(len(table)):
            file.add(table.record(number) | {BOOKMARK.name: marked.get(number)})
            if number % _TELL_EVERY == 0:
                progress(number, len(table))
    progress(len(table), len(table))


def export_nrrd(material: Material, path: Path, progress: Progress) -> None:
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
