"""What scanmon reads of a DICOM header: geometry, times, ultrasound regions; nothing about a person."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import parse_fragments
from pydicom.errors import InvalidDicomError
from pydicom.uid import HTJ2K, DeflatedExplicitVRLittleEndian, HTJ2KLossless, HTJ2KLosslessRPCL, RLELossless

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.core.values import Box
from scanmon.sources.material import is_bare_dicom
from scanmon.sources.picture_size import Size, check_size, coded_size
from scanmon.sources.recordings import NOMINAL_HZ, mean_rate_hz, steady_times

# pydicom's warnings quote values of damaged elements, and these may identify a patient
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_TAGS: list[str] = [
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PhotometricInterpretation",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
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
    "PixelSpacing",
    "InstanceNumber",
    "AcquisitionTime",
]  # every element that is ever read from a file
MOST_INFLATED: Final = 1 << 29  # bytes of a deflated data set
MOST_FRAMES: Final = 1_000_000  # nine hours at 30 a second
_VIDEO = tuple(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))
_HEAD_BYTES = 1024  # the preamble and the file meta information, which names the transfer syntax
_ELEMENT_HEAD, _BARE_HEAD = 12, 8  # bytes before the value of the pixel data: with its VR, without
_FRAME_TIME_VECTOR = 0x00181065
_MIN_MM, _MAX_MM = 1e-3, 10.0  # for a pixel: what else is stated is no such picture
_CM = 3  # Physical Units (PS3.3 C.8.5.5.1.15)
_TISSUE, _TWO_D = 1, 1  # Region Data Type, Region Spatial Format (PS3.3 C.8.5.5.1.1 and C.8.5.5.1.2)
_TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d(?:\.\d{1,6})?))?)?")  # colons: the form before 1993


@dataclass(frozen=True, slots=True, eq=False)
class DicomHeader:
    """A checked header."""

    size: Size
    bits: int  # stored bits of a sample
    unused: int  # bits of a cell below those of its sample
    photometric: str
    syntax: pydicom.uid.UID  # of the transfer
    stated: int  # frames that the header counts; `times_s` has those that the file can hold
    times_s: NDArray[np.float64]  # (frames,)
    rate_hz: float | None  # None: a still, or not stated
    region: Box | None  # the B-mode region, where the one that is stated lies in the picture
    begin: int  # of the pixel data in the file, where they are not encapsulated
    dataset: pydicom.Dataset  # the elements of `_TAGS`; holds the palette
    instance: int | None = None  # Instance Number: the place in a series
    acquired_s: float | None = None  # Acquisition Time, since midnight
    spacing_mm: tuple[float, float] | None = None  # across, down: of the region, or of the whole picture


def read_header(path: Path) -> DicomHeader:
    """Read without pixels. Raises `SourceError` where there is no DICOM, no picture, or too large a one."""
    try:
        with path.open("rb") as file:
            refuse_bomb(file, path)
            data = pydicom.dcmread(
                file, stop_before_pixels=True, specific_tags=_TAGS, force=is_bare_dicom(path)
            )
            syntax = _syntax(data)
            head = _BARE_HEAD if syntax.is_implicit_VR else _ELEMENT_HEAD
            begin = file.tell() + head
            here = path.stat().st_size - begin
            fragments = _check_streams(file, path) if syntax.is_encapsulated else 0
        _drop_unreadable(data)
        size = Size(int(data.get("Columns") or 0), int(data.get("Rows") or 0))
        frames = int(data.get("NumberOfFrames") or 1)
        samples = int(data.get("SamplesPerPixel") or 1)
        allocated = int(data.get("BitsAllocated") or 8)
        bits = int(data.get("BitsStored") or allocated)
    except SourceError:
        raise
    except InvalidDicomError:
        raise SourceError("is not a DICOM file", path, "check the file") from None
    except OSError as error:
        if error.strerror is None:  # the parser's own: an element that does not end
            raise SourceError("the DICOM header is damaged", path, "export it again") from None
        raise SourceError(
            f"cannot be read ({error.strerror})", path, "check the path and its rights"
        ) from None
    except Exception:  # noqa: BLE001 - a damaged file can raise anything in the parser; its text may quote values
        raise SourceError("the DICOM header is damaged", path, "export it again") from None
    if "Rows" not in data:
        if "MediaStorageSOPClassUID" not in data.file_meta:
            raise SourceError("the DICOM file is cut off", path, "export it again")
        raise NoPictureError("the DICOM file holds no picture", path, "give an ultrasound image or cine loop")
    check_size(size, path)
    unused = _unused(data, bits, allocated)
    if syntax.is_encapsulated:
        _check_codec(syntax, unused, bits, path)
        held = fragments if not is_video(syntax) else frames
    else:
        each = max(1, size.width * size.height * samples * allocated // 8)
        if data.get("PhotometricInterpretation") == "YBR_FULL_422":
            each = each * 2 // 3
        held = (MOST_INFLATED if syntax.is_deflated else here) // each
    held = min(frames, held)
    if not 1 <= held <= MOST_FRAMES:
        raise SourceError(
            f"the DICOM file is cut off, or its {frames} frames are not in it", path, "export it again"
        )
    times_s, rate_hz = frame_times(data, held)
    photometric = str(data.get("PhotometricInterpretation") or "MONOCHROME2")
    return DicomHeader(
        size,
        bits,
        unused,
        photometric,
        syntax,
        frames,
        times_s,
        rate_hz,
        _region(data, size),
        begin,
        data,
        _instance(data),
        since_midnight_s(data.get("AcquisitionTime")),
        _spacing_mm(data, size),
    )


def _unused(data: pydicom.Dataset, bits: int, allocated: int) -> int:
    """Bits of a cell below the sample: High Bit is the place of its highest one (PS3.5 8.1.1).

    One that cannot be is passed over, as viewers do.
    """
    high = number(data, "HighBit")
    return int(high) + 1 - bits if high is not None and bits <= high < allocated else 0


def _check_codec(syntax: pydicom.uid.UID, unused: int, bits: int, path: Path) -> None:
    """Raises `SourceError` for what no library decodes here."""
    if unused and syntax != RLELossless:  # a codec has bits of its own
        raise SourceError(
            f"is coded, and its {bits} bits do not begin at the lowest", path, "export it again, uncompressed"
        )
    if syntax in (HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL) and find_spec("openjpeg") is None:
        raise SourceError("is High-Throughput JPEG 2000", path, "pip install 'scanmon[htj2k]'")


def is_video(syntax: pydicom.uid.UID) -> bool:
    """Whether the pixel data are a video stream (PS3.5 A.4.5 to A.4.10), fragmentable forms included."""
    return any(syntax == uid or syntax.startswith(f"{uid}.") for uid in _VIDEO)


def _check_streams(file: BinaryIO, path: Path) -> int:
    """The number of fragments. Refuses coded pictures with too many pixels, whatever the header says of them.

    `file` stands at the element of the pixel data; afterwards too.
    """
    at = file.tell()
    file.seek(at + _ELEMENT_HEAD)
    fragments = parse_fragments(file)[1][1:]  # the first item is the table of offsets
    for offset in fragments:
        file.seek(offset + 8)
        if (size := coded_size(file.read(1 << 16))) is not None:
            check_size(size, path)
    file.seek(at)
    return len(fragments)


def frames_missing(missing: int, stated: int, path: Path) -> SourceError:
    """The error behind the last frame of a file that holds fewer than its header counts."""
    return SourceError(f"{missing} of its {stated} frames are missing", path, "copy or export it again")


def refuse_bomb(file: BinaryIO, path: Path) -> None:
    """Inflate a deflated data set without keeping it. Raises `SourceError` beyond `MOST_INFLATED`."""
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if DeflatedExplicitVRLittleEndian.encode() not in head[:_HEAD_BYTES]:
        return
    meta = pydicom.filereader.read_file_meta_info(path)
    start = 132 + 12 + int(meta.FileMetaInformationGroupLength)
    file.seek(start)
    unpacker, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while chunk := unpacker.unconsumed_tail or file.read(1 << 16):
        size += len(unpacker.decompress(chunk, 1 << 22))
        if size > MOST_INFLATED:
            raise SourceError(
                f"the DICOM file unpacks to more than {MOST_INFLATED >> 20} MB", path, "export it again"
            )
    file.seek(0)


def _syntax(data: pydicom.FileDataset) -> pydicom.uid.UID:
    stated = data.file_meta.get("TransferSyntaxUID")
    if stated is not None:
        return pydicom.uid.UID(stated)
    implicit, little = data.original_encoding
    if implicit:
        return pydicom.uid.ImplicitVRLittleEndian
    return pydicom.uid.ExplicitVRLittleEndian if little else pydicom.uid.ExplicitVRBigEndian


def frame_times(data: pydicom.Dataset, frames: int) -> tuple[NDArray[np.float64], float | None]:
    """Times (frames,) and rate from Frame Time Vector, Frame Time, Cine Rate or display rate, in this order.

    The vector counts where the Frame Increment Pointer names it or nothing else is there. Intervals that are
    missing or not positive become the median one, so that times grow strictly. (PS3.3 C.7.6.5)
    """
    if frames == 1:
        return steady_times(1), None
    vector = _numbers(data, "FrameTimeVector")
    steady_ms = number(data, "FrameTime") or 0.0
    named = data.get("FrameIncrementPointer") == _FRAME_TIME_VECTOR
    if len(vector) >= frames and (named or steady_ms <= 0):
        steps_s = np.array(vector[1:frames]) / 1000.0
        good = steps_s[steps_s > 0]
        if len(good):
            steps_s[steps_s <= 0] = np.median(good)
            times_s = np.concatenate([[0.0], np.cumsum(steps_s)])
            return times_s, mean_rate_hz(times_s)
    rates = [1000.0 / steady_ms if steady_ms > 0 else 0.0]
    rates += [number(data, name) or 0.0 for name in ("CineRate", "RecommendedDisplayFrameRate")]
    rate_hz = next((rate for rate in rates if 0.1 <= rate <= 10_000), NOMINAL_HZ)
    return steady_times(frames, rate_hz), round(rate_hz, 3)


def since_midnight_s(stated: object) -> float | None:
    """Seconds of a DICOM time `HHMMSS.FFFFFF`, with or without its end (PS3.5 6.2); None where it is none."""
    found = _TIME.fullmatch(str(stated).strip()) if stated is not None else None
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds if hours < 24 and minutes < 60 and seconds < 61 else None


def _instance(data: pydicom.Dataset) -> int | None:
    stated = number(data, "InstanceNumber")
    return None if stated is None else int(stated)


def _drop_unreadable(data: pydicom.Dataset) -> None:
    """What pydicom cannot turn into a value when it is asked for counts as not there."""
    for tag in list(data.keys()):
        try:
            element = data[tag]
        except Exception:  # noqa: BLE001 - it raises many kinds
            del data[tag]
            continue
        if element.VR == "SQ":
            for item in element.value:
                _drop_unreadable(item)


def _numbers(data: pydicom.Dataset, name: str) -> list[float]:
    """Finite values of an element; none where it is missing or one is no number."""
    return _finite(_values(data, name))


def _values(data: pydicom.Dataset, name: str) -> list[Any]:
    value: Any = data.get(name)
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [item for item in several if item is not None]


def _finite(values: list[Any]) -> list[float]:
    try:
        numbers = [float(item) for item in values]
    except (TypeError, ValueError):
        return []
    return numbers if np.isfinite(numbers).all() else []


def number(data: pydicom.Dataset, name: str) -> float | None:
    """The first value of an element, whatever follows it; None where it is missing or no finite number."""
    return next(iter(_finite(_values(data, name)[:1])), None)


def _region(data: pydicom.Dataset, size: Size) -> Box | None:
    """The largest B-mode region whose stated pixels all lie in the picture (PS3.3 C.8.5.5).

    Real files state regions for another picture size: a region that leaves the picture by more than its
    last row or column is not believed at all, because its other corner is wrong as well.
    """
    found = _largest(data, size)
    return found and found[0]


def _spacing_mm(data: pydicom.Dataset, size: Size) -> tuple[float, float] | None:
    """Millimetres for a pixel across and down: of the region that `_region` gives, else Pixel Spacing."""
    found = _largest(data, size)
    if found is not None:
        region = found[1]
        units = [region.get(f"PhysicalUnits{axis}Direction") for axis in "XY"]
        deltas = [abs(number(region, f"PhysicalDelta{axis}") or 0.0) * 10 for axis in "XY"]
        if units == [_CM, _CM] and all(_MIN_MM < delta < _MAX_MM for delta in deltas):
            return deltas[0], deltas[1]
    down_across = _numbers(data, "PixelSpacing")
    if len(down_across) == 2 and all(_MIN_MM < value < _MAX_MM for value in down_across):
        return down_across[1], down_across[0]
    return None


def _largest(data: pydicom.Dataset, size: Size) -> tuple[Box, pydicom.Dataset] | None:
    regions = [(_box(region, size), region) for region in data.get("SequenceOfUltrasoundRegions") or ()]
    known = [(box, region) for box, region in regions if box is not None]
    return max(known, key=lambda one: one[0].width * one[0].height, default=None)


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
