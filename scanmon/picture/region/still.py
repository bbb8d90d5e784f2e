"""The ultrasound image in one picture: candidates, the shape of each, and the one with the best evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from scanmon.core.values import Box, GrayImage
from scanmon.picture.region.candidates import Patch, patches
from scanmon.picture.region.edges import refine
from scanmon.picture.region.evidence import evidence
from scanmon.picture.region.fit import Fit, clip_columns, fit_shape, points_of
from scanmon.picture.region.morphology import count
from scanmon.picture.region.shapes import Quad, Rectangle, Sector, Shape
from scanmon.picture.region.tissue import Reduced, without_ramps

_MARGIN = slice(1, 5)  # rows or columns of the reduced picture beside its edge
_TRIED = 5  # candidates whose shape is fitted
_SAME = 0.02  # candidates that differ in less of their area are one
_RAGGED = 5  # power of the overlap: a shape that leaves much unexplained is a wrong one
_TISSUE_ON_ARC = 0.55  # textured share of an arc around the apex that belongs to the image
_SHORT = 3.0  # pixels by which a sector is not made longer: its edge is blurred
_POINTED = 0.07  # share of the outer radius below which an inner one is none
_AT_EDGE = 2.0  # pixels
_NO_LETTERS = 0.01  # of the picture
_FULL_SHARE = 0.94  # an image that covers this much of the picture is the picture


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A shape in the reduced picture, with how well it is supported there."""

    fit: Fit
    support: float  # 0..1, see `evidence`


def find_shape(reduced: Reduced) -> Found | None:
    """The best supported shape, or None where nothing looks like tissue."""
    if is_bare(reduced):
        height, width = reduced.image.shape
        return Found(Fit("rectangle", np.array([0.0, 0.0, width, height]), 1.0), 1.0)
    reduced = without_ramps(replace(reduced, plain=reduced.plain | reduced.dense))
    ranked = sorted(patches(reduced), key=lambda patch: -patch.promise)
    tried: list[Patch] = []
    best, best_value = None, 0.0
    for patch in ranked:
        if patch.promise <= best_value or len(tried) == _TRIED:
            break
        if any(count(patch.solid ^ other.solid) < _SAME * patch.area for other in tried):
            continue
        tried.append(patch)
        fit = with_apex(fit_shape(patch.solid), reduced)
        support = evidence(fit, reduced).support
        value = patch.promise * fit.overlap**_RAGGED * support**2
        if value > best_value:
            best, best_value = Found(fit, support), value
    if best is not None and _fills_the_width(best.fit, reduced):
        height, width = reduced.image.shape
        return Found(Fit("rectangle", np.array([0.0, 0.0, width, height]), best.fit.overlap), best.support)
    return best


def _fills_the_width(fit: Fit, reduced: Reduced) -> bool:
    """Whether nothing but the image is there, and what is left above and below it is dark image.

    A screen has a margin at the side, or text.
    """
    if fit.kind == "sector":
        return False
    (left, _), (right, _) = points_of(fit.kind, fit.numbers)[:2]  # where it begins, at the probe
    letters = 1.0 - float(reduced.plain.mean())
    return left <= _AT_EDGE and right >= reduced.image.shape[1] - _AT_EDGE and letters < _NO_LETTERS


def worth(fit: Fit, reduced: Reduced) -> float:
    """What a shape explains in any picture: the tissue inside, times how well its outline fits."""
    corners = points_of(fit.kind, fit.numbers)
    if fit.kind != "rectangle":
        corners = clip_columns(corners, fit.numbers[6], fit.numbers[7])
    inside = np.zeros_like(reduced.textured)
    cv2.fillPoly(inside, [np.rint(corners - 0.5).astype(np.int32)], (1,))
    return count(inside & reduced.textured & reduced.plain) * evidence(fit, reduced).support ** 2


def with_apex(fit: Fit, reduced: Reduced) -> Fit:
    """A sector up to its probe: beams are so close there that tissue looks like letters, and was cut off."""
    if fit.kind != "sector" or fit.numbers[2] <= 0:
        return fit
    apex_x, apex_y, inner, outer, left, right = fit.numbers[:6]
    height, width = reduced.image.shape
    angles = np.radians(np.linspace(0.85 * left, 0.85 * right, 25))
    reached, empty = inner, 0
    for radius in np.arange(inner - 0.5, 0.0, -1.0):
        columns = np.floor(apex_x + radius * np.sin(angles)).astype(int)
        rows = np.floor(apex_y + radius * np.cos(angles)).astype(int)
        seen = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        share = float(reduced.textured[rows[seen], columns[seen]].mean()) if seen.any() else 0.0
        empty = empty + 1 if share < _TISSUE_ON_ARC else 0
        if empty > 1:
            break
        reached = radius if empty == 0 else reached
    if reached > inner - _SHORT:
        return fit
    numbers = fit.numbers.copy()
    numbers[2] = reached + 1.0 if reached > max(4.0, _POINTED * outer) else 0.0
    return Fit(fit.kind, numbers, fit.overlap)


def is_bare(reduced: Reduced) -> bool:
    """Whether the picture is an image cut out of its screen: tissue from the first row on, and no letters.

    A screen has a header or a margin above the image.
    """
    tissue = reduced.textured & reduced.plain
    top = float(tissue[_MARGIN].mean())
    upper = tissue[: len(tissue) // 2]
    sides = max(float(upper[:, _MARGIN].mean()), float(upper[:, -_MARGIN.stop : -_MARGIN.start].mean()))
    letters = 1.0 - float(reduced.plain.mean())
    return top > 0.75 and sides > 0.3 and letters < 0.03


def to_frame(found: Found, pixels: GrayImage, step: int) -> Shape:
    """The shape in frame pixels; straight upright edges are placed exactly."""
    height, width = pixels.shape
    fit = found.fit
    corners = points_of(fit.kind, fit.numbers)
    if fit.kind != "rectangle":
        corners = clip_columns(corners, fit.numbers[6], fit.numbers[7])
    left, top = np.floor(np.clip(corners.min(axis=0) * step + 0.5, 0, (width - 1, height - 1))).astype(int)
    right, bottom = np.ceil(
        np.clip(corners.max(axis=0) * step - 0.5, (left + 1, top + 1), (width, height))
    ).astype(int)
    box = Box(int(left), int(top), int(right - left), int(bottom - top))
    if fit.kind == "rectangle":
        box = refine(pixels, box, step)
        if box.width * box.height > _FULL_SHARE * width * height:
            box = Box(0, 0, width, height)
        return Rectangle(box)
    window = box if _is_cut(fit) else None
    if fit.kind == "quad":
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (points_of("quad", fit.numbers) * step).tolist()
        return Quad(((x0, y0), (x1, y1), (x2, y2), (x3, y3)), window)
    apex_x, apex_y, inner, outer, left_deg, right_deg = (float(number) for number in fit.numbers[:6])
    inner, outer = max(0.0, inner) * step, outer * step
    return Sector(apex_x * step, apex_y * step, inner, outer, left_deg, right_deg, window)


def _is_cut(fit: Fit) -> bool:
    """Whether the image ends at upright edges left or right before its shape does."""
    corners = points_of(fit.kind, fit.numbers)
    slack = 0.02 * float(np.ptp(corners[:, 0]))
    cut = corners[:, 0].min() < fit.numbers[6] - slack or corners[:, 0].max() > fit.numbers[7] + slack
    return bool(cut)
