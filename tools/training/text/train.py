"""Train the network that finds text, and write its file.

python -m tools.training.text.train ../shared/data/train --out FOLDER --minutes 20 [--fonts DIR ...]
python -m tools.training.text.train --export FOLDER/text.pt
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.training.export import exported
from tools.training.pace import level_rate_at, save_state
from tools.training.text.letters import fonts_in
from tools.training.text.scenes import ANY, SIDE, STEP, Scenes, pictures_in

FILE, STATE = Path("scanmon/picture/text.onnx"), "text.pt"
USES = 3  # of a crop, moved and dimmed


def _conv(into: int, out: int, stride: int = 1, reach: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, 3, stride, reach, dilation=reach, bias=False), nn.BatchNorm2d(out), nn.ReLU()
    )


class TextNet(nn.Module):
    """(n, h, w) levels 0 to 255 -> logits (n, h / STEP, w / STEP); sides are multiples of 2 STEP."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_conv(1, 16, 2), _conv(16, 16, 2), _conv(16, 16))
        self.wide = nn.Sequential(
            _conv(16, 32, 2), _conv(32, 32), _conv(32, 32, reach=2), _conv(32, 32, reach=2)
        )
        self.back = nn.Conv2d(32, 16, 1)
        self.head = nn.Sequential(_conv(16, 16), nn.Conv2d(16, 1, 1))

    def forward(self, levels: Tensor) -> Tensor:
        fine = self.fine(levels[:, None] / 255)
        context = functional.interpolate(self.back(self.wide(fine)), scale_factor=2.0, mode="nearest")
        logits: Tensor = self.head(fine + context)[:, 0]
        return logits


class _Deployed(nn.Module):
    def __init__(self, net: TextNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, levels: Tensor) -> Tensor:
        return torch.sigmoid(self.net(levels.float()))


def loss_of(logits: Tensor, label: Tensor) -> Tensor:
    """Letters that are missed cost three times as much as a place that is masked for nothing."""
    wanted = (label > 0.6).float()
    counted = ((label - ANY / 255).abs() > 0.05).float()
    cross = functional.binary_cross_entropy_with_logits(
        logits, wanted, reduction="none", pos_weight=torch.tensor(3.0)
    )
    share = torch.sigmoid(logits) * counted
    both = (share * wanted).sum()
    dice = 1 - (2 * both + 1) / (share.sum() + (wanted * counted).sum() + 1)
    return (cross * counted).mean() + 0.3 * dice


def train(options: argparse.Namespace) -> None:
    """Learn for `options.minutes`; saves every minute."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    scenes = Scenes(pictures_in(options.folder), fonts_in(options.fonts), options.seed)
    net = TextNet()
    if options.start:
        net.load_state_dict(torch.load(options.start, weights_only=True))
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=1e-4)
    begun = saved = time.monotonic()
    steps, recent = 0, 1.0
    while (share := (time.monotonic() - begun) / (60 * options.minutes)) < 1:
        seen, wanted = (
            np.stack(parts) for parts in zip(*(scenes.draw() for _ in range(options.batch)), strict=True)
        )
        for group in optimizer.param_groups:
            group["lr"] = options.rate * level_rate_at(share, steps)
        levels, label = torch.from_numpy(seen).float(), torch.from_numpy(wanted).float() / 255
        for _ in range(USES):
            shifted = [int(shift) for shift in torch.randint(0, SIDE // STEP, (2,))]
            dimmed = levels.roll([STEP * shift for shift in shifted], (1, 2)) * (
                0.7 + 0.3 * torch.rand(len(seen), 1, 1)
            )
            loss = loss_of(net(dimmed), label.roll(shifted, (1, 2)))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            steps += 1
        recent += 0.02 * (float(loss.detach()) - recent)
        if time.monotonic() - saved > 60:
            saved = time.monotonic()
            save_state(options.out / STATE, net.state_dict())
            print(f"{saved - begun:.0f} s, {steps} steps of {options.batch}, loss {recent:.4f}", flush=True)
    save_state(options.out / STATE, net.state_dict())


def export(weights: Path) -> bytes:
    """The network as ONNX: (1, h, w) uint8, sides multiples of 2 STEP -> (1, h / STEP, w / STEP) chances."""
    net = TextNet()
    net.load_state_dict(torch.load(weights, weights_only=True))
    axes = {"levels": {1: "height", 2: "width"}, "letters": {1: "down", 2: "across"}}
    return bytes(exported(_Deployed(net), (1, SIDE, SIDE), ("levels", "letters"), axes).SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description="train or export the network that finds text")
    parser.add_argument("folder", type=Path, nargs="?", help="pictures, a folder an organ")
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--fonts", type=Path, nargs="*", default=[Path("/usr/share/fonts")])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--export", type=Path, metavar="WEIGHTS", help=f"write {FILE}")
    options = parser.parse_args()
    if options.export:
        FILE.write_bytes(export(options.export))
    else:
        options.out.mkdir(parents=True, exist_ok=True)
        train(options)


if __name__ == "__main__":
    main()
