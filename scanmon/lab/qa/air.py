"""A probe in air: how deep its reverberation reaches, how even it is along the face, what is silent.

A dead element leaves a shadow below itself in the first rings, where few elements are active: of A active
ones a dead one takes 1 / A of the amplitude, in transmission and in reception. Deeper down the shadow is
wider and fainter (in-air patterns: Quinn and Verma, Ultrasound 22 (2014) 26; van Horssen et al., Ultrasound
25 (2017) 229). So the face is looked at in bands of depth and with windows of several widths; what stands out
from the spread of all other places, in the upper and in the lower half of a band, is reported.

Good elements differ, too, and an aperture blurs that as it blurs a dead one. So it is looked at a second time
with the noise made white, which brings out the two edges of a shadow (matched filter in coloured noise; its
spectrum by Blackman and Tukey).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.records import Row
from scanmon.lab.qa.locate import given_shape, locate_rings
from scanmon.lab.qa.material import Checked, Choice, Material
from scanmon.lab.qa.rings import Rings, find_rings, robust_spread, smooth
from scanmon.lab.qa.straight import Straight, straighten

LEAST_AGREEMENT = 0.95  # of the parts of the face on the course along depth; tissue has up to 0.92
LEAST_DEPTH = 12  # rows
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
    rings = find_rings(seen.gray)
    if rings.depth < LEAST_DEPTH or rings.agreement < LEAST_AGREEMENT:
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
    dips = [_told(dip, seen, material.mm, choice) for dip in aperture.dips]
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
        "missing_percent": 100 * sum(dip.missing for dip in aperture.dips),
    }
    about: Row = {
        "geometry": seen.kind,
        "depth_at_least": rings.reaches_end,
        "ring_spacing": None if rings.spacing is None else rings.spacing * scale,
        "unit": unit,
        "faintest_dip_db": aperture.faintest_db,
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


Floats = NDArray[np.float64]
BANDS = (0.06, 0.12, 0.25, 0.5, 1.0)  # of the depth of the reverberation, from the face down
WIDTHS = (1 / 192, 1 / 128, 1 / 96, 1 / 64, 1 / 48, 1 / 32, 1 / 24, 1 / 16, 1 / 10, 1 / 6)  # of the aperture
LEAST_Z = 5.6  # standard deviations of all other places
LEAST_WHITE_Z = 6.2  # the same in white noise
FEW = 8.0  # by how much more where few places are independent
LEAST_FINE = 0.5  # of that in white noise, which a shadow has to reach as well
UNMISTAKABLE = 1.6  # times what is asked of it: it needs no white noise
LEAST_WHOLE = 3.0  # standard deviations in the noise as it is, of what white noise shows
LEAST_HALF = 0.4  # of the loss of a band that each of its halves has to show
DEGREES = (0, 0, 1, 1, 2, 2, 2, 4, 4, 4, 4)  # of the course along the face, fit after fit
MOST_DIPS = 64  # of a band
LEAST_ROWS = 8  # of a band
LEAST_ACROSS_PX = (
    64.0  # along the face in the middle of a band: near the apex of a sector nothing is told apart
)
STANDS_OUT = 1.7  # times the usual shadow: speckle has deep ones more often than its spread says
LEAST_DB = 0.7  # fainter shadows are within what good elements differ by
DEAD_DB = 6.0  # half of the amplitude gone
AT_ENDS = 1.5  # the two ends of a good probe are not quite alike
EDGE = 0.06  # of the aperture at either end, where fewer elements are active: compared with the other end
OUTERMOST_PX = 2.5  # of the picture at either end: its edge, where pixels are mixed with black
_SATURATED, _FAINT = 250.0, 15.0


@dataclass(frozen=True, slots=True)
class Dip:
    """A place along the face that gives less echo than the rest; places are shares, 0..1 from the left."""

    first: float
    last: float
    place: float  # its middle
    place_sd: float
    loss_db: float  # at its deepest
    missing: float  # the share of the aperture that would have to be silent to explain it
    z: float  # against the spread of all places


@dataclass(frozen=True, slots=True, eq=False)
class Aperture:
    """What the first rings say along the face."""

    loss_db: Floats  # (places,) against the smooth course
    spread_db: float  # robust standard deviation of it
    range_db: float  # 5th to 95th percentile of the smooth course itself
    tilt_db: float  # right half louder than the left half
    dips: tuple[Dip, ...]  # from left to right
    faintest_db: float  # a dip of one place that would just be seen


def examine(seen: Straight, rings: Rings, db_per_level: float) -> Aperture:
    """Look for dips in a straightened picture. Raises `SourceError` where its rings tell nothing."""
    bands = []
    for share in BANDS:
        rows = round(share * rings.depth)
        loss = _loss(seen.gray, rings, rows)
        across_px = seen.across_px(rows / 2)
        if loss is not None and across_px >= LEAST_ACROSS_PX:
            edge = ceil(OUTERMOST_PX * seen.gray.shape[1] / across_px)
            bands.append((loss * db_per_level, edge))
    if not bands:
        raise SourceError(
            "the rings are saturated, or hardly brighter than noise", "", "change gain and output power"
        )
    found: list[Dip] = []
    for band, edge in bands:
        for dip in _dips(np.stack([_flat(part, edge) for part in band])):
            if not any(dip.first < known.last and known.first < dip.last for known in found):
                found.append(dip)
    near, whole = _flat(bands[0][0][0], bands[0][1]), bands[-1][0][0]
    course = smooth(whole, max(3, len(whole) // 16) // 2)
    low, high = np.percentile(course, [5, 95])
    left, right = (float(np.median(half)) for half in np.array_split(whole, 2))
    spread = robust_spread(near)
    return Aperture(
        near,
        spread,
        float(high - low),
        left - right,
        tuple(sorted(found, key=lambda dip: dip.place)),
        max(LEAST_DB, LEAST_Z * spread, STANDS_OUT * _usual(near, _alike(near))),
    )


def _loss(gray: NDArray[np.float32], rings: Rings, rows: int) -> Floats | None:
    """(3, places) gray levels below the middle of the face: in the first `rows`, and in the halves of them.

    Rows count whose middle is neither saturated nor near noise; None where they are too few.
    """
    level = rings.profile[:rows]
    usable = np.flatnonzero((level < _SATURATED) & (level > rings.floor + _FAINT))
    if len(usable) < LEAST_ROWS:
        return None
    below = level[usable, None] - gray[usable]
    below = np.where(np.isfinite(below).mean(axis=0) > 0.7, np.nan_to_num(below), 0.0)
    return np.stack([np.median(part, axis=0) for part in (below, *np.array_split(below, 2))])


def _flat(loss: Floats, edge: int) -> Floats:
    """Loss against a smooth course: a polynomial, from which what is far away is left out, fit after fit.

    At the ends, where fewer elements are active, only what the other end has not got counts; the outermost
    `edge` places, where pixels are mixed with black, count as those beside them.
    """
    at = np.linspace(-1.0, 1.0, len(loss))
    inner = np.abs(at) <= 1 - 2 * EDGE
    powers = np.vander(at, DEGREES[-1] + 1, increasing=True)
    left = loss - np.median(loss[inner])
    for degree in DEGREES:  # a bend is believed last: several dips look like one
        trusted = inner & _trusted(left)
        factors = np.zeros(powers.shape[1])
        factors[: degree + 1] = np.linalg.lstsq(powers[trusted, : degree + 1], loss[trusted], rcond=None)[0]
        left = loss - powers @ factors
    end = powers[np.flatnonzero(inner)[[0, -1]]] @ factors
    ends = loss - np.where(at < 0, end[0], end[1])
    excess = np.minimum(ends, ends - np.maximum(ends[::-1], 0.0))
    found = np.where(inner, left, excess)
    found[:edge], found[-edge:] = found[edge : 2 * edge].mean(), found[-2 * edge : -edge].mean()
    return np.asarray(found)


def _trusted(left: Floats) -> NDArray[np.bool_]:
    """Places that belong to the course: no dips, nor what is beside them. Judged by what is louder than the
    course, which dips do not widen."""
    louder = -left[left < 0]
    scale = max(1.4826 * float(np.median(louder)) if len(louder) else 0.0, 1e-3)
    away = (np.abs(left) > 3.0 * scale).astype(np.uint8).reshape(1, -1)
    return np.asarray(cv2.dilate(away, np.ones((1, max(3, len(left) // 96 | 1)), np.uint8)).ravel() == 0)


def _dips(flat: Floats) -> Iterator[Dip]:
    """The dips of a band (3, places): whole, upper and lower half; the surest first."""
    places = flat.shape[1]
    quiet = _trusted(flat[0])
    alike = _alike(flat[0][quiet])
    open_places = np.ones(places, bool)
    end = np.abs(np.linspace(-1.0, 1.0, places)) > 1 - 2 * EDGE
    deep = quiet & ~end if (quiet & ~end).any() else ~end
    spectrum = _whitened(flat, ~end, deep)
    seen = []
    for width in sorted({max(1, round(share * places)) for share in WIDTHS}):
        whole, upper, lower = (smooth(part, width // 2) for part in flat)
        spread = max(float(whole[quiet].std()), LEAST_DB / LEAST_Z)
        # a spread that few places tell is uncertain itself
        least = (
            LEAST_Z * (1 + FEW * max(width, alike) / max(1, int(quiet.sum()))) * np.where(end, AT_ENDS, 1.0)
        )
        both = np.minimum(upper, lower) > LEAST_HALF * whole
        white, above, below = np.where(end, 0.0, _boxed(spectrum, width, places))
        clear = (np.minimum(above, below) > LEAST_HALF * white) & (whole > LEAST_WHOLE * spread)
        least_white = (
            LEAST_WHITE_Z * (1 + 3 * FEW / max(1, int(deep.sum()))) * float(np.std(white, where=deep))
        )
        plain, fine = whole / (spread * least), white / max(1e-9, least_white)
        for course, z in ((whole, plain), (white, fine)):
            z[course < STANDS_OUT * _usual(course[~end], max(width, alike))] = 0.0
        plain = np.where(end | (fine > LEAST_FINE) | (plain > UNMISTAKABLE), plain, 0.0)
        sure = np.maximum(plain, np.where(clear, fine, 0.0))
        seen.append((width, whole, np.where(both & (whole > LEAST_DB), sure, 0.0)))
    for _ in range(MOST_DIPS):
        width, whole, surety = max(seen, key=lambda one: float(np.where(open_places, one[2], 0.0).max()))
        at = int(np.argmax(np.where(open_places, surety, 0.0)))
        if not open_places[at] or surety[at] <= 1:
            return
        first, last = _extent(smooth(flat[0], width // 4), at)
        beside = max(width, alike, last + 1 - first)
        open_places[max(0, first - beside) : last + beside + 1] = False
        part = np.maximum(flat[0][first : last + 1], 0.0)
        around = np.maximum(flat[0][max(0, 2 * first - last) : 2 * last - first + 1], 0.0)
        yield Dip(
            first / places,
            (last + 1) / places,
            float(np.average(np.arange(first, last + 1) + 0.5, weights=part + 1e-9)) / places,
            max(0.5, (last + 1 - first) / (LEAST_Z * surety[at])) / places,
            float(whole[at]),
            float((1 - 10 ** (-around / 40)).sum()) / places,
            float(LEAST_Z * surety[at]),
        )


def _usual(whole: Floats, apart: int) -> float:
    """The depth that four of five of the shadows have which noise throws along the face."""
    highest = cv2.dilate(whole.reshape(1, -1), np.ones((1, 2 * apart + 1), np.uint8)).ravel()
    peaks = whole[(whole == highest) & (whole > 0)]
    return float(np.quantile(peaks, 0.8)) if len(peaks) > 4 else 0.0


def _whitened(flat: Floats, inner: NDArray[np.bool_], quiet: NDArray[np.bool_]) -> NDArray[np.complex128]:
    """The spectrum of each part, mirrored at its ends, over that of the noise of the quiet places."""
    places = flat.shape[1]
    at = np.flatnonzero(inner)
    mirrored = np.pad(flat[:, at], ((0, 0), (at[0], places - 1 - at[-1])), mode="reflect")
    held = np.where(quiet, flat[0], 0.0)  # its mean is about 0
    pairs, course = (np.fft.irfft(np.abs(np.fft.rfft(part, 2 * places)) ** 2) for part in (quiet * 1.0, held))
    lag = np.minimum(np.arange(2 * places), 2 * places - np.arange(2 * places)) / max(8, places // 8)
    parzen = np.where(lag < 0.5, 1 - 6 * lag**2 + 6 * lag**3, np.where(lag < 1, 2 * (1 - lag) ** 3, 0.0))
    power = np.maximum(np.fft.rfft(parzen * course / np.maximum(pairs, 1)).real, 0.0)
    floor = 0.02 * power.mean() + 1e-6  # what is exactly even is not believed
    return np.asarray(
        np.fft.rfft(np.pad(mirrored, ((0, 0), (0, places)), mode="symmetric")) / (power + floor)
    )


def _boxed(spectrum: NDArray[np.complex128], width: int, places: int) -> Floats:
    """(3, places) the match of a shadow of `width` places (rounded up to an odd number)."""
    box = np.zeros(2 * places)
    box[np.arange(-(width // 2), width // 2 + 1)] = 1.0
    return np.asarray(np.fft.irfft(spectrum * np.fft.rfft(box).real)[:, :places])


def _alike(values: Floats) -> int:
    """Places next to each other that tell the same: where the autocorrelation falls below one half."""
    values = values - values.mean()
    power = np.correlate(values, values, "full")[len(values) - 1 :]
    return 2 * int(np.argmax(power < 0.5 * power[0])) + 1 if power[0] > 0 else 1


def _extent(loss: Floats, at: int) -> tuple[int, int]:
    """First and last place around `at` with at least half of the loss there."""
    deep = loss >= 0.5 * max(loss[at], 1e-9)
    deep[at] = True
    first = at - int(np.argmin(np.append(deep[at::-1], False))) + 1
    last = at + int(np.argmin(np.append(deep[at:], False))) - 1
    return first, last
