"""What no eye minds: the same picture shown, cut or sized another way. A score should not move.

Each takes a picture (H, W) uint8, the mask of its sector and a generator, and gives both, perhaps of another
size. docs/score.md says where the limits lie, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.geometry import Mask, Rng

Pixels: TypeAlias = NDArray[np.uint8]
Shown: TypeAlias = tuple[Pixels, Mask]
Nuisance: TypeAlias = Callable[[Pixels, Mask, Rng], Shown]

_CROP = 0.05  # of each side of the sector's box


def _levels(curve: Callable[[NDArray[np.float64]], NDArray[Any]]) -> Nuisance:
    """Another gray level for each of the 256, inside the sector."""

    def change(pixels: Pixels, inside: Mask, _: Rng) -> Shown:
        table = np.clip(np.rint(curve(np.arange(256.0))), 0, 255).astype(np.uint8)
        return np.where(inside, table[pixels], pixels), inside

    return change


def _gray_map(pixels: Pixels, inside: Mask, rng: Rng) -> Shown:
    """A scanner's gray map: rising, at most 12 levels from straight."""
    knots = np.linspace(0.0, 255.0, 5)
    bent = knots + np.array([0.0, *rng.uniform(-12.0, 12.0, 3), 0.0])
    return _levels(lambda gray: np.interp(gray, knots, bent))(pixels, inside, rng)


def _mirror(pixels: Pixels, inside: Mask, _: Rng) -> Shown:
    return np.ascontiguousarray(pixels[:, ::-1]), np.ascontiguousarray(inside[:, ::-1])


def _jpeg(pixels: Pixels, inside: Mask, _: Rng) -> Shown:
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.where(inside, decoded, pixels), inside


def _crop(pixels: Pixels, inside: Mask, _: Rng) -> Shown:
    place = []
    for axis in (1, 0):
        used = np.flatnonzero(inside.any(axis=axis))
        first, last = (int(used[0]), int(used[-1]) + 1) if used.size else (0, inside.shape[1 - axis])
        margin = round(_CROP * (last - first))
        place.append(slice(first + margin, last - margin))
    rows, columns = place
    return pixels[rows, columns].copy(), inside[rows, columns].copy()


def _size(factor: float) -> Nuisance:
    def change(pixels: Pixels, inside: Mask, _: Rng) -> Shown:
        height, width = (max(round(side * factor), 1) for side in pixels.shape)
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        sized = np.asarray(cv2.resize(pixels, (width, height), interpolation=way), np.uint8)
        mask = cv2.resize(inside.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        return sized, np.asarray(mask > 0, np.bool_)

    return change


NUISANCES: Mapping[str, Nuisance] = MappingProxyType(
    {
        "pedestal_4": _levels(lambda gray: gray + 4),
        "pedestal_10": _levels(lambda gray: gray + 10),
        "pedestal_20": _levels(lambda gray: gray + 20),
        "limited_range": _levels(lambda gray: 16.0 + gray * (219.0 / 255.0)),
        "gamma_0.9": _levels(lambda gray: 255.0 * (gray / 255.0) ** 0.9),
        "gamma_1.1": _levels(lambda gray: 255.0 * (gray / 255.0) ** 1.1),
        "brightness_0.9": _levels(lambda gray: 0.9 * gray),
        "brightness_1.1": _levels(lambda gray: 1.1 * gray),
        "gray_map": _gray_map,
        "mirror": _mirror,
        "jpeg_90": _jpeg,
        "crop_5": _crop,
        "size_0.75": _size(0.75),
        "size_1.5": _size(1.5),
    }
)
