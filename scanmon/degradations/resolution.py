"""Loss of resolution: a beam out of focus, and a picture that was scaled down on its way."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.degradations.geometry import Field, Gray, Mask


def lateral_blur(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Defocus: the beam widens with the distance from a focal depth.

    The beam is taken as horizontal, which is exact for a linear probe and an approximation for a sector.
    """
    focus = rng.uniform(0.1, 0.9)
    floor = rng.uniform(0.35, 0.6)
    widening = floor + (1.0 - floor) * np.abs(field.depth - focus) / max(focus, 1.0 - focus)
    widest_px = 0.022 * field.height_px * (0.12 + 0.88 * level**1.5)
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    stack = [gray] + [cv2.GaussianBlur(gray, (0, 0), max(widest_px * s, 0.2), sigmaY=0.25) for s in steps[1:]]
    position = np.clip(widening, 0.0, 1.0) * (len(steps) - 1)
    blurred = sum(
        np.clip(1.0 - np.abs(position - index), 0.0, 1.0) * layer for index, layer in enumerate(stack)
    )
    weight = np.broadcast_to(widening, gray.shape)
    return np.asarray(blurred, np.float32), np.asarray(weight, np.float32)


def scaling_blur(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """A capture chain that halves and doubles the picture: shrunk by 1.5 to 6, and enlarged again."""
    interpolation = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
    factor = 1.0 + 0.0085 * field.height_px * (0.1 + 0.9 * level)
    height, width = gray.shape
    small = (max(round(width / factor), 2), max(round(height / factor), 2))
    shrunk = cv2.resize(gray, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height), interpolation=interpolation)), np.ones_like(gray)


def defocus_patch(gray: Gray, sigma_px: float) -> Gray:
    """Isotropic blur, for the local artefact."""
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), sigma_px), np.float32)
