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
_BACK_TO_LIFE = 3  # different pictures that end a freeze: one may be a page of the cine memory
_LIFE_S = 0.5  # in which they come; key frames, which change a frozen picture behind an encoder, are rarer
_SPARSE_S = _LIFE_S / _BACK_TO_LIFE  # frames that are further apart count where all of them are different
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
        self._changes: deque[float] = deque(maxlen=_BACK_TO_LIFE)  # when the picture last became another
        self._steps: deque[tuple[float, bool]] = deque(maxlen=_BACK_TO_LIFE)  # last frames, whether different
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
            self._kept = small
            self._changes.clear()
            return self.frozen
        nearly_black = self._brightness(small) < _BLACK
        stirs = nearly_black and self._stir.update(frame.pixels, region, frame.time_s)
        differs = self._differs(small, self._kept) or stirs
        self._steps.append((frame.time_s, differs))
        if differs:
            self._kept, self._changed_s = small, frame.time_s
            self._changes.append(frame.time_s)
            if self._lives(frame.time_s):
                self.frozen = False
        elif frame.time_s - self._changed_s >= FROZEN_AFTER_S:
            self.frozen = True
            self._changes.clear()
        return self.frozen

    def _lives(self, now_s: float) -> bool:
        """Whether enough were different: in a short time, or one after the other where few come."""
        if len(self._changes) < _BACK_TO_LIFE:
            return False
        times_s, differed = zip(*self._steps, strict=True)
        sparse = (now_s - times_s[0]) / (_BACK_TO_LIFE - 1) > _SPARSE_S
        return now_s - self._changes[0] <= _LIFE_S or (sparse and all(differed))

    def _differs(self, now: GrayImage, before: GrayImage) -> bool:
        assert self._inside is not None
        counted = self._inside & ((now > _DARK) | (before > _DARK))
        total = int(np.count_nonzero(counted))
        change = cv2.absdiff(now, before) > _LEVELS
        if int(np.count_nonzero(change & counted)) > CHANGED_SHARE * max(total, 100):
            return True
        return self._differs_in_the_dark(now, before)

    def _brightness(self, now: GrayImage) -> float:
        assert self._inside is not None
        return float(now[self._inside].mean()) if self._inside.any() else 0.0

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
