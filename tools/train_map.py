"""Train the severity map of the default bundle: `python -m tools.train_map --data DIR`.

Resumable (`--work` holds the state), seeded, prints progress with the time left. One CPU core trains, a
second one makes the batches; where other work runs beside it, more threads wait for each other and lose.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tools.training.feed import Batch, batches
from tools.training.losses import dense_loss, order_loss, pooled
from tools.training.map_net import MapNet
from tools.training.pace import Pace, load_state, save_state
from tools.training.views import Layout

SAVE_EVERY = 100
STATE = "map.pt"
ORDER = 0.4
"""Weight of the order of a picture's versions beside the severity of each place."""


def learn(net: MapNet, optimizer: torch.optim.Optimizer, batch: Batch) -> list[float]:
    """One step. Returns the losses and the mean error of the pooled severity."""
    pictures, target, share = (torch.from_numpy(part) for part in batch)
    with torch.autocast("cpu", torch.bfloat16):
        logits = net.logits(pictures)
    predicted = torch.sigmoid(logits.float())
    dense = dense_loss(logits.float(), target, share)
    order = order_loss(predicted, target, share)
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward([dense + ORDER * order])
    torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
    optimizer.step()
    with torch.no_grad():
        off = (pooled(predicted, share) - pooled(target, share)).abs().mean()
    return [dense.item(), order.item(), off.item()]


def begin_with(net: MapNet, averaged: dict[str, Any]) -> None:
    """Take the averaged weights of an earlier training; what it did not have yet stays as it is."""
    weights = {name.removeprefix("module."): value for name, value in averaged.items()}
    own = net.state_dict()
    fitting = {name: w for name, w in weights.items() if name in own and own[name].shape == w.shape}
    missing = net.load_state_dict(fitting, strict=False).missing_keys
    print(f"begun with {len(fitting)} arrays; new: {', '.join(missing) or 'none'}", flush=True)


def main() -> None:
    """Train for `--steps` steps, or until `--minutes` are over; leave `map.pt` in the work folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/<organ>/*.png")
    parser.add_argument("--work", type=Path, default=Path("work/map"))
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--groups", type=int, default=6, help="pictures a step, seven views each")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--begin", type=Path, help="state of an earlier training whose weights to begin with")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    net = MapNet()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.begin and (earlier := load_state(options.begin)):
        begin_with(net, earlier["averaged"])
    averaging = get_ema_multi_avg_fn(0.998)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(net, multi_avg_fn=averaging, use_buffers=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=1e-3)
    parts: dict[str, Any] = {"net": net, "averaged": averaged, "optimizer": optimizer}
    step = 0
    if state := load_state(options.work / STATE):
        for name, part in parts.items():
            part.load_state_dict(state[name])
        step = int(state["step"])
    pace = Pace(options.steps, options.minutes, step, ("dense", "order", "pooled error"))
    for batch in batches(options.data, Layout(), options.seed, step, options.groups):
        for group in optimizer.param_groups:
            group["lr"] = options.rate * pace.rate(step, warm_up=60)
        figures = learn(net, optimizer, batch)
        averaged.update_parameters(net)
        step += 1
        pace.note(step, figures)
        over = pace.over(step)
        if step % SAVE_EVERY == 0 or over:
            states = {name: part.state_dict() for name, part in parts.items()}
            save_state(options.work / STATE, {**states, "step": step})
        if over:
            break


if __name__ == "__main__":
    main()
