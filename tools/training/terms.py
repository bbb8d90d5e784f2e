"""What the severity map is asked for: severities at each place, the right order of the whole, and calm.

All arrays (n, h, w) cells; `weight` is the share of a cell inside the sector.
"""

import torch
from torch import Tensor
from torch.nn import functional

TOPK_FRAC, MEAN_WEIGHT = 0.25, 0.4
"""Pooling of a map, as in the bundle that ships: six tenths the worst quarter, four tenths all."""
MARGIN, LEAST_MARGIN, EVEN = 0.7, 0.012, 0.04
ACROSS_GAP, ACROSS_MARGIN = 0.12, 0.5


def pooled(severity: Tensor, weight: Tensor) -> Tensor:
    """(n, h, w) severities and weights -> (n,) as the score pools them, over cells mostly inside the mask."""
    inside = weight.flatten(1) > 0.5
    cells = severity.flatten(1)
    count = inside.sum(1)
    mean = (cells * inside).sum(1) / count.clamp_min(1)
    sorted_cells = torch.where(inside, cells, torch.full_like(cells, -1.0)).sort(1, descending=True).values
    worst = (count * TOPK_FRAC).round().long().clamp_min(1)
    among = (
        torch.arange(cells.shape[1], device=cells.device)[None, :]
        < torch.minimum(worst, count.clamp_min(1))[:, None]
    )
    top = (sorted_cells * among).sum(1) / among.sum(1)
    return (1.0 - MEAN_WEIGHT) * top + MEAN_WEIGHT * mean


def dense_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross entropy of the severity with the target, less its least value, over the cells by their share.

    Its gradient is the error itself, however sure the network is; an absolute error on a sigmoid dies near 0.
    """
    entropy = functional.binary_cross_entropy(target, target, reduction="none")
    error = functional.binary_cross_entropy_with_logits(logits, target, reduction="none") - entropy
    return (error * weight).sum() / weight.sum().clamp_min(1.0)


def order_loss(found: Tensor, truth: Tensor) -> Tensor:
    """Hinge on every pair of versions of one picture; pooled severities and targets (g, v).

    The margin is 0.7 of the gap between the pooled targets, and at least 0.012 where they differ at all.
    What is missing counts relative to the margin (plus 0.04): a shadow that goes from nearly black to black
    changes little, and its order would drown among wide gaps that are merely too narrow.
    """
    gap = truth[:, :, None] - truth[:, None, :]
    lead = found[:, :, None] - found[:, None, :]
    counts = (gap > 2e-3).float()
    margin = (MARGIN * gap).clamp_min(LEAST_MARGIN)
    short = functional.relu(margin - lead) / (margin + EVEN)
    return (short * counts).sum() / counts.sum().clamp_min(1.0)


def across_loss(found: Tensor, truth: Tensor, counts: Tensor) -> Tensor:
    """Hinge on pairs of versions of different pictures (g, v) whose targets are well apart; `counts` (g,)."""
    total = found.new_zeros(())
    for shift in (1, 3, 7):
        gap = truth[:, :, None] - truth.roll(shift, 0)[:, None, :]
        lead = found[:, :, None] - found.roll(shift, 0)[:, None, :]
        both = ((gap > ACROSS_GAP) & (counts & counts.roll(shift))[:, None, None]).float()
        short = functional.relu(ACROSS_MARGIN * gap - lead)
        total = total + (short * both).sum() / both.sum().clamp_min(1.0)
    return total / 3.0


def calm_loss(one: Tensor, two: Tensor) -> Tensor:
    """Difference of the pooled severities of the same pictures under two displays."""
    return functional.smooth_l1_loss(one, two, beta=0.05)


def grade_loss(good: Tensor, poor: Tensor, least: float = 0.5, apart: float = 0.25) -> Tensor:
    """Pooled severities of good and of poor pictures of one organ: each poor one worse, and bad in itself."""
    if not poor.numel():
        return poor.sum()
    short = functional.relu(least - poor).mean()
    if good.numel():
        short = short + functional.relu(apart + good[:, None] - poor[None, :]).mean()
    return short
