"""Train the sector network on made-up screens.

    python -m tools.training.sector.train --out FOLDER --minutes 20 [--pictures PACK.npz] [--workers 2]

Screens are made by `--workers` processes (0: in this one) beside the training; each is used a few times.
Saves FOLDER/sector.pt every half minute (weights, and the pace at which they were learned), and at the end.
"""

import argparse
import copy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from scanmon.picture.region.look import HIGH, WIDE, planes
from tools.training.folded import unfolded
from tools.training.pace import average, level_rate_at, save_state
from tools.training.sector.net import SectorNet
from tools.training.sector.pictures import load
from tools.training.sector.screens import KINDS, Screen, screen
from tools.training.sector.textures import Gray, Textures

SAVE_EVERY_S = 30.0
PLANES = 7  # three that the network sees, four that it learns


def packed(made: Screen) -> tuple[Gray, int, bool, bool]:
    """(7, HIGH, WIDE) seen and wanted; number of the kind; whether it is sure; whether an image is seen."""
    seen = np.empty((PLANES, HIGH, WIDE), np.uint8)
    seen[:3] = planes(made.pixels, made.chroma)
    for index, plane in enumerate((made.image, made.seam, made.text, made.panel), 3):
        if not plane.any():
            seen[index] = 0
            continue
        large = plane.shape[0] >= HIGH and plane.shape[1] >= WIDE
        cv2.resize(
            plane, (WIDE, HIGH), dst=seen[index], interpolation=cv2.INTER_AREA if large else cv2.INTER_LINEAR
        )
    return seen, KINDS.index(made.kind), made.sure, not (made.kind == "no_signal" and made.image.any())


class Screens(IterableDataset[Any]):
    """Batches of screens without end."""

    def __init__(self, pictures: list[Gray], seed: int, batch: int) -> None:
        self._pictures, self._seed, self._batch = pictures, seed, batch

    def __iter__(self) -> Iterator[tuple[Gray, NDArray[np.int64]]]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        number, step = (worker.id, worker.num_workers) if worker else (0, 1)
        textures = Textures(self._pictures, self._seed + number)
        while True:
            seen = np.empty((self._batch, PLANES, HIGH, WIDE), np.uint8)
            kinds = np.empty((self._batch, 3), np.int64)
            for index in range(self._batch):
                seen[index], *told = packed(screen((self._seed, number), textures))
                kinds[index] = told
                number += step
            yield seen, kinds


def turned(seen: Tensor, generator: torch.Generator) -> Tensor:
    """The screens mirrored, a few of them upside down, at other levels, without their colour."""
    count, device = len(seen), seen.device

    def chosen(share: float) -> Tensor:
        return torch.rand(count, generator=generator, device=device) < share

    across = torch.where(chosen(0.5)[:, None, None, None], seen.flip(3), seen)
    return torch.where(chosen(0.06)[:, None, None, None], across.flip(2), across)


def _as_it_is(batch: Any) -> Any:
    # arrays travel through a pipe: shared memory may be a few megabytes in a container
    return batch


def loss_of(maps: Tensor, kinds: Tensor, wanted: Tensor, told: Tensor) -> Tensor:
    """Maps against what was drawn, kinds where they can be seen."""
    seen = told[:, 2].float()[:, None, None]
    image = wanted[:, 0]
    near = functional.avg_pool2d(image[:, None], 9, 1, 4, count_include_pad=False)[:, 0]
    weight = (1 + 3 * (near - image).abs()) * seen
    cross = functional.binary_cross_entropy_with_logits(maps[:, 0], image, reduction="none")
    share = torch.sigmoid(maps[:, 0]) * seen
    both, total = (share * image).sum((1, 2)), (share + image * seen).sum((1, 2))
    dice = (1 - (2 * both + 50) / (total + 50)).mean()
    rest = functional.binary_cross_entropy_with_logits(
        maps[:, 1:],
        wanted[:, 1:],
        reduction="none",
        pos_weight=torch.tensor([4.0, 4.0, 1.0], device=maps.device)[:, None, None],
    ).mean((0, 2, 3))
    kind = functional.cross_entropy(kinds, told[:, 0], reduction="none", label_smoothing=0.02)
    sure = told[:, 1].float()
    return (
        (weight * cross).mean()
        + 0.5 * dice
        + rest @ torch.tensor([0.3, 0.3, 0.4], device=maps.device)
        + 0.3 * (kind * sure).sum() / (sure.sum() + 1)
    )


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.set_float32_matmul_precision("high")
    pictures = load(options.pictures) if options.pictures else []
    data = DataLoader(
        Screens(pictures, options.seed, options.batch),
        batch_size=None,
        num_workers=options.workers,
        prefetch_factor=4 if options.workers else None,
        collate_fn=_as_it_is,
    )
    batches = iter(data)  # the processes start before a GPU is touched
    train(options, batches)


def train(options: argparse.Namespace, batches: Iterator[tuple[Gray, NDArray[np.int64]]]) -> None:
    """Learn for `options.minutes`; the rate falls towards their end."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net, screens, folded = begun(options.begin)
    net.train(not folded).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    kept = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=1e-4)
    generator = torch.Generator(device).manual_seed(options.seed)
    start = saved = time.monotonic()
    whole, steps, recent = 60 * options.minutes, 0, 0.0
    for seen, told in batches:
        if time.monotonic() - start > whole:
            break
        levels, kinds = torch.as_tensor(seen).to(device), torch.as_tensor(told).to(device)
        screens += len(levels)
        for _ in range(options.uses):
            for group in optimizer.param_groups:
                group["lr"] = options.rate * level_rate_at((time.monotonic() - start) / whole, steps)
            batch = turned(levels, generator).float().contiguous(memory_format=torch.channels_last)
            maps, said = net(batch[:, :3])
            loss = loss_of(maps, said, batch[:, 3:] / 255, kinds)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            average(kept, net, max(0.002, 10 / (10 + steps)))  # over some 500 steps, fewer in the beginning
            steps += 1
            recent += (0.02 if steps > 50 else 0.2) * (float(loss.detach()) - recent)
        if time.monotonic() - saved > SAVE_EVERY_S:
            saved = time.monotonic()
            save(options.out / "sector.pt", kept, steps, screens, folded)
            print(f"{saved - start:.0f} s, {steps} steps, {screens} screens, loss {recent:.4f}", flush=True)
    save(options.out / "sector.pt", kept, steps, screens, folded)
    print(f"done: {steps} steps, {screens} screens, loss {recent:.4f}", flush=True)


def begun(path: Path | None) -> tuple[SectorNet, int, bool]:
    """A new network or that of a file; screens it has seen; whether its norms are folded and stay so."""
    net = SectorNet()
    if path is None:
        return net, 0, False
    if path.suffix == ".onnx":
        model = onnx.load(path)
        told = {entry.key: entry.value for entry in model.metadata_props}
        return unfolded(model, net), int(told["screens"]), True
    stored = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict(stored["net"])
    return net, stored["screens"], stored["folded"]


def save(path: Path, net: torch.nn.Module, steps: int, screens: int, folded: bool) -> None:
    save_state(path, {"net": net.state_dict(), "steps": steps, "screens": screens, "folded": folded})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--pictures", type=Path, help="a pack of ...sector.pictures (none: phantoms)")
    parser.add_argument("--begin", type=Path, help="sector.pt or exported network (ONNX) to begin with")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--uses", type=int, default=2, help="how often a screen is learned from")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
