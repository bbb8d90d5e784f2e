"""The few image operations that the search needs, on (h, w) uint8 planes; squares of `size` pixels a side."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from scanmon.core.values import GrayImage


@cache
def _square(size: int) -> GrayImage:
    return np.ones((size, size), np.uint8)


def closed(plane: GrayImage, size: int) -> GrayImage:
    """Gaps narrower than `size` filled."""
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_CLOSE, _square(size)), np.uint8)


def opened(plane: GrayImage, size: int) -> GrayImage:
    """What is narrower than `size` removed."""
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_OPEN, _square(size)), np.uint8)


def eroded(plane: GrayImage, size: int) -> GrayImage:
    """The smallest level around each pixel."""
    return np.asarray(cv2.erode(plane, _square(size)), np.uint8)


def ranges(plane: GrayImage) -> GrayImage:
    """Largest minus smallest level of the 3 x 3 pixels around each pixel."""
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, _square(3)), np.uint8)


def means(plane: GrayImage, size: tuple[int, int]) -> GrayImage:
    """Mean level of the (width, height) pixels around each pixel."""
    return np.asarray(cv2.blur(plane, size), np.uint8)


def shrunk(plane: GrayImage, height: int, width: int) -> GrayImage:
    """The plane at a smaller size, each pixel the mean of what it covers."""
    down, across = plane.shape[0] // height, plane.shape[1] // width
    if plane.shape == (down * height, across * width) and down * across % 2:
        # a mean of an odd number of levels is no tie, so a blur's running sums give the same, much faster
        running = cv2.blur(plane, (across, down), anchor=(0, 0))
        return np.ascontiguousarray(running[::down, ::across], np.uint8)
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def peaks(plane: GrayImage, step: int) -> GrayImage:
    """The largest level of each block of `step` x `step` pixels; sides are multiples of `step`."""
    rows = plane[::step]
    for offset in range(1, step):  # whole rows first: that is fast, and leaves little for the columns
        rows = np.maximum(rows, plane[offset::step])
    columns = rows[:, ::step]
    for offset in range(1, step):
        columns = np.maximum(columns, rows[:, offset::step])
    return np.ascontiguousarray(columns)


def count(plane: GrayImage) -> int:
    """Pixels that are not zero."""
    return int(cv2.countNonZero(plane))
