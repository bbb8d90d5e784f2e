"""What the backbone is asked for: severity under every token, clean windows close together, faults in order.

The published head is a Gaussian mixture with at least 1e-4 of variance in every direction. A window's price
is its squared distance from the clean ones in their standard deviations, so the order is measured in those.
It is taken one-sided, from the low end of the clean windows: a distance to their mean would teach a very
clean window to look worse.
"""

import torch
from torch import Tensor
from torch.nn import functional

VARIANCE, FLOOR = 1e-4, 1e-2
"""Added to every variance by the published fit, and its root."""
LOW_END = 2.0
"""Standard deviations below the mean at which the order begins to count."""
MARGIN, LEAST_MARGIN, EVEN, UNEQUAL = 0.7, 0.012, 0.02, 0.03
KEPT = 0.95
"""Of the running statistics, from one step to the next."""


class CleanSpread:
    """Running mean and variance of the quality channels in z over clean windows, for every organ."""

    def __init__(self, organs: int, channels: int, device: torch.device) -> None:
        self.mean = torch.zeros(organs, channels, device=device)
        self.variance = torch.full((organs, channels), VARIANCE, device=device)
        self._seen = torch.zeros(organs, 1, device=device)

    @torch.no_grad()
    def learn(self, z: Tensor, organ: Tensor, clean: Tensor) -> None:
        """Take the clean ones (n,) of windows z (n, channels) of organs (n,)."""
        member = (functional.one_hot(organ, len(self.mean)) * clean[:, None]).float().T  # (organs, n)
        count = member.sum(1, keepdim=True)
        share = member / count.clamp_min(1.0)
        mean = share @ z
        variance = (share @ z.square() - mean.square()).clamp_min(0.0)
        # an organ's first windows count in full, a batch without any changes nothing
        pace = torch.where(count > 1, torch.where(self._seen > 0, 1.0 - KEPT, 1.0), 0.0)
        self.mean += pace * (mean - self.mean)
        self.variance += pace * (variance - self.variance)
        self._seen += count

    def state(self) -> dict[str, Tensor]:
        return {"mean": self.mean, "variance": self.variance, "seen": self._seen}

    def load(self, state: dict[str, Tensor]) -> None:
        self.mean.copy_(state["mean"])
        self.variance.copy_(state["variance"])
        self._seen.copy_(state["seen"])

    def found(self, z: Tensor) -> Tensor:
        """How far windows z (n, channels) are to the bad side of the nearest organ's clean ones (n,).

        In units of z where the clean windows vary less than the published floor.
        """
        spread = (self.variance + VARIANCE).sqrt()
        away = (z[:, None] - self.mean) / spread + LOW_END  # (n, organs, channels)
        far: Tensor = (functional.relu(away).square().sum(-1) + 1e-6).sqrt().amin(1)
        return FLOOR * far


def token_loss(found: Tensor, asked: Tensor, share: Tensor) -> Tensor:
    """Squared error of (n, tokens, c). An absolute one is content with the median, which is clean."""
    error = (found.float() - asked).square().mean(-1)
    return (error * share).sum() / share.sum()


def tightness(z: Tensor, clean: Tensor) -> Tensor:
    """Price of clean windows (n,) of z (n, channels) away from 0, in units of the published floor.

    Linear far off.
    """
    away = z / FLOOR
    price = functional.huber_loss(away, torch.zeros_like(away), reduction="none").mean(1)
    return (price * clean).sum() / clean.sum().clamp_min(1)


def order_loss(found: Tensor, truth: Tensor, fault: Tensor) -> Tensor:
    """Hinge on every pair of versions (g, v) of one window, by severities (g, v).

    Versions of one fault (`fault` (v,): its number; clean ones: -1, in line with every fault) have to differ
    as soon as their severities do; those of two faults only where one is clearly worse. What is missing
    counts relative to the margin, so that nearly equal versions are told apart too.
    """
    gap = truth[:, :, None] - truth[:, None, :]
    lead = found[:, :, None] - found[:, None, :]
    other = (fault[:, None] != fault) & (fault[:, None] >= 0) & (fault >= 0)
    counts = (gap > torch.where(other, UNEQUAL, 2e-3)).float()
    margin = (MARGIN * gap).clamp_min(LEAST_MARGIN)
    short = functional.relu(margin - lead) / (margin + EVEN)
    return (short * counts).sum() / counts.sum().clamp_min(1.0)
