"""How a network orders faults on held-back pictures, made on the device in seconds, while it trains.

The same families as in training, on other pictures; the numpy families of the evaluation are another check
(`tools.validate_map`).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tools.training.draw import Plan, draw
from tools.training.faults import FAMILIES
from tools.training.faults.scene import Chance
from tools.training.map_net import MapNet
from tools.training.store import Store
from tools.training.terms import pooled

LEVELS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Checked:
    """Shares and pooled severities on held-back pictures."""

    order: dict[str, float]  # of pairs of neighbouring strengths, clean included
    first: float  # clean against the mildest
    clean: float  # median pooled severity of clean pictures
    worst: float  # and of strength 1
    negative: float  # least pooled severity of a negative
    moved: float  # 95th percentile of what a second display moves

    def line(self) -> str:
        low = sorted(self.order, key=lambda name: self.order[name])[:6]
        mean = float(np.mean(list(self.order.values())))
        worst = ", ".join(f"{name} {self.order[name]:.2f}" for name in low)
        return (
            f"held back: order {mean:.3f} first {self.first:.3f} clean {self.clean:.3f} "
            f"worst {self.worst:.3f} negative {self.negative:.3f} moved {self.moved:.3f}; least {worst}"
        )


def _pooled(net: MapNet, pictures: Tensor, weight: Tensor) -> Tensor:
    return pooled(torch.sigmoid(net.logits(pictures).float()), weight)


@torch.no_grad()
def check(net: MapNet, store: Store, groups: int, seed: int, view: tuple[int, int] = (448, 448)) -> Checked:
    """Every family on `groups` pictures at four strengths."""
    device = store.gray.device
    net.eval()
    order, first, clean, worst, moved, least = {}, [], [], [], [], 1.0
    plan = Plan(view=view, groups=groups, faults=1, levels=4, negatives=min(groups, 6), slot=groups)
    for number, (name, family) in enumerate(FAMILIES.items()):
        generator = torch.Generator(device).manual_seed(seed + number)
        chance = Chance(np.random.default_rng((seed, number)), generator)
        drawn = draw(store, plan, chance, only=family, levels=torch.tensor([LEVELS], device=device))
        flat = drawn.pictures.flatten(0, 1)
        weight = drawn.weight.expand_as(drawn.severity).flatten(0, 1)
        found = _pooled(net, flat, weight).view(groups, -1)
        steps = found[:, 1:5] - found[:, 0:4]
        order[name] = float((steps > 0).float().mean())
        first.append(float((steps[:, 0] > 0).float().mean()))
        clean.append(found[:, 0])
        worst.append(found[:, 4])
        moved.append((found[:, 5] - found[:, 0]).abs())
        least = min(least, float(_pooled(net, drawn.none, drawn.none_inside).min()))
    cleans, worsts, moves = torch.cat(clean), torch.cat(worst), torch.cat(moved)
    return Checked(
        order, float(np.mean(first)), float(cleans.median()), float(worsts.median()), least,
        float(torch.quantile(moves.float(), 0.95)),
    )  # fmt: skip
