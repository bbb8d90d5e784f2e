"""`scanmon measure`, put together: measures in regions of interest of pictures, cine loops and sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from scanmon.core.errors import NoPictureError, ScanmonError
from scanmon.core.records import Row
from scanmon.core.roi import BINS, MEASURES, measured
from scanmon.core.schema import ERROR, ROI, Column
from scanmon.core.text import label
from scanmon.core.values import Frame
from scanmon.lab.pictures import spread
from scanmon.lab.qa.material import stated_mm
from scanmon.picture.region.given import rois_of
from scanmon.picture.region.shapes import Shape
from scanmon.sources.opening import open_recording

_MM = (Column("axial_mm", "number"), Column("lateral_mm", "number"))
_FIRST = (Column("source", "text"), Column("frame", "integer"), Column("time_s", "number"))


@dataclass(frozen=True, slots=True)
class RoiStudy:
    """What is measured, and how."""

    roi: Shape
    background: Shape | None = None
    dynamic_range_db: float | None = None
    bins: int = BINS
    frames: int = 0  # of a cine at most, evenly spread; 0: all
    mm_per_px: float | None = None  # None: what a DICOM file says

    @property
    def columns(self) -> tuple[Column, ...]:
        named = tuple(column._replace(name=column.name.removeprefix("roi_")) for column in ROI)
        return (*_FIRST, *named, *_MM, ERROR)


@dataclass(slots=True)
class RoiRows:
    """A row for each frame; a file that fails gives one row with `error`, and is counted.

    A sound file that holds no picture gives no row, and is added to `passed_over`.
    """

    study: RoiStudy
    files: Sequence[Path]
    passed_over: list[Path]
    failed: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Row]:
        for file in self.files:
            try:
                yield from self._of(file)
            except NoPictureError:
                self.passed_over.append(file)
            except ScanmonError as error:
                self.failed += 1
                yield {"source": label(file), "error": str(error)}

    def _of(self, file: Path) -> Iterator[Row]:
        with closing(open_recording(str(file))) as recording:
            mm = self.study.mm_per_px or stated_mm(file)
            frames = spread(recording, self.study.frames) if self.study.frames else iter(recording)
            for frame in frames:
                yield {
                    "source": label(file),
                    "frame": frame.index,
                    "time_s": frame.time_s,
                    **self._row(frame, mm),
                }

    def _row(self, frame: Frame, mm: float | None) -> Row:
        study = self.study
        rois = rois_of(study.roi, study.background)(*frame.pixels.shape)
        rois = replace(rois, dynamic_range_db=study.dynamic_range_db, bins=study.bins)
        found = measured(frame.pixels, rois)
        row: Row = {"roi": found.box.as_list(), "background": None}
        if found.background_box is not None:
            row["background"] = found.background_box.as_list()
        values = asdict(found)
        row |= {name: values[name] for name in MEASURES}
        for way in ("axial", "lateral"):
            px = values[f"{way}_px"]
            row[f"{way}_mm"] = None if px is None or mm is None else px * mm
        return row
