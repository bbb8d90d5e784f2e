"""A frozen picture: nothing but noise changes inside the sector, whatever clock and cursor do outside."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Frame, GrayImage, Region

FROZEN_AFTER_S = 0.4  # longer than any pause between two different frames of a scanner
# share of the bright part of the sector; in 0.35 s real cines never had less than 0.11, a frozen picture in
# noise of 3 levels at most 0.011, and behind H.264 (rate factor 27) 0.045 while the encoder still refines it
CHANGED_SHARE = 0.05
CHANGED_IN_THE_DARK = 0.035
_LEVELS = 2  # a change by more is one, after averaging over some pixels
_DARK = 6  # below this a pixel has nothing that could change
_DIM = 40.0  # mean level of the sector below which changes are looked for more finely
_FINEST = 0.6
_BLACK = 5.0  # mean level below which block means have lost what changes: single pixels are looked at
_WIDE_PX = 100  # of the picture in which changes are looked for: coarse, for the sake of encoders
_ALIVE_STEPS = 3  # different pictures in `_LIFE_S` are life: one may be a page of the cine memory
_PAUSE_S = 0.25  # after which a change says nothing by itself: it may be a key frame
_LIFE_S = 0.5  # key frames, which change a frozen picture behind an encoder, are rarer
_SPARSE_S = _LIFE_S / _ALIVE_STEPS  # frames that are further apart count where all of them are different
# share of the bright part that one picture has to change to be life by itself; key frames of a frozen picture
# changed 0.25 at most (H.264 up to rate factor 38)
_LARGE_STEP = 0.35
# motion adds up: mean change since the picture last lived, over the largest between two frames. 1.0 in
# noise and behind key frames (1.4 at most at once), 2 to 6 in cines, also where hardly anything moves
_GROWN = 1.4
_GROWN_LEVELS = 0.28  # less is rounding, or an encoder mending
_GROWN_TO_WAKE = 0.4  # the same where it ends a freeze
WINDOW_S = 0.4
# share of the pixels that are others than in the frame before, median over the window: dark live cines had
# 0.009 to 0.22 (H.264 up to rate factor 27), frozen ones behind H.264 at most 0.006, noise of one level 0.35
LEAST, MOST = 0.008, 0.33
COHERENT = 1.8  # variance of block means over that of white noise: 1 in noise, 2 to 35 in cines
_PERCENTILE = 30  # an encoder that begins anew with a key frame skips the frames right after it
_BLOCK_PX = 6
_ROWS_APART = 3
_FEW = 4  # frames that say nothing yet


class FreezeWatch:
    """Compares every frame with the last one that was different, so that slow motion adds up."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._inside: NDArray[np.bool_] | None = None
        self._kept: GrayImage | None = None
        self._changed_s = 0.0
        self._stir = StirWatch()
        self._changes: deque[float] = deque(maxlen=_ALIVE_STEPS)  # when the picture last became another
        self._steps: deque[tuple[float, bool]] = deque(maxlen=_ALIVE_STEPS)  # last frames, whether different
        self._before: GrayImage | None = None
        self._base: GrayImage | None = None  # what change is added up from
        self._base_s = self._largest = 0.0
        self.frozen = False

    def update(self, frame: Frame, region: Region) -> bool:
        """Whether the picture has not changed for 0.4 s."""
        if region is not self._region:
            self._region, self._inside, self._kept = region, None, None
        small = _reduced(frame.pixels, region)
        if self._inside is None:
            self._inside = _reduced_mask(region, small)
        if self._kept is None or self._kept.shape != small.shape or frame.time_s < self._changed_s:
            if self._kept is None or not self.frozen:
                self._changed_s = frame.time_s
            self._kept = self._before = None
            self._changes.clear()
        before, self._before = self._before, small
        if self._kept is None or before is None:
            self._kept, self._base, self._base_s, self._largest = small, small, frame.time_s, 0.0
            return self.frozen
        nearly_black = self._brightness(small) < _BLACK
        stirs = nearly_black and self._stir.update(frame.pixels, region, frame.time_s)
        differs = self._differs(small, self._kept)
        self._steps.append((frame.time_s, differs or stirs))
        lives = self._grown(before, small, frame.time_s, differs=differs)
        if differs or stirs:
            self._changes.append(frame.time_s)
            lives = lives or self._often(frame.time_s)
            if not self.frozen:
                alone = stirs or self._is_sparse(frame.time_s) or self._share(small, self._kept) > _LARGE_STEP
                lives = lives or alone
            self._kept = small
        if lives:
            self._changed_s, self.frozen = frame.time_s, False
            self._base, self._base_s, self._largest = small, frame.time_s, 0.0
        elif frame.time_s - self._changed_s >= FROZEN_AFTER_S:
            if not self.frozen:
                self._changes.clear()
            self.frozen = True
        return self.frozen

    def _often(self, now_s: float) -> bool:
        """Whether enough were different: in a short time, or one after the other where few come."""
        if len(self._changes) < _ALIVE_STEPS:
            return False
        soon = now_s - self._changes[0] <= _LIFE_S and now_s - self._changes[-2] <= _PAUSE_S
        return soon or (self._is_sparse(now_s) and all(differed for _, differed in self._steps))

    def _is_sparse(self, now_s: float) -> bool:
        return (now_s - self._steps[0][0]) / max(1, len(self._steps) - 1) > _SPARSE_S

    def _grown(self, before: GrayImage, now: GrayImage, now_s: float, *, differs: bool) -> bool:
        """Whether small changes have added up since the picture last lived: noise and an encoder's do not."""
        assert self._base is not None
        step, total = self._mean_change(before, now), self._mean_change(self._base, now)
        self._largest = max(self._largest, step)
        least = _GROWN_TO_WAKE if self.frozen else 0.0 if differs else _GROWN_LEVELS
        if total > max(least, _GROWN * self._largest):
            return True
        if now_s - self._base_s > _LIFE_S:
            self._base, self._base_s, self._largest = now, now_s, 0.0
        return False

    def _mean_change(self, one: GrayImage, other: GrayImage) -> float:
        """Mean levels by which neighbours changed together: noise averages out."""
        assert self._inside is not None
        change = cv2.subtract(one, other, dtype=cv2.CV_32F)
        cv2.blur(change, (3, 3), dst=change)
        total = float(cv2.norm(change, cv2.NORM_L1, self._inside.view(np.uint8)))
        return total / max(1, int(np.count_nonzero(self._inside)))

    def _share(self, now: GrayImage, before: GrayImage) -> float:
        """Of the bright part that changed."""
        assert self._inside is not None
        counted = self._inside & ((now > _DARK) | (before > _DARK))
        change = (cv2.absdiff(now, before) > _LEVELS) & counted
        return int(np.count_nonzero(change)) / max(int(np.count_nonzero(counted)), 100)

    def _differs(self, now: GrayImage, before: GrayImage) -> bool:
        return self._share(now, before) > CHANGED_SHARE or self._differs_in_the_dark(now, before)

    def _brightness(self, now: GrayImage) -> float:
        assert self._inside is not None
        return float(cv2.mean(now, self._inside.view(np.uint8))[0])  # 0 where nothing is inside

    def _differs_in_the_dark(self, now: GrayImage, before: GrayImage) -> bool:
        """The same with less noise and a finer limit: what is dark changes by little, though it is live."""
        assert self._inside is not None
        brightness = self._brightness(now)
        if brightness > _DIM:
            return False
        limit = max(_FINEST, _LEVELS * brightness / _DIM)
        change = cv2.blur(now.astype(np.float32) - before, (3, 3))  # noise averages out, as in a wider block
        counted = self._inside & ((now > 0) | (before > 0))
        least = CHANGED_IN_THE_DARK * max(int(np.count_nonzero(counted)), 100)
        return int(np.count_nonzero((np.abs(change) > limit) & counted)) > least


def _reduced(pixels: GrayImage, region: Region) -> GrayImage:
    """The region, each pixel the mean of a block: noise of a cable or an encoder averages out."""
    picture = pixels[region.box.rows, region.box.columns]
    step = max(1, min(round(max(picture.shape) / _WIDE_PX), *picture.shape))
    apart = max(1, step // 3)  # some rows of each block average well enough
    high = step // apart  # of them in a block: a whole number, for which shrinking is several times faster
    rows = picture[::apart]
    height, width = len(rows) // high, picture.shape[1] // step
    even = rows[: height * high, : width * step]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _reduced_mask(region: Region, small: GrayImage) -> NDArray[np.bool_]:
    if region.mask is None:
        return np.ones(small.shape, np.bool_)
    size = (small.shape[1], small.shape[0])
    mask = cv2.resize(region.mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(mask, np.uint8).view(np.bool_)


class StirWatch:
    """Compares each frame with the one before, pixel by pixel. One source, one thread."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._before: GrayImage | None = None
        self._seen: deque[tuple[float, float]] = deque()  # when, share of pixels that changed

    def update(self, pixels: GrayImage, region: Region, time_s: float) -> bool:
        """Whether what changes is an image and not noise."""
        rows = pixels[region.box.rows, region.box.columns][::_ROWS_APART]
        before, self._before = self._before, rows
        if before is None or region is not self._region or before.shape != rows.shape:
            self._region = region
            self._seen.clear()
            return False
        while self._seen and not time_s - WINDOW_S <= self._seen[0][0] <= time_s:
            self._seen.popleft()
        change = rows.astype(np.int16) - before
        self._seen.append((time_s, np.count_nonzero(change) / change.size))
        share = float(np.percentile([share for _, share in self._seen], _PERCENTILE))
        return len(self._seen) > _FEW and LEAST <= share <= MOST and _is_coherent(change)


def _is_coherent(change: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> bool:
    """Whether neighbouring pixels change together."""
    height, width = (side // _BLOCK_PX for side in change.shape)
    even = change[: height * _BLOCK_PX, : width * _BLOCK_PX].astype(np.float32)
    if not even.size:
        return False
    blocks = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    return float(np.var(blocks)) * _BLOCK_PX**2 > COHERENT * float(np.var(even))
