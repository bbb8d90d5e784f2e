"""Sound that does not get through: a rib, gas, a stone, an air gap, an edge of the probe without contact."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask, bump, place_of_light


def shadow(gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field) -> tuple[Gray, Gray]:
    """One to three strips, or a whole edge, of any width, from the skin or from some depth on.

    The loss is up to 34 dB, or up to 95 % of the gray level. Rays are taken as vertical, fanned out by at
    most a tenth of the width at the bottom. A strip falls where there is light.
    """
    fan, multiplied = rng.uniform(-0.1, 0.1), rng.random() < 0.4
    weight = np.zeros_like(gray)
    for _ in range(int(rng.integers(1, 4))):
        kind, share = int(rng.integers(3)), rng.uniform(0.1, 0.9)
        half, start = rng.uniform(0.02, 0.14), rng.uniform(0.05, 0.5)
        centre = float(field.lateral.ravel()[place_of_light(gray, mask, 0, share)])
        edge, rim = rng.uniform(0.01, 0.05), 0.03
        if kind == 1:  # from the skin
            start, half, rim = 0.0, half + 0.05, 0.02
        elif kind == 2:  # an edge of the probe
            start, centre, half, edge = 0.0, float(share > 0.5), 0.1 + 1.5 * half, 0.1
        across = bump(field.lateral - centre - fan * (centre - 0.5) * field.depth, half, edge)
        weight = np.maximum(weight, across * np.clip((field.depth - start) / rim, 0.0, 1.0))
    if multiplied:
        changed = gray * (1.0 - (0.05 + 0.9 * level) * weight)
    else:
        changed = gray - 34.0 * (0.05 + 0.95 * level**1.2) * GRAY_PER_DB * weight
    return np.asarray(changed, np.float32), np.asarray(weight, np.float32)
