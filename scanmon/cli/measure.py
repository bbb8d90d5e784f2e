"""`scanmon measure`: mean, contrast, CNR, gCNR, speckle SNR and resolution in regions of interest."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from scanmon.app.archive import files_in
from scanmon.cli.options import add_roi_options, number, whole
from scanmon.cli.output import add_out_option, write_rows
from scanmon.cli.rois import rois_of
from scanmon.core.errors import NoPictureError, ScanmonError
from scanmon.core.records import Row
from scanmon.core.roi import BINS, MEASURES, measured
from scanmon.core.schema import ERROR, ROI, Column
from scanmon.core.text import label
from scanmon.core.values import Frame
from scanmon.lab.pictures import spread
from scanmon.lab.qa.material import stated_mm
from scanmon.picture.region.shapes import Shape
from scanmon.sources.material import by_kind
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
    """A row for each frame; one of several files that fails gives one row with `error`, and is counted.

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
                if len(self.files) == 1:
                    raise
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="picture, DICOM file, video, session, or folder"
    )
    add_roi_options(parser, required=True)
    parser.add_argument(
        "--dynamic-range",
        type=number(1, 200),
        metavar="DB",
        help="of the scanner's display: gray levels are turned back into the amplitude of the envelope",
    )
    parser.add_argument(
        "--bins", type=whole(2, 256), default=BINS, metavar="N", help=f"of gCNR's histograms ({BINS})"
    )
    parser.add_argument(
        "--mm-per-pixel",
        "--mm-per-px",
        type=number(1e-4, 1e4),
        metavar="MM",
        help="for the resolution in millimetres, where no DICOM header says it",
    )
    parser.add_argument(
        "--frames",
        type=whole(1, 10**9),
        default=0,
        metavar="N",
        help="so many of a cine, evenly spread (default: all)",
    )
    add_out_option(parser)


def run(args: argparse.Namespace) -> int:
    """One line for each frame; 1 where a file could not be measured."""
    passed_over: list[Path] = []
    files = files_in(args.paths, passed_over)
    study = RoiStudy(args.roi, args.background, args.dynamic_range, args.bins, args.frames, args.mm_per_pixel)
    rows = RoiRows(study, files, passed_over)
    write_rows(rows, args.out, study.columns, "measured")
    if passed_over:
        print(f"passed over: {by_kind(passed_over)}", file=sys.stderr)
    if rows.failed:
        print(f"error: {rows.failed} of {len(files)} could not be measured; see their lines", file=sys.stderr)
    elif not set(files) - set(passed_over):
        print("error: no file holds a picture; give ultrasound images or cine loops", file=sys.stderr)
        return 1
    return 1 if rows.failed else 0
