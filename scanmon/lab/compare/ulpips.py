"""TinyUSFM-uLPIPS: how far the relations between the tokens of two pictures differ, block by block.

The published formula. For every token the similarities inside its neighbourhood become a table of softmax
rows; structure is the mean absolute difference of both pictures' tables, averaged over the tokens. Gram is
the mean absolute difference of the channels' products. The published code does this token by token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage

SIDE_PX = 224  # uLPIPS squeezes both pictures to this square, whatever their shape; published
LAYERS = (3, 5, 7, 11)  # published, counted from 1
RADIUS = 3  # tokens on each side of a neighbourhood; published
TAU = 20.0  # factor of the similarities before the softmax; published
_MOST_PRODUCTS = 200_000  # of a multiplication: OpenBLAS starts threads at 262,144

Floats = NDArray[np.float64]
Tokens = NDArray[np.float32]  # (1 + side * side, width), class token first


@dataclass(frozen=True, slots=True, eq=False)
class LayerDistance:
    """What one layer adds to uLPIPS."""

    structure: float  # mean of `map`
    gram: float
    map: Floats  # (side, side) structure of each token's neighbourhood


def ulpips_input(image: GrayImage, side_px: int = SIDE_PX) -> NDArray[np.float32]:
    """The picture as uLPIPS sees it: gray 0..255, squeezed to a square by area averaging in float."""
    shares = image.astype(np.float32) / np.float32(255.0)
    small = cv2.resize(shares, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(small * np.float32(255.0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """What is compared of the tokens of one layer; made once for a reference of many pictures."""

    powers: NDArray[np.float32]  # (tokens, tokens) exponentials of their similarities
    products: Floats  # (width, width) of the channels


def relations(tokens: Sequence[Tokens], tau: float = TAU) -> list[Relations]:
    """Those of each layer of a picture.

    Every exponential is computed once for all neighbourhoods: tokens of unit length need no maximum. They are
    of single precision, since tables of them take the time: their shares are wrong by 1e-8 at most.
    """
    units = [_unit(layer[1:]) for layer in tokens]
    return [
        Relations(
            np.exp(tau * (_products(x) - 1.0)).astype(np.float32), np.asarray(_products(x.T), np.float64)
        )
        for x in units
    ]


def distances(
    reference: Sequence[Relations], other: Sequence[Relations], radius: int = RADIUS
) -> list[LayerDistance]:
    """Of each layer."""
    return [_layer(a, b, radius) for a, b in zip(reference, other, strict=True)]


def ulpips_terms(
    reference: Sequence[Tokens], other: Sequence[Tokens], radius: int = RADIUS, tau: float = TAU
) -> list[LayerDistance]:
    """Distances of the tokens of each layer."""
    return distances(relations(reference, tau), relations(other, tau), radius)


def total(terms: Sequence[LayerDistance]) -> float:
    """TinyUSFM-uLPIPS: the mean over layers of structure and Gram distance; 0 for the same picture."""
    return sum(term.structure + term.gram for term in terms) / len(terms)


def distance_map(terms: Sequence[LayerDistance]) -> Floats:
    """(side, side) where the pictures differ: the structure of each neighbourhood, mean over layers."""
    return np.asarray(np.mean([term.map for term in terms], axis=0))


@cache
def neighbourhoods(side: int, radius: int) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """Tokens of a grid (n,) and the members of their neighbourhoods (n, m), in groups of equal shape."""
    grid = np.arange(side * side).reshape(side, side)
    groups: dict[tuple[int, ...], list[tuple[int, NDArray[np.intp]]]] = {}
    for row in range(side):
        for column in range(side):
            near = grid[
                max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1
            ]
            groups.setdefault(near.shape, []).append((row * side + column, near.ravel()))
    return tuple(
        (np.array([centre for centre, _ in group]), np.stack([near for _, near in group]))
        for group in groups.values()
    )


def _products(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """x @ x.T in squares, of which one half is computed.

    Small enough that BLAS starts no threads, which wait more than they work on matrices of this size.
    """
    count = ceil(len(x) * sqrt(x.shape[1] / _MOST_PRODUCTS))
    parts = np.array_split(x, count)
    ends = np.cumsum([0, *map(len, parts)])
    found = np.empty((len(x), len(x)), x.dtype)
    for row, part in enumerate(parts):
        for column in range(row + 1):
            here, there = (slice(ends[at], ends[at + 1]) for at in (row, column))
            found[here, there] = part @ parts[column].T
            found[there, here] = found[here, there].T
    return found


@cache
def _tables(side: int, radius: int) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """Places (n, m, m) of every pair of members in the flat table of all similarities."""
    count = side * side
    return tuple(
        (centres, near[:, :, None] * count + near[:, None, :])
        for centres, near in neighbourhoods(side, radius)
    )


def _unit(tokens: Tokens) -> Floats:
    wide = tokens.astype(np.float64)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12))


def _layer(a: Relations, b: Relations, radius: int) -> LayerDistance:
    count, width = len(a.powers), len(a.products)
    side = round(count**0.5)
    places = np.empty(count)
    for centres, pairs in _tables(side, radius):
        # the places are known to be inside: clipping spares numpy the look and a copy
        table_a, table_b = (one.powers.take(pairs, mode="clip") for one in (a, b))
        table_a *= 1 / table_a.sum(axis=2, keepdims=True)
        table_b *= 1 / table_b.sum(axis=2, keepdims=True)
        table_a -= table_b
        places[centres] = np.abs(table_a, out=table_a).mean(axis=(1, 2), dtype=np.float64)
    gram = np.mean(np.abs(a.products - b.products)) / (count * width)
    return LayerDistance(float(places.mean()), float(gram), places.reshape(side, side))
