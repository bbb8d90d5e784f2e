"""Which parts of a picture may be the ultrasound image: textured, solid, unlike the flat background around.

What the background is cannot be known: each flat level of the picture is tried, alone and with others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.morphology import closed, count, eroded, opened
from scanmon.picture.region.tissue import Reduced

MIN_SHARE = 0.02  # of the picture; a smaller patch is no ultrasound image
MAX_ASPECT = 3.2  # longer than that is a row of thumbnails or a column of text
_LEVELS = 4  # flat levels of a user interface that are tried as background
_DARK_DEPTH = 8  # times the visible tissue: as much may be dark where its end is seen
_CUT_PX = 5  # what is thinner in the reduced picture (text, ticks, lines) is no tissue


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One solid part of the picture that may be the image."""

    solid: GrayImage  # (h, w), 1 inside, holes filled
    textured: int  # pixels in it that look like tissue
    shadow: int  # flat pixels that are as dark as the darkest tissue, but not background
    letters: int
    area: int
    compact: float  # share of its convex hull that it fills
    bounded: float  # 1; less where it runs out of the picture without being textured there
    walled: bool  # what is flat in it is closed off from the background, so that it belongs to the image

    @property
    def promise(self) -> float:
        """Grows with the tissue in it, falls with everything else in it."""
        shadow = min(self.shadow, (_DARK_DEPTH if self.walled else 1) * self.textured)
        other = self.area - self.textured - shadow
        gain = self.textured + 0.4 * shadow - 1.4 * other - 2.5 * self.letters
        return max(0.0, gain) * self.compact**2 * self.bounded


def patches(reduced: Reduced) -> Iterator[Patch]:
    """Candidates for the ultrasound image, one per guess at what is background."""
    levels = _background_levels(reduced)
    guesses: list[tuple[int, ...]] = [(level,) for level in levels]
    guesses += list(combinations(levels[:3], 2)) + ([tuple(levels)] if len(levels) > 2 else [])
    reaches = (0, 1, 6) if reduced.clean else (reduced.tolerance, reduced.tolerance + 5)
    for guess in guesses:
        for reach in reaches:
            table = np.ones(256, np.uint8)
            for level in guess:
                table[max(0, level - reach) : level + reach + 1] = 0
            source = reduced.brightest if reach == 0 else reduced.image
            foreground = np.take(table, source)
            yield from _solid_parts(foreground & reduced.plain, reduced, dense=False)
            if reach == min(reduced.tolerance, 1):
                yield from _solid_parts(foreground, reduced, dense=False)
            if reach > reduced.tolerance:
                yield from _solid_parts(foreground & reduced.plain, reduced, dense=True)
    walled = _walled(reduced)
    enclosed = opened(walled & (1 - reduced.textured), _CUT_PX)
    for dense in (False, True) if count(enclosed) > 0.01 * walled.size else ():
        yield from _solid_parts(walled & reduced.plain, reduced, dense=dense, walled=True)
    texture = eroded(reduced.textured, 3) & reduced.plain
    yield from _solid_parts(texture, reduced, dense=False)
    yield from _solid_parts(closed(texture, 13), reduced, dense=True)
    if reduced.clean and reduced.alive is not None:  # no noise: what changes is image, however dark
        yield from _solid_parts(reduced.alive, reduced, dense=False)


def _walled(reduced: Reduced) -> GrayImage:
    """1 except where one can walk in from the border of the picture over flat ground.

    A panel may shade, or be as bright as tissue; depth that shows nothing is darker than it, and walled off.
    """
    flat = eroded(1 - reduced.textured, 3)
    labels = np.asarray(cv2.connectedComponents(flat, connectivity=4)[1], np.int32)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    table = np.zeros(int(labels.max()) + 1, np.uint8)
    table[border] = 1
    table[0] = 0
    ground = np.asarray(cv2.dilate(np.take(table, labels), np.ones((5, 5), np.uint8)), np.uint8)
    # lines of a user interface wall off ground too: what is flat and as bright as the ground belongs to it
    counts = cv2.calcHist([reduced.image], [0], ground, [256], [0, 256]).ravel()
    usual = np.convolve(counts > 0.005 * counts.sum(), np.ones(3), "same") > 0
    unlike = np.take((~usual).view(np.uint8), reduced.image)
    return (1 - ground) & (reduced.textured | unlike)


def _background_levels(reduced: Reduced) -> list[int]:
    """Gray levels of large flat areas, commonest first."""
    flat = reduced.image[reduced.textured == 0]
    counts = np.bincount(flat, minlength=256).astype(np.float64)
    near = counts if reduced.clean else np.convolve(counts, np.ones(3), "same")
    found: list[int] = []
    for _ in range(_LEVELS):
        level = int(np.argmax(near))
        if near[level] < 0.01 * reduced.image.size:
            break
        found.append(level)
        near[max(0, level - 4) : level + 5] = 0
    return found


def _solid_parts(
    foreground: GrayImage, reduced: Reduced, *, dense: bool, walled: bool = False
) -> Iterator[Patch]:
    """Largest solid parts. `dense`: text is cut away before gaps are closed, at the price of dark tissue."""
    # speckle has pixels as dark as the background: those are closed before thin things are cut away
    cut = opened(closed(opened(foreground, 3), 7), 9) if dense else opened(closed(foreground, 3), _CUT_PX)
    contours, _ = cv2.findContours(cut, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contours = sorted(contours, key=cv2.contourArea, reverse=True)[:2]
    for contour in contours:
        if cv2.contourArea(contour) < MIN_SHARE * foreground.size:
            break
        solid = np.zeros_like(foreground)
        cv2.drawContours(solid, [contour], -1, 1, cv2.FILLED)
        _x, _y, wide, high = cv2.boundingRect(contour)
        if max(wide, high) > MAX_ASPECT * min(wide, high):
            continue
        compact = cv2.contourArea(contour) / max(1.0, cv2.contourArea(cv2.convexHull(contour)))
        _drop_header(solid, reduced)
        yield _patch(solid, foreground, reduced, compact, walled=walled)


def _patch(
    solid: GrayImage, foreground: GrayImage, reduced: Reduced, compact: float, *, walled: bool
) -> Patch:
    area = count(solid)
    textured = solid & reduced.textured & reduced.plain
    return Patch(
        solid,
        count(textured),
        _shadow(solid & foreground, textured, reduced),
        area - count(solid & reduced.plain),
        area,
        compact,
        _bounded(solid, reduced),
        walled,
    )


def _drop_header(solid: GrayImage, reduced: Reduced) -> None:
    """Blank the rows above the tissue: the image begins bright at the probe, a header is mostly flat."""
    wide = np.maximum(1, solid.sum(axis=1, dtype=np.int64))
    share = (solid & reduced.textured & reduced.plain).sum(axis=1, dtype=np.int64) / wide
    letters = (solid & (1 - reduced.plain)).sum(axis=1, dtype=np.int64) / wide
    rows = np.flatnonzero(wide > 1)
    enough = 0.4 * np.percentile(share[rows], 75)
    first = rows[0] + int(np.argmax(share[rows[0] :] >= enough))
    upper = np.arange(first, first + max(1, len(rows) // 6))
    upper = upper[upper < len(share)]
    gaps = upper[share[upper] < enough]
    if len(gaps) and letters[first : gaps[-1]].mean() > 0.02:  # a line of text, then a gap: still header
        first = int(gaps[-1]) + 1
    solid[:first] = 0


def _bounded(solid: GrayImage, reduced: Reduced) -> float:
    """1, less where a patch runs out of the picture flat."""
    flat = solid & (1 - reduced.textured)
    run_out = sum(count(side) for side in (flat[0], flat[-1], flat[:, 0], flat[:, -1]))
    return max(0.0, 1.0 - 2.0 * run_out / sum(solid.shape))


def _shadow(inside: GrayImage, textured: GrayImage, reduced: Reduced) -> int:
    """Flat pixels that are no brighter than the darkest of the texture around them."""
    tissue = count(textured)
    if tissue == 0:
        return 0
    levels = np.cumsum(cv2.calcHist([reduced.image], [0], textured, [256], [0, 256]).ravel())
    darkest = int(np.searchsorted(levels, 0.05 * tissue)) + 2
    dark = inside & (reduced.image <= darkest).view(np.uint8)
    return count(dark) - count(textured & dark)
