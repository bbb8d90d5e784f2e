"""The features by which a picture is told to be foreign, fitted to the clean pictures of the training.

They are principal components of what the network sees on the way, each with variance 1 over the clean
training pictures as several scanners show them, and are written into the network: their distance from 0 says
how far a picture is from all of those.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.draw import Plan, draw
from tools.training.faults.scene import Chance
from tools.training.map_net import FEATURES, MapNet
from tools.training.store import Store

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
