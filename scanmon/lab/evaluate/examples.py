"""What a person wants to see of an evaluation: pictures, faults, and where they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage
from scanmon.degradations import FAMILIES, SEVERITIES, degrade
from scanmon.lab.evaluate.hopeless import hopeless_pictures
from scanmon.lab.evaluate.local import covers
from scanmon.lab.evaluate.measure import Measure
from scanmon.lab.evaluate.plan import Picture, Plan
from scanmon.lab.evaluate.run import scaled
from scanmon.scoring.view import Viewer

ARTEFACT = "local_artefact"
_SEVERITY = 3  # of the artefact that is looked for


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A picture with an artefact and where a metric finds it. Boxes in pixels of the view `image` (h, w)."""

    organ: str
    metric: str
    image: GrayImage
    artefact: Box
    worst: Box
    heat: NDArray[np.float32]  # (gh, gw) over the view, low where it is bad; NaN outside the sector
    covers: bool


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A picture and what the metrics with a calibration say of it: metric -> (quality, verdict)."""

    name: str
    image: GrayImage
    said: dict[str, tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page shows as pictures."""

    sought: list[Sought]
    hopeless: list[Labelled]
    faults: dict[str, list[Labelled]]  # family -> its severities on one picture
    organ: str  # of that picture


def shown(pictures: Sequence[Picture], measures: Sequence[Measure], plan: Plan, height_px: int) -> Shown:
    """Measure the examples: the artefact on each picture, all faults on the first, the hopeless ones."""
    judging = [measure for measure in measures if measure.calibration is not None]
    hopeless = [
        _labelled(picture.name.partition("/")[2], picture, picture.pixels, judging, height_px)
        for picture in hopeless_pictures(height_px)
    ]
    faults: dict[str, list[Labelled]] = {}
    for picture in pictures[:1]:
        for family in plan.families:
            versions = [_fault(picture, family, severity, plan) for severity in SEVERITIES]
            faults[family] = [_labelled(family, picture, pixels, judging, height_px) for pixels in versions]
    sought = [found for picture in pictures for found in _seek(picture, judging, plan, height_px)]
    return Shown(sought, hopeless, faults, pictures[0].organ if pictures else "")


def _fault(picture: Picture, family: str, severity: int, plan: Plan) -> GrayImage:
    generator = plan.generator(picture.name, family)
    return degrade(picture.pixels, family, severity, generator, picture.inside).image


def _labelled(
    name: str, picture: Picture, pixels: GrayImage, judging: Sequence[Measure], height_px: int
) -> Labelled:
    view = Viewer(height_px).view(picture.frame(pixels), picture.region)
    said = {}
    for measure in judging:
        if measure.calibration is not None:
            quality = measure.calibration.quality(measure.measure(view, local=False).score)
            said[measure.name] = quality, str(measure.calibration.verdict(quality))
    return Labelled(name, view.image, said)


def _seek(picture: Picture, measures: Sequence[Measure], plan: Plan, height_px: int) -> list[Sought]:
    generator = plan.generator(picture.name, ARTEFACT)
    assert FAMILIES[ARTEFACT].local  # so it has a box, unless the sector has no room for it
    made = degrade(picture.pixels, ARTEFACT, _SEVERITY, generator, picture.inside)
    if made.box is None:
        return []
    view = Viewer(height_px).view(picture.frame(made.image), picture.region)
    height, width = view.image.shape
    artefact = scaled(Box(*made.box), picture.region.box, width, height)
    found = []
    for measure in measures:
        measured = measure.measure(view, local=True)
        if measured.heat is None or measured.worst is None:
            continue
        heat = cv2.resize(measured.heat, (width, height), interpolation=cv2.INTER_LINEAR)
        if view.mask is not None:
            heat = np.where(view.mask, heat, np.nan)
        found.append(
            Sought(
                picture.organ,
                measure.name,
                view.image,
                artefact,
                measured.worst,
                heat.astype(np.float32),
                covers(measured.worst, artefact),
            )
        )
    return found
