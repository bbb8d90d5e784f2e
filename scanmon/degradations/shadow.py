"""Acoustic shadow: behind a rib, under an air gap, beside an edge of the probe that has lost contact."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask, bump


def shadow(gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field) -> tuple[Gray, Gray]:
    """Up to 34 dB of attenuation below a start depth, in one of three shapes.

    Rib: a sharp strip from some depth on. Air gap: a strip from the skin. Poor contact: one whole edge.
    Rays are taken as vertical, fanned out by at most a tenth of the width at the bottom.
    """
    kind = int(rng.integers(3))
    fan = rng.uniform(-0.1, 0.1)
    if kind == 0:
        centre, half, start = rng.uniform(0.15, 0.85), rng.uniform(0.05, 0.12), rng.uniform(0.12, 0.4)
        edge, rim = 0.03, 0.03
    elif kind == 1:
        centre, half, start = rng.uniform(0.2, 0.8), rng.uniform(0.08, 0.2), 0.0
        edge, rim = 0.06, 0.02
    else:
        centre, half, start = float(rng.integers(2)), rng.uniform(0.15, 0.35), 0.0
        edge, rim = 0.1, 0.02
    across = bump(field.lateral - centre - fan * (centre - 0.5) * field.depth, half, edge)
    weight = across * np.clip((field.depth - start) / rim, 0.0, 1.0)
    loss = 34.0 * (0.05 + 0.95 * level**1.2) * GRAY_PER_DB
    return np.asarray(gray - loss * weight, np.float32), np.asarray(weight, np.float32)
