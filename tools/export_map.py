"""A trained map as ONNX: `python -m tools.export_map map.pt --data PACK.npz --out severity.onnx`.

Fits the features by which a picture is told to be foreign to the clean pictures of the training, then writes
the averaged network. They are principal components of what it sees on the way, each with variance 1 over the
clean training pictures as several scanners show them: their distance from 0 says how far a picture is from
all of those.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.draw import Plan, draw
from tools.training.export import export_map, trained_map
from tools.training.faults.scene import Chance
from tools.training.map_net import FEATURES, MapNet
from tools.training.store import Store, packed, store_of

LEAST_SPREAD = 0.02
"""Of the strongest component: a weaker one is not scaled up to 1, or its noise would decide."""


@torch.no_grad()
def clean_grounds(net: MapNet, store: Store, count: int, seed: int = 5) -> tuple[Tensor, NDArray[np.str_]]:
    """(count, c) what the network sees on the way in clean pictures, twice displayed, and their organs."""
    device, found, organs = store.gray.device, [], []
    plan = Plan(groups=8, faults=0, levels=0, again=False, negatives=0)
    for number in range(-(-count // plan.groups)):
        generator = torch.Generator(device).manual_seed(seed + number)
        drawn = draw(store, plan, Chance(np.random.default_rng((seed, number)), generator))
        pictures = drawn.pictures.flatten(0, 1)
        _, early, late = net.seen(pictures)
        found.append(net.pooled(early, late, pictures).float())
        organs.append(store.organs[drawn.numbers])
    return torch.cat(found), np.concatenate(organs)


@torch.no_grad()
def fit_sight(net: MapNet, store: Store, count: int = 2000) -> None:
    """Write the components into `net.sight`. Only pictures of grade good count as clean."""
    net.eval()
    good = np.flatnonzero(store.grades == 0)
    at = torch.from_numpy(good).to(store.gray.device)
    clean = Store(store.gray[at], store.mask[at], store.sizes[at], store.organs[good], store.grades[good])
    grounds, _ = clean_grounds(net, clean, count)
    grounds = grounds.double().cpu()
    mean, spread = grounds.mean(0), grounds.std(0).clamp_min(1e-3)
    _, values, axes = torch.linalg.svd((grounds - mean) / spread, full_matrices=False)
    deviation = values[:FEATURES] / len(grounds) ** 0.5
    deviation = deviation.clamp_min(LEAST_SPREAD * float(deviation[0]))
    weight = axes[:FEATURES] / deviation[:, None] / spread
    net.sight.weight.copy_(weight.to(net.sight.weight))
    net.sight.bias.copy_((-(weight @ mean)).to(net.sight.bias))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("states", type=Path, nargs="+", help="the mean of several is taken")
    parser.add_argument("--data", type=Path, required=True, help="file made by tools.training.pack")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=2000, help="clean ones, for the features")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = trained_map(options.states).to(device)
    fit_sight(net, store_of(*packed(options.data), device), options.pictures)
    export_map(net.cpu(), options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
