"""A frozen picture: nothing but noise changes inside the sector, whatever clock and cursor do outside."""

from collections import deque
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Frame, GrayImage, Region

FROZEN_AFTER_S = 0.4  # longer than any pause between two different frames of a scanner
# share of the bright part of the sector; in 0.35 s real cines never had less than 0.11, a frozen picture in
# noise of 3 levels at most 0.011, and behind H.264 (rate factor 27) 0.045 while the encoder still refines it
CHANGED_SHARE = 0.05
_LEVELS = 2  # a change by more is one, after averaging over some pixels
_DARK = 6  # below this a pixel has nothing that could change
_BLACK = 5.0  # mean level below which block means have lost what changes: single pixels are changes
_WIDE_PX = 100  # of the picture in which changes are looked for: coarse, for the sake of encoders
_ALIVE_STEPS = 3  # different pictures in `_LIFE_S` are life: one may be a page of the cine memory
_PAUSE_S = 0.25  # after which a change says nothing by itself: it may be a key frame
_LIFE_S = 0.5  # key frames, which change a frozen picture behind an encoder, are rarer
_SPARSE_S = _LIFE_S / _ALIVE_STEPS  # frames that are further apart count where all of them are different
# share of the bright part that one picture has to change to be life by itself; key frames of a frozen picture
# changed 0.25 at most (H.264 up to rate factor 38)
_LARGE_STEP = 0.35
WINDOW_S = 0.4
_STIRRED_S = 0.32  # that has passed since a picture that stirs was certainly live
# share of the pixels that are others than in the frame before, low percentile over the window, apart from the
# cells that change most (a marker, a cursor): muscles that hardly move had 0.0012 and more (H.264 at a rate
# factor of 33, HEVC 30), noise of one level 0.35
LEAST, MOST = 0.001, 0.33
# what is left of a livelier picture may be an encoder that refines a frozen one: of what changed before
_OF_BEFORE, _BEFORE_S, _ENOUGH = 0.05, 2.0, 0.008
_CELLS, _MARKED = 6, 4  # a side; how many a marker covers
_APART = 0.05  # of the least share: what is left beside a line or a cross of lines from edge to edge
_LASTING, _LASTING_S = 10, 0.3  # frames on end that stir end a freeze: behind key frames 6 did at most
COHERENT = 1.8  # square of block means over that of white noise: 1 in noise, 2 to 35 in cines
_PERCENTILE = 30  # an encoder that begins anew with a key frame skips the frames right after it
_BLOCK_PX, _ROWS_APART = 6, 3
_FEW = 4  # frames that say nothing yet
_REMEMBERED = 60  # frames, more than lie between two key frames


class FreezeWatch:
    """Compares every frame with the last one that was different, so that slow motion adds up."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._inside = np.empty((0, 0), np.bool_)
        self._kept: GrayImage | None = None
        self._changed_s = 0.0
        self._pixels: GrayImage | None = None  # rows of the frame before
        self._change = np.empty((0, 0), np.float32)  # from them to those of this frame
        # when, share of pixels that changed in each cell
        self._shares: deque[tuple[float, NDArray[np.float64]]] = deque()
        self._usual: deque[tuple[float, float]] = deque()  # when, share of all pixels, for longer
        self._stirring: list[tuple[float, float]] = []  # the same of the last frames, while all of them stir
        self._known: deque[int] = deque(maxlen=_REMEMBERED)  # pictures: life does not return to one of them
        self._changes: deque[float] = deque(maxlen=_ALIVE_STEPS)  # when the picture last became another
        self._steps: deque[tuple[float, bool]] = deque(maxlen=_ALIVE_STEPS)  # last frames, whether different
        self.frozen = False

    def update(self, frame: Frame, region: Region) -> bool:
        """Whether the picture has not changed for 0.4 s."""
        picture = frame.pixels[region.box.rows, region.box.columns]
        small = reduced(picture, round(max(picture.shape) / _WIDE_PX))
        if region is not self._region:
            self._region, self._inside = region, _reduced_mask(region, small)
            self._kept = self._pixels = None
        if self._kept is None or self._kept.shape != small.shape or frame.time_s < self._changed_s:
            if self._kept is None or not self.frozen:
                self._changed_s = frame.time_s
            self._kept = small
            self._changes.clear()
            self._changes.append(frame.time_s)
        share, known = self._share(small, self._kept), hash(small.tobytes())
        rows = None if share > _LARGE_STEP else picture[::_ROWS_APART]  # life: no need to look closely
        stirs = self._stirs(rows, frame.time_s) and known not in self._known
        self._known.append(known)
        faint = stirs and self._brightness(small) < _BLACK
        differs = faint or share > CHANGED_SHARE
        self._steps.append((frame.time_s, differs))
        goes_on = stirs and self.frozen and self._usual[-1][1] <= MOST
        self._stirring = [*self._stirring, self._usual[-1]] if goes_on else []
        lives = len(self._stirring) >= _LASTING and self._lasts()
        if differs:
            self._changes.append(frame.time_s)
            lives = lives or self._often(frame.time_s)
            if not self.frozen:
                lives = lives or faint or self._is_sparse(frame.time_s) or share > _LARGE_STEP
            self._kept = small
        if lives:
            self._changed_s, self.frozen = frame.time_s, False
        elif stirs and not self.frozen:  # that was a look back already
            self._changed_s = max(self._changed_s, frame.time_s - _STIRRED_S)
        elif frame.time_s - self._changed_s >= FROZEN_AFTER_S:
            if not self.frozen:
                self._changes.clear()
            self.frozen = True
        return self.frozen

    def _stirs(self, rows: GrayImage | None, time_s: float) -> bool:
        """Whether a few pixels changed in most of the last frames, neighbours together: noise is everywhere.

        An encoder that has nothing to show skips all but key frames; one that has little skips most blocks.
        """
        before, self._pixels = self._pixels, rows
        for seen, span_s in ((self._shares, WINDOW_S), (self._usual, _BEFORE_S)):
            while seen and not time_s - span_s <= seen[0][0] <= time_s:
                seen.popleft()
        if before is None or rows is None or before.shape != rows.shape:
            self._shares.clear()
            if rows is None:
                self._usual.append((time_s, 1.0))
            return False
        if self._change.shape != rows.shape:
            self._change = np.empty(rows.shape, np.float32)
        cv2.subtract(rows, before, dst=self._change, dtype=cv2.CV_32F)
        self._shares.append((time_s, _shares(self._change)))
        cells = np.array([shares for _, shares in self._shares])
        self._usual.append((time_s, float(cells[-1].mean())))
        usual = float(np.percentile([share for _, share in self._usual], 100 - _PERCENTILE))
        least = min(_ENOUGH, max(LEAST, _OF_BEFORE * usual))
        steady = np.argsort(cells.mean(axis=0))[:-_MARKED]
        share = float(np.percentile(cells[:, steady].mean(axis=1), _PERCENTILE))
        apart = _apart_from_lines(cells.mean(axis=0).reshape(_CELLS, _CELLS))
        spread = least <= share <= MOST and apart >= _APART * least
        return len(cells) > _FEW and spread and _is_coherent(self._change)

    def _lasts(self) -> bool:
        """Whether it has stirred for long, and no less at last: what an encoder refines comes to rest."""
        (first_s, first), (last_s, last) = self._stirring[0], self._stirring[-1]
        return last_s - first_s >= _LASTING_S and last >= first

    def _often(self, now_s: float) -> bool:
        """Whether enough were different: in a short time, or one after the other where few come."""
        if len(self._changes) < _ALIVE_STEPS:
            return False
        soon = now_s - self._changes[0] <= _LIFE_S and now_s - self._changes[-2] <= _PAUSE_S
        return soon or (self._is_sparse(now_s) and all(differed for _, differed in self._steps))

    def _is_sparse(self, now_s: float) -> bool:
        return (now_s - self._steps[0][0]) / max(1, len(self._steps) - 1) > _SPARSE_S

    def _share(self, now: GrayImage, before: GrayImage) -> float:
        """Of the bright part that changed."""
        counted = self._inside & ((now > _DARK) | (before > _DARK))
        change = (cv2.absdiff(now, before) > _LEVELS) & counted
        return int(np.count_nonzero(change)) / max(int(np.count_nonzero(counted)), 100)

    def _brightness(self, now: GrayImage) -> float:
        return float(cv2.mean(now, self._inside.view(np.uint8))[0])  # 0 where nothing is inside


def reduced(picture: GrayImage, step: int) -> GrayImage:
    """A picture, each pixel the mean of a block of `step`: noise of a cable or an encoder averages out."""
    step = max(1, min(step, *picture.shape))
    apart = max(1, step // 3)  # some rows of each block average well enough
    high = step // apart  # of them in a block: a whole number, for which shrinking is several times faster
    rows = picture[::apart]
    height, width = len(rows) // high, picture.shape[1] // step
    even = rows[: height * high, : width * step]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _reduced_mask(region: Region, small: GrayImage) -> NDArray[np.bool_]:
    if region.mask is None:
        return np.ones(small.shape, np.bool_)
    mask = cv2.resize(region.mask.view(np.uint8), small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(mask, np.uint8).view(np.bool_)


def _shares(change: NDArray[np.float32]) -> NDArray[np.float64]:
    """(_CELLS**2,) of the pixels that changed in each cell."""
    rows, columns = (np.linspace(0, side, _CELLS + 1).astype(int) for side in change.shape)
    cells = [change[y:bottom, x:right] for y, bottom in pairwise(rows) for x, right in pairwise(columns)]
    return np.array([cv2.countNonZero(cell) / max(1, cell.size) for cell in cells])


def _apart_from_lines(cells: NDArray[np.float64]) -> float:
    """Mean share of the cells without the two rows and two columns, side by side, that changed most."""
    for _ in range(2):
        sums = cells.sum(axis=1)
        most = int(np.argmax(sums[:-1] + sums[1:]))
        cells = np.delete(cells, [most, most + 1], axis=0).T
    return float(cells.mean())


def _is_coherent(change: NDArray[np.float32]) -> bool:
    """Whether neighbouring pixels change together."""
    height, width = (side // _BLOCK_PX for side in change.shape)
    even = change[: height * _BLOCK_PX, : width * _BLOCK_PX]
    if not even.size:
        return False
    blocks = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    coarse, fine = (cv2.norm(levels, cv2.NORM_L2SQR) / levels.size for levels in (blocks, even))
    return coarse * _BLOCK_PX**2 > COHERENT * fine
