"""DICOM: a structured report (TID 1500) with the quality of each picture, the pictures, and one with overlay.

`NAME.dcm` is the report; `NAME_pictures.dcm` and `NAME_overlay.dcm` lie beside it. Nothing of a patient is
known here and nothing is written: names, numbers and dates of birth stay empty. Needs the extra `dicom`.
"""

from collections.abc import Sequence
from contextlib import ExitStack
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
_ROI: Final = {  # of RoiMeasures
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
    common = _common(content)
    pictures = _gray_pictures(common, analyses, whole=content.about.get("stored") == "whole screen")
    worst = summary(content).worst[:1]
    shown = next((one for one in analyses if one.frame.index in worst), None)
    shown = shown or min(analyses, key=lambda one: one.reading.quality or 0.0)
    report = _report(content, analyses, pictures)
    with ExitStack() as files:
        # the last one gets its name first: a report is there only with the pictures that it points at
        datasets = ((report, ""), (_overlay(common, shown), "_overlay"), (pictures, "_pictures"))
        for dataset, ending in datasets:
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


def _common(content: SessionContent) -> dict[str, Any]:
    """What all images of one export state. The UIDs are random: they tell nothing of this machine."""
    digits = "".join(letter for letter in str(content.about.get("started_utc", "")) if letter.isdigit())
    empty = ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName"]
    empty += ["StudyID", "AccessionNumber", "PatientOrientation", "Laterality"]
    marks = {
        "PatientIdentityRemoved": "YES",
        "DeidentificationMethod": "only the ultrasound sector was recorded, no attribute was copied",
        "BurnedInAnnotation": "NO",
    }
    if content.about.get("stored") == "whole screen":
        marks = {"PatientIdentityRemoved": "NO", "BurnedInAnnotation": "YES"}
    return {
        **dict.fromkeys(empty, ""),
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyInstanceUID": _new_uid(),
        "StudyDate": digits[:8],  # YYYYMMDD of the recording, UTC
        "StudyTime": digits[8:14],
        "ContentDate": digits[:8],
        "ContentTime": digits[8:14],
        "InstanceNumber": 1,
        "Modality": "US",
        "ConversionType": "WSD",  # made at a workstation
        "Manufacturer": _MANUFACTURER,
        "SoftwareVersions": str(content.about.get("software", "")),
        "ImageType": ["DERIVED", "SECONDARY"],
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        **marks,
    }


def _gray_pictures(common: dict[str, Any], analyses: Sequence[Analysis], *, whole: bool) -> Dataset:
    """Multi-frame Grayscale Byte Secondary Capture, with the times of the pictures.

    What is kept is the smallest box around all sectors, or the whole screen.
    """
    boxes = [analysis.region.box for analysis in analyses]
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    around = Box(left, top, max(box.right for box in boxes) - left, max(box.bottom for box in boxes) - top)
    pictures = [one.frame.pixels if whole else _kept(one, around) for one in analyses]
    stated = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PresentationLUTShape": "IDENTITY",
        "RescaleSlope": "1",
        "RescaleIntercept": "0",
        "RescaleType": "US",
        "NumberOfFrames": len(pictures),
    }
    if len(pictures) > 1:
        times_ms = np.array([analysis.frame.time_s for analysis in analyses]) * 1000.0
        stated["FrameIncrementPointer"] = 0x00181065  # FrameTimeVector
        stated["FrameTimeVector"] = [f"{step:.3f}" for step in np.diff(times_ms, prepend=times_ms[0])]
    title = "pictures of the session"
    return _image(common | stated, _MULTI_FRAME_GRAY, 1, title, np.stack(pictures), pictures[0].shape)


def _kept(analysis: Analysis, box: Box) -> NDArray[np.uint8]:
    """The picture in `box`, black outside its own sector: a lossy video smears over the edge."""
    kept = np.zeros((box.height, box.width), np.uint8)
    own = analysis.region.box
    top, left = own.y - box.y, own.x - box.x
    kept[top : top + own.height, left : left + own.width] = sector(analysis)
    return kept


def _overlay(common: dict[str, Any], shown: Analysis) -> Dataset:
    """Secondary Capture of one picture with its heatmap."""
    picture = np.asarray(cv2.cvtColor(with_heat(shown, STRENGTH), cv2.COLOR_BGR2RGB), np.uint8)
    quality = f"worst picture, quality {shown.reading.quality or 0:.0f}"
    stated = {
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
        "PhotometricInterpretation": "RGB",
        "ImageComments": f"{quality}. Research use only. Not for diagnosis.",
    }
    return _image(common | stated, _SECONDARY_CAPTURE, 2, "picture with overlay", picture, picture.shape)


def _image(
    stated: dict[str, Any],
    sop_class: str,
    series: int,
    title: str,
    pixels: NDArray[np.uint8],
    shape: tuple[int, ...],
) -> Dataset:
    """`pixels`: of all frames; `shape`: (H, W, ...) of one."""
    dataset = Dataset()
    for name, value in stated.items():
        setattr(dataset, name, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(_new_uid())
    dataset.SeriesInstanceUID, dataset.SeriesNumber = _new_uid(), series
    dataset.SeriesDescription = f"{title}, research use only"
    dataset.Rows, dataset.Columns = shape[:2]
    dataset.add_new(0x7FE00010, "OB", pixels.tobytes() + b"\0" * (pixels.size % 2))
    return dataset


def _new_uid() -> str:
    """A random UID below 2.25."""
    return str(generate_uid(prefix=None))


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
