"""What does not matter: other scanners' texture, display levels, the black level, mild compression.

Drawn once for a picture and applied alike to it and to all its faulty versions, so that none of it can ever
be learned as a fault, nor as a cure. All arrays (g, k, H, W) float gray 0..255.

The black level is taken off in front of the network: nobody sees a pedestal, and it is no veil. Light is not
made up for: what is dark stays dark. The cap keeps an all-gray or all-white picture from becoming a black
one, and a veil from being hidden. `scanmon` does the same in numpy in front of the map.
"""

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.faults.capture import jpeg_at
from tools.training.faults.fields import blurred, grain, rise
from tools.training.faults.scene import Chance, Scene

LEAST_STRONG = 64.0
"""Gray level of the strong echoes below which no gray map is clean: the score calls that too dark."""
BLACK_SHARE = 0.01
BLACK_MOST = 40
STEP = 2
"""Every second pixel of every second row is enough."""


def texture(gray: Tensor, chance: Chance) -> Tensor:
    """The same clean picture (g, 1, H, W) from another scanner: its sharpness, smoothing and grain."""
    count, size = len(gray), (gray.shape[2], gray.shape[3])
    u, flag = chance.uniform, chance.flag
    calm = functional.unfold(functional.pad(gray, (1, 1, 1, 1), mode="replicate"), 3)
    shown = torch.where(flag(count, 0.15), calm.median(1).values.view_as(gray), gray)  # speckle reduction
    coarse = flag(count, 0.6)
    down = torch.where(coarse, u(count, 0.9, 2.0), u(count, 0.25, 1.0))
    across = torch.where(coarse, u(count, 1.6, 4.5), u(count, 0.4, 2.0))
    strength = torch.where(coarse, u(count, 1.0, 18.0), u(count, 0.5, 8.0)) * flag(count, 0.4)
    shown = shown + strength * grain(chance, count, size, down, across) * (shown / 60.0).clamp(0.0, 1.0)
    soft = blurred(shown, u(count, 0.2, 0.9), u(count, 0.2, 0.7), 3)
    shown = torch.where(flag(count, 0.3), soft, shown)
    for width, reach in ((0.9, 0.25), (2.2, 0.2), (5.0, 0.15)):  # how much of each size of detail is shown
        share = torch.exp(reach * chance.normal(count, 1, 1, 1)) - 1.0
        shown = shown + share * flag(count, 0.4) * (shown - blurred(shown, width, width, round(3 * width)))
    sharp = shown + u(count, 0.1, 2.0) * (shown - blurred(shown, u(count, 0.6, 2.0), u(count, 0.5, 1.5), 6))
    return torch.where(flag(count, 0.4), sharp, shown).clamp(0.0, 255.0)


def gray_map(scene: Scene, plain_odds: float = 0.35) -> Tensor:
    """The clean picture (g, 1, H, W) as a scanner of another maker maps its echoes to gray.

    Darker or brighter tissue with white where it was, weak echoes rejected, and in a few pictures the
    deepest end runs into black. It is there before any fault: a fault acts on what is shown.
    """
    u, flag, count = scene.u, scene.chance.flag, scene.count
    other = ~flag(count, plain_odds)
    gamma = torch.exp(torch.where(flag(count, 0.75), u(-0.35, 0.6), torch.zeros_like(scene.mean)))
    reject = flag(count, 0.5) * u(0.0, 20.0)
    kept = ((scene.gray - reject) / (255.0 - reject)).clamp(0.0, 1.0)
    mapped = 255.0 * torch.where(kept > 0, kept.clamp_min(1e-4) ** gamma, torch.zeros_like(kept))
    fading = flag(count, 0.08) * u(60.0, 200.0) * rise(scene.depth, u(0.75, 0.95), u(0.1, 0.3))
    shown = (torch.where(other, mapped, scene.gray) - fading).clamp_min(0.0) * scene.mask
    return torch.where(strong_echoes(shown, scene.mask) > LEAST_STRONG, shown, scene.gray)


def strong_echoes(gray: Tensor, mask: Tensor) -> Tensor:
    """(g, 1, 1, 1) 95th percentile of each sector."""
    sample = torch.where(mask > 0, gray, torch.nan)[:, :, ::4, ::4].flatten(1)
    return sample.nanquantile(0.95, 1).nan_to_num().view(-1, 1, 1, 1)


class Display:
    """One way to show pictures: gray map, gamma, brightness, limited range, pedestal; (g, 1, 1, 1) each."""

    def __init__(self, count: int, chance: Chance, plain_odds: float = 0.2) -> None:
        u, flag = chance.uniform, chance.flag
        on = (~flag(count, plain_odds)).float()
        self._bends = [
            on * scale * chance.normal(count, 1, 1, 1).clamp(-2, 2) for scale in (0.022, 0.014, 0.008)
        ]
        self._gamma = torch.exp(on * u(count, -0.2, 0.2))
        self._factor = torch.exp(on * u(count, -0.14, 0.12))
        limited = on * flag(count, 0.15)
        self._low, self._span = limited * u(count, 10.0, 20.0), 1.0 - limited * u(count, 0.1, 0.16)
        self._pedestal = on * flag(count, 0.5) * u(count, 0.0, 22.0)
        self._scaled = flag(count, 0.5)

    def __call__(self, gray: Tensor) -> Tensor:
        x = (gray / 255.0).clamp(1e-4, 1.0)
        for number, bend in enumerate(self._bends, start=1):
            x = x + bend * torch.sin(number * torch.pi * x)
        shown = 255.0 * self._factor * x.clamp(1e-4, 1.0) ** self._gamma
        shown = self._low + self._span * shown.clamp_max(255.0)
        lifted = torch.where(self._scaled, shown * (255.0 - self._pedestal) / 255.0, shown)
        return (self._pedestal + lifted).clamp(0.0, 255.0)


def compressed(gray: Tensor, chance: Chance) -> Tensor:
    """JPEG of qualities that nobody sees, one for all versions of a picture."""
    return jpeg_at(gray, chance.uniform(len(gray), 85.0, 98.0))


def black_level(pictures: Tensor, inside: Tensor) -> Tensor:
    """(n, H, W) uint8 and where the sector is (n, H, W) bool -> (n,) gray level of its darkest percent.

    The least level that is not exceeded by 1 % of the sector's pixels or more, at most 40.
    """
    sample, within = pictures[:, ::STEP, ::STEP], inside[:, ::STEP, ::STEP]
    wanted = BLACK_SHARE * within.sum((1, 2))
    level = torch.zeros(len(pictures), device=pictures.device, dtype=torch.long)
    for gray in range(BLACK_MOST):
        level += (((sample <= gray) & within).sum((1, 2)) < wanted).long()
    return level


def levelled(pictures: Tensor, inside: Tensor) -> Tensor:
    """(n, H, W) uint8 as the network gets them: black level off; 0 outside the sector, inside from 1 on."""
    black = black_level(pictures, inside).to(torch.int16)
    shown = (pictures.to(torch.int16) - black[:, None, None]).clamp_min(1).to(torch.uint8)
    return shown * inside
