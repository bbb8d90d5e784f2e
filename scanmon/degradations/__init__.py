"""Physical, seeded faults of ultrasound pictures at known strengths: the ground truth of every evaluation.

Each family takes a gray picture, a level in 0..1 and a generator. What is drawn from the generator (places,
patterns, shapes) does not depend on the level: with the same seed only the strength grows, and with it the
distance to the clean picture. `NUISANCES` are changes that no eye minds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError
from scanmon.degradations import contact, echoes, gain, grabber
from scanmon.degradations.geometry import Changed, Field, Gray, Mask, Rng, field_of

SEVERITIES = (1, 2, 3, 4)
KINDS = ("light", "contact", "resolution", "noise", "clutter", "saturation", "capture")

Fault: TypeAlias = Callable[[Gray, float, Rng, Mask, Field], Changed]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of fault.

    `kind`: one of KINDS, what a reading would call it; None where a draw decides. `common`: an everyday
    fault. `held_out`: never shown to a network in training. `local`: it has a place, which `Degraded.box`
    names.
    """

    name: str
    fault: Fault
    kind: str | None
    common: bool = False
    held_out: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Degraded:
    """A degraded picture (H, W) uint8 and where the fault acts.

    `weight` (H, W) float32 0..1: how strongly; `box` (x, y, w, h) in pixels, for a local fault alone.
    """

    image: NDArray[np.uint8]
    weight: NDArray[np.float32]
    box: tuple[int, int, int, int] | None


_ALL = (
    Family("gain_low", gain.gain_low, "light", common=True),
    Family("gain_factor", gain.gain_factor, "light", common=True),
    Family("tgc_band", gain.tgc_band, None),
    Family("depth_fade", gain.depth_fade, "light"),
    Family("attenuation", gain.attenuation, "light"),
    Family("shadow", contact.shadow, "contact", common=True),
    Family("partial_contact", contact.partial_contact, "contact"),
    Family("lost_contact", contact.lost_contact, "contact"),
    Family("lateral_blur", echoes.lateral_blur, "resolution", common=True),
    Family("scaling_blur", echoes.scaling_blur, "resolution"),
    Family("motion", echoes.motion, "resolution"),
    Family("aberration", echoes.aberration, "resolution"),
    Family("lost_elements", echoes.lost_elements, "resolution", held_out=True),
    Family("low_line_density", echoes.low_line_density, "resolution", held_out=True),
    Family("speckle_noise", echoes.speckle_noise, "noise", common=True),
    Family("electronic_noise", echoes.electronic_noise, "noise", common=True),
    Family("mains_interference", echoes.mains_interference, "noise"),
    Family("haze", echoes.haze, "clutter", common=True),
    Family("reverberation", echoes.reverberation, "clutter"),
    Family("ghost", echoes.ghost, "clutter"),
    Family("side_lobe_clutter", echoes.side_lobe_clutter, "clutter", held_out=True),
    Family("gain_high", gain.gain_high, "saturation", common=True),
    Family("overexposure", gain.overexposure, "saturation"),
    Family("jpeg", grabber.jpeg, "capture", common=True),
    Family("h264", grabber.h264, "capture", held_out=True),
    Family("dropped_lines", grabber.dropped_lines, "capture"),
    Family("interlace_comb", grabber.interlace_comb, "capture"),
    Family("frame_tear", grabber.frame_tear, "capture", held_out=True),
    Family("local_artefact", echoes.local_artefact, None, local=True),
)
FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in _ALL})
HELD_OUT = frozenset(family.name for family in _ALL if family.held_out)
"""Families that no training may see: `tools/training` refuses them. Fixed, so that tables stay comparable."""
TAKES_LIGHT = ("gain_low", "gain_factor", "depth_fade", "attenuation", "shadow")
"""Families that only take light away: the less of it, the worse the picture."""


def degrade(
    image: NDArray[np.uint8], family: str, severity: int, rng: Rng, mask: NDArray[np.bool_] | None = None
) -> Degraded:
    """`image` (H, W) uint8 with one fault at severity 1..4, inside `mask` (H, W) only (None: everywhere).

    Give each severity a generator with the same seed, and they share place and pattern.
    Raises ScanmonError for an unknown family or severity, and for a picture that is not (H, W) uint8.
    """
    if severity not in SEVERITIES:
        raise ScanmonError(f"severity {severity} is none", family, "give 1, 2, 3 or 4")
    return degrade_level(image, family, severity / SEVERITIES[-1], rng, mask)


def degrade_level(
    image: NDArray[np.uint8], family: str, level: float, rng: Rng, mask: NDArray[np.bool_] | None = None
) -> Degraded:
    """As `degrade`, with a continuous level: 0.25, 0.5, 0.75, 1.0 are the severities 1 to 4."""
    if family not in FAMILIES:
        raise ScanmonError("no such degradation", family, f"choose one of {', '.join(FAMILIES)}")
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ScanmonError(
            f"a picture {image.shape} {image.dtype} cannot be degraded", family, "give (H, W) uint8"
        )
    inside = np.ones(image.shape, bool) if mask is None else mask
    chosen = FAMILIES[family]
    changed, weight = chosen.fault(image.astype(np.float32), level, rng, inside, field_of(inside))
    result = np.where(inside, np.clip(np.rint(changed), 0, 255).astype(np.uint8), image)
    weight = np.where(inside, weight, np.float32(0.0))
    return Degraded(result, weight, _box(weight) if chosen.local else None)


def _box(weight: NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    left, top, width, height = cv2.boundingRect((weight > 0.5).view(np.uint8))
    return (left, top, width, height) if width else None


# What no eye minds: the same picture shown, cut or sized another way. A score should not move.
# Each gives the picture and the mask of its sector, perhaps of another size. docs/score.md has the limits.
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
