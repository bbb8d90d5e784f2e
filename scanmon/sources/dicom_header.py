"""What scanmon reads of a DICOM header: geometry, times, ultrasound regions; nothing about a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError

from scanmon.core.errors import SourceError
from scanmon.core.values import Box
from scanmon.sources.indexed import steady_times
from scanmon.sources.picture_size import Size, check_size

# pydicom's warnings quote values of damaged elements, and these may identify a patient
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_TAGS: list[str] = [
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "BitsAllocated",
    "BitsStored",
    "PhotometricInterpretation",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "NumberOfFrames",
    "FrameTime",
    "FrameTimeVector",
    "FrameIncrementPointer",
    "CineRate",
    "RecommendedDisplayFrameRate",
    "SequenceOfUltrasoundRegions",
    "InstanceNumber",
    "AcquisitionTime",
]  # every element that is ever read from a file
_FRAME_TIME_VECTOR = 0x00181065
_TISSUE, _TWO_D = 1, 1  # Region Data Type, Region Spatial Format (PS3.3 C.8.5.5.1.1 and C.8.5.5.1.2)
_NOMINAL_HZ = 25.0
_TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d(?:\.\d{1,6})?))?)?")  # colons: the form before 1993


@dataclass(frozen=True, slots=True, eq=False)
class DicomHeader:
    """A checked header."""

    size: Size
    bits: int  # stored bits of a sample
    photometric: str
    times_s: NDArray[np.float64]  # (frames,)
    rate_hz: float | None  # None: a still, or not stated
    region: Box | None  # the B-mode region, where the one that is stated lies in the picture
    dataset: pydicom.Dataset  # the elements of `_TAGS`; holds the palette
    instance: int | None = None  # Instance Number: the place in a series
    acquired_s: float | None = None  # Acquisition Time, since midnight


def read_header(path: Path) -> DicomHeader:
    """Read without pixels. Raises `SourceError` where there is no DICOM, no picture, or too large a one."""
    try:
        data = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=_TAGS)
        size = Size(int(data.get("Columns") or 0), int(data.get("Rows") or 0))
        frames = int(data.get("NumberOfFrames") or 1)
        bits = int(data.get("BitsStored") or 8)
        samples = int(data.get("SamplesPerPixel") or 1)
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", path, "check the path and its rights"
        ) from None
    except InvalidDicomError:
        raise SourceError("is not a DICOM file", path, "check the file") from None
    except Exception:  # noqa: BLE001 - a damaged file can raise anything in the parser; its text may quote values
        raise SourceError("the DICOM header is damaged", path, "export it again") from None
    if "Rows" not in data:
        raise SourceError("the DICOM file holds no picture", path, "give an ultrasound image or cine loop")
    check_size(size, path)
    native = not data.file_meta.get("TransferSyntaxUID", pydicom.uid.ImplicitVRLittleEndian).is_compressed
    allocated = int(data.get("BitsAllocated") or 8)
    least = frames * size.width * size.height * samples * allocated // 8 if native else frames
    if data.get("PhotometricInterpretation") == "YBR_FULL_422" and native:
        least = least * 2 // 3
    if frames < 1 or least > path.stat().st_size:
        raise SourceError(
            f"the DICOM file is cut off, or its {frames} frames are not in it", path, "export it again"
        )
    times_s, rate_hz = frame_times(data, frames)
    photometric = str(data.get("PhotometricInterpretation") or "MONOCHROME2")
    return DicomHeader(
        size,
        bits,
        photometric,
        times_s,
        rate_hz,
        _region(data, size),
        data,
        _instance(data),
        since_midnight_s(data.get("AcquisitionTime")),
    )


def frame_times(data: pydicom.Dataset, frames: int) -> tuple[NDArray[np.float64], float | None]:
    """Times (frames,) and rate from Frame Time Vector, Frame Time, Cine Rate or display rate, in this order.

    The vector counts where the Frame Increment Pointer names it or nothing else is there. Intervals that are
    missing or not positive become the median one, so that times grow strictly. (PS3.3 C.7.6.5)
    """
    if frames == 1:
        return steady_times(1, _NOMINAL_HZ), None
    vector = _numbers(data, "FrameTimeVector")
    steady_ms = next(iter(_numbers(data, "FrameTime")), 0.0)
    named = data.get("FrameIncrementPointer") == _FRAME_TIME_VECTOR
    if len(vector) == frames and (named or steady_ms <= 0):
        steps_s = np.array(vector[1:]) / 1000.0
        good = steps_s[steps_s > 0]
        if len(good):
            steps_s[steps_s <= 0] = np.median(good)
            times_s = np.concatenate([[0.0], np.cumsum(steps_s)])
            return times_s, round((frames - 1) / float(times_s[-1]), 3)
    rates = [1000.0 / steady_ms if steady_ms > 0 else 0.0]
    rates += [next(iter(_numbers(data, name)), 0.0) for name in ("CineRate", "RecommendedDisplayFrameRate")]
    rate_hz = next((rate for rate in rates if 0.1 <= rate <= 10_000), None)
    return steady_times(frames, rate_hz or _NOMINAL_HZ), round(rate_hz or _NOMINAL_HZ, 3)


def since_midnight_s(stated: object) -> float | None:
    """Seconds of a DICOM time `HHMMSS.FFFFFF`, with or without its end (PS3.5 6.2); None where it is none."""
    found = _TIME.fullmatch(str(stated).strip()) if stated is not None else None
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds if hours < 24 and minutes < 60 and seconds < 61 else None


def _instance(data: pydicom.Dataset) -> int | None:
    number = next(iter(_numbers(data, "InstanceNumber")), None)
    return None if number is None else int(number)


def _numbers(data: pydicom.Dataset, name: str) -> list[float]:
    """Finite values of an element; none where it is missing or no number."""
    value: Any = data.get(name)
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    try:
        numbers = [float(item) for item in several if item is not None]
    except (TypeError, ValueError):
        return []
    return numbers if np.isfinite(numbers).all() else []


def _region(data: pydicom.Dataset, size: Size) -> Box | None:
    """The largest B-mode region whose stated pixels all lie in the picture (PS3.3 C.8.5.5).

    Real files state regions for another picture size: a region that leaves the picture by more than its
    last row or column is not believed at all, because its other corner is wrong as well.
    """
    boxes = [_box(region, size) for region in data.get("SequenceOfUltrasoundRegions") or ()]
    return max((box for box in boxes if box), key=lambda box: box.width * box.height, default=None)


def _box(region: pydicom.Dataset, size: Size) -> Box | None:
    if region.get("RegionDataType") != _TISSUE or region.get("RegionSpatialFormat") != _TWO_D:
        return None
    names = ("LocationMinX0", "LocationMinY0", "LocationMaxX1", "LocationMaxY1")
    corners = [region.get(f"Region{name}") for name in names]
    if not all(isinstance(corner, int) for corner in corners):
        return None
    x0, y0, x1, y1 = corners
    if not (0 <= x0 < x1 <= size.width and 0 <= y0 < y1 <= size.height):
        return None
    return Box(x0, y0, min(x1 + 1, size.width) - x0, min(y1 + 1, size.height) - y0)  # corners are inclusive
