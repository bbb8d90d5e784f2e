"""Windows of 224 x 224 pixels for the backbone, cut out of the batches that the map learns from too.

The published metric looks at a frame as it is: nothing takes the black level off, and what lies outside the
sector is not marked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tools.training.draw import Drawn, Plan, draw, placed
from tools.training.faults import FAMILIES, KINDS
from tools.training.faults.scene import Chance
from tools.training.first_weights import SIDE
from tools.training.phantoms import Simulation
from tools.training.store import packed, store_of
from tools.training.truth import STRIDE, inside_share
from tools.training.watch import Watched

Numbers: TypeAlias = NDArray[np.int64]

VIEW = (448, 448)
LEAST_SHARE = 0.3
"""Of a window that lies in the sector; windows with less than a quarter are not scored."""
OUTSIDE = 0.1
"""Weight of a token outside the sector: no severity there, but it matters less."""
RAISED_ODDS, RAISED = 0.3, 20.0
"""How often the black level of a whole frame is raised, surround and all, and by how many gray levels."""
WATCHED = 1 << 40
"""Number of the batch that a training is watched by."""
AT_ONCE = 50
PHANTOMS = 700
SEVERITIES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """n windows on one device, of which the first g * v are g in v versions each; the rest are hopeless."""

    gray: Tensor  # (n, side, side) uint8
    severity: Tensor  # (n, tokens) 0..1, of all kinds together
    kinds: Tensor  # (n, tokens, kinds) 0..1
    weight: Tensor  # (n, tokens) how much a token counts; 0 where the severity is not known
    clean: Tensor  # (n,) bool
    organ: Tensor  # (n,)
    fault: Tensor  # (v,) number of the version's fault; -1: clean
    groups: int

    @property
    def versions(self) -> int:
        return len(self.fault)


def _on(device: torch.device, values: object) -> Tensor:
    """Numbers on the device. A copy from memory that is not pinned would wait for all work before it."""
    tensor = torch.as_tensor(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def cut(planes: Tensor, corners: Tensor, side: int) -> Tensor:
    """Squares (g, c, side, side) of planes (g, c, H, W), their upper left corners (g, 2) in pixels."""
    along = torch.arange(side, device=planes.device)
    rows = (corners[:, 0, None] + along)[:, None, :, None]
    columns = (corners[:, 1, None] + along)[:, None, None, :]
    pictures = torch.arange(len(planes), device=planes.device)[:, None, None, None]
    channels = torch.arange(planes.shape[1], device=planes.device)[None, :, None, None]
    return planes[pictures, channels, rows, columns]


def corners_of(weight: Tensor, generator: torch.Generator) -> Tensor:
    """Corners (g, 2) in tokens of windows that see enough of the sector; `weight` (g, 1, h, w)."""
    share = functional.avg_pool2d(weight, SIDE, 1)[:, 0]
    odds = (share >= LEAST_SHARE).float() + 1e-6 * share + 1e-9
    # what `torch.multinomial` does, without waiting for the device
    waits = torch.empty_like(odds).exponential_(generator=generator)
    drawn = (odds / waits).flatten(1).argmax(1)
    return torch.stack([drawn // share.shape[2], drawn % share.shape[2]], 1)


class WindowSource:
    """Batches of windows, each depending on the seed, its number, and the pictures there are by then."""

    def __init__(self, file: Path, seed: int, device: torch.device, processes: int = 0) -> None:
        self._seed, self._device = seed, device
        self._simulation = Simulation(PHANTOMS, processes) if processes else None
        self._store = store_of(*packed(file), device)
        self._held_back = store_of(*packed(file, held_back=True), device)
        self.organs = sorted({*self._store.organs.tolist(), "phantom"})
        self.kinds = KINDS

    def grow(self) -> int:
        """Take the simulated pictures that have been made meanwhile; returns how many pictures there are."""
        if self._simulation:
            self._store.add(self._simulation.ready())
        return len(self._store.organs)

    def stop(self) -> None:
        if self._simulation:
            self._simulation.stop()

    def _chance(self, number: int) -> Chance:
        generator = torch.Generator(self._device).manual_seed(self._seed * 1_000_003 + number)
        return Chance(np.random.default_rng((self._seed, number)), generator)

    def draw(self, number: int, groups: int, cuts: int) -> Windows:
        """Batch `number`: `cuts` windows of each of `groups` pictures in all versions, and hopeless ones."""
        chance = self._chance(number)
        plan = Plan(view=VIEW, groups=groups, negatives=max(groups // 3, 1), level=False)
        drawn = draw(self._store, plan, chance)
        parts = [self._windows(drawn, chance) for _ in range(cuts)]
        gray, severity, share, kinds = (torch.cat(part) for part in zip(*parts, strict=True))
        organs = [self.organs.index(name) for name in self._store.organs[drawn.numbers]]
        good = _on(self._device, self._store.grades[drawn.numbers] == 0).repeat(cuts)
        versions = gray.shape[1]
        # what a fair picture lacks itself is not known
        weight = (share + OUTSIDE * (1.0 - share)) * good[:, None, None]
        at = corners_of(drawn.none_inside[:, None], chance.generator)
        none = cut(drawn.none[:, None], at * STRIDE, SIDE * STRIDE)[:, 0]
        inside = cut(drawn.none_inside[:, None], at, SIDE).flatten(1)
        hit = functional.one_hot(torch.cat([kinds.flatten(), drawn.none_kinds]).clamp_min(0), len(KINDS))
        told = torch.cat([severity.flatten(0, 1), (inside > 0).float()])
        clean = (kinds < 0) & good[:, None]
        order = [-1, *(fault for fault in range(plan.faults) for _ in range(plan.levels))]
        rest = len(none)
        organ = _on(self._device, organs).repeat(cuts).repeat_interleave(versions)
        return Windows(
            torch.cat([gray.flatten(0, 1), none]),
            told,
            told[..., None] * hit[:, None],
            torch.cat([weight.flatten(0, 1), (inside > 0).float()]),
            functional.pad(clean.flatten(), (0, rest)),
            functional.pad(organ, (0, rest)),
            _on(self._device, [*order, -1, 0][:versions]),
            groups * cuts,
        )

    def _windows(self, drawn: Drawn, chance: Chance) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One window of each picture: gray (g, v, side, side), severity and share (g, v, T), kinds (g, v)."""
        count, versions = drawn.kinds.shape
        corners = corners_of(drawn.weight, chance.generator)
        gray = cut(drawn.pictures, corners * STRIDE, SIDE * STRIDE)
        raised = chance.uniform(count, 0.0, RAISED) * chance.flag(count, RAISED_ODDS)
        gray = (gray + raised).clamp_max(255.0).round().to(torch.uint8)
        share = cut(drawn.weight, corners, SIDE).flatten(2)
        severity = cut(drawn.severity, corners, SIDE).flatten(2) * (share > 0.05)
        return gray, severity, share.expand(-1, versions, -1), drawn.kinds

    def watched(self, of_family: int, of_organ: int) -> Watched:
        """The windows that a training is watched by: clean ones to fit, held-back ones under every family."""
        chance = self._chance(WATCHED)
        fitted = []
        for organ in self.organs:
            own = np.flatnonzero((self._store.organs == organ) & (self._store.grades == 0))
            if own.size:
                parts = [
                    self._plain(chance.rng.choice(own, AT_ONCE), chance) for _ in range(0, of_organ, AT_ONCE)
                ]
                fitted.append(torch.cat(parts))
        levels = torch.tensor(SEVERITIES, device=self._device)
        plan = Plan(
            view=VIEW,
            groups=of_family,
            faults=1,
            levels=len(SEVERITIES),
            again=False,
            negatives=max(of_family // 3, 1),
            level=False,
        )
        faults, hopeless = {}, []
        for name, family in FAMILIES.items():
            drawn = draw(self._held_back, plan, chance, only=family, levels=levels)
            faults[name] = self._windows(drawn, chance)[0]
            at = corners_of(drawn.none_inside[:, None], chance.generator)
            hopeless.append(cut(drawn.none[:, None], at * STRIDE, SIDE * STRIDE)[:, 0])
        return Watched(tuple(fitted), faults, torch.cat(hopeless))

    def _plain(self, numbers: Numbers, chance: Chance) -> Tensor:
        """One window of each of these pictures as they are, (n, side, side)."""
        gray, mask = placed(self._store, numbers, VIEW, chance)
        at = corners_of(inside_share(mask), chance.generator)
        return cut(gray.round().to(torch.uint8), at * STRIDE, SIDE * STRIDE)[:, 0]
