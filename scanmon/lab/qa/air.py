"""A probe in air: how deep its reverberation reaches, how even it is along the face, what is silent."""

import numpy as np

from scanmon.core.errors import SourceError
from scanmon.core.records import Row
from scanmon.lab.qa.dips import DEAD_DB, Dip, examine
from scanmon.lab.qa.locate import given_shape, locate_rings, without_writing
from scanmon.lab.qa.material import Checked, Choice, Material
from scanmon.lab.qa.rings import find_rings
from scanmon.lab.qa.straight import Straight, straighten

LEAST_AGREEMENT = 0.95  # of the parts of the face on the course along depth; tissue has up to 0.92
LEAST_DEPTH = 12  # rows
LEAST_ALONE = 60  # rows of a picture in which no ring is seen to repeat: skin and gel at the top have fewer
_TURNED = 20.0  # gray levels by which rings that decay do not grow, whatever amplifies depth
_DEAD_ELEMENTS = 0.5  # that are missing in a dip, to call it dead rather than weak


def check_air(material: Material, choice: Choice) -> Checked:
    """Measure a reverberation. Raises `SourceError` for a picture that shows none.

    Depth: rows until lateral mean and common variance sink into noise (`rings.find_rings`). Uniformity: range
    of the course of the rings along the face in decibels, 5th to 95th percentile (in-air test of the BMUS
    guidelines, Dudley et al., Ultrasound 22 (2014) 8). ring_level: mean gray of the first third of the depth,
    since a level repeats better than a depth that is read off (Quinn and Verma, Ultrasound 22 (2014) 26).
    """
    shape = given_shape(material.picture, choice.region)
    if shape is None:
        seen = locate_rings(material.picture, material.declared)
    else:
        seen = straighten(material.picture.astype(np.float32), shape)
    seen = without_writing(material.picture, seen)
    rings = find_rings(seen.gray)
    least = LEAST_DEPTH if rings.spacing else LEAST_ALONE
    if rings.depth < least or rings.agreement < LEAST_AGREEMENT:
        raise SourceError(
            "is no reverberation picture: nothing repeats along the whole face of the probe",
            "",
            "clean the probe, hold it in air, and give that picture; or name the image area with --region",
        )
    quarter = rings.depth // 4
    if rings.profile[rings.depth - quarter : rings.depth].mean() > rings.profile[:quarter].mean() + _TURNED:
        raise SourceError(
            "its rings grow brighter downwards: the face of the probe is not at the top",
            "",
            "turn the picture, or lower the gain of the depth",
        )
    aperture = examine(seen, rings, choice.dynamic_range_db / 255)
    sure = [dip for dip in aperture.dips if dip.sure]
    dips = [_told(dip, seen, material.mm, choice) for dip in sure]
    unit, scale = material.scale
    top = rings.profile[: max(LEAST_DEPTH, rings.depth // 3)]
    measures = {
        f"reverberation_depth_{unit}": rings.depth * scale,
        "ring_level": float(top.mean()),
        "noise_level": rings.floor,
        "uniformity_range_db": aperture.range_db,
        "uniformity_spread_db": aperture.spread_db,
        "tilt_db": aperture.tilt_db,
        "dips": float(len(dips)),
        "missing_percent": 100 * sum(dip.missing for dip in sure),
    }
    about: Row = {
        "geometry": seen.kind,
        "depth_at_least": rings.reaches_end,
        "ring_spacing": None if rings.spacing is None else rings.spacing * scale,
        "unit": unit,
        "faintest_dip_db": aperture.faintest_db,
        "suspected": [_told(dip, seen, material.mm, choice) for dip in aperture.dips if not dip.sure],
        "dynamic_range_db": choice.dynamic_range_db,
    }
    marks = [(float(dip["x"]), float(dip["y"])) for dip in dips]
    curves = [
        ("loss of the first rings along the face, dB", "left to right", aperture.loss_db),
        ("gray along depth", "pixels", rings.profile),
    ]
    return Checked(measures, about, seen, dips, marks, curves)


def _told(dip: Dip, seen: Straight, mm: float | None, choice: Choice) -> Row:
    """A dip as the results have it: its place as share, pixel, millimetre and element, each where known.

    `missing_elements`: how many silent elements explain it. Elements are counted from 0 at the left.
    """
    x, y = seen.point(0.0, dip.place * seen.gray.shape[1])
    long_mm = None
    if choice.elements and choice.pitch_mm:
        long_mm = choice.elements * choice.pitch_mm
    elif mm is not None and seen.kind != "phased":
        long_mm = seen.across_px(0.0) * mm
    missing = None if choice.elements is None else dip.missing * choice.elements
    dead = dip.loss_db >= DEAD_DB or (missing is not None and missing >= _DEAD_ELEMENTS)
    row: Row = {
        "kind": "dead" if dead else "weak",
        "place": dip.place,
        "place_sd": dip.place_sd,
        "x": x,
        "y": y,
        "place_mm": None if long_mm is None else dip.place * long_mm,
        "loss_db": dip.loss_db,
        "missing_elements": missing,
        "elements": None,
        "sureness": dip.z,
    }
    if choice.elements is not None and missing is not None:
        count = max(1, round(missing))
        first = round(dip.place * choice.elements - count / 2)
        row["elements"] = [n for n in range(first, first + count) if 0 <= n < choice.elements]
    return row
