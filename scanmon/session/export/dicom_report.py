"""The structured report of a session. Imports highdicom: import this module only where that may fail."""

from __future__ import annotations

from typing import Final

import highdicom as hd
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from scanmon.core.values import Analysis, Verdict
from scanmon.session.content import SessionContent
from scanmon.session.export.dicom_images import MANUFACTURER, new_uid

OWN_CODES: Final = "99SCANMON"
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


def report_of(content: SessionContent, analyses: list[Analysis], pictures: Dataset) -> Dataset:
    """Comprehensive SR: one measurement group a picture, that points at its frame."""
    provenance = content.provenance()
    algorithm = hd.sr.AlgorithmIdentification(
        name=f"{MANUFACTURER} {analyses[0].reading.metric}",
        version=f"{provenance.bundle}, {content.engines}"[:64],
        family=codes.DCM.ArtificialIntelligence,
    )
    device = hd.sr.DeviceObserverIdentifyingAttributes(
        uid=new_uid(), manufacturer_name=MANUFACTURER, model_name=MANUFACTURER
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
        series_instance_uid=new_uid(),
        series_number=3,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
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
            f"score-{reading.metric}", OWN_CODES, f"Score of the metric {reading.metric}"
        )
        measurements.append(
            hd.sr.Measurement(name=own, value=round(reading.score, 6), unit=codes.UCUM.NoUnits)
        )
    for name, (meaning, unit) in _ROI.items():
        value = getattr(analysis.roi, name, None)
        if value is not None:
            own = hd.sr.CodedConcept(f"roi-{name.replace('_', '-')}", OWN_CODES, meaning)
            measurements.append(hd.sr.Measurement(name=own, value=round(value, 6), unit=unit))
    words = []
    if reading.verdict is not None:
        value = hd.sr.CodedConcept(reading.verdict.value, OWN_CODES, _WORDS[reading.verdict])
        words.append(hd.sr.QualitativeEvaluation(name=codes.DCM.QualityAssessment, value=value))
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=new_uid(), identifier=f"frame {reading.frame}"),
        algorithm_id=algorithm,
        measurements=measurements,
        qualitative_evaluations=words or None,
        source_images=[
            hd.sr.SourceImageForMeasurementGroup(pictures.SOPClassUID, pictures.SOPInstanceUID, [number])
        ],
    )
