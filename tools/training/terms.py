"""What the severity map is asked for: severities at each place, the right order of the whole, and calm.

All arrays (n, h, w) cells; `weight` is the share of a cell inside the sector.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tools.training.draw import ANY_KIND, Drawn
from tools.training.map_net import KINDS, MapNet
from tools.training.store import FAIR, POOR, Store
from tools.training.truth import inside_share

TOPK_FRAC, MEAN_WEIGHT = 0.25, 0.4
"""Pooling of a map, as in the bundle that ships: six tenths the worst quarter, four tenths all."""
MARGIN, LEAST_MARGIN, EVEN = 0.7, 0.012, 0.04
ACROSS_GAP, ACROSS_MARGIN = 0.12, 0.5
ORDER, ACROSS, CALM, KIND, NEGATIVE, GRADE = 0.6, 0.3, 1.0, 0.35, 0.35, 0.2
REFRAMED = 0.4
"""Weight of another crop and size within the calm. With 0.7 the mildest blur went unseen:
a smaller picture is sharper."""
NAMES = ("dense", "order", "across", "calm", "kind", "negative", "grade", "pooled error")


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


def batch_loss(
    net: MapNet, drawn: Drawn, store: Store, precision: torch.dtype | None
) -> tuple[Tensor, Tensor]:
    """The loss to follow, and the parts of it (len(NAMES),) without gradient."""
    count, versions = drawn.pictures.shape[:2]
    pictures = torch.cat([drawn.pictures.flatten(0, 1), drawn.none])
    device = pictures.device
    with torch.autocast(device.type, precision or torch.bfloat16, enabled=precision is not None):
        logits = net.judged(net.seen(pictures)[0], pictures).float()
        elsewhere = net.logits(drawn.reframed).float()
    own, none = logits[: count * versions], logits[count * versions :]
    target = drawn.severity.flatten(0, 1)
    weight = drawn.weight.expand_as(drawn.severity).flatten(0, 1)
    grades = store.grades[drawn.numbers]
    absolute = torch.from_numpy(grades < FAIR).to(device)
    # nobody can say how clean a fair or a poor picture is: only the order of its versions is asked for
    sure = weight * absolute.repeat_interleave(versions)[:, None, None]
    dense = dense_loss(own[:, 0], target, sure)
    kinds = drawn.kinds.flatten()
    kind = _kind_loss(own[:, 1:], target, kinds, sure * (kinds != ANY_KIND)[:, None, None])
    severity = torch.sigmoid(own[:, 0])
    found, truth = (pooled(x, weight).view(count, versions) for x in (severity, target))
    order, across = order_loss(found, truth), across_loss(found, truth, absolute)
    calm = calm_loss(found[:, -2:], found[:, [0, 2]]) if versions > 7 else found.sum() * 0.0
    framed = inside_share((drawn.reframed[:, None] > 0).float())[:, 0]
    calm = calm + REFRAMED * calm_loss(pooled(torch.sigmoid(elsewhere), framed), found[:, 0])
    negative = _negative_loss(none, drawn)
    lungs = store.organs[drawn.numbers] == "lung"
    good, poor = (
        found[torch.from_numpy(np.flatnonzero(lungs & (grades == g))).to(device), 0] for g in (0, POOR)
    )
    grade = grade_loss(good, poor)
    off = ((found - truth).abs().mean(1) * absolute).sum() / absolute.sum().clamp_min(1)
    total = dense + ORDER * order + ACROSS * across + CALM * calm + KIND * kind
    total = total + NEGATIVE * negative + GRADE * grade
    parts = torch.stack([dense, order, across, calm, kind, negative, grade, off]).detach()
    return total, parts


def _kind_loss(logits: Tensor, target: Tensor, kinds: Tensor, weight: Tensor) -> Tensor:
    """Each kind's channel: the severity where that kind is the fault, 0 where another one is or none."""
    one_hot = (kinds[:, None] == torch.arange(KINDS, device=kinds.device)).float()
    wanted = target[:, None] * one_hot[:, :, None, None]
    losses = [dense_loss(logits[:, k], wanted[:, k], weight) for k in range(KINDS)]
    return torch.stack(losses).sum()


def _negative_loss(logits: Tensor, drawn: Drawn) -> Tensor:
    """What is no picture is 1 everywhere, and in the channel of its kind."""
    if not len(logits):
        return logits.sum()
    ones, inside = torch.ones_like(logits[:, 0]), drawn.none_inside
    own = logits[:, 1:].gather(1, drawn.none_kinds.view(-1, 1, 1, 1).expand(-1, 1, *logits.shape[2:]))[:, 0]
    return dense_loss(logits[:, 0], ones, inside) + 0.3 * dense_loss(own, ones, inside)
