"""A uniform phantom: penetration, uniformity, signal to noise with depth."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.records import Row
from scanmon.lab.qa.flanks import placed
from scanmon.lab.qa.locate import found_shape, given_shape, image_alone
from scanmon.lab.qa.material import Checked, Choice, Material
from scanmon.lab.qa.rings import smooth
from scanmon.lab.qa.straight import Straight, straighten
from scanmon.lab.qa.targets import discs, summary, wires

Floats = NDArray[np.float64]
DETECTABLE = 1.4  # A / A' at the end of the penetration (IEC 61391-2:2010, 7.1)
LEAST_LEVEL = 20.0  # gray levels; a phantom that shows less has no echo
STILL = 0.6  # correlation of two frames near the face above which the probe was held still
SKIPPED = 0.08  # of the depth below the face, where the rings of the probe itself are
EQUAL = 0.2677 / 1.6449  # Li2(1/4) / Li2(1): correlation where echo and noise are equal
_DEPTHS = 8  # at which signal to noise is listed


def check_phantom(material: Material, choice: Choice, noise: Material | None) -> Checked:
    """Measure a uniform phantom. Raises `SourceError` where there is no echo to measure.

    Decibels are gray levels times dynamic range / 255: true for a linear gray map. Uniformity is the range of
    the smoothed mean gray, 5th to 95th percentile, along the face and along depth (image uniformity in AAPM
    TG-1, Goodsitt et al., Med. Phys. 25 (1998) 1385); along depth about a straight line, since gray may fall
    with depth in a sound scanner. Targets: `targets`.
    """
    db = choice.dynamic_range_db / 255
    seen = _straight(material, choice)
    gray = seen.gray
    profile = _profile(gray)
    rows = len(profile)
    if profile[round(SKIPPED * rows) :].max() < LEAST_LEVEL:
        raise SourceError("shows no echo of a phantom", "", "raise the gain, or name the image with --region")
    points = wires(seen, material.scale, db)
    found = points + discs(seen, material.scale, db, points)
    floor, how = _noise(profile, material, noise, seen)
    end, at_least = penetration(profile, floor, db)
    moved = _by_correlation(material, seen) if noise is None else None
    if moved is not None:
        end, at_least, how = *moved, "two frames"
    first = round(SKIPPED * rows)
    if end <= first + 10:
        raise SourceError(
            "is noise from the face on", "", "check the coupling, or name the image with --region"
        )
    inner = gray[first:end]
    lateral = np.asarray(np.nanmedian(np.where(np.isfinite(inner), inner, np.nan), axis=0), np.float64)
    lateral = lateral[np.isfinite(lateral)]
    along = profile[first:end]
    line = np.polyval(np.polyfit(np.arange(len(along)), along, 1), np.arange(len(along)))
    unit, scale = material.scale
    signal = snr_db(profile, floor, db)
    measures = {
        f"penetration_{unit}": end * scale,
        "level": float(np.median(along)),
        "lateral_range_db": _range(lateral) * db,
        "depth_range_db": _range(along - line) * db,
        "snr_db": float(signal[end // 2]),
        "noise_level": float(np.median(floor[-rows // 10 :])),
        **summary(found),
    }
    listed = np.linspace(first, rows - 1, _DEPTHS).astype(int)
    about: Row = {
        "geometry": seen.kind,
        "unit": unit,
        "dynamic_range_db": choice.dynamic_range_db,
        "noise_from": how,
        "penetration_at_least": at_least,
        "signal_to_noise": [
            {"depth": float(row * scale), "level": float(profile[row]), "snr_db": float(signal[row])}
            for row in listed
        ],
        "targets": found,
    }
    marks = [(float(target["x"]), float(target["y"])) for target in found]
    curves = [("gray along depth", "pixels", profile), ("gray along the face", "left to right", lateral)]
    return Checked(measures, about, seen, [], marks, curves)


def penetration(profile: Floats, floor: Floats, db: float) -> tuple[int, bool]:
    """Rows down to which echo stands above noise, and whether it does so to the end of the picture.

    A(z) / A'(z) >= 1.4, A the mean echo at depth z and A' that of noise alone (IEC 61391-2:2010, 7.1), in
    gray levels of `db` decibels each; after Gorny et al., Med. Phys. 32 (2005) 2615.
    """
    above = profile - floor > 20 * np.log10(DETECTABLE) / db
    rows = len(profile)
    gap = max(3, rows // 40)
    lost = np.flatnonzero(cv2.erode((~above).astype(np.uint8), np.ones((gap, 1))).ravel()[rows // 10 :])
    if not len(lost):
        return rows, True
    return int(lost[0]) + rows // 10 - gap // 2, False


def snr_db(profile: Floats, floor: Floats, db: float) -> Floats:
    """20 log10(sqrt(A^2 - A'^2) / A') at every depth; at least -20 dB."""
    ratio = 10 ** ((profile - floor) * db / 20)
    return np.asarray(10 * np.log10(np.maximum(ratio**2 - 1, 0.01)))


def _straight(material: Material, choice: Choice) -> Straight:
    picture = material.picture.astype(np.float32)
    shape = given_shape(material.picture, choice.region)
    if shape is None:
        alone = image_alone(material.picture, material.declared)
        shape = placed(alone.astype(np.float32), found_shape(alone))
    return straighten(picture, shape)


def _profile(gray: NDArray[np.float32]) -> Floats:
    """(rows,) mean gray of the middle two thirds of the face, smoothed over a fiftieth of the depth."""
    columns = gray.shape[1]
    middle = gray[:, columns // 6 : columns - columns // 6]
    known = np.isfinite(middle)
    mean = np.where(known, middle, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return smooth(np.asarray(mean, np.float64), max(1, len(mean) // 100))


def _noise(profile: Floats, material: Material, noise: Material | None, seen: Straight) -> tuple[Floats, str]:
    """(rows,) mean gray of noise alone, and where it was seen: without a picture of it, where least is."""
    if noise is not None:
        if noise.picture.shape != material.picture.shape:
            raise SourceError(
                "the noise picture has another size", "--noise", "take it with the same settings"
            )
        return _profile(straighten(noise.picture.astype(np.float32), seen.shape).gray), "noise picture"
    return np.full(len(profile), float(profile[len(profile) // 3 :].min())), "faintest depth"


def _by_correlation(material: Material, seen: Straight) -> tuple[int, bool] | None:
    """Penetration by two frames of a still probe: echo stays, noise does not.

    The coherence of frames at a depth is S / (S + N): 1/2 where signal and noise are equal (Gorny et al.
    2005, image pairs). Grays of speckle with coherence g, logarithms of intensities, correlate by
    Li2(g^2) / Li2(1). None for one frame, or where the probe was moved.
    """
    if len(material.frames) < 2:
        return None
    pairs = [straighten(frame.astype(np.float32), seen.shape).gray for frame in material.frames[:8]]
    if all(np.array_equal(pairs[0], other, equal_nan=True) for other in pairs[1:]):
        return None  # a frozen picture
    rows = len(pairs[0])
    half = max(4, rows // 50)
    found = [_correlation(one, other, half) for one, other in pairwise(pairs)]
    course = np.median(found, axis=0)
    if np.median(course[rows // 10 : rows // 4]) < STILL:
        return None
    lost = np.flatnonzero(smooth(course, half)[rows // 10 :] < EQUAL)
    return (int(lost[0]) + rows // 10, False) if len(lost) else (rows, True)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32], half: int) -> Floats:
    """(rows,) correlation of two frames across the face, over `2 * half + 1` rows."""
    known = np.isfinite(one) & np.isfinite(other)

    def fluctuation(gray: NDArray[np.float32]) -> Floats:
        filled = np.where(known, gray, 0.0).astype(np.float64)
        mean = filled.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return np.where(known, filled - mean[:, None], 0.0)

    a, b = fluctuation(one), fluctuation(other)
    both, first, second = (smooth((x * y).sum(axis=1), half) for x, y in ((a, b), (a, a), (b, b)))
    return np.asarray(both / np.maximum(np.sqrt(first * second), 1e-6))


def _range(values: Floats) -> float:
    """5th to 95th percentile of the course, smoothed over a twentieth of it: speckle is no course."""
    low, high = np.percentile(smooth(values, max(1, len(values) // 40)), [5, 95])
    return float(high - low)
