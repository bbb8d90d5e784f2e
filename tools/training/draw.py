"""Batches made on the device: clean pictures, the same under growing faults, and their targets."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tools.training.faults import FAMILIES, KINDS, Family, apply
from tools.training.faults.scene import Chance, Made, Scene, scene_of
from tools.training.negatives import negatives
from tools.training.nuisance import Display, compressed, gray_map, levelled, texture
from tools.training.store import Store
from tools.training.truth import STRIDE, both, inside_share, severity

WHOLE_ODDS = 0.25
"""Share of the pictures whose surround counts as inside: a region may be the whole picture."""
TEXTURE_ODDS = 0.7
POOR_ODDS = 0.3
"""Share of the slots whose pictures have a fault before any other: dark depth, most of all. What is poor
before must still get worse with every fault, and there is no word for how good a poor picture is."""
POOR_LIGHT, POOR_LEVELS = 0.75, (0.1, 0.75)
NO_KIND, ANY_KIND = -1, -2
POOR_FAULTS = ("fade", "attenuation", "gain_db", "gain_factor", "band", "dark_side", "dark_patch")
LEFT_OUT: set[str] = set()
"""Families that this device failed to make. A training that has minutes goes on without them."""
_FAMILIES = tuple(FAMILIES.values())
_ODDS = np.array([family.odds for family in _FAMILIES]) / sum(family.odds for family in _FAMILIES)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a batch is made.

    Versions of a picture: clean, `levels` of each of `faults`, and where `again` the clean one and one faulty
    one under a second display. `slot` pictures share a family.
    """

    view: tuple[int, int] = (448, 448)
    groups: int = 32
    faults: int = 2
    levels: int = 3
    again: bool = True
    negatives: int = 11
    slot: int = 4
    level: bool = True  # take the black level off
    poor: float = 0.0  # share of slots that have a fault before any other

    @property
    def versions(self) -> int:
        return 1 + self.faults * self.levels + 2 * self.again


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """g pictures in v versions. `pictures` uint8 as the network gets them (black level off, 0 outside).

    `severity` and `weight` on the grid of 16 pixels; `kinds` numbers of KINDS, -1 for clean, -2 where there
    are two faults, whose kinds are not asked; `numbers` says which pictures of the store they are. `reframed`
    (g, h', w') are the clean ones cropped and made smaller,
    as another region or another grabber would give them. `none` (m, H, W) are negatives, with `none_kinds`
    (m,).
    """

    pictures: Tensor  # (g, v, H, W)
    severity: Tensor  # (g, v, h, w)
    weight: Tensor  # (g, 1, h, w) share of a cell that lies inside
    kinds: Tensor  # (g, v)
    numbers: NDArray[np.int64]
    reframed: Tensor
    none: Tensor
    none_inside: Tensor  # (m, h, w)
    none_kinds: Tensor


def placed(
    store: Store, numbers: NDArray[np.int64], view: tuple[int, int], chance: Chance
) -> tuple[Tensor, Tensor]:
    """Pictures and masks (g, 1, H, W) cut to a view: mirrored, turned a little, never enlarged."""
    count, index = len(numbers), torch.from_numpy(numbers).to(store.gray.device)
    gray = store.gray[index][:, None].float()
    mask = store.mask[index][:, None].float()
    high, wide = store.sizes[index].unbind(1)

    def u(low: float, high: float) -> Tensor:
        return chance.uniform(count, low, high).view(-1)

    fits = (view[0] / high).clamp_max(1.0)
    scale = torch.where(u(0, 1) < 0.65, fits, fits + (1.0 - fits) * u(0, 1)) * torch.exp(u(-0.06, 0.0))
    stretch = torch.exp(u(-0.12, 0.06)).clamp_max(1.0)
    turn = u(-0.06, 0.06) * (u(0, 1) < 0.35)
    mirror = torch.where(u(0, 1) < 0.5, -1.0, 1.0)
    free_y, free_x = view[0] / scale - high, view[1] / (scale * stretch) - wide
    # the middle of the view in the picture: anywhere that loses least, or shows least beside it
    mid_y = high / 2 + free_y.abs() * (u(0, 1) - 0.5)
    mid_x = wide / 2 + free_x.abs() * (u(0, 1) - 0.5)
    rows = torch.arange(view[0], device=gray.device, dtype=torch.float32) + 0.5 - view[0] / 2
    columns = torch.arange(view[1], device=gray.device, dtype=torch.float32) + 0.5 - view[1] / 2
    y, x = rows.view(1, -1, 1), columns.view(1, 1, -1)
    cos, sin = torch.cos(turn).view(-1, 1, 1), torch.sin(turn).view(-1, 1, 1)
    s, t, m = (v.view(-1, 1, 1) for v in (scale, scale * stretch, mirror))
    at_x = mid_x.view(-1, 1, 1) + m * (cos * x - sin * y) / t
    at_y = mid_y.view(-1, 1, 1) + (sin * x + cos * y) / s
    grid = torch.stack([at_x / gray.shape[3] * 2 - 1, at_y / gray.shape[2] * 2 - 1], -1)
    cut = functional.grid_sample(gray, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    within = functional.grid_sample(mask, grid, mode="nearest", padding_mode="zeros", align_corners=False)
    return cut * within, within


def sectors(mask: Tensor, chance: Chance) -> Tensor:
    """Masks (g, 1, H, W), three in ten of them cut by a random sector, a steered box, or a rectangle."""
    count, _, height, width = mask.shape
    u, flag = chance.uniform, chance.flag
    rows = torch.linspace(0, 1, height, device=mask.device).view(1, 1, -1, 1)
    columns = torch.linspace(0, 1, width, device=mask.device).view(1, 1, 1, -1)
    x, y = columns - u(count, 0.4, 0.6), rows + u(count, 0.0, 0.7)
    above = y - rows
    radius, angle = torch.sqrt(x * x + y * y), torch.atan2(x, y).abs()
    fan = (angle < u(count, 0.45, 0.85)) & (radius < above + u(count, 0.92, 1.1)) & (radius > 1.02 * above)
    lean = columns + u(count, -0.3, 0.3) * rows
    box = (lean > u(count, -0.1, 0.15)) & (lean < u(count, 0.85, 1.1)) & (rows < u(count, 0.85, 1.1))
    kept = torch.where(flag(count, 0.55), fan, box)
    cut = mask * torch.where(flag(count, 0.3), kept, torch.ones_like(kept))
    good = cut.mean((2, 3), keepdim=True) > 0.25
    return torch.where(good, cut, mask)


def _levels(count: int, levels: int, chance: Chance) -> Tensor:
    """(g, k) growing strengths 0..1, never quite the same; the mildest ones somewhat more often."""
    drawn = torch.rand(count, levels, generator=chance.generator, device=chance.device) ** 1.15
    spread = torch.linspace(0.0, 0.06, levels, device=chance.device)
    return (drawn.sort(1).values * 0.94 + spread).clamp(0.0, 1.0)


def _poor(scene: Scene, plan: Plan) -> tuple[Scene, Tensor, Tensor]:
    """Some of the pictures with a fault already; its severity (g, 1, h, w), and which they are (g,)."""
    chance = scene.chance
    told = torch.zeros_like(inside_share(scene.mask))
    which = torch.zeros(scene.count, dtype=torch.bool, device=scene.gray.device)
    gray = scene.gray.clone()
    for first in range(0, scene.count, plan.slot):
        if chance.rng.random() >= plan.poor:
            continue
        of = slice(first, first + plan.slot)
        part = scene.part(of)
        light = chance.rng.random() < POOR_LIGHT
        names = POOR_FAULTS if light else tuple(FAMILIES)
        family = FAMILIES[names[int(chance.rng.integers(len(names)))]]
        made = _made(family, part, part.u(*POOR_LEVELS)[:, :, 0, 0])
        gray[of], told[of] = made.gray, severity(part.gray, made.gray, part.mask, made.left)
        which[of] = True
    return scene.shown(gray), told, which


def _faulted(
    scene: Scene, plan: Plan, only: Family | None, levels: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Faulty versions of all pictures (g, k, H, W), severity (g, k, h, w), kind (g,)."""
    shown, told, kinds = [], [], []
    for first in range(0, scene.count, plan.slot):
        part = scene.part(slice(first, first + plan.slot))
        chosen = only or _FAMILIES[int(part.chance.rng.choice(len(_FAMILIES), p=_ODDS))]
        level = (
            _levels(part.count, plan.levels, part.chance) if levels is None else levels.expand(part.count, -1)
        )
        made = _made(chosen, part, level)
        shown.append(made.gray)
        told.append(severity(part.gray, made.gray, part.mask, made.left))
        kinds += [KINDS.index("light" if chosen.name in LEFT_OUT else chosen.kind)] * part.count
    return torch.cat(shown), torch.cat(told), torch.tensor(kinds, device=scene.gray.device)


def _made(family: Family, scene: Scene, level: Tensor) -> Made:
    """The fault; where this device cannot make it, said once, less gain in its place."""
    if family.name not in LEFT_OUT:
        try:
            return apply(family, scene, level)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as failed:
            LEFT_OUT.add(family.name)
            print(f"{family.name} is left out: {failed}", flush=True)
    return apply(FAMILIES["gain_factor"], scene, level)


def scene_at(store: Store, numbers: NDArray[np.int64], plan: Plan, chance: Chance) -> Scene:
    """Clean pictures as some scanner shows them, before any fault and any display."""
    gray, mask = placed(store, numbers, plan.view, chance)
    mask = sectors(mask, chance)
    foreign = texture(gray, chance)
    gray = torch.where(chance.flag(len(gray), TEXTURE_ODDS), foreign, gray) * mask
    scene = scene_of(gray, mask, chance)
    return scene.shown(gray_map(scene))


def reframed(pictures: Tensor, chance: Chance) -> Tensor:
    """(g, H, W) uint8 as the network gets them -> cropped by up to 6 % a side, 0.7 to 1 times as large."""
    height, width = pictures.shape[1:]
    top, left, bottom, right = (
        int(chance.rng.integers(side * 6 // 100 + 1)) for side in (height, width, height, width)
    )
    cut = pictures[:, None, top : height - bottom, left : width - right].float()
    share = float(chance.rng.choice([1.0, 1.0, 0.85, 0.75]))
    size = [max(round(side * share / STRIDE), 1) * STRIDE for side in cut.shape[2:]]
    small = functional.interpolate(cut, size, mode="bilinear", antialias=True, align_corners=False)
    inside = functional.interpolate((cut > 0).float(), size, mode="nearest")
    return (small.round().clamp(1.0, 255.0) * inside).to(torch.uint8)[:, 0]


@torch.no_grad()
def draw(
    store: Store, plan: Plan, chance: Chance, only: Family | None = None, levels: Tensor | None = None
) -> Drawn:
    """One batch. `only`: this family alone; `levels` (k,): these strengths instead of random ones."""
    numbers = store.drawn(plan.groups, chance.rng)
    scene, before, poor = _poor(scene_at(store, numbers, plan, chance), plan)
    count = scene.count
    versions, told = [scene.gray], [before]
    kinds = [torch.where(poor, ANY_KIND, NO_KIND)[:, None]]
    for _ in range(plan.faults):
        gray, severities, kind = _faulted(scene, plan, only, levels)
        versions.append(gray)
        told.append(both(before, severities))
        kinds.append(torch.where(poor, ANY_KIND, kind)[:, None].expand(-1, plan.levels))
    native = torch.cat(versions, 1)
    shown = Display(count, chance)(native)
    some = max(count // 4, 1)
    shown[:some] = compressed(shown[:some], chance)
    if plan.again:
        pair = [0, min(2, plan.levels)]
        other = Display(count, chance, plain_odds=0.0)(native[:, pair])
        other[-some:] = compressed(other[-some:], chance)
        shown = torch.cat([shown, other], 1)
        told.append(torch.cat(told, 1)[:, pair])
        kinds.append(torch.cat(kinds, 1)[:, pair])
    inside = torch.where(chance.flag(count, WHOLE_ODDS), torch.ones_like(scene.mask), scene.mask) > 0
    none, none_inside, none_kinds = _none(scene, plan, chance)
    flat = (shown * scene.mask).round().to(torch.uint8).flatten(0, 1)
    within = inside.expand(-1, shown.shape[1], -1, -1).flatten(0, 1)
    pictures = (levelled(flat, within) if plan.level else flat).view(count, -1, *plan.view)
    return Drawn(
        pictures,
        torch.cat(told, 1),
        inside_share(scene.mask),
        torch.cat(kinds, 1),
        numbers,
        reframed(pictures[:, 0], chance),
        none,
        none_inside,
        none_kinds,
    )


def _none(scene: Scene, plan: Plan, chance: Chance) -> tuple[Tensor, Tensor, Tensor]:
    part = scene.part(slice(0, plan.negatives))
    if not plan.negatives:
        empty = scene.gray.new_zeros(0, *plan.view)
        return empty.to(torch.uint8), inside_share(part.mask)[:0, 0], torch.zeros(0, dtype=torch.long)
    shown, kinds = negatives(part)
    whole = chance.flag(part.count, 0.5)
    inside = torch.where(whole, torch.ones_like(part.mask), part.mask)
    gray = (shown * inside).round().to(torch.uint8)[:, 0]
    return levelled(gray, inside[:, 0] > 0) if plan.level else gray, inside_share(inside)[:, 0], kinds
