"""Numbers to agree with: of the published implementation beside the project, of the phantoms inside it.

Both have the same names, so that a test asks for the fixture `reference` and is run with each that is there.
"""

import itertools
import json
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from scanmon.core.values import View
from scanmon.lab.builder.architecture import TINYUSFM, Architecture, Weights, random_weights
from scanmon.lab.compare.ulpips import ulpips_input
from scanmon.scoring.manifold import OrganModel
from scanmon.scoring.organ_file import load_organs
from tests.doubles import published
from tests.doubles.bundles import fitted

GOLDEN = Path(__file__).parents[1] / "golden.json"
SETS = ("fitted", "released")  # organ models of the same network, and of another one


class Published:
    """Of the public implementation, read where they lie (the `shared` fixture says where)."""

    architecture, stage = TINYUSFM, "hc18_a"  # the picture of which the tokens of one window are known

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.golden: dict[str, Any] = json.loads((folder / "golden.json").read_text())
        with np.load(folder / "golden.npz") as archive:
            self.arrays = {key: archive[key] for key in archive.files}

    @cached_property
    def weights(self) -> Weights:
        from scanmon.lab.builder.checkpoint import load_checkpoint

        return load_checkpoint(self._folder / "tinyusfm-standin.pth").weights

    @property
    def images(self) -> list[str]:
        return sorted(self.golden["nrq"])

    def view(self, name: str) -> View:
        """The picture as the published code makes it gray."""
        pixels = cv2.imread(str(self._folder / "images" / f"{name}.png"), cv2.IMREAD_UNCHANGED)
        assert pixels is not None
        return View(published.gray(pixels), None, 0.0)

    def organs(self, which: str) -> list[OrganModel]:
        return load_organs(self._folder / f"organs_{which}")


class Phantoms:
    """Of a small random network and seeded pictures: scores from `golden.json`, features from plain NumPy.

    `python -m tests.doubles.reference` writes the file anew.
    """

    architecture, stage = Architecture("phantoms", width=24, depth=12, heads=3), "gray_300x280"

    def __init__(self) -> None:
        self._pictures = {name: published.gray(picture) for name, picture in published.pictures().items()}
        self.images = sorted(self._pictures)
        self.weights = random_weights(self.architecture, 5)
        self.golden: dict[str, Any] = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}

    @cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Features and log-likelihoods of each window, and the tokens of one."""
        found = {f"{name}|z": z for name, z in self._features.items()}
        for which, name in itertools.product(SETS, self.images):
            models = self.organs(which)
            rows = [[published.loglik(model, z) for model in models] for z in self._features[name]]
            found[f"{name}|ll_{which}"] = np.array(rows)
            found[f"{name}|mix_{which}"] = logsumexp(rows, axis=1) - math.log(len(models))
        y, x = found["stage|coords"] = np.array([76, 56])
        for layer, tokens in zip(
            published.LAYERS, self._tokens(self._pictures[self.stage][y : y + 224, x : x + 224]), strict=True
        ):
            found[f"stage|layer{layer}_tokens"] = tokens
        return found

    def view(self, name: str) -> View:
        return View(self._pictures[name], None, 0.0)

    def organs(self, which: str) -> list[OrganModel]:
        """Fitted on the windows of the phantoms, or on features that no network gave."""
        if which == "released":
            noise = np.random.default_rng(3).normal(size=(2, 80, 4 * self.architecture.width))
            units = noise / np.linalg.norm(noise, axis=2, keepdims=True)
            return [fitted(name, z) for name, z in zip(("delta", "gamma"), units, strict=True)]
        large = self._features["large_340x784"]
        others = np.concatenate([z for name, z in self._features.items() if name != "large_340x784"])
        return [fitted("alpha", large), fitted("beta", others)]

    def computed(self) -> dict[str, Any]:
        """What the file has to say."""
        pair = {"ref": "gray_300x280", "img": "noisy_300x280"}
        tokens = [self._tokens(ulpips_input(self._pictures[name])) for name in pair.values()]
        terms = [published.ulpips_layer(*both) for both in zip(*tokens, strict=True)]
        layers = {
            str(layer): {"structure": structure, "gram": gram}
            for layer, (structure, gram) in zip(published.LAYERS, terms, strict=True)
        }
        value = sum(structure + gram for structure, gram in terms) / len(terms)
        return {
            "nrq": {name: self._scores(name) for name in self.images},
            "ulipips": [{**pair, "value": value, "layers": layers}],
        }

    def _tokens(self, window: NDArray[Any]) -> list[published.Floats]:
        return published.tokens(self.weights, self.architecture.heads, window)

    @cached_property
    def _features(self) -> dict[str, published.Floats]:
        found, heads = {}, self.architecture.heads
        for name, picture in self._pictures.items():
            windows = published.cut(picture)[2]
            found[name] = np.stack([published.features(self.weights, heads, window) for window in windows])
        return found

    def _scores(self, name: str) -> dict[str, Any]:
        corners, padding, _ = published.cut(self._pictures[name])
        chosen = published.sixteen(len(corners))
        parts = {"full": list(range(len(corners))), "max_patches_16_seed_2026": chosen}
        sets: dict[str, Any] = {}
        for which in SETS:
            mix, each = (self.arrays[f"{name}|{kind}_{which}"] for kind in ("mix", "ll"))
            names = [model.name for model in self.organs(which)]
            sets[which] = {"organs": names}
            for part, rows in parts.items():
                oracle = {organ: published.frame_score(each[rows, at]) for at, organ in enumerate(names)}
                sets[which][part] = {"mixture": published.frame_score(mix[rows]), "oracle": oracle}
        return {
            "coords_yx": [list(corner) for corner in corners],
            "padded_shape": [max(published.PATCH, side) for side in self._pictures[name].shape],
            "pad_top_left": list(padding),
            "idx16": chosen,
            "sets": sets,
        }


Reference = Published | Phantoms

if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(Phantoms().computed()) + "\n")
