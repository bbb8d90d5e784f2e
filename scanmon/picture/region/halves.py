"""Two views that touch, and between which the network sees no seam: told apart by their textures."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.look import HIGH, WIDE, Map

_RECTANGLE = 0.9  # of the image that lies in columns as high as most: it is a rectangle
_VIEW = (
    800,
    160,
)  # columns at most, and about as many rows, in which a rectangle is searched for a line that parts it
_ACROSS = 3  # columns from one to the other of two that are compared
_LEAST_WIDE = 300  # columns; in a narrower one these are further apart than fine speckle goes on
_SKIPPED = 0.15  # of the depth: a probe's own echoes are the same in every image
_COARSE = 0.03  # of the depth, sigma: what is slower is gain or attenuation
_MIDDLE, _INNER, _NEAR = 0.03, (0.06, 0.42), (0.015, 0.0425)  # of the width, from its half; from a line
_UNLIKE = 0.35  # correlation of the textures on both sides of a line that parts two views
_BELOW_USUAL, _BELOW_NEAR = 0.1, 0.2  # that of nearly all of the image; that of every column near by


def halved(image: Map, seam: Map, pixels: GrayImage) -> Map:
    """The seam, drawn where an upright line through the middle of a rectangle parts two pictures.

    Two views that touch are halves as a rule. Texture goes on across any line of one image, behind the edge
    of a shadow and where the gain changes too; where two images meet it does not.
    """
    inside = image > 0.5
    columns = inside.sum(0)
    high = np.flatnonzero(columns > 0.8 * max(1, columns.max()))
    if high.size < WIDE // 8:
        return seam
    left, right = int(high[0]), int(high[-1]) + 1
    rows = np.flatnonzero(inside[:, left:right].mean(1) > 0.5)
    if not rows.size or np.count_nonzero(inside[:, high]) < _RECTANGLE * np.count_nonzero(inside):
        return seam
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    down, across = pixels.shape[0] / HIGH, pixels.shape[1] / WIDE
    part = pixels[round(top * down) : round(bottom * down), round(left * across) : round(right * across)]
    at = _parted(part)
    if at is None:
        return seam
    middle = left + round(at * (right - left) - 0.5)
    seam = seam.copy()
    seam[top:bottom, middle - 1 : middle + 2] = 1.0
    return seam


def _parted(view: GrayImage) -> float | None:
    """Where, as a share of the width, an upright line in the middle of a rectangle parts two images."""
    step = max(1, round(view.shape[0] / _VIEW[1]))
    high, wide = view.shape[0] // step, min(view.shape[1], _VIEW[0])
    if wide < _LEAST_WIDE or high < _VIEW[1] // 2:
        return None
    fine = cv2.resize(view[: high * step], (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    size, sigma = (1, 2 * round(2.5 * _COARSE * high) + 1), _COARSE * high
    fine -= cv2.GaussianBlur(fine, size, 0.1, sigmaY=sigma)
    fine /= cv2.sqrt(cv2.GaussianBlur(cv2.multiply(fine, fine), size, 0.1, sigmaY=sigma) + 4)
    fine = fine[int(_SKIPPED * high) :]
    norm = np.sqrt(np.einsum("ij,ij->j", fine, fine)) + 0.1
    left, right = np.s_[..., :-_ACROSS], np.s_[..., _ACROSS:]
    alike = np.einsum("ij,ij->j", fine[left], fine[right]) / (norm[left] * norm[right])
    alike = np.maximum(alike[1:], alike[:-1])  # a line that is drawn is narrower than what parts two images
    place = (np.arange(len(alike)) + 1 + _ACROSS / 2) / wide
    off = np.abs(place - 0.5)
    middle = np.flatnonzero(off < _MIDDLE)
    at = int(middle[alike[middle].argmin()])
    away = np.abs(place - place[at])
    near = alike[(away > _NEAR[0]) & (away < _NEAR[1])].min()
    usual = np.percentile(alike[(off > _INNER[0]) & (off < _INNER[1])], 3)
    parted = alike[at] < min(_UNLIKE, usual - _BELOW_USUAL, near - _BELOW_NEAR)
    return float(place[at]) if parted else None
