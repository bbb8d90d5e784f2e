"""A calibration and what it rests on: scores of training pictures, clean, faulty, shown otherwise, of none.

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
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.view import Viewer
from tools.training.pictures import Picture

TRAINED = tuple(name for name in FAMILIES if name not in HELD_OUT)
DARK = 0.08
"""Share of the brightness at which nothing can be seen any more."""

MARGINAL, ADEQUATE = 40.0, 70.0
BEST, TYPICAL, WORST = 100.0, 92.0, 10.0
CLEAN_MISSED = 0.04
"""Share of clean pictures, every organ weighing the same, that the bound of adequate leaves out."""
GAP = 0.02
"""Of the whole range: how far the best picture of nothing stays below the bound."""
_EVENLY = np.linspace(0.005, 0.995, 100)

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
    box = Box(*cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8)))
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


def bound(found: Evidence) -> float:
    """The score from which on a picture is adequate: nearly all clean ones, none that shows nothing."""
    every = np.concatenate([np.quantile(scores, _EVENLY) for scores in found.clean.values()])
    nothing = max(max(scores) for scores in found.none.values())
    return max(float(np.quantile(every, CLEAN_MISSED)), nothing + GAP * abs(float(every.max()) - nothing))


def curve(found: Evidence) -> Calibration:
    """Quality 70 at the bound, 92 at the least median of a clean organ, 100 at the best clean pictures.

    Below: 10 at the median of the worst severity, and 0 where pictures of nothing are. Between the knots
    quality follows the score, so that equal scores are equal qualities whatever the fault.
    """
    limit = bound(found)
    worst = found.of_severity(SEVERITIES[-1])
    medians = [float(np.median(scores)) for scores in found.clean.values()]
    top = max(float(np.quantile(scores, 0.98)) for scores in found.clean.values())
    nothing = float(np.median([max(scores) for scores in found.none.values()]))
    knots = [min(nothing, float(np.quantile(worst, 0.05))), float(np.median(worst)), limit, min(medians), top]
    step = 1e-3 * max(top - knots[0], 1e-6)
    for index in (1, 0):  # the bound stands; what is below and above it makes room
        knots[index] = min(knots[index], knots[index + 1] - step)
    for index in (3, 4):
        knots[index] = max(knots[index], knots[index - 1] + step)
    return Calibration(tuple(knots), (0.0, WORST, ADEQUATE, TYPICAL, BEST), MARGINAL, ADEQUATE)


def report(name: str, found: Evidence, calibration: Calibration) -> None:
    """Print what a calibration does to what it rests on."""

    def line(what: str, scores: list[float]) -> None:
        qualities = np.array([calibration.quality(score) for score in scores])
        share = float(np.mean(qualities >= calibration.adequate))
        spread = np.percentile(qualities, (5, 50, 95)).round(1)
        print(f"{name} {what}: adequate {share:.2f}, quality 5/50/95 % {spread}")

    for organ, scores in found.clean.items():
        line(f"clean {organ}", scores)
    for severity in SEVERITIES:
        line(f"severity {severity}", found.of_severity(severity).tolist())
    for (family, severity), scores in found.faulty.items():
        if severity == SEVERITIES[-1]:
            line(f"worst {family}", scores)
    best = sorted(found.none, key=lambda key: -max(found.none[key]))[:6]
    print(f"{name} nothing: " + ", ".join(f"{k} {calibration.quality(max(found.none[k])):.0f}" for k in best))
