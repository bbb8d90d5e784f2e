"""A small but real bundle, made in a moment from random weights; needs `onnx`, not PyTorch and not ../shared.

`tiny_bundle` (a fixture, once a session) is its folder: windows of 64 px every 32, five blocks of width 24,
the organ models `alpha` and `beta` fitted on seeded noise pictures, and a map network whose severity is the
darkness of each 16 px cell (0 white, 1 black). Both metrics are calibrated. `make_bundle(folder)` writes
another one to spoil.
"""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.architecture import Architecture, random_weights
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.builder.onnx_writer import FLOAT, UINT8, Writer
from scanmon.scoring.bundle import Bundle
from scanmon.scoring.bundle_folder import write_bundle
from scanmon.scoring.manifold import Manifolds, OrganModel, mixture
from scanmon.scoring.organ_file import organ_bytes, organ_model

PATCH, STRIDE, LAYERS = 64, 32, (2, 4)
TINY = Architecture("tiny", width=24, depth=5, heads=3, image=PATCH)


def _dark(writer: Writer) -> tuple[str, str, str]:
    """uint8 `pixels` (1, H, W) -> darkness and mean light of cells of 16 pixels, floats of the pixels."""
    planes = writer.add("Unsqueeze", ["pixels", writer.integers(1)], "planes")
    floats = writer.add("Cast", [planes], "cast", to=FLOAT)
    light = writer.add("AveragePool", [floats], "light", kernel_shape=[16, 16], strides=[16, 16])
    share = writer.add("Div", [light, writer.constant("white", np.array(255, dtype=np.float32))], "share")
    dark = writer.add("Sub", [writer.constant("one", np.array(1, dtype=np.float32)), share], "dark")
    return dark, light, floats


def _severity(writer: Writer, shape: list[int | str], name: str) -> bytes:
    return serialised(writer.model([("pixels", UINT8, [1, "H", "W"])], [("severity", FLOAT, shape)], name))


def darkness_network() -> bytes:
    """ONNX: uint8 (1, H, W) -> severity (1, H/16, W/16), 1 minus the mean of each cell over 255."""
    writer = Writer()
    writer.add("Squeeze", [_dark(writer)[0], writer.integers(1)], "severity")
    return _severity(writer, [1, "h", "w"], "darkness")


def looking_network() -> bytes:
    """ONNX: uint8 (1, H, W) -> (1, 10, H/16, W/16): darkness, as every kind too, and mean and most light."""
    writer = Writer()
    dark, light, floats = _dark(writer)
    most = writer.add("MaxPool", [floats], "most", kernel_shape=[16, 16], strides=[16, 16])
    writer.add("Concat", [dark] * 8 + [light, most], "severity", axis=1)
    return _severity(writer, [1, 10, "h", "w"], "looking")


def serialised(model: onnx.ModelProto) -> bytes:
    """The file's bytes."""
    data: bytes = model.SerializeToString()
    return data


def speckle(count: int, seed: int, blur: float = 2.0, side: int = PATCH) -> NDArray[np.uint8]:
    """(count, side, side) seeded pictures that look a little like tissue."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side)).astype(np.float32)
    smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), blur) for plane in noise])
    return np.clip(120 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def fitted(name: str, z: NDArray[np.float32], dims: int = 6) -> OrganModel:
    """A manifold of features (n, D): PCA, and one Gaussian for each half of them."""
    mean = z.mean(axis=0, dtype=np.float64)
    components = np.linalg.svd(z - mean, full_matrices=False)[2][:dims].astype(np.float64)
    x = (z - mean) @ components.T
    halves = [x[x[:, 0] > 0], x[x[:, 0] <= 0]]
    return organ_model(
        name,
        mean,
        components,
        np.array([len(half) / len(x) for half in halves]),
        np.stack([half.mean(axis=0) for half in halves]),
        np.stack([half.var(axis=0) + 1e-6 for half in halves]),
    )


def make_bundle(folder: Path, seed: int = 0, name: str = "tiny") -> Bundle:
    """Write the bundle into `folder`, which must not exist, and open it."""
    backbone = serialised(backbone_graph(random_weights(TINY, seed), TINY, LAYERS))
    engine = OnnxEngine(backbone, "fp32", threads=1)
    organs = [
        fitted(organ, engine.run(speckle(80, number, 2.0 + number)))
        for number, organ in enumerate(("alpha", "beta"))
    ]
    clean = mixture(Manifolds(organs).fit(engine.run(speckle(40, 9))).loglik)
    middle, width = float(clean.mean()), float(clean.std()) + 1.0
    document = {
        "schema_version": 1,
        "name": name,
        "version": "1",
        "licence": "Apache-2.0",
        "nrq": {
            "file": "backbone.onnx",
            "organs": ["organs/alpha.npz", "organs/beta.npz"],
            "patch": PATCH,
            "stride": STRIDE,
            "layers": list(LAYERS),
            "calibration": {"scores": [middle - 20 * width, middle], "qualities": [0.0, 100.0]},
        },
        "map": {
            "file": "map.onnx",
            "stride": 16,
            "calibration": {"scores": [-1.0, 0.0], "qualities": [0.0, 100.0]},
        },
    }
    files = {"backbone.onnx": backbone, "map.onnx": darkness_network()}
    files |= {f"organs/{organ.name}.npz": organ_bytes(organ) for organ in organs}
    return write_bundle(folder, document, files)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the small bundle; do not change it."""
    return make_bundle(tmp_path_factory.mktemp("bundles") / "tiny").folder
