"""The black level, taken off in front of the network: nobody sees a pedestal, and it is no veil.

Light is not made up for: what is dark stays dark. The cap keeps an all-gray or all-white picture from
becoming a black one, and a veil from being hidden. `scanmon` does the same in numpy in front of the map.
"""

import torch
from torch import Tensor

BLACK_SHARE = 0.01
BLACK_MOST = 40
STEP = 2
"""Every second pixel of every second row is enough."""


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
