"""What the severity map is asked for: the right severity at each place, and the right order of the whole."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.views import VIEWS

SOFT = 4.0
"""Sharpness of the soft maximum that pools a map: between the mean (0) and the worst cell (infinity)."""


def pooled(severity: Tensor, weight: Tensor, soft: float = SOFT) -> Tensor:
    """(n, h, w) severities and weights -> (n,) soft maximum over the cells inside the mask."""
    share = weight / weight.sum((1, 2), keepdim=True).clamp_min(1e-3)
    return torch.log((torch.exp(soft * severity) * share).sum((1, 2)).clamp_min(1e-6)) / soft


def dense_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross entropy of the severity with the target, less its least value, over the cells by their share.

    Its gradient is the error itself, however sure the network is; an absolute error on a sigmoid dies near 0.
    """
    entropy = functional.binary_cross_entropy(target, target, reduction="none")
    error = functional.binary_cross_entropy_with_logits(logits, target, reduction="none") - entropy
    return (error * weight).sum() / weight.sum()


def order_loss(severity: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Hinge on neighbours of the chain clean < fault 1 < fault 2 < fault 3 of every group.

    The margin is 0.7 of the gap between the targets, and at least 0.004 where the targets differ at all.
    """
    size = (-1, VIEWS)
    chain = pooled(severity, weight).view(size)[:, [0, 2, 3, 4]]
    truth = pooled(target, weight).view(size)[:, [0, 2, 3, 4]]
    gap = truth.diff(dim=1)
    margin = torch.where(gap > 1e-3, (0.7 * gap).clamp_min(0.004), torch.zeros_like(gap))
    return functional.relu(margin - chain.diff(dim=1)).mean()
