"""What one picture shows: live B-mode as far as a single look can tell, or something else."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Frame, GrayImage, Mask, Reason, Region
from scanmon.picture.region.look import HIGH, WIDE, Kind, Look

COLOUR_LEVELS = 30  # distance from gray; a tinted gray scale has less
COLOUR_SHARE = 0.004  # of the sector; a focus mark or a caliper is smaller
AT_ONCE = 0.85  # chance of a kind that suspends the score
LIKELY = 0.5  # the same in two looks in a row
_MARKED = 0.3  # chance of a mark over the image
_LIT_LEVEL, _LIT_SHARE = 40, 0.15  # a sector with more bright places than that is not low in gain
_CELLS = 16  # a side, over the sector
_ALIVE_CELLS = 0.1
_ALIVE_LEVELS = 0.8  # change between looks, averaged
_OVER_NOISE = 8.0  # times the usual change: noise is everywhere alike


def reason_of(look: Look, before: Look | None, inside: Mask) -> Reason | None:
    """Why a picture is not scored; None for B-mode. `inside` (HIGH, WIDE) is where the image is.

    Faint echoes in the dark that are others than in the look `before` are an image whose gain is too low.
    """
    if _seen(look, before, Kind.NO_SIGNAL):
        faint = before is not None and _is_faint(look.levels, before.levels, inside)
        return None if faint else Reason.NO_SIGNAL
    return Reason.NOT_B_MODE if _seen(look, before, Kind.SPECTRAL, Kind.M_MODE, Kind.MENU) else None


def _seen(look: Look, before: Look | None, *kinds: Kind) -> bool:
    """Whether a look is certain of one of the kinds, or two in a row think so."""
    now = float(look.kinds[list(kinds)].sum())
    then = now if before is None else float(before.kinds[list(kinds)].sum())
    return now > AT_ONCE or min(now, then) > LIKELY


def _is_faint(now: NDArray[np.uint8], before: NDArray[np.uint8], inside: Mask) -> bool:
    """Whether there is life in the dark: echoes in many places that are others than in the look before.

    A bright picture that has just gone is no life.
    """
    area = int(inside.sum())
    if area == 0 or any(
        int((level[0][inside] > _LIT_LEVEL).sum()) > _LIT_SHARE * area for level in (now, before)
    ):
        return False
    change = cv2.blur(now[0].astype(np.float32) - before[0], (3, 3))  # noise averages out, echoes do not
    size = np.abs(change)
    limit = max(_ALIVE_LEVELS, _OVER_NOISE * float(np.median(size[inside])))
    faint = np.maximum(now[0], before[0]) < _LIT_LEVEL  # a logo that wanders is bright
    alive = (size > limit) & (now[1] > 1) & faint & inside
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    part = alive[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].view(np.uint8) * np.uint8(255)
    cells = cv2.resize(part, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    return int(np.count_nonzero(cells)) > _ALIVE_CELLS * _CELLS**2


def is_coloured(look: Look, inside: Mask) -> bool:
    """Whether part of the image is coloured (Doppler, elastography), beyond the tint of a gray scale.

    Coloured letters and marks over the image are none of it.
    """
    part = look.levels[2][inside & (look.text < _MARKED)]
    if part.size == 0:
        return False
    limit = max(COLOUR_LEVELS, float(np.median(part)) + 22)
    return bool(np.count_nonzero(part > limit) > COLOUR_SHARE * part.size)


def cropped(frame: Frame, region: Region) -> tuple[GrayImage, GrayImage | None]:
    """Levels and chroma of the region's box."""
    box, chroma = region.box, frame.chroma
    if chroma is not None:
        down, across = chroma.shape[0] / frame.pixels.shape[0], chroma.shape[1] / frame.pixels.shape[1]
        rows = slice(int(box.y * down), max(1, int(box.bottom * down)))
        columns = slice(int(box.x * across), max(1, int(box.right * across)))
        chroma = chroma[rows, columns]
    return frame.pixels[box.rows, box.columns], chroma if chroma is not None and chroma.size else None


def inside_map(region: Region, height: int, width: int) -> Mask:
    """(HIGH, WIDE) True where the region is in a picture of `height` x `width`."""
    whole = np.zeros((height, width), np.uint8)
    whole[region.box.rows, region.box.columns] = 255 if region.mask is None else region.mask * np.uint8(255)
    return np.asarray(cv2.resize(whole, (WIDE, HIGH), interpolation=cv2.INTER_AREA) > 127, np.bool_)
