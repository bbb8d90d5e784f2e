"""Train the TinyUSFM backbone of the default bundle: `python -m tools.train_backbone --data DIR`.

First masked image modelling, in space and in frequency bands, on clean and degraded pictures; then dense
supervision: each token after blocks 3, 5, 7, 11 says the severity under it through a linear probe, and the
pooled features leave the cloud of clean pictures the further, the worse the picture. Resumable, seeded,
prints progress with the time left. With `--grown 5` the first five blocks are trained and the others pass
their tokens on: twice the steps in the same time. Leaves `tinyusfm.pth`, `{"model": {published names}}`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scanmon.build.vit import VisionTransformer
from tools.training.backbone import (
    PIECE,
    SIDE,
    CleanCloud,
    Heads,
    band_energies,
    dct_basis,
    piece_tokens,
    pooled_features,
    start,
    stop_band,
)
from tools.training.feed import Batch, batches
from tools.training.pace import Pace, load_state, save_state
from tools.training.views import CHAINS, VIEWS, Layout

STATE = "backbone.pt"
LAYOUT = Layout(view=(16 * PIECE, 16 * PIECE), heights_px=(290.0, 390.0))
SAVE_EVERY = 50
EVEN = 0.1
"""Added to the margin that a lack of order is measured by, so that nearly equal versions count too."""


def masked_loss(
    network: VisionTransformer, heads: Heads, pixels: Tensor, place: tuple[int, int], seed: int, grown: int
) -> Tensor:
    """Paint what was hidden: half of the tokens for even pieces, a ring of frequencies for odd ones."""
    generator = torch.Generator().manual_seed(seed)
    tokens = PIECE * PIECE
    shown = pixels.clone()
    shown[1::2] = stop_band(pixels[1::2], generator)
    hidden = torch.rand(len(pixels), tokens, generator=generator) < 0.5
    hidden[1::2] = False
    kept = piece_tokens(network, shown, place, (hidden, heads.hidden), grown)
    painted = heads.paint(kept[-1][:, 1:]).float()
    truth = functional.unfold(pixels[:, None], 16, stride=16).transpose(1, 2)
    spread = truth.std(-1, keepdim=True) + 0.05
    error = ((painted - (truth - truth.mean(-1, keepdim=True)) / spread) ** 2).mean(-1)
    weight = hidden.float()
    weight[1::2] = 0.5
    painted_badly: Tensor = (error * weight).sum() / weight.sum()
    return painted_badly


def dense_loss(
    network: VisionTransformer,
    heads: Heads,
    cloud: CleanCloud,
    batch: tuple[Tensor, Tensor, Tensor],
    place: tuple[int, int],
    basis: Tensor,
    grown: int,
) -> tuple[Tensor, list[float]]:
    """Severity of every token after every layer, kept information, and the order of the pooled features."""
    pixels, target, weight = batch
    kept = piece_tokens(network, pixels, place, grown=grown)
    flat_target, flat_weight = target.flatten(1), weight.flatten(1) + 0.02
    dense = torch.zeros(())
    for predicted in heads.severities(kept):
        error = functional.smooth_l1_loss(predicted, flat_target, reduction="none", beta=0.1)
        dense = dense + (error * flat_weight).sum() / flat_weight.sum() / len(kept)
    bands = functional.smooth_l1_loss(heads.bands(kept[-1][:, 1:]).float(), band_energies(pixels, basis))
    z = pooled_features(kept)
    cloud.add(z.view(-1, VIEWS, z.shape[1])[:, 0])
    order = torch.zeros(())
    if cloud.ready:
        share = flat_weight / flat_weight.sum(1, keepdim=True)
        truth = (flat_target * share).sum(1).view(-1, VIEWS)
        far = torch.log(cloud.distance(z)).view(-1, VIEWS)
        for chain in CHAINS:
            gap = truth[:, chain].diff(dim=1)
            margin = 3.0 * gap.clamp_min(0.0) + 0.01 * (gap > 1e-3)
            short = functional.relu(margin - far[:, chain].diff(dim=1)) / (margin + EVEN)
            order = order + short.mean() / len(CHAINS)
        order = order + 0.1 * functional.relu(far[:, 0]).mean()
    return dense + 0.05 * bands + 0.25 * order, [dense.item(), bands.item(), order.item()]


class Training:
    """The network with its heads, the cloud of clean features and the optimizer: all that a state holds."""

    def __init__(self, rate: float, seed: int, grown: int) -> None:
        self.network, self.heads, self.cloud = VisionTransformer(), Heads(), CleanCloud()
        start(self.network, grown)
        self._seed, self._basis, self._grown = seed, dct_basis(), grown
        self._learned = [*self.network.parameters(), *self.heads.parameters()]
        self.optimizer = torch.optim.AdamW(self._learned, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))

    def load(self, state: dict[str, Any]) -> None:
        """Go on from an earlier run."""
        self.network.load_state_dict(state["network"])
        self.heads.load_state_dict(state["heads"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.cloud.mean, self.cloud.cov, self.cloud.seen = state["mean"], state["cov"], int(state["seen"])

    def state(self) -> dict[str, Any]:
        """What a later run needs."""
        return {
            "network": self.network.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "mean": self.cloud.mean,
            "cov": self.cloud.cov,
            "seen": self.cloud.seen,
        }

    def learn(self, batch: Batch, step: int, *, masked: bool) -> list[float]:
        """One step. Returns the loss and its parts."""
        rng = np.random.default_rng((self._seed, step))
        place = (int(rng.integers(SIDE - PIECE + 1)), int(rng.integers(SIDE - PIECE + 1)))
        pictures, severity, weight = (torch.from_numpy(part) for part in batch)
        pixels = pictures.float() / 127.5 - 1.0
        if masked:
            loss = masked_loss(self.network, self.heads, pixels, place, self._seed + step, self._grown)
            parts = [0.0, 0.0, 0.0]
        else:
            loss, parts = dense_loss(
                self.network,
                self.heads,
                self.cloud,
                (pixels, severity, weight),
                place,
                self._basis,
                self._grown,
            )
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward([loss])
        torch.nn.utils.clip_grad_norm_(self._learned, 1.0)
        self.optimizer.step()
        return [loss.item(), *parts]


def main() -> None:
    """Train for `--masked` and then `--dense` steps, or until `--minutes` are over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/<organ>/*.png")
    parser.add_argument("--work", type=Path, default=Path("work/backbone"))
    parser.add_argument("--masked", type=int, default=300, help="steps of masked image modelling")
    parser.add_argument("--dense", type=int, default=2500, help="steps of dense supervision")
    parser.add_argument("--groups", type=int, default=4, help="pictures a step, seven views each")
    parser.add_argument("--grown", type=int, default=11, help="blocks that are trained; the rest pass on")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--rate", type=float, default=8e-4)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    training, step = Training(options.rate, options.seed, options.grown), 0
    if state := load_state(options.work / STATE):
        training.load(state)
        step = int(state["step"])
    pace = Pace(options.masked + options.dense, options.minutes, step, ("loss", "dense", "bands", "order"))
    for batch in batches(options.data, LAYOUT, options.seed, step, options.groups):
        for group in training.optimizer.param_groups:
            group["lr"] = options.rate * pace.rate(step, warm_up=100)
        figures = training.learn(batch, step, masked=step < options.masked)
        step += 1
        pace.note(step, figures)
        over = pace.over(step)
        if step % SAVE_EVERY == 0 or over:
            save_state(options.work / STATE, {**training.state(), "step": step})
            save_state(options.work / "tinyusfm.pth", {"model": training.network.state_dict()})
        if over:
            break


if __name__ == "__main__":
    main()
