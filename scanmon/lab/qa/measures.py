"""The measures of a check: what each is called, what it means, and how much of a change is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Worse = Literal["lower", "higher", "either"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`least` change that counts, in the unit of the measure or as a share of the baseline."""

    name: str
    title: str
    worse: Worse
    least: float
    share: float = 0.0


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("reverberation_depth_mm", "depth of reverberation, mm", "lower", 0.5, 0.03),
        Measure("reverberation_depth_px", "depth of reverberation, pixels", "lower", 3.0, 0.03),
        Measure("ring_level", "gray of the first rings", "either", 3.0, 0.02),
        Measure("noise_level", "gray of the noise", "either", 4.0, 0.02),
        Measure("uniformity_range_db", "course along the face, dB", "higher", 0.5),
        Measure("uniformity_spread_db", "spread along the face, dB", "higher", 0.3),
        Measure("tilt_db", "right half above left half, dB", "either", 0.5),
        Measure("dips", "dead or weak places", "higher", 0.5),
        Measure("missing_percent", "aperture that is missing, %", "higher", 0.5),
        Measure("penetration_mm", "penetration, mm", "lower", 2.0, 0.05),
        Measure("penetration_px", "penetration, pixels", "lower", 8.0, 0.05),
        Measure("level", "gray of the phantom", "either", 4.0, 0.04),
        Measure("lateral_range_db", "uniformity along the face, dB", "higher", 0.7),
        Measure("depth_range_db", "uniformity along depth, dB", "higher", 1.0),
        Measure("snr_db", "signal to noise at half the penetration, dB", "lower", 1.0),
        Measure("wire_axial_mm", "axial width of wires at -6 dB, mm", "higher", 0.1, 0.1),
        Measure("wire_lateral_mm", "lateral width of wires at -6 dB, mm", "higher", 0.2, 0.1),
        Measure("wire_distance_mm", "distance of wires, mm", "either", 0.3, 0.015),
        Measure("contrast_db", "contrast of targets, dB", "lower", 1.0),
        Measure("gcnr", "gCNR of targets", "lower", 0.05),
        Measure("quality", "median quality of examinations", "lower", 3.0),
        Measure("adequate_percent", "time with an adequate picture, %", "lower", 5.0),
    )
}
