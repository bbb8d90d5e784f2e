"""What the nrq of bundles says on held-back training pictures under the evaluation's own everyday faults.

`python -m tools.validate_nrq BUNDLE... --data DIR`: as `tools.validate_map`, to choose organ models and
backbones. Severities are negative scores. Bundles with the same backbone share its passes.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Engine
from scanmon.degradations import FAMILIES
from scanmon.inference.onnx import OnnxEngine
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.severity import Exposure
from tools.training.evidence import view_of
from tools.validate_map import (
    KEPT,
    Gray,
    Seen,
    dark_in_depth,
    held_back,
    measure,
    of_another_maker,
    show_levels,
    show_order,
)


class Remembering:
    """An engine that gives the last windows' features again without another pass."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.backend, self.precision = engine.backend, engine.precision
        self._windows, self._z = np.empty(0, np.uint8), np.empty(0, np.float32)

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if not np.array_equal(pixels, self._windows):
            self._windows, self._z = pixels.copy(), self._engine.run(pixels)
        return self._z

    def close(self) -> None:
        self._engine.close()


@dataclass(frozen=True, slots=True)
class Nrq:
    """The nrq of one bundle."""

    scorer: NrqScorer
    height: int

    def seen(self, gray: Gray, mask: NDArray[np.bool_]) -> Seen:
        """One number: the negative score."""
        self.scorer.reset()
        score = self.scorer.score(view_of(gray, mask, self.height)).score
        return Seen(np.array([-score]), np.empty((0, 1)), Exposure(0.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=1, help="of each organ that has a model")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--foreign", action="store_true", help="as scanners of other makers show them")
    shown.add_argument("--dark", action="store_true", help="as scanners show them that go black with depth")
    parser.add_argument(
        "--levels", action="store_true", help="clean, darker, shown otherwise, and of nothing"
    )
    options = parser.parse_args()
    cv2.setNumThreads(1)
    engines: dict[bytes, Remembering] = {}
    judged, organs = [], set()
    for folder in options.bundles:
        bundle = open_bundle(folder)
        assert bundle.nrq is not None
        network = bundle.read(bundle.nrq.file)
        models = [parse_organ(bundle.read(name), Path(name).stem, name) for name in bundle.nrq.organs]
        engine = engines.setdefault(network, Remembering(OnnxEngine(network, "fp32", threads=1)))
        judged.append(Nrq(NrqScorer(engine, Manifolds(models)), bundle.working_height_px))
        organs |= {model.name for model in models}
    pictures = [one for one in held_back(options.data, options.pictures) if one.organ in organs]
    if options.foreign or options.dark:
        change = dark_in_depth if options.dark else of_another_maker
        pictures = [change(picture, number) for number, picture in enumerate(pictures)]
    found = measure(judged, pictures, [family.name for family in FAMILIES.values() if family.common])
    for folder, own in zip(options.bundles, found, strict=True):
        print(f"{folder}: {len(pictures)} pictures")
        show_order(own, len(pictures), KEPT, shipped=True)
    for folder, nrq in zip(options.bundles, judged if options.levels else [], strict=options.levels):
        print(folder)
        show_levels(nrq, pictures, nrq.height)


if __name__ == "__main__":
    main()
