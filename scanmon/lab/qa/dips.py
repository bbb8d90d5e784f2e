"""What is silent along the face of a probe in air.

A dead element leaves a shadow below itself in the first rings, where few elements are active: of A active
ones a dead one takes 1 / A of the amplitude, in transmission and in reception. Deeper down the shadow is
wider and fainter (in-air patterns: Quinn and Verma, Ultrasound 22 (2014) 26; van Horssen et al., Ultrasound
25 (2017) 229). So the face is looked at in bands of depth and with windows of several widths; what stands out
from the spread of all other places, in the upper and in the lower half of a band, is reported.

Good elements differ, too, and an aperture blurs that as it blurs a dead one. So it is looked at a second time
with the noise made white, which brings out the two edges of a shadow (matched filter in coloured noise; its
spectrum by Blackman and Tukey).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.lab.qa.rings import Rings, robust_spread, smooth
from scanmon.lab.qa.straight import Straight

Floats = NDArray[np.float64]
BANDS = (0.06, 0.12, 0.25, 0.5, 1.0)  # of the depth of the reverberation, from the face down
WIDTHS = (1 / 192, 1 / 128, 1 / 96, 1 / 64, 1 / 48, 1 / 32, 1 / 24, 1 / 16, 1 / 10, 1 / 6)  # of the aperture
LEAST_Z = 5.6  # standard deviations of all other places
LEAST_WHITE_Z = 6.2  # the same in white noise
FOUND = 1.25  # times the mean of both; less is suspected: chance threw 1.19 in 2,640 pictures
UNDOUBTED = 2.0  # the same, of what the rows below the band do not show, or are too few for
AGAIN = 0.3  # of its loss in the band, that they have to show
RIM, AT_RIM = 0.08, 1.3  # of the aperture at either end, where the course is less sure: times as much
FEW = 8.0  # by how much more where few places are independent
LEAST_FINE = 0.5  # of that in white noise, which a shadow has to reach as well
UNMISTAKABLE = 1.6  # times what is asked of it: it needs no white noise
EVEN = 1e-3  # that of a course without any noise, against which nothing stands out; usual are 5 to 70
LEAST_WHOLE = 3.0  # standard deviations in the noise as it is, of what white noise shows
LEAST_HALF = 0.4  # of the loss of a band that each of its halves has to show
DEGREES = (0, 0, 1, 1, 2, 2, 2, 4, 4, 4, 4)  # of the course along the face, fit after fit
MOST_DIPS = 64  # of a band
LEAST_ROWS = 8  # of a band
LEAST_ACROSS_PX = 64.0  # in the middle of a band: near the apex of a sector nothing is told apart
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
    sure: bool = False  # chance has shown no such place; otherwise it is suspected, and has to be seen again


@dataclass(frozen=True, slots=True, eq=False)
class Aperture:
    """What the first rings say along the face."""

    loss_db: Floats  # (places,) against the smooth course
    spread_db: float  # robust standard deviation of it
    range_db: float  # 5th to 95th percentile of the smooth course itself
    tilt_db: float  # right half louder than the left half
    dips: tuple[Dip, ...]  # from left to right
    faintest_db: float  # a dip of one place that would just be found, away from the ends


def examine(seen: Straight, rings: Rings, db_per_level: float) -> Aperture:
    """Look for dips in a straightened picture. Raises `SourceError` where its rings tell nothing."""
    bands = []
    for share in BANDS:
        rows = round(share * rings.depth)
        loss = _loss(seen.gray, rings, 0, rows)
        across_px = seen.across_px(rows / 2)
        if loss is not None and across_px >= LEAST_ACROSS_PX:
            edge = ceil(OUTERMOST_PX * seen.gray.shape[1] / across_px)
            first = rows if share < 1 else rows // 2  # of the whole depth its lower half
            below = _loss(seen.gray, rings, first, min(2 * rows, rings.depth))
            bands.append((loss * db_per_level, edge, None if below is None else below[0] * db_per_level))
    if not bands:
        raise SourceError(
            "the rings are saturated, or hardly brighter than noise", "", "change gain and output power"
        )
    found: list[Dip] = []
    again: list[bool] = []
    evidence: list[Floats] = []
    for band, edge, below in bands:
        flat = np.stack([_flat(part, edge) for part in band])
        evidence.append(_evidence(flat))
        for dip in dips_of(flat):
            if not any(dip.first < known.last and known.first < dip.last for known in found):
                found.append(dip)
                again.append(below is not None and _again(dip, flat[0], _flat(below, edge)))
    strongest, phased = np.max(evidence, axis=0), seen.kind == "phased"
    found = [
        replace(dip, sure=_sure(dip, strongest, also, phased)) for dip, also in zip(found, again, strict=True)
    ]
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
        max(LEAST_DB, FOUND * LEAST_Z * spread, STANDS_OUT * _usual(near, _alike(near))),
    )


def _loss(gray: NDArray[np.float32], rings: Rings, first: int, last: int) -> Floats | None:
    """(3, places) gray levels below the middle of the face: in these rows, and in the halves of them.

    Rows count whose middle is neither saturated nor near noise; None where they are too few.
    """
    level = rings.profile[first:last]
    usable = first + np.flatnonzero((level < _SATURATED) & (level > rings.floor + _FAINT))
    if len(usable) < LEAST_ROWS:
        return None
    below = rings.profile[usable, None] - gray[usable]
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


def _again(dip: Dip, loss: Floats, below: Floats) -> bool:
    """Whether the rows below the band show it, too."""
    there = slice(int(dip.first * len(loss)), ceil(dip.last * len(loss)))
    return float(below[there].mean()) >= AGAIN * float(loss[there].mean())


def _sure(dip: Dip, evidence: Floats, again: bool, phased: bool) -> bool:
    """Whether the noise as it is and white noise together show it, each in the band that shows it best.

    What chance throws stands out in one of them; an element that is silent does in both. `evidence` (2,
    places). The sides of a phased array are those of its angles, where everything fades: only what is deep
    counts there.
    """
    places = evidence.shape[1]
    shown = float(evidence[:, int(dip.first * places) : ceil(dip.last * places)].max(axis=1).mean())
    if min(dip.place, 1 - dip.place) < RIM:
        if phased and dip.loss_db < DEAD_DB:
            return False
        shown /= AT_RIM
    return shown >= (FOUND if again else UNDOUBTED)


def _evidence(flat: Floats) -> Floats:
    """(2, places) how much of what is asked of a dip the best width reaches: as it is, and in white noise."""
    noise = _noise(flat[0])
    spectrum = _whitened(flat, noise)
    reached = [_match(flat, noise, spectrum, width)[1] for width in _widths(flat.shape[1])]
    return np.asarray(np.max(reached, axis=0))


def _widths(places: int) -> list[int]:
    return sorted({max(1, round(share * places)) for share in WIDTHS})


def dips_of(flat: Floats) -> Iterator[Dip]:
    """The dips of a band (3, places): whole, upper and lower half; the surest first.

    Each is taken out before the next is looked for: a wide window beside a deep dip would see it again.
    """
    places = flat.shape[1]
    noise = _noise(flat[0])
    open_places = np.ones(places, bool)
    for _ in range(MOST_DIPS):
        spectrum = _whitened(flat, noise)
        seen = [(width, *_match(flat, noise, spectrum, width)) for width in _widths(places)]
        width, whole, _, surety = max(seen, key=lambda one: float(np.where(open_places, one[3], 0.0).max()))
        at = int(np.argmax(np.where(open_places, surety, 0.0)))
        if not open_places[at] or surety[at] <= 1:
            return
        first, last = _extent(smooth(flat[0], width // 4), at, 0.5)
        beside = max(width, noise.alike, last + 1 - first)
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
        foot = noise.spread / max(float(flat[0][first : last + 1].max()), noise.spread)
        first, last = _extent(flat[0], first + int(np.argmax(part)), foot)
        flat = flat.copy()
        flat[:, first : last + 1] = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Noise:
    """What a band shows apart from dips."""

    quiet: NDArray[np.bool_]  # (places,) that are no dips
    deep: NDArray[np.bool_]  # of these, those away from the ends
    end: NDArray[np.bool_]
    alike: int  # places next to each other that tell the same
    spread: float  # standard deviation


def _noise(loss: Floats) -> _Noise:
    quiet = _trusted(loss)
    end = np.abs(np.linspace(-1.0, 1.0, len(loss))) > 1 - 2 * EDGE
    deep = quiet & ~end if (quiet & ~end).any() else ~end
    return _Noise(quiet, deep, end, _alike(loss[quiet]), float(loss[quiet].std()))


def _match(
    flat: Floats, noise: _Noise, spectrum: NDArray[np.complex128], width: int
) -> tuple[Floats, Floats, Floats]:
    """The loss over `width` places; how much of what is asked of a dip it is (2, places): as it is, and in
    white noise; and how sure a dip is that passes every other test, 1: just so."""
    places, end, deep = flat.shape[1], noise.end, noise.deep
    whole, upper, lower = (smooth(part, width // 2) for part in flat)
    spread = max(float(whole[noise.quiet].std()), LEAST_DB / LEAST_Z)
    # a spread that few places tell is uncertain itself
    few = FEW * max(width, noise.alike) / max(1, int(noise.quiet.sum()))
    least = LEAST_Z * (1 + few) * np.where(end, AT_ENDS, 1.0)
    both = np.minimum(upper, lower) > LEAST_HALF * whole
    white, above, below = np.where(end, 0.0, _boxed(spectrum, width, places))
    clear = (np.minimum(above, below) > LEAST_HALF * white) & (whole > LEAST_WHOLE * spread)
    least_white = LEAST_WHITE_Z * (1 + 3 * FEW / max(1, int(deep.sum()))) * float(np.std(white, where=deep))
    plain = whole / (spread * least)
    fine = white / least_white if least_white > EVEN else np.zeros(places)
    reached = np.stack([plain, np.where(end, plain, fine)])  # nothing is white at the ends
    for course, z in ((whole, plain), (white, fine)):
        z[course < STANDS_OUT * _usual(course[~end], max(width, noise.alike))] = 0.0
    plain = np.where(end | (fine > LEAST_FINE) | (plain > UNMISTAKABLE), plain, 0.0)
    sure = np.maximum(plain, np.where(clear, fine, 0.0))
    return whole, reached, np.where(both & (whole > LEAST_DB), sure, 0.0)


def _usual(whole: Floats, apart: int) -> float:
    """The depth that four of five of the shadows have which noise throws along the face."""
    highest = cv2.dilate(whole.reshape(1, -1), np.ones((1, 2 * apart + 1), np.uint8)).ravel()
    peaks = whole[(whole == highest) & (whole > 0)]
    return float(np.quantile(peaks, 0.8)) if len(peaks) > 4 else 0.0


def _whitened(flat: Floats, noise: _Noise) -> NDArray[np.complex128]:
    """The spectrum of each part, mirrored at its ends, over that of the noise of the quiet places."""
    places, quiet = flat.shape[1], noise.deep
    at = np.flatnonzero(~noise.end)
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


def _extent(loss: Floats, at: int, share: float) -> tuple[int, int]:
    """First and last place around `at` with at least that share of the loss there."""
    deep = loss >= share * max(loss[at], 1e-9)
    deep[at] = True
    first = at - int(np.argmin(np.append(deep[at::-1], False))) + 1
    last = at + int(np.argmin(np.append(deep[at:], False))) - 1
    return first, last
