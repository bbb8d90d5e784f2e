"""What one picture shows by itself: tissue, nothing, snow, colour, a menu over the image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Frame, GrayImage, Region
from scanmon.picture.region.morphology import closed, count, opened
from scanmon.picture.region.tissue import Reduced, reduce, step_of

TISSUE_SHARE = 0.15  # of the sector that is textured: real images have 0.33 and more, bars in noise 0.14
TISSUE_OF_SCREEN = 0.06  # the same where the sector is not known and the whole screen is looked at
EVEN_SHARE = 0.6  # of the sector that is evenly gray: a test picture, one colour
SNOW_RATIO = (
    0.45  # step to the next pixel over step to a far one: 1 in white noise, half of it at twice the grain
)
SNOW_STRUCTURE = 0.35  # spread of blocks over spread of pixels: 0.25 at most in snow, 0.58 and more in images
SNOW_LEVELS = 10.0  # mean step between far pixels; less is a flat picture with noise
COLOUR_LEVELS = 30  # distance from gray; a tinted gray scale has less
COLOUR_SHARE = 0.004  # of the sector; a focus mark or a caliper is smaller
PAGE_SHARE = 0.13  # of the screen; an image that is examined has more (a window on a desktop: choose it)
PAGE_BUSY = 0.5  # of the textured area of such an image; as much beside it is a trace or another image
PAGE_LETTERS = 0.005  # of the screen that is text; real screens have 0.017 and more
LETTER_SHARE = 0.03  # of the sector that is text
LETTERS_OF_SCREEN = 0.1  # the same where the whole screen is looked at: it has text around the sector
PANEL_SHARE = 0.12  # of the sector that is evenly gray; real images have 0.085 at most
_COARSE = 8  # reduced pixels in which scenes are compared
_SAME_SCENE = 0.6  # correlation
_BLOCK_PX = 16
_DARK_LEVEL = 40
_LIT_SHARE = 0.15  # of the sector that is brighter than that, where the gain is not low
_CELLS = 16  # a side, over the sector
_ALIVE_CELLS = 0.06
_KEPT_LEVELS = 8  # by which a stroke of text may change between looks: the noise of a video encoder
_KEPT_SHARE = 0.5  # of what looks like text; of noise about a fifth
_PANEL_PX = 9  # narrower even places occur in tissue (in the reduced picture)
_PANEL_LEVELS = (24, 245)  # darker is shadow, brighter is saturation


def shows_nothing(reduced: Reduced, inside: GrayImage, before: Reduced | None, *, sector_known: bool) -> bool:
    """Whether the sector holds no tissue: black, one colour, bars, a logo, a blank screen.

    With the look `before`, strokes that do not stay are noise over tissue, and a few faint echoes that come
    and go in the dark are an image whose gain is too low.
    """
    area = max(1, count(inside))
    changed = _changed(reduced, before)
    # edges of bars and of a logo are lines, tissue is not
    same_scene = changed is not None and before is not None and _alike(reduced.image, before.image)
    plain = reduced.plain | changed if same_scene and changed is not None else reduced.plain
    tissue = count(opened(closed(reduced.textured & plain & inside, 3), 5))
    if count(_even(reduced, inside)) > EVEN_SHARE * area:
        return True
    if tissue >= (TISSUE_SHARE if sector_known else TISSUE_OF_SCREEN) * area:
        return False
    return before is None or changed is None or not _is_faint(reduced, before, inside, changed)


def _changed(reduced: Reduced, before: Reduced | None) -> GrayImage | None:
    """(h, w) 1 where the picture is another than in the look before; None without one of the same size."""
    if before is None or before.image.shape != reduced.image.shape:
        return None
    limit = max(reduced.tolerance, before.tolerance) + 1
    change = cv2.threshold(cv2.absdiff(reduced.image, before.image), limit, 1, cv2.THRESH_BINARY)[1]
    return np.asarray(change, np.uint8)


def _alike(now: GrayImage, before: GrayImage) -> bool:
    """Whether two looks show the same things in the large, whatever noise does in the small."""
    size = (max(2, now.shape[1] // _COARSE), max(2, now.shape[0] // _COARSE))
    one, other = (
        cv2.resize(look, size, interpolation=cv2.INTER_AREA).astype(np.float32) for look in (now, before)
    )
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum()) > _SAME_SCENE * float(np.sqrt((one**2).sum() * (other**2).sum()))


def _is_faint(reduced: Reduced, before: Reduced, inside: GrayImage, changed: GrayImage) -> bool:
    """Whether there is life in the dark: echoes in many places that are others than before.

    A logo that wanders is one place, an encoder's noise in a black picture is fainter than the limit.
    """
    alive = changed & reduced.textured & inside
    for look in (reduced, before):  # a bright picture that has just gone is no life either
        lit = count((look.image > _DARK_LEVEL).view(np.uint8) & inside)
        if lit > _LIT_SHARE * count(inside):
            return False
    cells = cv2.resize(alive * np.uint8(255), (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    return int(np.count_nonzero(cells)) > _ALIVE_CELLS * _CELLS**2


def is_snow(pixels: GrayImage) -> bool:
    """Whether neighbours know nothing of each other, as in the noise of a receiver without a signal.

    Noise over an image, however strong, leaves the image's large structures, which blocks of pixels show.
    """
    rows = pixels[:: max(1, pixels.shape[0] // 32)]
    if rows.shape[1] < 64:
        return False
    near = float(cv2.absdiff(rows[:, 1:], rows[:, :-1]).mean())
    far = float(cv2.absdiff(rows[:, 16:], rows[:, :-16]).mean())
    if far <= SNOW_LEVELS or near <= SNOW_RATIO * far:
        return False
    height, width = (max(1, side // _BLOCK_PX) for side in pixels.shape)
    blocks = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return float(np.std(blocks)) < SNOW_STRUCTURE * float(np.std(rows))


def is_coloured(frame: Frame, region: Region) -> bool:
    """Whether part of the sector is coloured (Doppler, elastography), beyond the tint of a gray scale."""
    if frame.chroma is None:
        return False
    down = frame.chroma.shape[0] / frame.pixels.shape[0]
    across = frame.chroma.shape[1] / frame.pixels.shape[1]
    box = region.box
    part = frame.chroma[
        int(box.y * down) : max(1, int(box.bottom * down)),
        int(box.x * across) : max(1, int(box.right * across)),
    ]
    if part.size == 0:
        return False
    limit = max(COLOUR_LEVELS, _median(part) + 22)
    return int(np.count_nonzero(part > limit)) > COLOUR_SHARE * part.size


def is_panel(frame: Frame, region: Region) -> bool:
    """Whether the image that was found is one small part of a page, as beside a spectral trace.

    A small image on an otherwise empty screen is the image: it may be zoomed out, or too dark to see whole.
    So is the bright part of a picture without a letter in it: a page has words and scales.
    """
    if region.origin != "detected" or region.box.width * region.box.height >= PAGE_SHARE * frame.pixels.size:
        return False
    page = reduce(frame.pixels, step_of(frame.pixels))
    if count(1 - page.plain) < PAGE_LETTERS * page.plain.size:
        return False
    busy = opened(page.textured & page.plain, 5)
    rows, columns = (
        slice(max(0, part.start // page.step - 2), part.stop // page.step + 3)
        for part in (region.box.rows, region.box.columns)
    )
    image = count(busy[rows, columns])
    return count(busy) - image > PAGE_BUSY * max(1, image)


def is_covered(reduced: Reduced, inside: GrayImage, before: Reduced | None, *, sector_known: bool) -> bool:
    """Whether text or an even panel lies over the sector: a menu, a page of measurements.

    Strokes of text stay where they are from look to look, also in a compressed video; coarse speckle and
    electronic noise jump as sharply from pixel to pixel, but are others in the next look. So text needs the
    look `before`; without one of the same size there is none yet.
    """
    area = max(1, count(inside))
    if before is not None and before.image.shape == reduced.image.shape:
        kept = cv2.threshold(
            cv2.absdiff(reduced.image, before.image), _KEPT_LEVELS, 1, cv2.THRESH_BINARY_INV
        )[1]
        letters = (1 - reduced.plain) & (1 - before.plain) & inside
        same = count(letters & np.asarray(kept, np.uint8))
        limit = LETTER_SHARE if sector_known else LETTERS_OF_SCREEN
        if same > limit * area and same > _KEPT_SHARE * count(letters):
            return True
    return count(_even(reduced, inside)) > PANEL_SHARE * area


def _even(reduced: Reduced, inside: GrayImage) -> GrayImage:
    """Where the picture is evenly gray over some width, neither black nor white."""
    low, high = _PANEL_LEVELS
    even = (1 - reduced.textured) & inside
    return opened(even & ((reduced.image > low) & (reduced.image < high)).view(np.uint8), _PANEL_PX)


def reduced_with_inside(frame: Frame, region: Region) -> tuple[Reduced, GrayImage]:
    """The region of the picture, reduced; and 1 inside its mask, without the pixels along the edge."""
    step = min(step_of(frame.pixels), region.box.width, region.box.height)
    reduced = reduce(frame.pixels[region.box.rows, region.box.columns], step)
    height, width = reduced.image.shape
    inside = np.ones((height, width), np.uint8)
    if region.mask is not None:
        mask = region.mask.view(np.uint8)[step // 2 :: step, step // 2 :: step]
        inside[: mask.shape[0], : mask.shape[1]] = mask[:height, :width]
    edge = cv2.erode(inside, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    return reduced, np.asarray(edge, np.uint8)


def _median(levels: NDArray[np.uint8]) -> int:
    counts = np.cumsum(np.bincount(levels[::4, ::4].ravel(), minlength=256))
    return int(np.searchsorted(counts, counts[-1] / 2))
