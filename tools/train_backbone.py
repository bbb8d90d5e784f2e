"""Train the TinyUSFM backbone of the default bundle: `python -m tools.train_backbone --data DIR`.

First masked image modelling, in space and in frequency bands, on clean and degraded pictures; then dense
supervision: a few channels of the last block say the severity under each token, so that the pooled features
leave the clean manifold the further, the worse the picture. Resumable, seeded, prints progress with the time
left. With `--grown 5` the first five blocks and the last are trained and the others pass their tokens on:
twice the steps in the same time. Leaves `tinyusfm.pth`, `{"model": {published names}}`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scanmon.lab.builder.vit import VisionTransformer
from tools.training.backbone import (
    STEPS,
    Heads,
    Teacher,
    piece_tokens,
    quality_targets,
    released,
    stop_band,
)
from tools.training.export import trained_map
from tools.training.feed import Batch, batches
from tools.training.first_weights import SIDE, start
from tools.training.losses import order_loss
from tools.training.pace import Pace, load_state, save_state
from tools.training.views import VIEWS, Layout

STATE = "backbone.pt"
FIGURES = ("loss", "channels", "order", "error", "taught")
HEIGHTS_PX = (290.0, 390.0)
SAVE_EVERY = 50
SHARP, ORDER, PROBES, TAUGHT = 2.0, 1.0, 0.1, 0.3
"""Weights of the squared error of the quality channels (an absolute one is content with the median, which is
clean), of the order of a picture's versions, of the probes on the way, and of what a teacher rests on."""
BLACK = 0.4
"""Share of the steps in which one piece is all black: a window without echoes is as bad as can be."""
OUTSIDE = 0.1
"""Weight of a token outside the sector: no severity there, but it matters less."""


def masked_loss(
    network: VisionTransformer,
    heads: Heads,
    pixels: Tensor,
    place: tuple[int, int],
    seed: int,
    grown: int,
    fixed: int,
) -> Tensor:
    """Paint what was hidden: half of the tokens for even pieces, a ring of frequencies for odd ones."""
    generator = torch.Generator().manual_seed(seed)
    truth = functional.unfold(pixels[:, None], 16, stride=16).transpose(1, 2)
    shown = pixels.clone()
    shown[1::2] = stop_band(pixels[1::2], generator)
    hidden = torch.rand(truth.shape[:2], generator=generator) < 0.5
    hidden[1::2] = False
    kept = piece_tokens(network, shown, place, (hidden, heads.hidden), grown, fixed)
    painted = heads.paint(kept[-2][:, 1:].float())
    spread = truth.std(-1, keepdim=True) + 0.05
    error = ((painted - (truth - truth.mean(-1, keepdim=True)) / spread) ** 2).mean(-1)
    weight = hidden.float()
    weight[1::2] = 0.5
    painted_badly: Tensor = (error * weight).sum() / weight.sum()
    return painted_badly


def severity_loss(
    network: VisionTransformer,
    heads: Heads,
    batch: tuple[Tensor, Tensor, Tensor],
    place: tuple[int, int],
    grown: int,
    fixed: int,
    told: tuple[Tensor, Tensor] | None,
) -> tuple[Tensor, list[float]]:
    """Severity under every token, by the quality channels and by probes on the way; order of the versions.

    What a teacher told: the channels are asked for the mean of its severity and the true one.
    """
    pixels, target, weight = batch
    kept = piece_tokens(network, pixels, place, grown=grown, fixed=fixed)
    inside = (weight.mean((1, 2)) > 0.2).float()[:, None, None]  # all black is no surround but a fault
    asked = quality_targets(target.flatten(1))
    if told is not None:
        asked = 0.5 * (asked + quality_targets(told[0]))
    share = weight.flatten(1)[..., None] + OUTSIDE * inside
    channels = kept[-1][:, 1:, : len(STEPS)].float()
    probed = [probe(x[:, 1:].float()) for probe, x in zip(heads.severity, kept[:-1], strict=True)]
    errors = [SHARP * ((found - asked).square() * share).sum() / share.sum() for found in (channels, *probed)]
    found = channels.mean(-1).view_as(target)
    taught = torch.zeros(())
    if told is not None:
        taught = functional.mse_loss(heads.taught(kept[-2][:, 1:].float()), told[1])
    order = order_loss(found, quality_targets(target).mean(-1), weight)
    with torch.no_grad():
        off = (found.clamp(0, 1) - quality_targets(target).mean(-1)).abs()
        error = ((off * weight).sum() / weight.sum()).item()
        parts = [errors[0].item(), order.item(), error, taught.item()]
    probes: Tensor = torch.stack(errors[1:]).mean()
    return errors[0] + PROBES * probes + ORDER * order + TAUGHT * taught, parts


class Training:
    """The network with its heads and the optimizer: all that a state holds."""

    def __init__(
        self, rate: float, seed: int, grown: int, fixed: int, piece: int, teacher: Teacher | None
    ) -> None:
        self.network, self.heads = VisionTransformer(), Heads()
        start(self.network, grown)
        self._seed, self._grown, self._fixed = seed, grown, fixed
        self._places, self._teacher = SIDE - piece + 1, teacher
        self._learned = [*self.network.parameters(), *self.heads.parameters()]
        self.optimizer = torch.optim.AdamW(self._learned, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))

    def load(self, state: dict[str, Any]) -> None:
        """Go on from an earlier run."""
        self.network.load_state_dict(state["network"])
        self.heads.load_state_dict(state["heads"])
        self.optimizer.load_state_dict(state["optimizer"])

    def state(self) -> dict[str, Any]:
        """What a later run needs."""
        return {
            "network": self.network.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def learn(self, batch: Batch, step: int, *, masked: bool) -> list[float]:
        """One step. Returns the loss and its parts."""
        rng = np.random.default_rng((self._seed, step))
        place = (int(rng.integers(self._places)), int(rng.integers(self._places)))
        pictures, severity, weight = (torch.from_numpy(part) for part in batch)
        pixels = pictures.float() / 127.5 - 1.0
        if masked:
            seed = self._seed + step
            loss = masked_loss(self.network, self.heads, pixels, place, seed, self._grown, self._fixed)
            parts = [0.0, 0.0, 0.0, 0.0]
        else:
            told = self._teacher.told(pictures) if self._teacher else None
            if rng.random() < BLACK:
                blacked = VIEWS * int(rng.integers(len(pixels) // VIEWS)) + 1
                pixels[blacked], severity[blacked], weight[blacked] = -1.0, 1.0, 1.0
                if told:
                    told[0][blacked] = 1.0
            views = (pixels, severity, weight)
            loss, parts = severity_loss(
                self.network, self.heads, views, place, self._grown, self._fixed, told
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
    parser.add_argument("--grown", type=int, default=10, help="blocks trained beside the last")
    parser.add_argument("--fixed", type=int, default=3, help="first blocks that keep their first weights")
    parser.add_argument("--piece", type=int, default=8, help="tokens a side of what is shown; 14: a window")
    parser.add_argument(
        "--teacher", type=Path, nargs="+", help="states of a trained map (their mean) that teaches"
    )
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--rate", type=float, default=8e-4)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(trained_map(options.teacher)) if options.teacher else None
    training = Training(options.rate, options.seed, options.grown, options.fixed, options.piece, teacher)
    step = 0
    if state := load_state(options.work / STATE):
        training.load(state)
        step = int(state["step"])
    pace = Pace(options.masked + options.dense, options.minutes, step, FIGURES)
    layout = Layout(view=(16 * options.piece, 16 * options.piece), heights_px=HEIGHTS_PX)
    # on a processor the fused attention takes more than twice as long for heads of 16 numbers
    torch.backends.cuda.enable_flash_sdp(False)
    for batch in batches(options.data, layout, options.seed, step, options.groups):
        for group in training.optimizer.param_groups:
            group["lr"] = options.rate * pace.rate(step, warm_up=100)
        figures = training.learn(batch, step, masked=step < options.masked)
        step += 1
        pace.note(step, figures)
        over = pace.over(step)
        if step % SAVE_EVERY == 0 or over:
            save_state(options.work / STATE, {**training.state(), "step": step})
            save_state(options.work / "tinyusfm.pth", {"model": released(training.network)})
        if over:
            break


if __name__ == "__main__":
    main()
