"""What is measured: a picture or the median of a cine loop, the size of its pixels; and what comes out."""

from contextlib import closing
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.records import Row
from scanmon.core.values import Box, GrayImage
from scanmon.lab.pictures import spread
from scanmon.lab.qa.straight import Straight
from scanmon.sources.dicom_header import read_header
from scanmon.sources.material import DICOM
from scanmon.sources.opening import open_recording

MOST_FRAMES = 16  # evenly spread over a cine
_AT_ONCE = 64  # rows
_SQUARE = 0.02  # by how much a pixel may be wider than high


class Scale(NamedTuple):
    """The unit of lengths, and how many of it a pixel is long."""

    unit: str  # mm, or px where no size is known
    of_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """`frames` (n, H, W); `picture` (H, W) is their median, pixel by pixel."""

    frames: NDArray[np.uint8]
    picture: GrayImage
    declared: Box | None  # the image area that the file states
    mm: float | None  # for a pixel
    mm_from: str = ""  # what told it

    @property
    def scale(self) -> Scale:
        return Scale("px", 1.0) if self.mm is None else Scale("mm", self.mm)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of the picture."""

    region: str = "auto"
    elements: int | None = None
    pitch_mm: float | None = None
    dynamic_range_db: float = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """The measures of a check, what else was found, and what a page shows of it."""

    measures: dict[str, float]
    about: Row
    seen: Straight
    dips: list[Row]
    marks: list[tuple[float, float]]  # (x, y) in the picture
    curves: list[tuple[str, str, NDArray[np.float64]]]  # title, axis, values


def read_material(path: Path, mm: float | None) -> Material:
    """The frames of a file or folder. `mm` for a pixel, given by a person, wins. Raises `ScanmonError`."""
    with closing(open_recording(str(path))) as recording:
        frames = list(spread(recording, MOST_FRAMES))
    if len({frame.pixels.shape for frame in frames}) > 1:
        raise SourceError("its pictures are not of one size", path, "give the frames of one check")
    pixels = np.stack([frame.pixels for frame in frames])
    declared = frames[0].declared if isinstance(frames[0].declared, Box) else None
    told = "given" if mm is not None else ""
    if mm is None:
        mm = stated_mm(path)
        told = "DICOM" if mm is not None else ""
    return Material(pixels, _median(pixels), declared, mm, told)


def stated_mm(path: Path) -> float | None:
    """What DICOM says; None for other files, and for pixels that are not square."""
    if path.is_dir():
        return None
    with path.open("rb") as file:
        marked = file.read(132)[128:] == b"DICM"
    if not marked and path.suffix.lower() not in DICOM:
        return None
    across, down = read_header(path).spacing_mm or (0.0, 1.0)
    return down if abs(across - down) <= _SQUARE * down else None


def scale_mm(text: str) -> float:
    """Millimetres for a pixel from `X1,Y1,X2,Y2,MM`: two points, their distance. Raises `SettingsError`."""
    try:
        x1, y1, x2, y2, mm = (float(part) for part in text.split(","))
    except ValueError:
        x1 = y1 = x2 = y2 = mm = 0.0
    apart = hypot(x2 - x1, y2 - y1)
    if not (apart > 1 and 0 < mm < 1e4):
        raise SettingsError(
            f"{text!r} is no scale", "--scale", "use X1,Y1,X2,Y2,MM: two points, their distance"
        )
    return mm / apart


def _median(frames: NDArray[np.uint8]) -> GrayImage:
    """Band by band, so that a large cine takes little memory."""
    if len(frames) == 1:
        return np.asarray(frames[0], np.uint8)
    bands = [
        np.median(frames[:, start : start + _AT_ONCE], axis=0)
        for start in range(0, frames.shape[1], _AT_ONCE)
    ]
    return np.asarray(np.concatenate(bands).round(), np.uint8)
