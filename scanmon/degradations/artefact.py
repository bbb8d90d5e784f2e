"""One local artefact at a known place, for measuring whether the worst region finds it."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.degradations.gain import GRAY_PER_DB, add_power, power_of_db
from scanmon.degradations.geometry import Field, Gray, Mask, grain, speckle_power
from scanmon.degradations.resolution import defocus_patch


def _place(gray: Gray, rng: np.random.Generator, mask: Mask, field: Field) -> tuple[int, int, int, int]:
    """Centre and half axes (x, y, half width, half height) of an ellipse in tissue, not in black."""
    half_h = rng.uniform(0.1, 0.15) * field.height_px
    half_w = half_h * rng.uniform(0.8, 1.3)
    reach = (int(2 * half_w) | 1, int(2 * half_h) | 1)
    tissue = cv2.blur((mask & (gray > 20)).astype(np.float32), reach, borderType=cv2.BORDER_CONSTANT)
    inside = cv2.blur(mask.astype(np.float32), reach, borderType=cv2.BORDER_CONSTANT)
    worth = np.where(inside > 0.97, tissue, tissue * 0.1)
    candidates = np.flatnonzero(worth >= 0.6 * worth.max())
    chosen = int(candidates[int(rng.random() * candidates.size)])
    y, x = divmod(chosen, gray.shape[1])
    return x, y, int(half_w), int(half_h)


def local_artefact(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """An ellipse of a fifth to a third of the depth: defocused, noisy, veiled, or attenuated."""
    x, y, half_w, half_h = _place(gray, rng, mask, field)
    rows, columns = np.ogrid[: gray.shape[0], : gray.shape[1]]
    radius = np.sqrt(((columns - x) / max(half_w, 1)) ** 2 + ((rows - y) / max(half_h, 1)) ** 2)
    weight = np.clip((1.0 - radius) / 0.2, 0.0, 1.0).astype(np.float32)
    kind = int(rng.integers(4))
    if kind == 0:
        changed = defocus_patch(gray, 0.03 * field.height_px * (0.15 + 0.85 * level))
    elif kind == 1:
        pattern = grain(rng, gray.shape, 0.5, 0.8)
        changed = gray + 60.0 * (0.1 + 0.9 * level) * pattern
    elif kind == 2:
        texture = 0.4 + 0.6 * speckle_power(rng, gray.shape, 0.8, 1.5)
        changed = add_power(gray, texture * power_of_db(-32.0 + 26.0 * level))
    else:
        changed = gray - 32.0 * (0.1 + 0.9 * level) * GRAY_PER_DB
    return np.asarray(gray + weight * (changed - gray), np.float32), weight
