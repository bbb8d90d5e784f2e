"""The published fit on the published features; minutes, since 480 windows go through the network."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.values import View
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.fit.organ_models import FitOptions, fit_organ
from scanmon.lab.fit.sampling import Sampling, features
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import load_organs
from tests.doubles.bundles import serialised


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_refit_of_the_reference_pictures_gives_the_published_organ_models(shared: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    from scanmon.lab.builder.checkpoint import load_checkpoint

    reference = shared / "reference"
    checkpoint = load_checkpoint(reference / "tinyusfm-standin.pth")
    network = serialised(backbone_graph(checkpoint.weights, checkpoint.architecture))
    engine = OnnxEngine(network, "fp32")
    with np.load(reference / "golden.npz") as golden:
        z = np.concatenate([golden[key] for key in golden.files if key.endswith("|z") and "stage" not in key])
    published = {model.name: model for model in load_organs(reference / "organs_fitted")}
    for folder in sorted(path for path in (reference / "fit").iterdir() if path.is_dir()):
        views = [
            View(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), None, 0.0)
            for path in sorted(folder.glob("*.png"))
        ]
        found = features(views, engine, Sampling(), lambda _: None)
        fitted = fit_organ(folder.name, found, FitOptions())
        ours, theirs = (
            Manifolds([model]).fit(z).loglik[:, 0] for model in (fitted.model, published[folder.name])
        )
        np.testing.assert_allclose(ours, theirs, atol=1e-2)
        np.testing.assert_allclose(
            np.sort(fitted.model.gmm_weights), np.sort(published[folder.name].gmm_weights), atol=1e-6
        )
        assert fitted.rows == 160
        assert abs(fitted.held_out_loglik - fitted.own_loglik) < 10
