"""Faults of a whole batch at once, in torch: the same physics as `scanmon`'s degradations, other code.

The evaluation measures with its own numpy families, so that a network cannot be good by knowing how its
training draws. Held out on purpose, and nothing like them is here: `h264`, `lost_elements`,
`low_line_density`, `side_lobe_clutter`, `frame_tear`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import torch
from torch import Tensor

from tools.training.faults import capture, clutter, contact, light, noise, resolution
from tools.training.faults.fields import rise, spot
from tools.training.faults.scene import Made, Scene

KINDS = ("light", "contact", "resolution", "noise", "clutter", "saturation", "capture")
Fault: TypeAlias = Callable[[Scene, Tensor], Made]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of fault; `odds` relative to the others, `anywhere`: may act in a random part only."""

    name: str
    kind: str
    fault: Fault
    odds: float = 1.0
    anywhere: bool = True


_ALL = (
    Family("gain_factor", "light", light.gain_factor, 1.5, anywhere=False),
    Family("gain_db", "light", light.gain_db, 1.5, anywhere=False),
    Family("fade", "light", light.fade, 3.2, anywhere=False),
    Family("attenuation", "light", light.attenuation, 2.4, anywhere=False),
    Family("band", "light", light.band, 2.4, anywhere=False),
    Family("shadow", "contact", contact.shadow, 3.0, anywhere=False),
    Family("dark_side", "light", light.dark_side, 1.0, anywhere=False),
    Family("dark_patch", "light", light.dark_patch, 1.2, anywhere=False),
    Family("partial_contact", "contact", contact.partial, 2.0, anywhere=False),
    Family("lift_off", "contact", contact.whole, 1.2, anywhere=False),
    Family("lateral_blur", "resolution", resolution.lateral_blur, 2.6),
    Family("defocus", "resolution", resolution.defocus, 1.8),
    Family("aberration", "resolution", resolution.aberration, 1.5),
    Family("motion", "resolution", resolution.motion, 2.0),
    Family("scaling", "resolution", resolution.scaling, 1.6),
    Family("electronic", "noise", noise.electronic, 2.4),
    Family("speckle", "noise", noise.of_speckle, 2.4),
    Family("coloured", "noise", noise.coloured, 1.0),
    Family("mains", "noise", noise.mains, 1.4),
    Family("dots", "noise", noise.dots, 0.5),
    Family("haze", "clutter", clutter.haze, 3.4),
    Family("reverberation", "clutter", clutter.reverberation, 1.6, anywhere=False),
    Family("veil", "clutter", clutter.veil, 1.0),
    Family("double", "clutter", clutter.double, 3.4),
    Family("patch", "clutter", clutter.patch, 1.4, anywhere=False),
    Family("gain_high", "saturation", light.gain_high, 3.2, anywhere=False),
    Family("band_high", "saturation", light.band_high, 1.8, anywhere=False),
    Family("jpeg", "capture", capture.jpeg, 1.6),
    Family("blocky_video", "capture", capture.blocky_video, 1.2),
    Family("dropped_lines", "capture", capture.dropped_lines, 1.2),
    Family("comb", "capture", capture.comb, 2.0, anywhere=False),
    Family("cable_ghost", "capture", capture.cable_ghost, 0.8),
    Family("few_grays", "capture", capture.few_grays, 0.5),
    Family("mosaic", "capture", capture.mosaic, 0.6),
    Family("over_sharpened", "capture", capture.over_sharpened, 0.6),
)
FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in _ALL})
IN_A_PART = 0.4
"""Share of the draws in which a fault that may act anywhere acts in a random part of the picture."""


def apply(family: Family, scene: Scene, level: Tensor) -> Made:
    """The pictures of `scene` at levels (g, k) 0..1: gray (g, k, H, W) cut to 0..255, unchanged outside."""
    levels = level[:, :, None, None]
    made = family.fault(scene, levels)
    gray, left = made.gray, made.left
    if family.anywhere and scene.chance.rng.random() < IN_A_PART:
        gray = scene.gray + _part(scene) * (gray - scene.gray)
    gray = torch.nan_to_num(gray, nan=0.0).clamp(0.0, 255.0)
    gray = torch.where(scene.mask > 0, gray, scene.gray)
    return Made(gray, left)


def _part(scene: Scene) -> Tensor:
    """(g, 1, H, W) 0..1: a blob, a soft half, an ellipse."""
    cells = int(scene.chance.rng.integers(2, 6))
    field = scene.smooth(cells, cells)
    blob = rise(field, scene.u(0.2, 0.6), scene.u(0.1, 0.3))
    inside = spot(scene, (0.1, 0.9), (0.1, 0.4), (0.1, 0.4), 0.5)
    return torch.where(scene.flag(0.5), blob, inside)
