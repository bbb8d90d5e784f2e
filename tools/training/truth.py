"""The dense target: how far a place of a faulty picture is from the same place of the clean one.

One scale for all faults: severity = (44 dB - local PSNR) / 36 dB, cut to 0..1, over about 32 pixels. Less
light has a term of its own, since an error in gray levels shrinks with the light: from -12 % on, which nobody
minds, to 8 % of the light, which is as bad as black; it counts where the picture is dark too. Lost detail has
one as well: a blur of dark tissue is a small error, and still nothing can be told from it.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

BEST_DB, WORST_DB = 44.0, 8.0
STRIDE = 16
LEAST_LIGHT, MOST_LIGHT = 0.08, 0.88
LIGHT_POWER = 0.6
LEAST_DETAIL, MOST_DETAIL = 0.09, 0.9
DETAIL_WORST, DETAIL_POWER = 0.5, 0.8
"""Of bright tissue this is what its PSNR says of a blur, within 0.05: share 0.57 of the energy left 0.14, a
quarter 0.31, 0.14 of it 0.42 (48 training pictures). Dark tissue is judged as bright tissue is."""
DETAIL_FLOOR = 1.0
"""Mean square of a difference between neighbours, in gray levels, below which there is no detail to lose."""


def severity_of_light(left: Tensor) -> Tensor:
    """Severity of a share of the light that is left: 0 from 0.88 on, 1 at 0.08 and less."""
    lost = torch.log(MOST_LIGHT / left.clamp_min(1e-3)) / math.log(MOST_LIGHT / LEAST_LIGHT)
    return lost.clamp(0.0, 1.0) ** LIGHT_POWER


def severity_of_detail(left: Tensor) -> Tensor:
    """Severity of a share of the energy of detail that is left: 0 from 0.9 on, 0.5 at 0.09 and less."""
    lost = torch.log(MOST_DETAIL / left.clamp_min(1e-4)) / math.log(MOST_DETAIL / LEAST_DETAIL)
    return DETAIL_WORST * lost.clamp(0.0, 1.0) ** DETAIL_POWER


def detail_left(clean: Tensor, faulty: Tensor, mask: Tensor) -> Tensor:
    """Share of the energy of the differences between neighbours, sideways or in depth, whichever lost more.

    As `severity`; more than 1 where detail or noise was added.
    """
    around = _soft(functional.avg_pool2d(mask, 8)).clamp_min(1e-3)
    shares = []
    for axis in (2, 3):

        def energy(gray: Tensor, axis: int = axis) -> Tensor:
            last = gray.narrow(axis, gray.shape[axis] - 1, 1)
            step = torch.diff(gray, dim=axis, append=last) ** 2
            return _soft(functional.avg_pool2d(step * mask, 8)) / around + DETAIL_FLOOR

        log_share = torch.log(energy(faulty) / energy(clean))
        shares.append(torch.exp(functional.avg_pool2d(log_share, 2)))
    return torch.minimum(*shares)


def _soft(fine: Tensor) -> Tensor:
    """Gaussian of 1.2 cells; nothing comes in from outside."""
    at = torch.arange(-3, 4, device=fine.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (at / 1.2) ** 2)
    kernel = kernel / kernel.sum()
    flat = fine.reshape(-1, 1, *fine.shape[2:])
    for shape, pad in (((1, 1, 7, 1), (3, 0)), ((1, 1, 1, 7), (0, 3))):
        flat = functional.conv2d(flat, kernel.view(shape), padding=pad)
    return flat.view_as(fine)


def severity(clean: Tensor, faulty: Tensor, mask: Tensor, left: Tensor | None) -> Tensor:
    """(g, 1, H, W) clean, (g, k, H, W) faulty, mask (g, 1, H, W) float -> (g, k, H / 16, W / 16)."""
    error = functional.avg_pool2d((faulty - clean) ** 2 * mask, 8)
    around = _soft(functional.avg_pool2d(mask, 8)).clamp_min(1e-3)
    mse = functional.avg_pool2d(_soft(error) / around, 2)
    psnr = 10.0 * torch.log10(255.0**2 / mse.clamp_min(1e-3))
    told = ((BEST_DB - psnr) / (BEST_DB - WORST_DB)).clamp(0.0, 1.0)
    if left is None:
        return torch.maximum(told, severity_of_detail(detail_left(clean, faulty, mask)))
    share = functional.avg_pool2d((left * mask), STRIDE) / functional.avg_pool2d(mask, STRIDE).clamp_min(1e-3)
    # light within what is a matter of display is no fault, however many gray levels it is
    minded = ((0.92 - share) / 0.2).clamp(0.0, 1.0)
    added = functional.avg_pool2d((faulty - clean).clamp_min(0.0), STRIDE) > 2.0  # rings are no lost light
    told = torch.where(added, told, told * minded)
    return torch.maximum(told, severity_of_light(share) * (share < MOST_LIGHT))


def both(one: Tensor, other: Tensor) -> Tensor:
    """Severity of two faults at one place: each takes its share of what the other has left."""
    return 1.0 - (1.0 - one) * (1.0 - other)


def inside_share(mask: Tensor) -> Tensor:
    """(g, 1, H, W) -> (g, 1, H / 16, W / 16) share of each cell inside the sector."""
    return functional.avg_pool2d(mask, STRIDE)
