"""DICOM images of a session: its gray pictures as one multi-frame object, and one in colour with overlay.

Nothing of a patient is known here and nothing is written: names, numbers and dates of birth stay empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

MULTI_FRAME_GRAY: Final = "1.2.840.10008.5.1.4.1.1.7.2"

SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
MANUFACTURER: Final = "scanmon"


@dataclass(frozen=True, slots=True)
class Study:
    """What the objects of one export share. The UIDs are random: they tell nothing of this machine."""

    study_uid: str
    date: str  # YYYYMMDD of the recording, UTC
    time: str  # HHMMSS
    software: str
    whole_screen: bool


def new_uid() -> str:
    """A random UID below 2.25."""
    return str(generate_uid(prefix=None))


def gray_pictures(study: Study, pictures: Sequence[NDArray[np.uint8]], times_s: Sequence[float]) -> Dataset:
    """Multi-frame Grayscale Byte Secondary Capture of (H, W) pictures, with their times."""
    dataset = _image(study, MULTI_FRAME_GRAY, 1, "pictures of the session", pictures[0].shape[:2])
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = "1", "0", "US"
    dataset.NumberOfFrames = len(pictures)
    if len(pictures) > 1:
        dataset.FrameIncrementPointer = 0x00181065  # FrameTimeVector
        steps_ms = np.diff(np.asarray(times_s) * 1000.0, prepend=times_s[0] * 1000.0)
        dataset.FrameTimeVector = [f"{step:.3f}" for step in steps_ms]
    _pixels(dataset, np.stack(pictures).tobytes())
    return dataset


def colour_picture(study: Study, picture: NDArray[np.uint8], number: int, comment: str) -> Dataset:
    """Secondary Capture of one (H, W, 3) R, G, B picture."""
    dataset = _image(study, SECONDARY_CAPTURE, number, "picture with overlay", picture.shape[:2])
    dataset.SamplesPerPixel = 3
    dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = "RGB"
    dataset.ImageComments = comment
    _pixels(dataset, np.ascontiguousarray(picture).tobytes())
    return dataset


def _image(study: Study, sop_class: str, series: int, title: str, shape: Sequence[int]) -> Dataset:
    """All that any of our images states; pixels and colour come on top."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(new_uid())
    empty: dict[str, Any] = dict.fromkeys(
        ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName"], ""
    )
    stated = {
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyInstanceUID": study.study_uid,
        "SeriesInstanceUID": new_uid(),
        "StudyDate": study.date,
        "StudyTime": study.time,
        "ContentDate": study.date,
        "ContentTime": study.time,
        "StudyID": "",
        "AccessionNumber": "",
        "SeriesNumber": series,
        "InstanceNumber": 1,
        "Modality": "US",
        "ConversionType": "WSD",  # made at a workstation
        "Manufacturer": MANUFACTURER,
        "SoftwareVersions": study.software,
        "SeriesDescription": f"{title}, research use only",
        "PatientOrientation": "",
        "Laterality": "",
        "PatientIdentityRemoved": "YES",
        "DeidentificationMethod": "only the ultrasound sector was recorded, no attribute was copied",
        "BurnedInAnnotation": "NO",
        "ImageType": ["DERIVED", "SECONDARY"],
    }
    if study.whole_screen:
        empty |= {"PatientIdentityRemoved": "NO", "BurnedInAnnotation": "YES"}
        del stated["PatientIdentityRemoved"], stated["DeidentificationMethod"], stated["BurnedInAnnotation"]
    for name, value in (empty | stated).items():
        setattr(dataset, name, value)
    dataset.Rows, dataset.Columns = int(shape[0]), int(shape[1])
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    return dataset


def _pixels(dataset: Dataset, data: bytes) -> None:
    dataset.add_new(0x7FE00010, "OB", data + b"\0" * (len(data) % 2))
