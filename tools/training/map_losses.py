"""All that one batch asks of the map, and the figures of it that are printed."""

import numpy as np
import torch
from torch import Tensor

from tools.training.draw import ANY_KIND, Drawn
from tools.training.map_net import KINDS, MapNet
from tools.training.store import FAIR, POOR, Store
from tools.training.terms import across_loss, calm_loss, dense_loss, grade_loss, order_loss, pooled
from tools.training.truth import inside_share

ORDER, ACROSS, CALM, KIND, NEGATIVE, GRADE = 0.6, 0.3, 1.0, 0.35, 0.35, 0.2
REFRAMED = 0.4
"""Weight of another crop and size within the calm. With 0.7 the mildest blur went unseen:
a smaller picture is sharper."""
NAMES = ("dense", "order", "across", "calm", "kind", "negative", "grade", "pooled error")


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
    total = (
        dense
        + ORDER * order
        + ACROSS * across
        + CALM * calm
        + KIND * kind
        + NEGATIVE * negative
        + GRADE * grade
    )
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
