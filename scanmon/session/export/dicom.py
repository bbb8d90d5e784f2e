"""DICOM: a structured report (TID 1500) with the quality of each picture, the pictures, and one with overlay.

`NAME.dcm` is the report; `NAME_pictures.dcm` and `NAME_overlay.dcm` lie beside it. Nothing of a patient is
known here and nothing is written: names, numbers and dates of birth stay empty. Needs the extra `dicom`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import highdicom as hd
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis, Box, Verdict
from scanmon.scoring.overlay import sector, with_heat
from scanmon.session.content import SessionContent
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import STRENGTH
from scanmon.session.summary import summary

MOST_PICTURES: Final = 300  # evenly over the session: a report with more measurement groups opens nowhere
_MULTI_FRAME_GRAY: Final = "1.2.840.10008.5.1.4.1.1.7.2"
_SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_MANUFACTURER: Final = "scanmon"
_OWN_CODES: Final = "99SCANMON"
_WORDS: Final = {
    Verdict.ADEQUATE: "adequate for the purpose set",
    Verdict.MARGINAL: "marginal for the purpose set",
    Verdict.INADEQUATE: "inadequate for the purpose set",
}
_DECIBEL: Final = hd.sr.CodedConcept("dB", "UCUM", "decibel")
_PIXELS: Final = hd.sr.CodedConcept("{pixels}", "UCUM", "pixels")
_ROI: Final = {  # of core.roi.RoiMeasures
    "mean": ("Mean gray level in the region of interest", codes.UCUM.NoUnits),
    "snr": ("Mean over standard deviation in the region of interest", codes.UCUM.NoUnits),
    "axial_px": ("Axial speckle size in the region of interest", _PIXELS),
    "lateral_px": ("Lateral speckle size in the region of interest", _PIXELS),
    "contrast_db": ("Contrast of the region of interest to its background", _DECIBEL),
    "cnr": ("Contrast-to-noise ratio of the region of interest", codes.UCUM.NoUnits),
    "gcnr": ("Generalized contrast-to-noise ratio of the region of interest", codes.UCUM.NoUnits),
}


def export_dicom(material: Material, path: Path, progress: Progress) -> None:
    """Write the three files; all of them or none. Raises `SinkError`."""
    content = material.content
    chosen = _chosen(content, len(material.pictures(path).times_s))
    if not chosen:
        raise SinkError("the session has no picture with a score", path, "export a table instead")
    analyses = [analysis for analysis in material.analyses(path, progress) if analysis.frame.index in chosen]
    study = _study(content)
    box = _around([analysis.region.box for analysis in analyses], whole=study.whole_screen, analyses=analyses)
    pictures = _gray_pictures(
        study,
        [_kept(analysis, box, whole=study.whole_screen) for analysis in analyses],
        [analysis.frame.time_s for analysis in analyses],
    )
    shown = _worst(content, analyses)
    overlay = _colour_picture(
        study,
        np.asarray(cv2.cvtColor(with_heat(shown, STRENGTH), cv2.COLOR_BGR2RGB), np.uint8),
        2,
        f"worst picture, quality {shown.reading.quality or 0:.0f}. Research use only. Not for diagnosis.",
    )
    report = _report(content, analyses, pictures)
    with ExitStack() as files:
        # the last one gets its name first: a report is there only with the pictures that it points at
        for dataset, ending in ((report, ""), (overlay, "_overlay"), (pictures, "_pictures")):
            target = path.with_name(f"{path.stem}{ending}{path.suffix}")
            part = files.enter_context(replacing(target))
            dataset.save_as(part, enforce_file_format=True)


def _chosen(content: SessionContent, pictures: int) -> set[int]:
    """Pictures with a quality, evenly chosen where there are too many."""
    quality = content.table.numbers("quality")[content.pictures[:pictures]]
    scored = np.flatnonzero(np.isfinite(quality))
    if len(scored) > MOST_PICTURES:
        scored = scored[np.linspace(0, len(scored) - 1, MOST_PICTURES).round().astype(int)]
    return {int(picture) for picture in scored}


def _study(content: SessionContent) -> _Study:
    digits = "".join(letter for letter in str(content.about.get("started_utc", "")) if letter.isdigit())
    return _Study(
        study_uid=_new_uid(),
        date=digits[:8],
        time=digits[8:14],
        software=str(content.about.get("software", "")),
        whole_screen=content.about.get("stored") == "whole screen",
    )


def _around(boxes: list[Box], *, whole: bool, analyses: list[Analysis]) -> Box:
    """The smallest box around all, or the whole screen where that was recorded."""
    if whole:
        height, width = analyses[0].frame.pixels.shape
        return Box(0, 0, width, height)
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(left, top, max(box.right for box in boxes) - left, max(box.bottom for box in boxes) - top)


def _kept(analysis: Analysis, box: Box, *, whole: bool) -> NDArray[np.uint8]:
    """The picture in `box`, black outside its own sector: a lossy video smears over the edge."""
    if whole:
        return analysis.frame.pixels
    kept = np.zeros((box.height, box.width), np.uint8)
    own = analysis.region.box
    top, left = own.y - box.y, own.x - box.x
    kept[top : top + own.height, left : left + own.width] = sector(analysis)
    return kept


def _worst(content: SessionContent, analyses: list[Analysis]) -> Analysis:
    worst = summary(content).worst
    shown = [analysis for analysis in analyses if analysis.frame.index in worst[:1]]
    return shown[0] if shown else min(analyses, key=lambda analysis: analysis.reading.quality or 0.0)


@dataclass(frozen=True, slots=True)
class _Study:
    """What the objects of one export share. The UIDs are random: they tell nothing of this machine."""

    study_uid: str
    date: str  # YYYYMMDD of the recording, UTC
    time: str  # HHMMSS
    software: str
    whole_screen: bool


def _new_uid() -> str:
    """A random UID below 2.25."""
    return str(generate_uid(prefix=None))


def _gray_pictures(study: _Study, pictures: Sequence[NDArray[np.uint8]], times_s: Sequence[float]) -> Dataset:
    """Multi-frame Grayscale Byte Secondary Capture of (H, W) pictures, with their times."""
    dataset = _image(study, _MULTI_FRAME_GRAY, 1, "pictures of the session", pictures[0].shape[:2])
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


def _colour_picture(study: _Study, picture: NDArray[np.uint8], number: int, comment: str) -> Dataset:
    """Secondary Capture of one (H, W, 3) R, G, B picture."""
    dataset = _image(study, _SECONDARY_CAPTURE, number, "picture with overlay", picture.shape[:2])
    dataset.SamplesPerPixel = 3
    dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = "RGB"
    dataset.ImageComments = comment
    _pixels(dataset, np.ascontiguousarray(picture).tobytes())
    return dataset


def _image(study: _Study, sop_class: str, series: int, title: str, shape: Sequence[int]) -> Dataset:
    """All that any of our images states; pixels and colour come on top."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(_new_uid())
    empty: dict[str, Any] = dict.fromkeys(
        ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName"], ""
    )
    stated = {
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyInstanceUID": study.study_uid,
        "SeriesInstanceUID": _new_uid(),
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
        "Manufacturer": _MANUFACTURER,
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


def _report(content: SessionContent, analyses: list[Analysis], pictures: Dataset) -> Dataset:
    """Comprehensive SR: one measurement group a picture, that points at its frame."""
    provenance = content.provenance()
    algorithm = hd.sr.AlgorithmIdentification(
        name=f"{_MANUFACTURER} {analyses[0].reading.metric}",
        version=f"{provenance.bundle}, {content.engines}"[:64],
        family=codes.DCM.ArtificialIntelligence,
    )
    device = hd.sr.DeviceObserverIdentifyingAttributes(
        uid=_new_uid(), manufacturer_name=_MANUFACTURER, model_name=_MANUFACTURER
    )
    observer = hd.sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    groups = [
        _group(analysis, number, pictures, algorithm) for number, analysis in enumerate(analyses, start=1)
    ]
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.SCT.Ultrasonography,
        imaging_measurements=groups,
    )
    return hd.sr.ComprehensiveSR(
        evidence=[pictures],
        content=report[0],
        series_instance_uid=_new_uid(),
        series_number=3,
        sop_instance_uid=_new_uid(),
        instance_number=1,
        manufacturer=_MANUFACTURER,
    )


def _group(
    analysis: Analysis, number: int, pictures: Dataset, algorithm: hd.sr.AlgorithmIdentification
) -> hd.sr.MeasurementsAndQualitativeEvaluations:
    """Quality 0..100 (DCM 111029), the metric's own score, regions of interest, and the verdict as a word."""
    reading = analysis.reading
    measurements = [
        hd.sr.Measurement(
            name=codes.DCM.ImageQualityRating, value=round(reading.quality or 0.0, 3), unit=codes.UCUM.NoUnits
        )
    ]
    if reading.score is not None:
        own = hd.sr.CodedConcept(
            f"score-{reading.metric}", _OWN_CODES, f"Score of the metric {reading.metric}"
        )
        measurements.append(
            hd.sr.Measurement(name=own, value=round(reading.score, 6), unit=codes.UCUM.NoUnits)
        )
    for name, (meaning, unit) in _ROI.items():
        value = getattr(analysis.roi, name, None)
        if value is not None:
            own = hd.sr.CodedConcept(f"roi-{name.replace('_', '-')}", _OWN_CODES, meaning)
            measurements.append(hd.sr.Measurement(name=own, value=round(value, 6), unit=unit))
    words = []
    if reading.verdict is not None:
        value = hd.sr.CodedConcept(reading.verdict.value, _OWN_CODES, _WORDS[reading.verdict])
        words.append(hd.sr.QualitativeEvaluation(name=codes.DCM.QualityAssessment, value=value))
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=_new_uid(), identifier=f"frame {reading.frame}"),
        algorithm_id=algorithm,
        measurements=measurements,
        qualitative_evaluations=words or None,
        source_images=[
            hd.sr.SourceImageForMeasurementGroup(pictures.SOPClassUID, pictures.SOPInstanceUID, [number])
        ],
    )
