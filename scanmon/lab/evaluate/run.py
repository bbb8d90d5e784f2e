"""Every metric on every version of every picture, row by row into the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Mask, Region, View
from scanmon.degradations import FAMILIES, Degraded
from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.compare.full_reference import psnr
from scanmon.lab.evaluate.cases import CaseRow, CaseTable
from scanmon.lab.evaluate.measure import Measure, Measured
from scanmon.lab.evaluate.plan import DEGENERATE, Case, Picture, Plan, hopeless_pictures

Progress = Callable[[int, int], None]  # rows done, rows in all


def run(
    pictures: Iterable[Picture],
    count: int,
    measures: Sequence[Measure],
    plan: Plan,
    table: CaseTable,
    *,
    working_height_px: int,
    progress: Progress,
) -> None:
    """Fill `table` with what it lacks. `pictures` gives `count` pictures and is read once.

    An interruption loses at most the row that is being made.
    """
    total, done = (count * len(plan) + len(NEGATIVES)) * len(measures), 0
    for picture in hopeless_pictures(working_height_px):
        for measure in measures:
            if (picture.name, measure.name, DEGENERATE, 0) not in table.done:
                measured = measure.measure(picture.view(working_height_px), local=False)
                table.append(_row(picture, measure, Case(DEGENERATE, 0), measured))
            done += 1
            progress(done, total)
    for picture in pictures:
        for case in plan.cases():
            key = (case.family, case.severity)
            missing = [
                measure for measure in measures if (picture.name, measure.name, *key) not in table.done
            ]
            if missing:
                for row in _measure(picture, case, plan, missing, working_height_px):
                    table.append(row)
            done += len(measures)
            progress(done, total)
    if done < total:  # some could not be read
        progress(done, done)


def _measure(
    picture: Picture, case: Case, plan: Plan, measures: Sequence[Measure], working_height_px: int
) -> Iterator[CaseRow]:
    shown, degraded = plan.version(picture, case)
    psnr_db = psnr(picture.pixels, degraded.image, picture.inside) if degraded else None
    local = degraded is not None and FAMILIES[case.family].local
    view = shown.view(working_height_px)
    for measure in measures:
        measured = measure.measure(view, local=local)
        found = _found(measured, degraded, picture.region, view) if local and degraded else None
        yield _row(picture, measure, case, measured, psnr_db, found)


def _row(
    picture: Picture,
    measure: Measure,
    case: Case,
    measured: Measured,
    psnr_db: float | None = None,
    found: Found | None = None,
) -> CaseRow:
    quality = verdict = None
    if measure.calibration:
        quality = measure.calibration.quality(measured.score)
        verdict = str(measure.calibration.verdict(quality)) if measured.word else None
    return CaseRow(
        picture.name,
        picture.organ,
        measure.name,
        case.family,
        case.severity,
        measured.score,
        quality,
        verdict,
        psnr_db,
        familiar=measured.familiar,
        kind=measured.kind,
        **(asdict(found) if found else {}),
    )


def _found(measured: Measured, degraded: Degraded, region: Region, view: View) -> Found | None:
    """Localisation in the pixels of the view; None where the metric has no local map."""
    if degraded.box is None or measured.heat is None or measured.worst is None:
        return None
    height, width = view.image.shape
    box = region.box
    weight = cv2.resize(degraded.weight[box.rows, box.columns], (width, height), interpolation=cv2.INTER_AREA)
    mask = np.ones((height, width), np.bool_) if view.mask is None else view.mask
    artefact = scaled(Box(*degraded.box), box, width, height)
    return find(measured.worst, measured.heat, artefact, weight.astype(np.float32), mask)


def scaled(artefact: Box, region: Box, width: int, height: int) -> Box:
    """A box in frame pixels, in the pixels of a view of that size."""
    across, down = width / region.width, height / region.height
    left = min(max(round((artefact.x - region.x) * across), 0), width - 1)
    top = min(max(round((artefact.y - region.y) * down), 0), height - 1)
    right = min(max(round((artefact.right - region.x) * across), left + 1), width)
    bottom = min(max(round((artefact.bottom - region.y) * down), top + 1), height)
    return Box(left, top, right - left, bottom - top)


COVER = 0.5  # share of the smaller of the two boxes that must be common
WORST_SHARE = 0.1  # of the region's pixels


@dataclass(frozen=True, slots=True)
class Found:
    """How well one artefact was found. All values are shares 0..1; the names are those of `CaseRow`."""

    covers: float  # 1.0: the worst box and the artefact's box agree
    covers_chance: float  # the same for a box of that size at a random place in the region
    point: float  # 1.0: the lowest point of the heatmap lies on the artefact
    overlap: float  # share of the worst tenth of the heatmap that lies on the artefact
    overlap_chance: float  # share of the region that the artefact takes, where a point lies by chance


def covers(worst: Box, artefact: Box) -> bool:
    """Whether at least half of the smaller box lies inside the other.

    A metric with windows larger than the artefact must hold half of it, one with smaller ones must lie on it.
    """
    return _common(worst, artefact) >= COVER * min(
        worst.width * worst.height, artefact.width * artefact.height
    )


def find(
    worst: Box, heat: NDArray[np.float32], artefact: Box, weight: NDArray[np.float32], inside: Mask
) -> Found:
    """Compare with the truth. Boxes and arrays (h, w) in pixels of the view; `heat` is any coarse grid."""
    height, width = inside.shape
    on = (weight > 0.5) & inside
    fine = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    values = fine[inside]
    count = max(1, round(WORST_SHARE * values.size))
    lowest = np.argpartition(values, count - 1)[:count]
    on_artefact = on[inside]
    return Found(
        covers=float(covers(worst, artefact)),
        covers_chance=_chance(worst, artefact, width, height),
        point=float(on_artefact[int(np.argmin(values))]),
        overlap=float(on_artefact[lowest].mean()),
        overlap_chance=float(on.sum() / max(1, inside.sum())),
    )


def _chance(worst: Box, artefact: Box, width: int, height: int) -> float:
    """Share of 15 x 15 evenly spread places where a box of the size of `worst` would cover the artefact."""
    lefts = np.linspace(0, max(width - worst.width, 0), 15).round().astype(int)
    tops = np.linspace(0, max(height - worst.height, 0), 15).round().astype(int)
    hits = [
        covers(Box(int(left), int(top), worst.width, worst.height), artefact)
        for left in lefts
        for top in tops
    ]
    return float(np.mean(hits))


def _common(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)
