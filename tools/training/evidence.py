"""What a calibration rests on: scores of training pictures, clean, faulty, shown otherwise, and of none.

The faults, nuisances and negatives are the evaluation's own (`scanmon.degradations`), without the families
that are held out of training. No picture of the evaluation is read.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Frame, GrayImage, Mask, Region, Scored, View
from scanmon.degradations import FAMILIES, HELD_OUT, NUISANCES, SEVERITIES, degrade
from scanmon.lab.evaluate.plan import hopeless_pictures
from scanmon.scoring.view import Viewer
from tools.training.pictures import Picture

TRAINED = tuple(name for name in FAMILIES if name not in HELD_OUT)
DARK = 0.08
"""Share of the brightness at which nothing can be seen any more."""

Ask = Callable[[View], Scored]


@dataclass(slots=True)
class Evidence:
    """Scores, higher is better."""

    clean: dict[str, list[float]] = field(default_factory=dict)  # organ -> scores
    faulty: dict[tuple[str, int], list[float]] = field(default_factory=dict)  # family, severity -> scores
    none: dict[str, list[float]] = field(default_factory=dict)  # black, air, noise, 8 % of the light

    def of_severity(self, severity: int) -> NDArray[np.float64]:
        return np.concatenate([scores for (_, level), scores in self.faulty.items() if level == severity])


def view_of(gray: GrayImage, mask: Mask, height: int) -> View:
    """A picture as a scorer sees it: its sector, at the working height."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    cut = np.ascontiguousarray(mask[box.rows, box.columns])
    return Viewer(height).view(Frame(gray, 0, 0.0, 0.0), Region(box, cut))


def lit_view(view: View) -> View:
    """The view with what is black left out of its mask, so that a fit never takes black for clean tissue."""
    lit = (view.image > 10).astype(np.uint8)
    near = cv2.dilate(lit, np.ones((9, 9), np.uint8)) > 0
    return View(view.image, near if view.mask is None else near & view.mask, view.time_s)


def clean_scores(found: Evidence, pictures: Iterable[Picture], ask: Ask, height: int) -> None:
    for picture in pictures:
        score = ask(view_of(picture.gray, picture.mask, height)).score
        found.clean.setdefault(picture.organ, []).append(score)


def shown_scores(found: Evidence, pictures: Iterable[Picture], ask: Ask, height: int) -> None:
    """Clean pictures as other displays show them: every nuisance of the evaluation."""
    for picture in pictures:
        for change in NUISANCES.values():
            gray, mask = change(picture.gray, picture.mask, np.random.default_rng(0))
            found.clean.setdefault(picture.organ, []).append(ask(view_of(gray, mask, height)).score)


def fault_scores(
    found: Evidence, pictures: Iterable[Picture], ask: Ask, height: int, families: Sequence[str] = TRAINED
) -> None:
    """Every picture under every family at the four severities, and at 8 % of its light."""
    for picture in pictures:
        dark = np.rint(picture.gray * DARK).astype(np.uint8)
        found.none.setdefault("8 % of the light", []).append(ask(view_of(dark, picture.mask, height)).score)
        for family in families:
            for severity in SEVERITIES:
                rng = np.random.default_rng(zlib.crc32(f"{picture.name}{family}".encode()))
                changed = degrade(picture.gray, family, severity, rng, picture.mask).image
                score = ask(view_of(changed, picture.mask, height)).score
                found.faulty.setdefault((family, severity), []).append(score)


def none_scores(found: Evidence, ask: Ask, height: int) -> None:
    for picture in hopeless_pictures(height):
        found.none.setdefault(picture.name, []).append(ask(View(picture.pixels, None, 0.0)).score)
