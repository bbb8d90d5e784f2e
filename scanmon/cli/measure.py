"""`scanmon measure`: mean, contrast, CNR, gCNR, speckle SNR and resolution in regions of interest."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from scanmon.app.archive import files_in
from scanmon.cli.options import add_roi_options, number, whole
from scanmon.cli.output import Tally, add_out_option, write_rows
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


def roi_rows(study: RoiStudy, files: Sequence[Path], tally: Tally) -> Iterator[Row]:
    """A row for each frame; one of several files that fails gives one row with `error`.

    A sound file that holds no picture gives no row.
    """
    for file in files:
        try:
            yield from _rows(study, file)
        except NoPictureError:
            tally.add(file, 0, False)
        except ScanmonError as error:
            if len(files) == 1:
                raise
            tally.add(file, 1, True)
            yield {"source": label(file), "error": str(error)}


def _rows(study: RoiStudy, file: Path) -> Iterator[Row]:
    with closing(open_recording(str(file))) as recording:
        mm = study.mm_per_px or stated_mm(file)
        for frame in spread(recording, study.frames) if study.frames else recording:
            place = {"source": label(file), "frame": frame.index, "time_s": frame.time_s}
            yield place | _measures(study, frame, mm)


def _measures(study: RoiStudy, frame: Frame, mm: float | None) -> Row:
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
    tally = Tally()
    files = files_in(args.paths, tally.passed_over)
    study = RoiStudy(args.roi, args.background, args.dynamic_range, args.bins, args.frames, args.mm_per_pixel)
    write_rows(roi_rows(study, files, tally), args.out, study.columns, "measured")
    return tally.report(len(files), "measured")
