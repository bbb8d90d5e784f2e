"""The published fit on the published features; minutes, since 480 windows go through the network."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.core.values import View
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.fit import Features, FitOptions, Sampling, features, fit_organ
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import load_organs
from scanmon.scoring.windows import grid
from tests.doubles.bundles import serialised
from tests.doubles.oracle import speckled

pytest.importorskip("sklearn")
SMALL = FitOptions(dimensions=8, parts=2)


def _features(pictures: int = 30, width: int = 32, seed: int = 0) -> Features:
    """Features near a plane of six directions, four windows a picture, of unit length."""
    rng = np.random.default_rng(seed)
    basis = rng.standard_normal((6, width))
    z = 3 + rng.standard_normal((4 * pictures, 6)) @ basis + 0.1 * rng.standard_normal((4 * pictures, width))
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    return Features(z, np.repeat(np.arange(pictures), 4))


def test_the_fit_is_that_of_scikit_learn_with_the_published_settings() -> None:
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    found = _features()
    pca = PCA(n_components=8, random_state=2026)
    x = pca.fit_transform(found.z)
    mixture = GaussianMixture(
        2, covariance_type="diag", reg_covar=1e-4, random_state=2026, max_iter=300, init_params="kmeans"
    ).fit(x)
    fitted = fit_organ("liver", found, SMALL)
    ours = Manifolds([fitted.model]).fit(found.z).loglik[:, 0]
    np.testing.assert_allclose(ours, mixture.score_samples(x), atol=1e-9)
    assert fitted.own_loglik == pytest.approx(float(ours.mean()))
    assert (fitted.pictures, fitted.rows) == (30, 120)


def test_held_out_pictures_are_likely_where_the_model_holds_and_unlikely_where_it_only_remembers() -> None:
    many = fit_organ("liver", _features(150), SMALL)
    few = fit_organ("liver", _features(10), FitOptions(dimensions=24, parts=4))
    assert many.own_loglik - many.held_out_loglik < 0.5
    assert few.own_loglik - few.held_out_loglik > 2.0


def test_too_few_pictures_are_refused_with_the_number_needed() -> None:
    with pytest.raises(OrganModelError, match=r"nerve: 30 pictures give 120 windows.*about 40 pictures"):
        fit_organ("nerve", _features(30), FitOptions())
    empty = Features(np.empty((0, 0)), np.empty(0, np.intp))
    with pytest.raises(OrganModelError, match="0 pictures"):
        fit_organ("nerve", empty, FitOptions())
    with pytest.raises(SettingsError, match="a dimension and a Gaussian"):
        FitOptions(dimensions=0)


def test_the_poor_windows_of_accepted_pictures_are_left_out_on_demand() -> None:
    clean = _features(100)
    middle = clean.z.mean(axis=0)
    poor = clean.z[:20] + 3 * (
        clean.z[0] - middle
    )  # as a fault moves them, in a direction that clean ones have
    mixed = Features(np.concatenate([clean.z, poor]), np.concatenate([clean.picture, clean.picture[:20]]))

    def of_poor(kept: float) -> tuple[float, int]:
        fitted = fit_organ("liver", mixed, FitOptions(dimensions=8, parts=2, kept=kept))
        return float(np.median(Manifolds([fitted.model]).fit(poor).loglik)), fitted.rows

    (taken, every), (refused, half) = of_poor(1.0), of_poor(0.5)
    assert (every, half) == (420, 210)
    assert refused < taken - 50
    assert FitOptions(kept=0.5).rows_needed == 2 * FitOptions().rows_needed
    with pytest.raises(SettingsError, match="some of the windows"):
        FitOptions(kept=0.0)


def test_the_likeliest_windows_of_one_picture_alone_leave_the_held_out_ones_their_model() -> None:
    rng = np.random.default_rng(3)
    z, picture = rng.normal(size=(400, 12)), np.repeat(np.arange(10), 40)
    z[picture == 4] *= 0.01  # one homogeneous picture holds the likeliest tenth
    fitted = fit_organ("liver", Features(z, picture), FitOptions(dimensions=4, parts=2, kept=0.1))
    assert fitted.rows == 40
    assert np.isfinite(fitted.held_out_loglik)


class Corner:
    """A network whose feature is the window's first pixels: shows which windows were taken."""

    backend, precision = "test", "fp32"

    def run(self, pixels: np.ndarray) -> np.ndarray:
        return pixels[:, 0, :8].astype(np.float32)

    def close(self) -> None:
        """Nothing to free."""


def test_windows_are_drawn_with_the_published_seed_of_each_picture() -> None:
    views = [View(speckled(seed, 480, 640), None, 0.0) for seed in range(3)]
    seen: list[int] = []
    found = features(iter(views), Corner(), Sampling(), seen.append)
    assert seen == [1, 2, 3]
    assert found.picture.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    corners = grid(480, 640).corners
    chosen = np.random.default_rng((2026 + 2 * 1315423911) & 0xFFFFFFFF).choice(
        len(corners), 4, replace=False
    )
    expected = [views[2].image[y, x : x + 8] for y, x in corners[chosen]]
    np.testing.assert_array_equal(found.z[8:], expected)


def test_windows_outside_the_sector_are_not_learned() -> None:
    mask = np.zeros((480, 640), np.bool_)
    mask[:, :300] = True
    image = np.where(mask, speckled(0, 480, 640), 0).astype(np.uint8)
    found = features([View(image, mask, 0.0)], Corner(), Sampling(windows_per_picture=0), lambda _: None)
    assert 0 < len(found.z) < len(grid(480, 640))
    assert found.z.max(axis=1).min() > 0


def test_a_fitted_model_knows_what_is_usual_for_pictures_it_has_not_seen() -> None:
    model = fit_organ("liver", _features(150), SMALL).model
    fresh = Manifolds([model]).fit(_features(150, seed=0).z)
    assert np.median(fresh.loglik) == pytest.approx(model.clean_loglik[0], abs=0.5)
    assert np.median(np.log(fresh.residual)) == pytest.approx(model.clean_residual[0], abs=0.3)


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
