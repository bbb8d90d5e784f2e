"""Where the face of the probe is: of several guesses the one along which the rings are straightest."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from math import atan2, degrees

import cv2
import numpy as np

from scanmon.app.analyzers import OTHER_VIEW, new_looker, new_text_finder, region_finder
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.values import Box, Frame, GrayImage, Mask
from scanmon.lab.qa.flanks import line, placed
from scanmon.lab.qa.rings import agreement, common_share, strips
from scanmon.lab.qa.straight import LEAST_COLUMNS, LEAST_ROWS, Straight, straighten
from scanmon.picture.letters import STEP, blank, mask_of
from scanmon.picture.region import AutoRegion, FixedRegion, Rectangle, Sector, Shape, region_of

_SIDE = 0.08  # of the width, to which writing over a side reaches
_FAINTEST = 6.0  # gray levels above black, at least, that belong to an image
_BETTER = 0.01  # that a later guess has to be
_SURE = 0.95  # a guess that fits so well needs no other
_CUT = 0.06  # of the rows, on which a side has to be upright to be one that the screen cuts off
_UPRIGHT_PX = 1.5
_MIXED_PX = 2  # beside a cut, where pixels are mixed with black
_BELOW = 0.2  # of the height of the rings, which is looked at below them to see what silence is


def given_shape(picture: GrayImage, option: str) -> Shape | None:
    """What `--region` names; None for `auto`. Raises `SettingsError`."""
    if option == OTHER_VIEW:
        raise SettingsError(
            "one view alone is measured", "--region", "draw it: X,Y,W,H or a FILE with a shape"
        )
    if option == "auto":
        return None
    finder = region_finder(option)
    box = finder.find(Frame(picture, 0, 0.0, 0.0)).box
    return (finder.shape if isinstance(finder, FixedRegion) else None) or Rectangle(box)


def found_shape(picture: GrayImage) -> Shape:
    """What the sector network sees; the whole picture where that is nothing."""
    finder = AutoRegion(new_looker())
    box = finder.find(Frame(picture, 0, 0.0, 0.0)).box
    return finder.shape or Rectangle(box)


def image_alone(picture: GrayImage, within: Box | None) -> GrayImage:
    """The picture, black outside the image area that its file states."""
    if within is None:
        return picture
    alone = np.zeros_like(picture)
    alone[within.rows, within.columns] = picture[within.rows, within.columns]
    return alone


def without_writing(picture: GrayImage, seen: Straight) -> Straight:
    """The same without what is written over the sides of a rectangle: there it looks like silent elements.

    Elsewhere, and in a sector, whose face is bent, rings themselves are taken for letters.
    """
    if not isinstance(seen.shape, Rectangle):
        return seen
    box = seen.shape.box
    cells = new_text_finder().letters(picture, box)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(cells.astype(np.uint8))
    away = np.minimum(centres[:, 0] * STEP - box.x, box.right - centres[:, 0] * STEP)
    written = (away < _SIDE * box.width) & (stats[:, cv2.CC_STAT_WIDTH] * STEP < 2 * _SIDE * box.width)
    written[0] = False  # what is no letter
    letters = mask_of(written[labels], *picture.shape)
    return straighten(np.where(letters, np.float32(np.nan), picture.astype(np.float32)), seen.shape)


def _unwritten(picture: GrayImage) -> GrayImage:
    """The picture, black where something is written, which may join the rings with the head of the screen."""
    height, width = picture.shape
    plain = picture.copy()
    blank(plain, new_text_finder().letters(picture, Box(0, 0, width, height)))
    return plain


def locate_rings(picture: GrayImage, within: Box | None = None) -> Straight:
    """The reverberation of a picture (H, W), straightened. `within`: the image area that the file states.

    Raises `SourceError` where there is nothing that could be one.
    """
    picture = image_alone(picture, within)
    echo = _brightest_echo(_unwritten(picture) if within is None else picture)
    gray = picture.astype(np.float32)
    best: tuple[float, Straight] | None = None
    for shape in _guesses(picture, echo):
        try:
            seen = straighten(gray, shape)
            region = region_of(shape, *picture.shape)
        except (SourceError, SettingsError):
            continue
        held = echo[region.box.rows, region.box.columns]
        share = (held if region.mask is None else held & region.mask).sum() / echo.sum()
        fit = _straightness(seen) * float(share)
        if best is None or fit > best[0] + _BETTER:
            best = fit, seen
        if best[0] > _SURE:
            break
    if best is None:
        raise SourceError("the image of the probe is not found", "", "give its place with --region")
    seen = best[1]
    with suppress(SourceError, SettingsError):
        moved = straighten(gray, placed(gray, seen.shape))
        if _straightness(moved) > _straightness(seen) - _BETTER:  # sides that the screen cuts off mislead
            seen = moved
    return _with_silence(picture, seen)


def _straightness(seen: Straight) -> float:
    """How alike the rings are along the face, in the upper half of the picture."""
    return agreement(strips(seen.gray[: max(LEAST_ROWS, len(seen.gray) // 2)]))


def _guesses(picture: GrayImage, echo: Mask) -> Iterator[Shape]:
    yield Rectangle(_box_of(echo))
    sector = _fan(echo)
    if sector is not None:
        yield sector
    yield found_shape(picture)


def _brightest_echo(picture: GrayImage) -> Mask:
    """The brightest connected part that is not black; rings are one part with the gaps between them."""
    black, bright = np.percentile(picture, [2, 99.5])
    seen = (cv2.blur(picture, (3, 3)) > black + max(_FAINTEST, 0.08 * (bright - black))).astype(np.uint8)
    if not seen.any():
        raise SourceError("is of one gray all over", "", "give a picture with a reverberation")
    high = max(3, picture.shape[0] // 12) | 1
    closed = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((high, 3), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 9), np.uint8))  # rulers and letters
    _, labels = cv2.connectedComponents(opened if opened.any() else closed)
    light = np.bincount(labels.ravel(), np.maximum(picture - black, 0.0).ravel() ** 2)
    return np.asarray(labels == 1 + int(np.argmax(light[1:])))


def _box_of(echo: Mask) -> Box:
    """Rows and columns of which a good part belongs to the echo."""
    columns, rows = echo.sum(axis=0), echo.sum(axis=1)
    across = np.flatnonzero(columns > 0.25 * np.median(columns[columns > 0]))
    down = np.flatnonzero(rows > 0.25 * np.median(rows[rows > 0]))
    return Box(int(across[0]), int(down[0]), int(across[-1] - across[0]) + 1, int(down[-1] - down[0]) + 1)


def _with_silence(picture: GrayImage, seen: Straight) -> Straight:
    """Rings down to the last row are followed by black: some of it is looked at to see what silence is."""
    share = common_share(strips(seen.gray), max(7, len(seen.gray) // 25))
    if share[-len(share) // 4 : -len(share) // 10].mean() < 0.5:  # not the edge itself
        return seen
    more, shape = round(_BELOW * len(seen.gray)), seen.shape
    if isinstance(shape, Sector):
        shape = replace(shape, outer_px=shape.outer_px + more)
    elif isinstance(shape, Rectangle):
        box = shape.box
        more = min(more, picture.shape[0] - box.bottom)
        shape = Rectangle(Box(box.x, box.y, box.width, box.height + more))
    return straighten(picture.astype(np.float32), shape)


def _fan(echo: Mask) -> Sector | None:
    """A sector whose flanks are the straight sides of the echo; None where these do not open downwards.

    A side that the screen cuts off goes on upright: the flank is what lies above, and the cut its `window`.
    """
    rows = np.flatnonzero(echo.any(axis=1))
    left = np.array([np.argmax(echo[row]) for row in rows], np.float64)
    right = np.array([echo.shape[1] - np.argmax(echo[row, ::-1]) for row in rows], np.float64)
    down = int(np.argmax(right - left)) + 1
    if down < LEAST_ROWS // 2 or (right - left).max() < LEAST_COLUMNS:
        return None
    flanks, cut = [], [0, echo.shape[1]]
    for number, (side, out) in enumerate(((left, -1), (right, 1))):
        upright = np.flatnonzero((out * side).max() - out * side <= _UPRIGHT_PX)
        last = down - 1
        if len(upright) > _CUT * len(rows):
            last = int(upright[0]) - 1
            cut[number] = int((out * side).max() * out) - out * _MIXED_PX
        if last < LEAST_ROWS // 4:
            return None
        some = np.linspace(last // 10, last, 64).astype(int)
        flanks.append(line(list(zip(side[some], rows[some] + 0.5, strict=True))))
    a, b = flanks
    if b[0] - a[0] < 0.1:
        return None
    apex_y = (a[1] - b[1]) / (b[0] - a[0])
    apex_x = a[0] * apex_y + a[1]
    ys, xs = np.nonzero(echo)
    radii = np.hypot(xs + 0.5 - apex_x, ys + 0.5 - apex_y)
    inner, outer = np.percentile(radii, [0.2, 99.8])
    if apex_y > rows[0] + down or outer - inner < LEAST_ROWS:
        return None
    inner = 0.0 if inner < 0.03 * outer else float(inner)
    return Sector(
        float(apex_x),
        float(apex_y),
        inner,
        float(outer),
        degrees(atan2(a[0], 1.0)),
        degrees(atan2(b[0], 1.0)),
        Box(cut[0], 0, cut[1] - cut[0], len(echo)) if cut != [0, echo.shape[1]] else None,
    )
