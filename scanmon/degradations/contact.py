"""Contact between probe and skin, lost over a part of the width or all of it, and shadows below it."""

import numpy as np

from scanmon.degradations.gain import GRAY_PER_DB, add_power, power_of_db
from scanmon.degradations.geometry import (
    Changed,
    Field,
    Gray,
    Mask,
    Rng,
    bump,
    light_along,
    place_of_light,
    smooth_profile,
    speckle_power,
)


def ringing(rng: Rng, shape: tuple[int, int], field: Field) -> Gray:
    """Power (H, W) of echoes inside the lens of a probe in air: even bands below the skin, 1.0 at most.

    In some pictures the bands are merged into one glow.
    """
    spacing, decay_db = rng.uniform(0.02, 0.06), rng.uniform(3.0, 9.0)
    bend, thickness = rng.uniform(-0.03, 0.03), rng.uniform(0.2, 0.35)
    depth = field.depth - bend * (2.0 * field.lateral - 1.0) ** 2 + max(bend, 0.0)
    phase = np.mod(depth / spacing, 1.0) - 0.5
    glow = max(0.0, rng.uniform(-1.0, 1.0))
    bands = glow + (1.0 - glow) * np.exp(-0.5 * (phase / (0.5 * thickness)) ** 2)
    fall = np.exp(-np.float32(np.log(10.0) / 10.0 * decay_db / spacing) * np.maximum(depth, 0.0))
    texture = 0.7 + 0.3 * speckle_power(rng, shape, 0.6, 0.03 * field.width_px)
    return np.asarray(bands * fall * texture, np.float32)


def partial_contact(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """4 to 64 % of the width is off the skin: no tissue below it, ringing of the lens at the top.

    The order in which places lose contact is drawn once: a worse fault loses the same and more.
    """
    profile = smooth_profile(rng, gray.shape[1], int(rng.integers(4, 8)))
    from_edge = np.abs(2.0 * field.lateral.ravel() - 1.0)
    lit = light_along(gray, mask, 0) > 0
    firmness = profile - rng.uniform(0.0, 0.8) * from_edge + 10.0 * ~lit
    rank = np.empty(firmness.size, np.float32)
    rank[np.argsort(firmness, kind="stable")] = np.linspace(0.0, 1.0, firmness.size, dtype=np.float32)
    rank *= np.float32(firmness.size / max(int(lit.sum()), 1))
    off = np.clip((0.04 + 0.6 * level - rank) / 0.08, 0.0, 1.0)[None, :]
    bands = ringing(rng, gray.shape, field)
    lost = gray - (8.0 + 37.0 * level) * GRAY_PER_DB * off
    changed = add_power(
        np.asarray(lost, np.float32), np.asarray(bands * off * power_of_db(-14.0), np.float32)
    )
    return changed, np.asarray(np.broadcast_to(off, gray.shape), np.float32)


def lost_contact(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """The whole probe loses its coupling, up to a probe in air: ringing at the top, nothing below.

    Some lenses ring loudly, others are hardly seen: the strongest band ends 14 to 38 dB below white. In half
    of the pictures a last trace of tissue stays.
    """
    bands = ringing(rng, gray.shape, field)
    faint_db, gone = rng.uniform(0.0, 24.0), rng.random() < 0.5
    lost = gray * (1.0 - 0.95 * level) - 8.0 * level * GRAY_PER_DB * gone
    return add_power(lost, bands * power_of_db(-20.0 + 6.0 * level - faint_db)), np.ones_like(gray)


def shadow(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
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
