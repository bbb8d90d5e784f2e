"""New PNG, video or DICOM files: nothing is in them but what is given, none replaces another.

Of a DICOM file an allow-list of technical attributes is passed on, with new identifiers.
In the spirit of the Basic Application Level Confidentiality Profile (PS3.15 E.1), and narrower: what is not
named here is not kept, whatever it is called. Private attributes, overlays and dates are not named.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Final

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import UID, RLELossless, generate_uid
from pydicom.valuerep import format_number_as_ds

from scanmon import __version__
from scanmon.core.write_atomic import PRIVATE
from scanmon.session.video import Encoder, VideoFile
from scanmon.sources.material import is_bare_dicom

Pictures = Iterable[tuple[NDArray[np.uint8], float]]  # (H, W) with its time in seconds
_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"  # of a length that is not known before
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
# numbers and coded words that the profile keeps too
_PLAIN: Final = [
    "Modality", "InstanceNumber", "SeriesNumber", "BodyPartExamined", "Laterality", "ImageLaterality",
    "LossyImageCompression", "FrameTime", "FrameIncrementPointer", "CineRate",
    "RecommendedDisplayFrameRate", "ActualFrameDuration", "PixelSpacing", "PixelAspectRatio",
    "PixelSpacingCalibrationType", "DepthOfScanField", "TransducerType", "MechanicalIndex",
    "BoneThermalIndex", "CranialThermalIndex", "SoftTissueThermalIndex", "OutputPower",
]  # fmt: skip
_TEXT: Final = "Manufacturer", "ManufacturerModelName"  # free, and kept where no name is in them
_REGION: Final = [
    "RegionSpatialFormat", "RegionDataType", "RegionFlags", "RegionLocationMinX0", "RegionLocationMinY0",
    "RegionLocationMaxX1", "RegionLocationMaxY1", "ReferencePixelX0", "ReferencePixelY0",
    "PhysicalUnitsXDirection", "PhysicalUnitsYDirection", "ReferencePixelPhysicalValueX",
    "ReferencePixelPhysicalValueY", "PhysicalDeltaX", "PhysicalDeltaY", "TransducerFrequency",
    "PulseRepetitionFrequency", "SteeringAngle", "DopplerCorrectionAngle",
]  # fmt: skip
_UIDS: Final = "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"
_EMPTY: Final = [
    "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "ReferringPhysicianName",
    "StudyID", "AccessionNumber",
]  # fmt: skip
_NAMING: Final = [
    "PatientName", "PatientID", "OtherPatientIDs", "InstitutionName", "ReferringPhysicianName",
    "OperatorsName",
]  # fmt: skip
_STILL, _CINE = UID("1.2.840.10008.5.1.4.1.1.6.1"), UID("1.2.840.10008.5.1.4.1.1.3.1")
_TEXT_ALLOWED = re.compile(r"[A-Za-z0-9 ._/+()-]{1,64}")
_FRAME_TIME: Final = 0x00181063
_CODE = re.compile(r"[A-Z0-9_ ]{0,16}")
_LETTERS = re.compile(r"[^\W_]{3,}")


class Identities:
    """New identifiers, random, and the same for what was the same within a run."""

    def __init__(self) -> None:
        self._uids: defaultdict[str, UID] = defaultdict(lambda: generate_uid(prefix=None))
        numbers = count(1)
        self._patients: defaultdict[tuple[str, ...], str] = defaultdict(lambda: f"P{next(numbers):04}")

    def uid(self, original: object) -> UID:
        return self._uids[str(original)]

    def patient(self, data: Dataset) -> str:
        """A running number; a file that names nobody is nobody's."""
        said = tuple(str(data.get(name) or "") for name in ("PatientID", "IssuerOfPatientID", "PatientName"))
        return self._patients[said] if any(said) else ""


def technical(path: Path, identities: Identities, *, clean: bool) -> Dataset:
    """What may be kept of the file's attributes, without pixels. `clean`: nothing in it needs an eye.

    Raises whatever a damaged header makes pydicom raise.
    """
    wanted: list[Any] = [*_PLAIN, *_TEXT, *_UIDS, *_NAMING]
    wanted += ["IssuerOfPatientID", "SequenceOfUltrasoundRegions"]
    with path.open("rb") as file:
        data = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=wanted, force=is_bare_dicom(path))
    names = {word.lower() for name in _NAMING for word in _LETTERS.findall(str(data.get(name) or ""))}
    kept = _numbers_and_codes(data, _PLAIN)
    for name in _TEXT:
        value = str(data.get(name) or "").strip()
        words = {word.lower() for word in _LETTERS.findall(value)}
        setattr(kept, name, value if _TEXT_ALLOWED.fullmatch(value) and not words & names else "")
    regions = [_numbers_and_codes(item, _REGION) for item in data.get("SequenceOfUltrasoundRegions") or ()]
    if regions:
        kept.SequenceOfUltrasoundRegions = regions
    for name in _UIDS:
        if name in data or name != "FrameOfReferenceUID":
            setattr(kept, name, identities.uid(data.get(name) or object()))
    for name in _EMPTY:
        setattr(kept, name, "")
    kept.PatientID = identities.patient(data)
    kept.ImageType = ["DERIVED", "PRIMARY"]
    kept.PatientIdentityRemoved = "YES" if clean else "NO"  # it speaks of the pixels too (PS3.3 C.7.1.1)
    kept.BurnedInAnnotation = "NO" if clean else "YES"
    kept.LongitudinalTemporalInformationModified = "REMOVED"
    kept.DeidentificationMethod = f"scanmon {__version__}: sector, letters masked, technical tags"
    return kept


def describe_pixels(kept: Dataset, times_s: Sequence[float], height: int, width: int) -> None:
    """Say that the pixels are gray, 8 bit, RLE, and when each frame was; makes an ultrasound image of it."""
    frames = len(times_s)
    kept.SOPClassUID = _CINE if frames > 1 else _STILL
    kept.SamplesPerPixel, kept.PhotometricInterpretation = 1, "MONOCHROME2"
    kept.Rows, kept.Columns = height, width
    kept.BitsAllocated = kept.BitsStored = 8
    kept.HighBit, kept.PixelRepresentation = 7, 0
    if frames > 1:
        kept.NumberOfFrames = frames
        if "FrameTime" not in kept or kept.get("FrameIncrementPointer") != _FRAME_TIME:
            kept.FrameIncrementPointer = 0x00181065  # Frame Time Vector
            steps_ms = np.diff(np.asarray(times_s) * 1000, prepend=times_s[0] * 1000)
            kept.FrameTimeVector = [f"{step:.3f}" for step in steps_ms]
    kept.file_meta = FileMetaDataset()
    kept.file_meta.MediaStorageSOPClassUID = kept.SOPClassUID
    kept.file_meta.MediaStorageSOPInstanceUID = kept.SOPInstanceUID
    kept.file_meta.TransferSyntaxUID = RLELossless


def _numbers_and_codes(data: Dataset, names: list[str]) -> Dataset:
    """The elements of `names` whose values are numbers, tags or plain coded words."""
    kept = Dataset()
    for name in names:
        element = data.get_item(name) and data[name]
        if element is None or element.is_empty:
            continue
        if element.VR == "CS" and not all(_CODE.fullmatch(str(one)) for one in _several(element.value)):
            continue
        if element.VR in ("DS", "IS"):
            values = [format_number_as_ds(float(one)) for one in _several(element.value)]
            kept.add_new(
                element.tag, element.VR, values if element.VR == "DS" else [int(float(one)) for one in values]
            )
        elif element.VR in ("CS", "US", "UL", "SL", "FD", "FL", "AT"):
            kept.add_new(element.tag, element.VR, element.value)
    return kept


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pydicom.multival.MultiValue | list | tuple) else [value]


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there before, for its owner alone; gone again after an error."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """One picture, gray or B, G, R."""
    with new_file(path) as file:
        file.write(cv2.imencode(".png", picture)[1].tobytes())


def write_video(path: Path, pictures: Pictures) -> None:
    """H.264 in Matroska, as a session holds it. Raises `SinkError` where the encoder fails."""
    film, encoder = None, None
    try:
        for picture, time_s in pictures:
            if film is None or encoder is None:
                encoder = Encoder("h264", picture.shape[1], picture.shape[0])
                film = VideoFile(path, "h264", picture.shape[1], picture.shape[0])
            film.add(encoder.encode(picture, time_s))
        if film is not None:
            film.finish()
    except BaseException:
        if film is not None:
            film.abandon()
            path.unlink(missing_ok=True)
        raise


def write_dicom(path: Path, described: Dataset, pictures: Pictures) -> None:
    """`described` with its pixels behind it, a picture at a time (PS3.5 A.4)."""
    with new_file(path) as file:
        described.save_as(file, enforce_file_format=True)
        encoder = get_encoder(RLELossless)
        file.write(_PIXEL_DATA + _ITEM + bytes(4))  # an empty table of offsets
        for picture, _ in pictures:
            coded = encoder.encode(
                picture.tobytes(),
                rows=picture.shape[0],
                columns=picture.shape[1],
                samples_per_pixel=1,
                number_of_frames=1,
                bits_allocated=8,
                bits_stored=8,
                pixel_representation=0,
                photometric_interpretation="MONOCHROME2",
            )
            coded += bytes(len(coded) % 2)
            file.write(_ITEM + len(coded).to_bytes(4, "little") + coded)
        file.write(_END)
