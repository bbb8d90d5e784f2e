"""Which pictures are degraded how: fixed seeds, so that every run and every bundle sees the same."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Frame, GrayImage, Mask, Region, View
from scanmon.degradations import FAMILIES, NUISANCES, SEVERITIES, Degraded, degrade
from scanmon.degradations.negatives import NEGATIVES, negative
from scanmon.scoring.view import Viewer

T = TypeVar("T")
CLEAN = "clean"
AS = "as "  # before the name of a nuisance, where a family stands


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A clean picture with its region; the region stays that of the clean picture when it is degraded."""

    name: str  # unique in the data set, for instance `muscle/mu_0001.png`
    organ: str
    pixels: GrayImage
    region: Region

    @property
    def inside(self) -> Mask:
        """(H, W) True where the picture is ultrasound."""
        return self.region.inside(*self.pixels.shape)

    def disturbed(self, nuisance: str, rng: np.random.Generator) -> Picture:
        """The same clean picture as no eye minds it; its region goes with it."""
        pixels, inside = NUISANCES[nuisance](self.pixels, self.inside, rng)
        if pixels.shape == self.pixels.shape and np.array_equal(inside, self.inside):
            return replace(self, pixels=pixels)
        box = Box(*cv2.boundingRect(inside.view(np.uint8)))
        mask = np.ascontiguousarray(inside[box.rows, box.columns])
        region = replace(self.region, box=box, mask=None if mask.all() else mask)
        return replace(self, pixels=pixels, region=region)

    def view(self, working_height_px: int) -> View:
        """What a scorer gets to see of it, in arrays of its own."""
        return Viewer(working_height_px).view(Frame(self.pixels, 0, 0.0, 0.0), self.region)


@dataclass(frozen=True, slots=True)
class Case:
    """One version of one picture."""

    family: str  # CLEAN, the name of a degradation, or AS and that of a nuisance
    severity: int  # 0 for all but degradations


@dataclass(frozen=True, slots=True)
class Plan:
    """The versions of every picture, in the order in which they are made."""

    families: tuple[str, ...] = tuple(FAMILIES)
    seed: int = 2026
    nuisances: tuple[str, ...] = tuple(NUISANCES)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.families) - set(FAMILIES))
        if unknown:
            raise SettingsError(
                f"unknown degradation {unknown[0]}", "--families", f"one of {', '.join(FAMILIES)}"
            )

    def cases(self) -> Iterator[Case]:
        """Clean first, then as no eye minds it, then each family with growing severity."""
        yield Case(CLEAN, 0)
        for name in self.nuisances:
            yield Case(AS + name, 0)
        for family in self.families:
            for severity in SEVERITIES:
                yield Case(family, severity)

    def __len__(self) -> int:
        """Versions of one picture."""
        return 1 + len(self.nuisances) + len(self.families) * len(SEVERITIES)

    def generator(self, picture: str, family: str) -> np.random.Generator:
        """A fresh generator: the same for all severities, another for every picture and family."""
        words = [zlib.crc32(text.encode()) for text in (picture, family)]
        return np.random.default_rng([self.seed, *words])

    def version(self, picture: Picture, case: Case) -> tuple[Picture, Degraded | None]:
        """A version of a clean picture, and what a degradation did to it, if there is one."""
        generator = self.generator(picture.name, case.family)
        if case.family.startswith(AS):
            return picture.disturbed(case.family.removeprefix(AS), generator), None
        if case.family == CLEAN:
            return picture, None
        made = degrade(picture.pixels, case.family, case.severity, generator, picture.inside)
        return replace(picture, pixels=made.image), made


def thin_out(every: Sequence[T], limit: int) -> list[T]:
    """At most `limit` of them (0: all), evenly spread; what a smaller limit takes, a larger one takes too.

    Halves, quarters, eighths and so on of the list in turn (the binary van der Corput sequence).
    """
    if limit <= 0 or len(every) <= limit:
        return list(every)
    chosen: dict[int, None] = {}
    step = 0
    while len(chosen) < limit:
        chosen[int(_mirrored(step) * len(every))] = None
        step += 1
    return [every[index] for index in sorted(chosen)]


def _mirrored(number: int) -> float:
    """The binary digits of a number behind the point, last one first: 0, 1/2, 1/4, 3/4, 1/8 ..."""
    value, place = 0.0, 0.5
    while number:
        value += place * (number & 1)
        number, place = number >> 1, place / 2
    return value


DEGENERATE = "degenerate"
_NATIVE_PX = 480  # height where the bundle works at native scale


def hopeless_pictures(height_px: int = 0, seed: int = 2026) -> Iterator[Picture]:
    """The pictures of `NEGATIVES`, always the same: 4:3, `height_px` high (0: 480), all of it the region."""
    height = height_px or _NATIVE_PX
    width = round(height * 4 / 3)
    whole = Region(Box(0, 0, width, height), kind="full", origin="full")
    for name in NEGATIVES:
        yield Picture(f"{DEGENERATE}/{name}", DEGENERATE, negative(name, height, width, seed), whole)
