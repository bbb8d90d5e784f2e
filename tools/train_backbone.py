"""Train the TinyUSFM backbone of the default bundle: `python -m tools.train_backbone --data PACK`.

Whole windows, cut and degraded on the device. A few channels of the last block say the severity under each
token, and the published head's own distance puts the versions of a window in order. Resumable, seeded, prints
progress with the time left. Leaves `tinyusfm.pth`, `{"model": {published names}}`, for `tools.pack_bundle`.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from scanmon.lab.builder.vit import VisionTransformer
from tools.training.backbone import LAST, STEPS, Probes, excess, released, turned, window_tokens
from tools.training.first_weights import start
from tools.training.pace import PRINT_EVERY, Pace, load_state, save_state
from tools.training.watch import Watched, watch
from tools.training.window_loss import CleanSpread, order_loss, tightness, token_loss
from tools.training.windows import Windows, WindowSource

STATE, LEFT = "backbone.pt", "tinyusfm.pth"
FIGURES = ("loss", "tokens", "order", "clean", "hopeless", "probes")
TOKENS, ORDER, CLEAN, PROBES = 4.0, 1.0, 0.05, 0.2
"""Weights of the tokens' channels, of the order of a window's versions, of how close clean windows lie, and
of the probes on the way."""
FEWEST = 4  # pictures a step
HOPELESS = 0.6
"""How far off a window without a picture has to be, in z."""


class Training:
    """The network with its probes, its clean windows and the optimizer: all that a state holds."""

    def __init__(self, kinds: int, organs: int, rate: float, fixed: int, device: torch.device) -> None:
        self.channels = len(STEPS) + kinds
        self.network = VisionTransformer()
        start(self.network, LAST - 1)
        self.network.to(device)
        self.probes = Probes(self.channels).to(device)
        self.clean = CleanSpread(organs, self.channels, device)
        self._fixed = fixed
        self._learned = [*self.network.parameters(), *self.probes.parameters()]
        self.optimizer = torch.optim.AdamW(
            self._learned, lr=rate, weight_decay=0.02, betas=(0.9, 0.98), fused=device.type == "cuda"
        )

    def load(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.probes.load_state_dict(state["probes"])
        self.clean.load(state["clean"])
        self.optimizer.load_state_dict(state["optimizer"])

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "probes": self.probes.state_dict(),
            "clean": self.clean.state(),
            "optimizer": self.optimizer.state_dict(),
        }

    def learn(self, batch: Windows) -> Tensor:
        """One step. Returns the loss and its parts (6,), on the device."""
        kept, added = window_tokens(self.network, batch.gray, self._fixed)
        asked = torch.cat([excess(batch.severity), batch.kinds], -1)
        channels = added[:, 1:, : self.channels]
        weight = batch.weight
        tokens = token_loss(channels, asked, weight)
        probed = [
            token_loss(probe(x[:, 1:]), asked, weight)
            for probe, x in zip(self.probes.severity, kept, strict=True)
        ]
        z = turned(channels)
        tight = tightness(z, batch.clean)
        shape = (batch.groups, batch.versions)
        count = batch.groups * batch.versions
        found = self.clean.found(z)
        truth = asked[:count, :, : len(STEPS)].mean((1, 2))
        order = order_loss(found[:count].view(shape), truth.view(shape), batch.fault)
        hopeless = functional.relu(HOPELESS - found[count:]).mean() / HOPELESS
        probes = torch.stack(probed).mean()
        loss = TOKENS * tokens + ORDER * (order + hopeless) + CLEAN * tight + PROBES * probes
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward([loss])
        torch.nn.utils.clip_grad_norm_(self._learned, 1.0)
        for weight in self._learned:  # one odd batch must not end the training; nothing waits for it
            if weight.grad is not None:
                weight.grad.nan_to_num_(0.0, 0.0, 0.0)
        self.optimizer.step()
        self.clean.learn(z.detach(), batch.organ, batch.clean)
        return torch.stack([loss, tokens, order, tight, hopeless, probes]).detach()

    def left(self) -> dict[str, Tensor]:
        """The weights for a bundle, on the processor."""
        return released(self.network, self.channels)


def begin_with(network: VisionTransformer, file: Path) -> None:
    """Take the weights of an earlier training, all or those of some blocks."""
    weights = torch.load(file, weights_only=True)["network"]
    found = network.load_state_dict({name: w.float() for name, w in weights.items()}, strict=False)
    if found.unexpected_keys:
        raise ValueError(f"{file} holds other weights: {', '.join(found.unexpected_keys)}")
    print(f"begun with {len(weights)} arrays of {file.name}", flush=True)


def look(training: Training, watched: Watched, step: int) -> None:
    """Print how the head orders faults now. What fails here must not end the training."""
    try:
        print(f"step {step}: {watch(training.left(), watched)}", flush=True)
    except RuntimeError as failed:
        print(f"step {step}: not watched: {failed}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="packed training pictures")
    parser.add_argument("--work", type=Path, default=Path("work/backbone"), help="where the state is kept")
    parser.add_argument("--out", type=Path, help="where tinyusfm.pth goes; else with the state")
    parser.add_argument("--begin", type=Path, help="state whose network to begin with, whole or in part")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--groups", type=int, default=24, help="pictures a step, in nine versions each")
    parser.add_argument("--cuts", type=int, default=3, help="windows of a picture")
    parser.add_argument("--fixed", type=int, default=3, help="first blocks that keep their first weights")
    parser.add_argument("--warm-up", type=int, default=100, help="steps")
    parser.add_argument("--save-every", type=float, default=30.0, help="seconds")
    parser.add_argument("--watch-every", type=float, default=40.0, help="seconds")
    parser.add_argument("--watched", type=int, default=24, help="held-back windows of each family; 0: none")
    parser.add_argument("--fitted", type=int, default=400, help="clean windows of each organ for a watch")
    parser.add_argument("--processes", type=int, default=0, help="that simulate pictures beside the training")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--rate", type=float, default=8e-4)
    return parser.parse_args()


def main() -> None:
    """Train for `--steps` steps, or until `--minutes` are over."""
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    out = options.out or options.work
    for folder in (options.work, out):
        folder.mkdir(parents=True, exist_ok=True)
    device = torch.device(options.device)
    # on a processor the fused attention takes more than twice as long for heads of 16 numbers
    torch.backends.cuda.enable_flash_sdp(device.type == "cuda")
    torch.backends.cudnn.allow_tf32 = False  # the stem's fine waves are small beside the brightness
    pace = Pace(options.steps, options.minutes, 0, FIGURES)
    source = WindowSource(options.data, options.seed, device, options.processes)
    training = Training(len(source.kinds), len(source.organs), options.rate, options.fixed, device)
    if options.begin:
        begin_with(training.network, options.begin)
    if state := load_state(options.work / STATE):
        training.load(state)
        pace.first = step = int(state["step"])
    else:
        step = 0
    watched = source.watched(options.watched, options.fitted) if options.watched else None
    print(f"{device}, {source.grow()} pictures, ready after {pace.passed:.0f} s", flush=True)
    sums, saved, looked = torch.zeros(len(FIGURES), device=device), time.monotonic(), time.monotonic()
    over = False
    while not over:
        for group in training.optimizer.param_groups:
            group["lr"] = options.rate * pace.rate(step, warm_up=options.warm_up)
        try:
            sums += training.learn(source.draw(step, options.groups, options.cuts))
        except torch.OutOfMemoryError:
            if options.groups <= FEWEST:
                raise
            options.groups = options.groups * 3 // 4
            print(f"{options.groups} pictures a step from here on: memory", flush=True)
            training.optimizer.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            continue
        step += 1
        over = pace.over(step)
        if step % PRINT_EVERY == 0:  # asking for figures more often would make the device wait
            pace.note(step, (sums / PRINT_EVERY).tolist())
            sums.zero_()
            source.grow()
        if over or time.monotonic() - saved > options.save_every:
            saved = time.monotonic()
            save_state(options.work / STATE, {**training.state(), "step": step})
            save_state(out / LEFT, {"model": {name: w.half() for name, w in training.left().items()}})
        if watched and (over or time.monotonic() - looked > options.watch_every):
            look(training, watched, step)
            looked = time.monotonic()
    source.stop()


if __name__ == "__main__":
    main()
