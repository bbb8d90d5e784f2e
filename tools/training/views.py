"""A group of views of one picture: clean, clean turned a little, two faults at three and two strengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.geometry import grain, speckle_power
from tools.training.distortions import GENERIC, TRAINED, generic, named
from tools.training.pictures import Picture
from tools.training.target import STRIDE, local_severity

STRENGTHS = (3, 2)
"""Of the two faults of a group."""
VIEWS = 2 + sum(STRENGTHS)
CHAINS = ([0, 2, 3, 4], [0, 5, 6])
"""Views of a group from clean to worse, a fault each."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of a view in pixels, and the heights (drawn log-uniformly) to which whole pictures are brought."""

    view: tuple[int, int] = (224, 272)
    heights_px: tuple[float, float] = (224, 400)

    @property
    def grid(self) -> tuple[int, int]:
        """(h, w) cells of the target."""
        return self.view[0] // STRIDE, self.view[1] // STRIDE


_MORE_OFTEN = {
    "speckle_noise": 2.0,
    "electronic_noise": 4.0,
    "gain_low": 2.5,
    "gain_high": 1.5,
    "haze": 2.5,
    "shadow": 6.0,
    "local_artefact": 6.0,
}
WHOLE_ODDS = 0.25
"""Share of the groups whose surround counts as inside: a region may be the whole picture."""
_TRAINED_ODDS = np.array([_MORE_OFTEN.get(name, 1.0) for name in TRAINED])


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Views of one picture: `pictures` (7, H, W) uint8, `severity` and `weight` (7, h, w) float32."""

    pictures: NDArray[np.uint8]
    severity: NDArray[np.float32]
    weight: NDArray[np.float32]


def tone(gray: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Another way to show the same clean picture: gamma, dynamic range, brightness, a fade with depth.

    The fade may reach black: below bone or at the end of the penetration a good picture has no echoes.
    """
    curve = np.arange(256, dtype=np.float32)
    if rng.random() < 0.35:
        reject = rng.uniform(0, 30)
        curve = (curve - reject) * (255.0 / (255.0 - reject))
    if rng.random() < 0.4:  # a gray map of its own: steeper here, flatter there
        steps = np.exp(rng.normal(0, 0.35, 5))
        knots = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()]) * 255.0
        curve = np.interp(curve, np.linspace(0, 255, 6), knots).astype(np.float32)
    curve = 255.0 * (np.clip(curve, 0, 255) / 255.0) ** np.exp(rng.normal(0, 0.22))
    curve = curve * rng.uniform(0.85, 1.05)
    shown = np.asarray(np.clip(curve, 0, 255)[gray], np.float32)
    if rng.random() < 0.35:
        height, width = gray.shape
        start, reach, loss = rng.uniform(0.25, 0.9), rng.uniform(0.15, 0.6), rng.uniform(0, 110)
        waves = cv2.resize(rng.uniform(-0.3, 0.3, (1, 4)).astype(np.float32), (width, 1))
        depth = np.linspace(0, 1, height, dtype=np.float32)[:, None] + rng.integers(2) * waves
        t = np.clip((depth - start) / reach, 0, 1).astype(np.float32)
        shown = np.asarray(shown - loss * t * t * (3.0 - 2.0 * t), np.float32)
    return np.clip(np.rint(shown), 0, 255).astype(np.uint8)


def scanner(gray: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same clean picture from another scanner: its sharpness, smoothing, edges and coarse grain.

    Textures differ more between scanners than between a clean picture and a slightly faulty one; a network
    that saw few scanners takes a foreign texture for a fault.
    """
    shown = gray.astype(np.float32)
    scale = gray.shape[0] / 400.0
    if rng.random() < 0.2:  # speckle reduction
        if rng.random() < 0.5:
            shown = cv2.medianBlur(gray, 3 if scale < 1.2 else 5).astype(np.float32)
        else:
            shown = cv2.bilateralFilter(gray, 5, rng.uniform(12, 50), 2.0 * scale).astype(np.float32)
    if rng.random() < 0.4:  # weak or coarse: a fine strong grain is the mildest speckle noise, a fault
        coarse = rng.random() < 0.6
        down, across = rng.uniform((0.9, 1.6), (2.0, 5.0)) if coarse else rng.uniform((0.4, 0.6), (1.2, 3.0))
        texture = grain(rng, gray.shape, down * scale, across * scale)
        strength = rng.uniform(2, 18) if coarse else rng.uniform(1, 7)
        shown = shown + strength * texture * np.clip(shown / 60.0, 0.0, 1.0)
    if rng.random() < 0.5:
        across, down = rng.uniform(0.2, 1.6) * scale, rng.uniform(0.2, 0.9) * scale
        shown = np.asarray(
            cv2.GaussianBlur(shown, (0, 0), max(across, 0.2), sigmaY=max(down, 0.2)), np.float32
        )
    if rng.random() < 0.4:  # how much of each size of detail the scanner shows
        finer: NDArray[np.float32] = shown
        for width, reach in ((0.9, 0.35), (2.2, 0.25), (5.0, 0.2)):
            coarser = np.asarray(cv2.GaussianBlur(finer, (0, 0), width * scale), np.float32)
            shown = np.asarray(shown + (np.exp(rng.normal(0, reach)) - 1.0) * (finer - coarser), np.float32)
            finer = coarser
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.8, 2.2), sigmaY=rng.uniform(0.6, 1.6))
        shown = np.asarray(shown + rng.uniform(0.2, 1.6) * (shown - soft), np.float32)
    return np.asarray(np.clip(np.rint(shown), 0, 255), np.uint8)


def random_sector(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The mask cut by a random sector with its apex above the picture, or by a random rectangle."""
    height, width = mask.shape
    rows, columns = np.ogrid[:height, :width]
    if rng.random() < 0.4:
        left, top = rng.uniform(0, 0.2) * width, rng.uniform(0, 0.1) * height
        right, bottom = rng.uniform(0.8, 1.0) * width, rng.uniform(0.8, 1.0) * height
        return np.asarray(mask & (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom))
    x, y = rng.uniform(0.4, 0.6) * width, -rng.uniform(0.0, 0.7) * height
    radius = np.hypot(columns - x, rows - y)
    angle = np.abs(np.arctan2(columns - x, rows - y))
    reach = height * rng.uniform(0.92, 1.1) - y
    return np.asarray(mask & (angle < rng.uniform(0.45, 0.85)) & (radius < reach) & (radius > -y * 1.02))


def _cut(
    picture: Picture, layout: Layout, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A native crop that will be shrunk to one view, padded with black where the picture ends."""
    height, width = picture.gray.shape
    scale = np.exp(rng.uniform(*np.log(layout.heights_px))) / height
    need_h, need_w = (
        round(layout.view[0] / scale),
        round(layout.view[1] / scale * np.exp(rng.normal(0, 0.14))),
    )
    top = int(rng.integers(0, max(height - need_h, 0) + 1))
    left = int(rng.integers(0, max(width - need_w, 0) + 1))
    gray = picture.gray[top : top + need_h, left : left + need_w]
    mask = picture.mask[top : top + need_h, left : left + need_w]
    if rng.random() < 0.5:
        gray, mask = gray[:, ::-1], mask[:, ::-1]
    lack_h, lack_w = need_h - gray.shape[0], need_w - gray.shape[1]
    before_h, before_w = int(rng.integers(0, lack_h + 1)), int(rng.integers(0, lack_w + 1))
    around = (before_h, lack_h - before_h), (before_w, lack_w - before_w)
    return np.pad(gray, around), np.pad(mask, around)


def _shrink(gray: NDArray[np.uint8], view: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(gray, (view[1], view[0]), interpolation=cv2.INTER_AREA), np.uint8)


def _turned(
    gray: NDArray[np.uint8],
    severity: NDArray[np.float32],
    weight: NDArray[np.float32],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """A view mirrored and turned by up to 4 degrees, with its target."""
    angle, flip = rng.uniform(-4, 4), rng.random() < 0.5
    out = []
    planes: tuple[NDArray[Any], ...] = (gray, severity, weight)
    for plane in planes:
        height, width = plane.shape
        source = np.ascontiguousarray(plane[:, ::-1]) if flip else plane
        turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
        out.append(cv2.warpAffine(source, turn, (width, height), flags=cv2.INTER_LINEAR))
    return out[0].astype(np.uint8), out[1].astype(np.float32), out[2].astype(np.float32)


def negative(view: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A view that is no ultrasound picture at all: black, white, flat, noise, text, a ramp."""
    kind = int(rng.integers(7))
    if kind < 3:
        value = (0, 255, int(rng.integers(0, 256)))[kind]
        return np.full(view, value, np.uint8)
    if kind == 3:
        spread, middle = rng.uniform(2, 90), rng.uniform(0, 255)
        across, down = (0.0, 0.0) if rng.random() < 0.4 else rng.uniform(0.3, 4.0, 2)
        rough = grain(rng, view, down, across) * spread + middle
        return np.asarray(np.clip(rough, 0, 255), np.uint8)
    if kind == 4:
        power = speckle_power(rng, view, rng.uniform(0, 4), rng.uniform(0, 4))
        shown = 255 + rng.uniform(-100, 20) + 40 * np.log10(power + 1e-4)
        return np.asarray(np.clip(shown, 0, 255), np.uint8)
    if kind == 5:
        page = np.full(view, int(rng.choice([0, 20, 60, 200])), np.uint8)
        for _ in range(int(rng.integers(4, 40))):
            corner = (int(rng.uniform(-20, view[1])), int(rng.uniform(8, view[0])))
            text = "".join(chr(int(c)) for c in rng.integers(40, 122, int(rng.integers(2, 14))))
            cv2.putText(
                page, text, corner, int(rng.integers(0, 5)), rng.uniform(0.3, 1.1), int(rng.integers(90, 256))
            )
        return page
    ramp = np.linspace(rng.uniform(0, 255), rng.uniform(0, 255), view[1], dtype=np.float32)
    return np.repeat(ramp[None, :], view[0], axis=0).astype(np.uint8)


def _fault(
    clean: NDArray[np.uint8], mask: NDArray[np.bool_], levels: NDArray[np.float64], rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """The picture with one random fault, or two, at each level; place and pattern are shared by all."""
    family = str(rng.choice(TRAINED, p=_TRAINED_ODDS / _TRAINED_ODDS.sum()))
    second = int(rng.integers(len(GENERIC)))
    mode, seed = rng.random(), int(rng.integers(1 << 62))
    out = []
    for level in (float(value) for value in levels):
        one, two = np.random.default_rng(seed), np.random.default_rng(seed + 1)
        if mode < 0.52:
            changed = named(clean, family, level, one, mask)
        elif mode < 0.86:
            changed = generic(clean, second, level, one, mask)
        else:
            changed = generic(named(clean, family, level * 0.8, one, mask), second, level * 0.6, two, mask)
        out.append(changed)
    return out


def group(picture: Picture, layout: Layout, rng: np.random.Generator) -> Group:
    """One training group of a picture: 0 and 1 clean, then two faults, growing; 1 may be a negative."""
    view = layout.view
    pictures = np.zeros((VIEWS, *view), np.uint8)
    severity = np.zeros((VIEWS, *layout.grid), np.float32)
    weight = np.zeros((VIEWS, *layout.grid), np.float32)
    native, mask = _cut(picture, layout, rng)
    if rng.random() < 0.3:
        mask = random_sector(mask, rng)
    if rng.random() < 0.75:
        native = scanner(native, rng)
    native = np.where(mask, tone(native, rng), 0).astype(np.uint8)
    whole = rng.random() < WHOLE_ODDS
    inside = (
        np.ones(view, np.uint8) if whole else (_shrink(mask.view(np.uint8) * 255, view) > 127).view(np.uint8)
    )
    pictures[0] = np.maximum(_shrink(native, view), inside)
    severity[0], weight[0] = local_severity(native, native, mask, view)
    index = 2
    for count in STRENGTHS:
        levels = np.sort(rng.uniform(0.0, 1.0, count)) * 0.97 + np.linspace(0.0, 0.03, count)
        for changed in _fault(native, mask, levels, rng):
            pictures[index] = np.maximum(_shrink(changed, view), inside)
            severity[index], weight[index] = local_severity(native, changed, mask, view)
            index += 1
    kind = rng.random()
    if kind < 0.18:
        pictures[1], severity[1], weight[1] = np.maximum(negative(view, rng), 1), 1.0, 1.0
    else:
        turned = 0 if kind < 0.7 else 3
        pictures[1], severity[1], weight[1] = _turned(pictures[turned], severity[turned], weight[turned], rng)
    return Group(pictures, severity, weight)
