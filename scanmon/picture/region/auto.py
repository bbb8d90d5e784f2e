"""Finding the sector by itself, frame after frame: the network looks, time only smooths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from scanmon.core.values import Box, Frame, GrayImage, Mask, Region
from scanmon.picture.region.dark import completed, is_fading
from scanmon.picture.region.fit import LONG_SIDE_PX, Fit, Target, fit_shape, trusted
from scanmon.picture.region.look import LOOK_EVERY_S, WIDE, Kind, Look, Looker, Map, halved
from scanmon.picture.region.refine import refine
from scanmon.picture.region.shapes import Rectangle, Shape, region_of, scaled, whole

MIN_SIDE_PX = 48  # a smaller picture holds no user interface beside an image
NEW_WEIGHT = 0.4  # of a look in the running mean of looks
NOTHING = 0.5  # chance that there is no image, with which a look changes nothing
COVERED = 0.3  # the same of a menu over a known image
SAME_SCENE = 0.97  # overlap with the mean above which a look shows nothing new
OTHER_SCENE = 0.85  # overlap with the mean below which a look shows something else
CONFIRMED_LOOKS = 2  # in a row that show another region: a single torn frame moves nothing
SETTLING = (2, 5)  # looks after the first at which the shape is fitted once more
WORSE = 0.04  # overlap that a shape may lose before it is doubted
BETTER = 0.01  # overlap that another shape has to gain
SURE_OUT = 0.15  # mean chance of an image in what a smaller region leaves out
AGREED = 0.93  # overlap of two fits in a row that confirm each other
SAME = 0.975  # overlap of two fits that are one: the region stays as it is
LESS = 0.03  # of a region; one that leaves out less is not smaller
LONGEST_PAUSE = 16  # looks between two fits that found nothing better
_FULL_SHARE = 0.94  # an image that covers this much of the picture is the picture
MIN_SHARE = 0.015  # of the picture; less is no image
OTHER_SHARE = 0.3  # of the largest view; what is smaller is no view of its own
ALIKE = 0.85  # of the largest view; views as large as that come in the order of reading
STAYS, KNOWN = 0.5, 0.6  # of the largest view; overlap with a known one that makes it the same
_APART = 0.3  # chance of a seam that parts two views
_CROSSED = 0.8  # of a line through the image on which a seam is seen
_SIDE = 0.2  # of an image that lies at least on each side of it
_REACH = np.ones((9, 9), np.uint8)  # by which a view may reach beyond what is surely of it


class AutoRegion:
    """What the recording declares, otherwise what the network sees; the whole picture where that is nothing.

    The first look decides, and later ones make it more exact. A region is given up for a larger one after
    two looks, for a smaller one only where the network is sure that what is left out shows nothing. The same
    `Region` object is returned while nothing changes. Time comes from the frames.
    """

    def __init__(self, looker: Looker, view: int = 0) -> None:
        self._looker, self._view = looker, view
        self._region: Region | None = None
        self._shape: Shape | None = None
        self._size: tuple[int, ...] = ()
        self._forget()

    def find(self, frame: Frame) -> Region:
        """The region of `frame`, looked for anew when needed."""
        if self._size != frame.pixels.shape:
            self.reset()
            self._size = frame.pixels.shape
        height, width = frame.pixels.shape
        if isinstance(frame.declared, Region):
            self._region = frame.declared
        elif frame.declared is not None:
            if self._region is None or self._region.box != frame.declared:
                self._region = region_of(Rectangle(frame.declared), height, width, "declared")
        elif self._region is None or not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S:
            self._look(frame)
        self._region = self._region or whole(height, width)
        return self._region

    @property
    def shape(self) -> Shape | None:
        """What was found, in frame pixels; None for a region that was declared, or for none at all."""
        return self._shape if self._region is not None and self._region.origin == "detected" else None

    def reset(self) -> None:
        """Look anew at the next frame."""
        self._region = None
        self._forget()

    def _forget(self) -> None:
        self._looked_s = float("-inf")
        self._mean: Map | None = None  # (2, HIGH, WIDE) of the looks: image and seam
        self._steady = False  # the last look showed what the mean of looks shows
        self._unlike = 0  # looks in a row that show something else
        self._known: Fit | None = None
        self._views = 0  # that there were when it was taken
        self._looks = 0  # since the region is known
        self._doubts = 0
        self._rival: Fit | None = None
        self._agreed = 0  # looks in a row that found the rival
        self._pause = self._wait = 0  # looks until a shape is fitted again

    def _look(self, frame: Frame) -> None:
        if frame.time_s < self._looked_s:  # time ran backwards: another part of the recording
            self._forget()
        self._looked_s = frame.time_s
        if min(frame.pixels.shape) < MIN_SIDE_PX:
            return
        look = self._looker.look(frame.pixels, frame.chroma)
        hidden = look.kinds[Kind.NO_SIGNAL] > NOTHING or (look.kinds[Kind.MENU] > COVERED and self._known)
        if hidden or not self._follow(look):
            return
        self._looks += 1
        if self._steady and self._doubts == 0 and self._looks - 1 not in SETTLING:
            return
        assert self._mean is not None
        image, seam = self._mean
        height, width = frame.pixels.shape
        settled = self._looks - 1 > SETTLING[-1]
        own = self._views > self._view  # and not the only one that there was
        known = self._known.shape if self._known is not None and own and settled else None
        seam = halved(image, seam, frame.pixels)
        seen = view_map(image, seam, height, width, self._view, known)
        if seen is None:
            return
        if self._known is None:
            self._take(completed(fit_shape(seen.chance), seen.chance, look), seen, frame)
        else:
            self._check(self._known, seen, frame, look)

    def _follow(self, look: Look) -> bool:
        """Take a look into the mean; False for one that shows something else and is not confirmed yet."""
        new = np.stack([look.image, look.seam])
        if self._mean is None:
            self._mean = new
            return True
        both, either = np.minimum(new[0], self._mean[0]).sum(), np.maximum(new[0], self._mean[0]).sum()
        self._unlike = self._unlike + 1 if both < OTHER_SCENE * either else 0
        self._steady = self._known is not None and both > SAME_SCENE * either
        if self._unlike >= CONFIRMED_LOOKS:
            self._mean, self._unlike = new, 0
            self._doubts = CONFIRMED_LOOKS - 1  # `_check` counts this look too
            self._pause = self._wait = 0
        elif self._unlike == 0:
            self._mean += NEW_WEIGHT * (new - self._mean)
        return self._unlike == 0

    def _check(self, known: Fit, seen: ViewMap, frame: Frame, look: Look) -> None:
        target = Target(trusted(seen.chance, known.level))
        now = target.overlap(known.shape)
        if now > known.overlap:  # light came back at a side that was too dark to be seen
            known = self._known = replace(known, overlap=now)
        settling = self._looks - 1 in SETTLING
        if now >= known.overlap - WORSE:
            self._doubts = self._agreed = self._pause = self._wait = 0
        else:
            self._doubts += 1
        self._wait -= 1
        if not settling and (self._doubts < CONFIRMED_LOOKS or self._wait >= 0):
            return
        rival = completed(fit_shape(seen.chance), seen.chance, look)
        old, new = target.drawn(known.shape).copy(), target.drawn(rival.shape).copy()
        lost = (old > 0) & (new == 0)
        most = LESS * np.count_nonzero(old)
        smaller = np.count_nonzero(lost) > most
        old[seen.beside] = 0  # what another view shows is not left out
        lost &= old > 0
        unsure = np.count_nonzero(lost) > most and (
            float(seen.chance[lost].mean()) >= 255 * SURE_OUT or is_fading(old, new, look)
        )
        if rival.overlap < now + BETTER or unsure:
            self._pause = min(LONGEST_PAUSE, 2 * self._pause + 1)  # fits that find nothing better are dear
            self._wait, self._agreed = self._pause, 0
            return
        same = self._rival is not None and _overlap(new, target.drawn(self._rival.shape)) > AGREED
        self._agreed = self._agreed + 1 if same else 1
        self._rival = rival
        if settling or self._agreed >= (CONFIRMED_LOOKS if smaller else 1):
            self._take(rival, seen, frame)

    def _take(self, fit: Fit, seen: ViewMap, frame: Frame) -> None:
        height, width = frame.pixels.shape
        target, same = Target(seen.chance), False
        if self._known is not None:
            same = _overlap(target.drawn(self._known.shape).copy(), target.drawn(fit.shape)) > SAME
        self._known, self._views = fit, seen.views
        self._doubts = self._agreed = self._pause = self._wait = 0
        self._rival = None
        if self._region is None or self._region.origin == "full" or not same:
            self._shape = _in_frame(fit, seen, frame)
            self._region = region_of(self._shape, height, width, "detected")


def _in_frame(fit: Fit, seen: ViewMap, frame: Frame) -> Shape:
    """The shape in frame pixels, its edges placed exactly."""
    (height, width), (high, wide) = frame.pixels.shape, seen.chance.shape
    rough = scaled(fit.shape, width / wide, height / high)
    placed = refine(frame.pixels, rough, max(3, round(1.5 * width / WIDE)))
    if isinstance(placed, Rectangle) and placed.box.width * placed.box.height > _FULL_SHARE * width * height:
        return Rectangle(Box(0, 0, width, height))
    return placed


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float(((one > 0) & (other > 0)).sum() / max(1, ((one > 0) | (other > 0)).sum()))


@dataclass(frozen=True, slots=True, eq=False)
class ViewMap:
    """Where one view is, in the aspect of the picture."""

    chance: GrayImage  # (h, w), 0 to 255
    beside: Mask  # (h, w), other views and what parts them
    views: int  # of the picture


def view_map(
    image: Map, seam: Map, height: int, width: int, view: int = 0, known: Shape | None = None
) -> ViewMap | None:
    """A view of a picture of `height` x `width`: 0 is the largest, 1 the one beside it where there are two.

    The view that is `known` (a shape in pixels of the map) stays the one while it has half the size of the
    largest. None where no image is seen.
    """
    scale = min(1.0, LONG_SIDE_PX / max(height, width))
    wide, high = max(8, round(width * scale)), max(8, round(height * scale))
    chance = cv2.resize(np.rint(image * 255).astype(np.uint8), (wide, high), interpolation=cv2.INTER_LINEAR)
    parted = cv2.resize(seam, (wide, high), interpolation=cv2.INTER_LINEAR) > _APART
    solid = chance > 127
    for axis, cut in enumerate((parted.T, parted)):  # a seam seen along most of a line runs to its ends
        seen, there = parted.sum(axis), solid.sum(axis)
        at = int(seen.argmax())
        share = there[:at].sum() / max(1, there.sum())
        if seen[at] > _CROSSED * there.max() and _SIDE < share < 1 - _SIDE:
            cut[max(0, at - 1) : at + 2] = True
    lone = np.asarray(solid & ~parted).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lone, connectivity=4)
    found = in_order(np.asarray(stats[1:], np.int32), solid.size)
    if not found:
        return None
    number = found[min(view, len(found) - 1)]
    if known is not None and len(found) > 1:
        areas, drawn = stats[:, cv2.CC_STAT_AREA], Target(np.asarray(chance, np.uint8)).drawn(known)
        held = [at for at in found if areas[at] > STAYS * areas[found].max()]
        best = max(held, key=lambda at: _overlap(drawn, labels == at))
        number = best if _overlap(drawn, labels == best) > KNOWN else number
    own = (labels == number).view(np.uint8)
    others = np.isin(labels, found).view(np.uint8) & (1 - own)
    beside = cv2.dilate(others, _REACH) & (1 - own)
    reach = cv2.dilate(own, _REACH) & (1 - beside)
    return ViewMap(np.asarray(chance * reach, np.uint8), beside > 0, len(found))


def in_order(stats: np.ndarray[tuple[int, ...], np.dtype[np.int32]], size: int) -> list[int]:
    """Labels of the parts that are views, the one that is scored first."""
    areas = stats[:, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < MIN_SHARE * size:
        return []
    largest = int(areas.max())
    kept = np.flatnonzero(areas >= max(OTHER_SHARE * largest, MIN_SHARE * size)).tolist()
    top, high = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    alike = areas >= ALIKE * largest

    def rank(number: int) -> tuple[int, int, int]:
        if not alike[number]:
            return 1, -int(areas[number]), 0
        above = int(np.count_nonzero((top + high)[alike] <= top[number] + high[number] / 2))
        return 0, above, int(stats[number, cv2.CC_STAT_LEFT])

    return [number + 1 for number in sorted(kept, key=rank)]
