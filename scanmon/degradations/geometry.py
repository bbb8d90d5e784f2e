"""Where a fault sits: depth below the probe, smooth bumps, noise fields with a grain."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
Rng: TypeAlias = np.random.Generator
Changed: TypeAlias = tuple[Gray, Gray]  # the picture with a fault, and where it acts, 0..1


@dataclass(frozen=True, slots=True)
class Field:
    """Coordinates of the masked region: `depth` (H, 1) and `lateral` (1, W) run 0..1 over its box."""

    depth: Gray
    lateral: Gray
    height_px: int
    width_px: int


def field_of(mask: Mask) -> Field:
    """Coordinates of the bounding box of `mask` (H, W); of the whole picture where the mask is empty."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if not width:
        height, width = mask.shape
    rows, columns = (np.arange(size, dtype=np.float32) for size in mask.shape)
    depth = np.clip((rows - top) / max(height - 1, 1), 0, 1).astype(np.float32)
    lateral = np.clip((columns - left) / max(width - 1, 1), 0, 1).astype(np.float32)
    return Field(depth[:, None], lateral[None, :], height, width)


def bump(distance: Gray, half_width: float, edge: float) -> Gray:
    """1 within `half_width`, 0 beyond `half_width + edge` (units of `distance`), a raised cosine between."""
    t = np.clip((np.abs(distance) - half_width) / max(edge, 1e-6), 0.0, 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * t), np.float32)


def grain(rng: Rng, shape: tuple[int, int], axial_px: float, lateral_px: float) -> Gray:
    """Gaussian field (H, W), zero mean, unit variance, correlated over about the given lengths in pixels."""
    height, width = shape
    field = rng.standard_normal((height, width), dtype=np.float32)
    if max(axial_px, lateral_px) > 0.3:
        blurred = cv2.GaussianBlur(field, (0, 0), max(lateral_px, 0.1), sigmaY=max(axial_px, 0.1))
        field = np.asarray(blurred, np.float32)
    deviation = float(field.std())
    return np.asarray((field - field.mean()) / max(deviation, 1e-6), np.float32)


def speckle_power(rng: Rng, shape: tuple[int, int], axial_px: float, lateral_px: float) -> Gray:
    """Power of fully developed speckle (H, W): exponential, mean about 1, a sum of two squares."""
    in_phase = grain(rng, shape, axial_px, lateral_px)
    quadrature = grain(rng, shape, axial_px, lateral_px)
    return np.asarray(0.5 * (in_phase * in_phase + quadrature * quadrature), np.float32)


def smooth_profile(rng: Rng, length: int, knots: int) -> Gray:
    """Random smooth curve (length,) between 0 and 1 through `knots` random points."""
    points = rng.random((1, knots)).astype(np.float32)
    curve = cv2.resize(points, (length, 1), interpolation=cv2.INTER_CUBIC)[0]
    return np.asarray(np.clip(curve, 0.0, 1.0), np.float32)


def light_along(gray: Gray, mask: Mask, axis: int) -> Gray:
    """Sum of the gray levels inside the mask over `axis`: 1 gives a value for each row, 0 for each column."""
    return np.asarray(np.where(mask, np.maximum(gray, 0.0), 0.0).sum(axis=axis), np.float32)


def place_of_light(gray: Gray, mask: Mask, axis: int, share: float) -> int:
    """The row (axis 1) or column (axis 0) up to which `share` of the light lies."""
    along = np.cumsum(light_along(gray, mask, axis) + 1e-6)
    return int(np.clip(np.searchsorted(along, share * along[-1]), 0, along.size - 1))
