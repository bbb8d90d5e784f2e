"""What the severity map is asked for: the right severity at each place, and the right order of the whole."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.views import VIEWS

TOPK_FRAC, MEAN_WEIGHT = 0.15, 0.3
"""Pooling of a map, as in the bundle that ships: seven tenths the worst cells, three tenths all of them."""
MARGIN, LEAST_MARGIN, EVEN = 0.7, 0.012, 0.04


def pooled(severity: Tensor, weight: Tensor) -> Tensor:
    """(n, h, w) severities and weights -> (n,) as the score pools them, over cells mostly inside the mask."""
    inside = weight.flatten(1) > 0.5
    cells = severity.flatten(1)
    count = inside.sum(1)
    mean = (cells * inside).sum(1) / count.clamp_min(1)
    sorted_cells = torch.where(inside, cells, torch.full_like(cells, -1.0)).sort(1, descending=True).values
    worst = (count * TOPK_FRAC).round().long().clamp_min(1)
    among = torch.arange(cells.shape[1])[None, :] < torch.minimum(worst, count.clamp_min(1))[:, None]
    top = (sorted_cells * among).sum(1) / among.sum(1)
    return (1.0 - MEAN_WEIGHT) * top + MEAN_WEIGHT * mean


def dense_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross entropy of the severity with the target, less its least value, over the cells by their share.

    Its gradient is the error itself, however sure the network is; an absolute error on a sigmoid dies near 0.
    """
    entropy = functional.binary_cross_entropy(target, target, reduction="none")
    error = functional.binary_cross_entropy_with_logits(logits, target, reduction="none") - entropy
    return (error * weight).sum() / weight.sum()


def order_loss(severity: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Hinge on every pair of versions of one picture, within a fault and across the two faults of a group.

    The margin is 0.7 of the gap between the pooled targets, and at least 0.012 where they differ at all.
    What is missing counts relative to the margin (plus 0.04): a shadow that goes from nearly black to black
    changes little, and its order would drown among wide gaps that are merely too narrow. View 1 takes no
    part: it may be turned, or no ultrasound picture at all.
    """
    own = [0, *range(2, VIEWS)]
    found = pooled(severity, weight).view(-1, VIEWS)[:, own]
    truth = pooled(target, weight).view(-1, VIEWS)[:, own]
    gap = truth[:, :, None] - truth[:, None, :]
    lead = found[:, :, None] - found[:, None, :]
    counts = (gap > 2e-3).float()
    margin = (MARGIN * gap).clamp_min(LEAST_MARGIN)
    short = functional.relu(margin - lead) / (margin + EVEN)
    return (short * counts).sum() / counts.sum().clamp_min(1.0)
