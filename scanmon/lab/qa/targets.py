"""Wires and discs in a phantom: widths of points, distances, contrast."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.records import Row
from scanmon.core.roi import gcnr_of
from scanmon.lab.qa.material import Scale
from scanmon.lab.qa.rings import robust_spread
from scanmon.lab.qa.straight import Straight

MOST = 64  # of each kind
BINS = 64  # of the histograms of gCNR: a target has few pixels
WIRE_DB = 8.0  # a wire is at least so much brighter than what is around it
DISC_DB = 2.0  # a disc differs from its surroundings by at least so much
DISC_Z = 7.0  # standard deviations of all places
RADII = (0.02, 0.03, 0.045, 0.065)  # of the depth of the picture
_SATURATED = 250.0


def wires(seen: Straight, scale: Scale, db: float) -> list[Row]:
    """Bright points, with their widths in pixels or millimetres where the echo is 6 and 20 dB below the top.

    IEC 61391-1:2006: full width of the point response along the beam (axial) and across (lateral), between
    the places where linear interpolation reaches the level; null where the surroundings are brighter. A top
    that is saturated makes widths too large: `saturated`.
    """
    gray = np.nan_to_num(seen.gray, nan=0.0)
    rows, columns = gray.shape
    fine = cv2.GaussianBlur(gray, (0, 0), 1.0)
    size = max(9, rows // 16) | 1
    around = cv2.medianBlur(np.clip(gray, 0, 255).astype(np.uint8), min(size, 255)).astype(np.float32)
    above = (fine - around) * db
    spread = robust_spread(above)
    least = max(WIRE_DB, 5.0 * spread)
    tops = (fine == cv2.dilate(fine, np.ones((size, size)))) & (above > least)
    tops[: rows // 20] = False  # the rings of the probe
    found = []
    for row, column in sorted(map(tuple, np.argwhere(tops)), key=lambda at: -above[at])[:MOST]:
        across = seen.across_px(float(row)) / columns
        axial = [_width(gray[:, column], row, drop / db, around[row, column]) for drop in (6.0, 20.0)]
        lateral = [_width(gray[row], column, drop / db, around[row, column]) for drop in (6.0, 20.0)]
        if axial[0] is None or lateral[0] is None or max(axial[0], lateral[0] * across) > rows / 6:
            continue
        unit, length = scale
        x, y = seen.point(row + 0.5, column + 0.5)
        found.append(
            {
                "kind": "wire",
                "x": x,
                "y": y,
                "above_db": float(above[row, column]),
                f"axial_6_{unit}": axial[0] * length,
                f"axial_20_{unit}": None if axial[1] is None else axial[1] * length,
                f"lateral_6_{unit}": lateral[0] * across * length,
                f"lateral_20_{unit}": None if lateral[1] is None else lateral[1] * across * length,
                "saturated": bool(gray[row, column] >= _SATURATED),
            }
        )
    return _with_distances(found, scale)


def discs(seen: Straight, scale: Scale, db: float, points: Sequence[Row] = ()) -> list[Row]:
    """Round parts that are darker or brighter than what is around them, without those that are `points`.

    contrast: mean inside minus mean around, in decibels. cnr: |m_i - m_o| / sqrt(v_i + v_o) of gray levels.
    gcnr: 1 - overlap of the two histograms (Rodriguez-Molares et al., IEEE TUFFC 67 (2020) 745).
    """
    known = np.isfinite(seen.gray)
    gray = np.where(known, seen.gray, 0.0).astype(np.float32)
    rows, columns = gray.shape
    level = gray.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    flat = np.where(known, gray - level[:, None], 0.0).astype(np.float32)
    places: list[tuple[float, float, int, int, float]] = []
    for share in RADII:
        radius = share * rows
        inner, ring = _disc(radius, 0.0), _disc(1.9 * radius, 1.3 * radius)
        differs = cv2.filter2D(flat, -1, inner) - cv2.filter2D(flat, -1, ring)
        edge = int(2 * radius) + 1
        middle = differs[edge : rows - edge, edge : columns - edge]
        if not middle.size:
            continue
        spread = robust_spread(middle)
        least = max(DISC_DB / db, DISC_Z * spread)
        strong = np.abs(differs)
        peak = (strong == cv2.dilate(strong, np.ones((edge, edge)))) & (strong > least)
        peak[:edge] = peak[rows - edge :] = peak[:, :edge] = peak[:, columns - edge :] = False
        peak[: rows // 10] = False
        places += [
            (float(strong[row, column]), radius, int(row), int(column), float(differs[row, column]))
            for row, column in np.argwhere(peak)
        ]
    found: list[tuple[float, int, int]] = []
    told: list[Row] = []
    for _, radius, row, column, _ in sorted(places, reverse=True):
        x0, y0 = seen.point(row + 0.5, column + 0.5)
        if any(np.hypot(x0 - point["x"], y0 - point["y"]) < 2 * radius for point in points):
            continue
        if all(np.hypot(row - y, column - x) > radius + other for other, y, x in found):
            found.append((radius, row, column))
            told.append(_told_disc(seen, gray, flat, (radius, row, column), scale, db))
    return told[:MOST]


def summary(targets: Sequence[Row]) -> dict[str, float]:
    """What of the targets goes into the record: medians; nothing where there are none."""
    names = {
        "wire_axial_mm": "axial_6_mm",
        "wire_lateral_mm": "lateral_6_mm",
        "wire_distance_mm": "nearest_mm",
    }
    found = {}
    for name, key in names.items():
        values = [target[key] for target in targets if target.get(key) is not None]
        if values:
            found[name] = float(np.median(values))
    shown = [target for target in targets if target["kind"] == "disc"]
    if shown:
        found["contrast_db"] = float(np.median([abs(target["contrast_db"]) for target in shown]))
        found["gcnr"] = float(np.median([target["gcnr"] for target in shown]))
    return found


def _counts(gray: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.bincount(gray.round().astype(np.int64), minlength=256)


def _told_disc(
    seen: Straight,
    gray: NDArray[np.float32],
    flat: NDArray[np.float32],
    place: tuple[float, int, int],
    scale: Scale,
    db: float,
) -> Row:
    radius, row, column = place
    ys, xs = np.ogrid[: gray.shape[0], : gray.shape[1]]
    away = np.hypot(ys - row, xs - column)
    inside, around = away <= 0.7 * radius, (away >= 1.3 * radius) & (away <= 1.9 * radius)
    one, other = flat[inside], flat[around]
    x, y = seen.point(row + 0.5, column + 0.5)
    return {
        "kind": "disc",
        "x": x,
        "y": y,
        f"radius_{scale.unit}": radius * scale.of_px,
        "contrast_db": float(one.mean() - other.mean()) * db,
        "cnr": float(abs(one.mean() - other.mean()) / np.sqrt(one.var() + other.var() + 1e-9)),
        "gcnr": gcnr_of(_counts(gray[inside]), _counts(gray[around]), BINS),
    }


def _width(values: NDArray[np.float32], at: int, drop: float, around: float) -> float | None:
    """Between the two places where the gray is `drop` below the top; None where the surroundings are not."""
    level = float(values[at]) - drop
    if level <= around:
        return None
    ends = []
    for part in (values[at:], values[at::-1]):
        below = np.flatnonzero(part < level)
        if not len(below):
            return None
        last = int(below[0])
        ends.append(last - float((level - part[last]) / (part[last - 1] - part[last])))
    return ends[0] + ends[1]


def _with_distances(found: list[Row], scale: Scale) -> list[Row]:
    """Each wire with the distance of the next one."""
    places = np.array([(target["x"], target["y"]) for target in found]).reshape(-1, 2)
    for number, target in enumerate(found):
        apart = np.hypot(*(places - places[number]).T)
        apart[number] = np.inf
        near = float(apart.min()) * scale.of_px if len(found) > 1 else None
        target[f"nearest_{scale.unit}"] = near
    return found


def _disc(outer: float, inner: float) -> NDArray[np.float32]:
    side = int(outer)
    ys, xs = np.ogrid[-side : side + 1, -side : side + 1]
    away = np.hypot(ys, xs)
    kernel = ((away <= outer) & (away >= inner)).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)
