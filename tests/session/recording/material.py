"""Pictures with a sector and writing beside it, scored by their mean level."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Region
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.session.recorder import Options, Recorder
from scanmon.session.store import About
from tests.doubles.scenes import LINEAR, MeanScorer, NamedEngine

ENGINE = EngineName("numpy", "fp64")
PROVENANCE = Provenance("DOE JANE.dcm", "tiny-1", (ENGINE,))
ABOUT = About("video", software="scanmon test", rate_hz=25.0, settings={"scoring": {"metric": "map"}})
HEIGHT, WIDTH = 91, 121  # odd on purpose: H.264 cannot hold these sizes as they are
SECTOR = Box(11, 21, 91, 61)
NO_FLOOR = 0  # bytes that must be free: none


def sector() -> Region:
    mask = np.zeros((SECTOR.height, SECTOR.width), np.uint8)
    cv2.ellipse(mask, (45, 0), (45, 60), 0, 0, 180, 1, -1)
    return Region(SECTOR, mask.astype(bool), ((11.0, 21.0),), "sector", "detected")


class FixedSector:
    """Always the same sector."""

    def __init__(self) -> None:
        self._region = sector()

    def find(self, frame: Frame) -> Region:
        return self._region

    def reset(self) -> None:
        """Nothing is remembered."""


def frame(index: int, seed: int = 0, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Frame:
    """Speckle everywhere, brighter with time, and white bars outside the sector where scanners write."""
    noise = np.random.default_rng(1000 * seed + index).normal(60 + index, 20, size)
    pixels = np.clip(cv2.GaussianBlur(noise, (0, 0), 1.5), 0, 250).astype(np.uint8)
    pixels[2:12, 5:100] = 255
    pixels[-5:, :] = 255
    pixels.setflags(write=False)
    return Frame(pixels, index, index / 25, 100.0 + index / 25)


def frames(count: int) -> Iterator[Frame]:
    return (frame(index) for index in range(count))


def analyzer() -> Analyzer:
    judge = Judge(MeanScorer(), LINEAR, NamedEngine(ENGINE))
    return Analyzer([judge], FixedSector(), provenance=PROVENANCE)


def analyses(count: int) -> Iterator[Analysis]:
    score = analyzer()
    return (score.analyze(picture) for picture in frames(count))


def recorder(root: Path, **options: object) -> Recorder:
    """One that waits for its encoder, so that tests lose nothing."""
    given = {"wait": True, "free_bytes": NO_FLOOR, **options}
    return Recorder(root, ABOUT, Options(**given))  # type: ignore[arg-type]


def record(root: Path, count: int, **options: object) -> Path:
    """A session of `count` frames, all analysed; returns its folder."""
    keeper = recorder(root, **options)
    keeper.start()
    for analysis in analyses(count):
        keeper.capture(analysis.frame)
        keeper.write(analysis)
    keeper.close()
    (folder,) = root.iterdir()
    return folder
