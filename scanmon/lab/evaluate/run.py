"""Every metric on every version of every picture, row by row into the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import cv2
import numpy as np

from scanmon.core.values import Box, Mask, Region, View
from scanmon.degradations import FAMILIES, Degraded, degrade
from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.compare.full_reference import psnr
from scanmon.lab.evaluate.cases import CaseRow, CaseTable
from scanmon.lab.evaluate.hopeless import DEGENERATE, hopeless_pictures
from scanmon.lab.evaluate.local import Found, find
from scanmon.lab.evaluate.measure import Measure, Measured
from scanmon.lab.evaluate.plan import AS, CLEAN, Case, Picture, Plan
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.view import Viewer

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
    viewer = Viewer(working_height_px)
    total, done = (count * len(plan) + len(NEGATIVES)) * len(measures), 0
    for picture in hopeless_pictures(working_height_px):
        for measure in measures:
            if (picture.name, measure.name, DEGENERATE, 0) not in table.done:
                measured = measure.measure(
                    viewer.view(picture.frame(picture.pixels), picture.region), local=False
                )
                table.append(_row(picture, measure, Case(DEGENERATE, 0), measured, None, None))
            done += 1
            progress(done, total)
    for picture in pictures:
        inside = picture.inside
        for case in plan.cases():
            key = (case.family, case.severity)
            missing = [
                measure for measure in measures if (picture.name, measure.name, *key) not in table.done
            ]
            if missing:
                for row in _measure(picture, inside, case, plan, missing, viewer):
                    table.append(row)
            done += len(measures)
            progress(done, total)
    if done < total:  # some could not be read
        progress(done, done)


def _measure(
    picture: Picture, inside: Mask, case: Case, plan: Plan, measures: Sequence[Measure], viewer: Viewer
) -> Iterator[CaseRow]:
    degraded, psnr_db, local = None, None, False
    shown, pixels = picture, picture.pixels
    generator = plan.generator(picture.name, case.family)
    if case.family.startswith(AS):
        shown = picture.disturbed(case.family.removeprefix(AS), generator)
        pixels = shown.pixels
    elif case.family != CLEAN:
        degraded = degrade(pixels, case.family, case.severity, generator, inside)
        pixels = degraded.image
        psnr_db = psnr(picture.pixels, pixels, inside)
        local = FAMILIES[case.family].local
    view = viewer.view(shown.frame(pixels), shown.region)
    for measure in measures:
        measured = measure.measure(view, local=local)
        found = _found(measured, degraded, picture.region, view, inside) if local and degraded else None
        yield _row(picture, measure, case, measured, psnr_db, found)


def _row(
    picture: Picture,
    measure: Measure,
    case: Case,
    measured: Measured,
    psnr_db: float | None,
    found: Found | None,
) -> CaseRow:
    calibration = measure.calibration
    quality = calibration.quality(measured.score) if calibration else None
    return CaseRow(
        picture.name,
        picture.organ,
        measure.name,
        case.family,
        case.severity,
        measured.score,
        quality,
        _verdict(calibration, quality) if measured.word else None,
        psnr_db,
        float(found.covers) if found else None,
        found.covers_chance if found else None,
        float(found.point) if found else None,
        found.overlap if found else None,
        found.overlap_chance if found else None,
        measured.familiar,
        measured.kind,
    )


def _verdict(calibration: Calibration | None, quality: float | None) -> str | None:
    return str(calibration.verdict(quality)) if calibration and quality is not None else None


def _found(measured: Measured, degraded: Degraded, region: Region, view: View, inside: Mask) -> Found | None:
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
