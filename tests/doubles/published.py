"""The published metric written out plainly in NumPy, and seeded phantoms to try it on.

It shares no code with the product. With the weights of `../shared` it gives the published numbers
(`tests/scoring/test_golden.py`).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, logsumexp

from scanmon.scoring.manifold import OrganModel

Floats = NDArray[np.float64]
Weights = Mapping[str, NDArray[np.float32]]
PATCH, STRIDE, LAYERS, WORST = 224, 112, (3, 5, 7, 11), 0.15
SEED = 2026  # of the published choice of sixteen windows


def phantom(seed: int, height: int, width: int) -> NDArray[np.int64]:
    """(height, width) speckle, a cyst, a shadow and a bright line; integers alone, so exact everywhere."""
    noise = np.random.default_rng(seed).integers(0, 256, (height + 4, width + 4))
    sums = sum(noise[y : y + height, x : x + width] for y in range(5) for x in range(5))
    y, x = np.mgrid[:height, :width]
    level = 110 + 4 * (sums // 25 - 128) - 50 * y // height
    level[(y - height // 2) ** 2 + (x - width // 3) ** 2 < (height // 6) ** 2] //= 6
    level[height // 4 :, width * 3 // 4 : width * 4 // 5] //= 4
    level[height // 3 : height // 3 + 3] += 90
    return np.clip(level, 0, 255)


def pictures() -> dict[str, NDArray[Any]]:
    """As they come from a file: gray, smaller than a window, colour (BGR), 12 bits, more than 16 windows."""
    colour = np.stack([phantom(seed, 225, 230) for seed in (3, 4, 5)], axis=2)
    noise = np.random.default_rng(9).integers(-30, 31, (300, 280))
    return {
        "colour_225x230": colour.astype(np.uint8),
        "deep_240x224": (phantom(6, 240, 224) * 4).astype(np.uint16),
        "gray_300x280": phantom(1, 300, 280).astype(np.uint8),
        "large_340x784": phantom(7, 340, 784).astype(np.uint8),
        "noisy_300x280": np.clip(phantom(1, 300, 280) + noise, 0, 255).astype(np.uint8),
        "small_200x180": phantom(2, 200, 180).astype(np.uint8),
    }


def gray(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Colour by OpenCV's weights, more than eight bits clipped and not scaled."""
    plane = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    return np.clip(plane, 0, 255).astype(np.uint8)


def cut(image: NDArray[np.uint8]) -> tuple[list[tuple[int, int]], tuple[int, int], NDArray[np.uint8]]:
    """Corners (y, x) in published order, padding (top, left) and the windows (n, 224, 224)."""
    height, width = image.shape
    missing = max(0, PATCH - height), max(0, PATCH - width)
    padding = [(m // 2, m - m // 2) for m in missing]
    padded = np.pad(image, padding, mode="reflect")
    last = padded.shape[0] - PATCH, padded.shape[1] - PATCH
    rows, columns = range(0, last[0] + 1, STRIDE), range(0, last[1] + 1, STRIDE)
    corners = [(y, x) for y in rows for x in columns]
    corners += [(last[0], x) for x in columns] + [(y, last[1]) for y in rows] + [last]
    corners = sorted(set(corners), key=corners.index)
    found = np.stack([padded[y : y + PATCH, x : x + PATCH] for y, x in corners])
    return corners, (padding[0][0], padding[1][0]), found


def tokens(weights: Weights, heads: int, window: NDArray[Any]) -> list[Floats]:
    """Tokens (197, width) of one window (224, 224) after each of the four blocks, the class token first."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}
    side, width = PATCH // 16, w["cls_token"].shape[-1]
    pixels = np.repeat((window.astype(np.float64)[None] / 255 - 0.5) / 0.5, 3, axis=0)
    cells = pixels.reshape(3, side, 16, side, 16).transpose(1, 3, 0, 2, 4).reshape(side * side, -1)
    embedded = cells @ w["patch_embed.proj.weight"].reshape(width, -1).T + w["patch_embed.proj.bias"]
    x = np.concatenate([w["cls_token"][0], embedded]) + w["pos_embed"][0]
    kept = []
    for number in range(max(LAYERS)):
        at = f"blocks.{number}."
        b = {name.removeprefix(at): value for name, value in w.items() if name.startswith(at)}
        qkv = _linear(_norm(x, b, "norm1"), b, "attn.qkv").reshape(len(x), 3, heads, width // heads)
        mixed = []
        for query, key, value in qkv.transpose(2, 1, 0, 3):
            powers = np.exp(query @ key.T / math.sqrt(width / heads))
            mixed.append(powers / powers.sum(axis=1, keepdims=True) @ value)
        x = x + _linear(np.concatenate(mixed, axis=1), b, "attn.proj")
        hidden = _linear(_norm(x, b, "norm2"), b, "mlp.fc1")
        x = x + _linear(hidden * (1 + erf(hidden / math.sqrt(2))) / 2, b, "mlp.fc2")
        if number + 1 in LAYERS:
            kept.append(x)
    return kept


def _linear(x: Floats, block: Mapping[str, Floats], name: str) -> Floats:
    return x @ block[f"{name}.weight"].T + block[f"{name}.bias"]


def _norm(x: Floats, block: Mapping[str, Floats], name: str) -> Floats:
    centred = x - x.mean(axis=1, keepdims=True)
    unit = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-6)
    return unit * block[f"{name}.weight"] + block[f"{name}.bias"]


def features(weights: Weights, heads: int, window: NDArray[Any]) -> Floats:
    """(4 * width,) z of one window."""
    joined = np.concatenate([layer[1:].mean(axis=0) for layer in tokens(weights, heads, window)])
    return np.asarray(joined / np.linalg.norm(joined))


def loglik(model: OrganModel, z: Floats) -> float:
    """Log-likelihood of one z under an organ model."""
    x = model.pca_components @ (z - model.pca_mean)
    gaussians = zip(model.gmm_weights, model.gmm_means, model.gmm_covariances, strict=True)
    return float(
        logsumexp(
            [
                math.log(weight) - ((x - mean) ** 2 / variance + np.log(2 * math.pi * variance)).sum() / 2
                for weight, mean, variance in gaussians
            ]
        )
    )


def frame_score(values: Sequence[float] | Floats) -> float:
    """Mean of the worst windows."""
    return float(np.sort(values)[: max(1, round(WORST * len(values)))].mean())


def sixteen(count: int) -> list[int]:
    """Which windows the published default takes."""
    everything = list(range(count))
    return everything if count <= 16 else np.random.default_rng(SEED).choice(count, 16, False).tolist()


def ulpips_layer(one: Floats, other: Floats) -> tuple[float, float]:
    """Structure and Gram distance of two pictures' tokens (197, width) after one block."""
    a, b = (layer[1:] / np.linalg.norm(layer[1:], axis=1, keepdims=True) for layer in (one, other))
    side, distances = math.isqrt(len(a)), []
    for y in range(side):
        for x in range(side):
            near = [
                row * side + column
                for row in range(max(0, y - 3), min(side, y + 4))
                for column in range(max(0, x - 3), min(side, x + 4))
            ]
            shares = []
            for units in (a[near], b[near]):
                powers = np.exp(20 * units @ units.T)
                shares.append(powers / powers.sum(axis=1, keepdims=True))
            distances.append(np.abs(shares[0] - shares[1]).mean())
    return float(np.mean(distances)), float(np.abs(a.T @ a - b.T @ b).mean() / a.size)
