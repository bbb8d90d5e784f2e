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

from scanmon.degradations import FAMILIES
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.loaded_bundle import Remembering
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.severity import Rules
from tools.training.evidence import view_of
from tools.validate_map import (
    KEPT,
    Gray,
    Seen,
    add_picture_options,
    asked_pictures,
    measure,
    show_levels,
    show_order,
)


@dataclass(frozen=True, slots=True)
class Nrq:
    """The nrq of one bundle."""

    scorer: NrqScorer
    height: int

    def seen(self, gray: Gray, mask: NDArray[np.bool_]) -> Seen:
        """One number: the negative score."""
        self.scorer.reset()
        score = self.scorer.score(view_of(gray, mask, self.height)).score
        return Seen(np.array([-score]), np.empty((0, 1)), Rules())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundles", type=Path, nargs="+")
    add_picture_options(parser, 1, "of each organ that has a model")
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
    pictures = asked_pictures(options, organs)
    found = measure(judged, pictures, [family.name for family in FAMILIES.values() if family.common])
    for folder, own in zip(options.bundles, found, strict=True):
        print(f"{folder}: {len(pictures)} pictures")
        show_order(own, len(pictures), KEPT, shipped=True)
    for folder, nrq in zip(options.bundles, judged if options.levels else [], strict=options.levels):
        print(folder)
        show_levels(nrq, pictures, nrq.height)


if __name__ == "__main__":
    main()
