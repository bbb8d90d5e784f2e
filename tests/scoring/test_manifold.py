"""Organ models and the log-likelihood under them."""

import math
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.scoring.manifold import Manifolds, OrganModel, mixture
from scanmon.scoring.organ_file import load_organ, load_organs, organ_model, save_organ
from tests.doubles.reference import Reference


def _model(name: str = "a", features: int = 6, dims: int = 3, parts: int = 2, seed: int = 0) -> OrganModel:
    rng = np.random.default_rng(seed)
    components = np.linalg.qr(rng.normal(size=(features, dims)))[0].T
    weights = rng.random(parts) + 0.1
    return organ_model(
        name,
        rng.normal(size=features),
        components,
        weights / weights.sum(),
        rng.normal(size=(parts, dims)),
        rng.random((parts, dims)) + 0.1,
    )


def _plainly(model: OrganModel, z: np.ndarray) -> float:
    """Log-likelihood of one feature vector, written out."""
    x = model.pca_components @ (z - model.pca_mean)
    total = 0.0
    for weight, mean, variance in zip(model.gmm_weights, model.gmm_means, model.gmm_covariances, strict=True):
        density = np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * math.pi * variance)
        total += float(weight * np.prod(density))
    return math.log(total)


def test_all_organs_at_once_equal_the_formula_written_out_for_models_of_different_sizes() -> None:
    models = [_model("a"), _model("b", dims=2, parts=3, seed=1), _model("c", dims=5, parts=1, seed=2)]
    z = np.random.default_rng(3).normal(size=(4, 6))
    expected = [[_plainly(model, row) for model in models] for row in z]
    np.testing.assert_allclose(Manifolds(models).fit(z).loglik, expected, rtol=1e-10)


@pytest.mark.parametrize("which", ["fitted", "released"])
def test_head_equals_the_published_one_on_its_own_features(reference: Reference, which: str) -> None:
    manifolds = Manifolds(reference.organs(which))
    for name in reference.images:
        assert list(manifolds.names) == reference.golden["nrq"][name]["sets"][which]["organs"]
        fit = manifolds.fit(reference.arrays[f"{name}|z"])
        np.testing.assert_allclose(fit.loglik, reference.arrays[f"{name}|ll_{which}"], atol=1e-9, rtol=0)
        mixed = reference.arrays[f"{name}|mix_{which}"]
        np.testing.assert_allclose(mixture(fit.loglik), mixed, atol=1e-9, rtol=0)


def test_a_projection_in_single_precision_moves_likelihoods_by_less_than_half_precision_moves_features(
    reference: Reference,
) -> None:
    manifolds = Manifolds(reference.organs("released"))
    for name in reference.images:
        z = reference.arrays[f"{name}|z"]
        double, single = manifolds.fit(z), manifolds.fit(z, single=True)
        assert single.loglik.dtype == np.float64
        half = np.abs(manifolds.fit(z.astype(np.float16)).loglik - double.loglik).max()
        assert 0 < np.abs(single.loglik - double.loglik).max() < half / 50


def test_models_of_another_backbone_are_noticed_and_own_ones_are_not(reference: Reference) -> None:
    fitted, released = (Manifolds(reference.organs(which)) for which in ("fitted", "released"))
    for name in reference.images:
        z = reference.arrays[f"{name}|z"]
        assert fitted.fit(z).warning() is None
        assert "another backbone" in (released.fit(z).warning() or "")


def test_a_fault_that_lies_far_off_within_the_subspace_is_not_taken_for_another_backbone() -> None:
    model = _model()
    fault = model.pca_mean + 1e3 * model.pca_components[:1]
    fit = Manifolds([model]).fit(fault)
    assert fit.loglik[0, 0] < -1e4
    assert fit.warning() is None


def test_share_outside_the_subspace_is_that_of_the_centred_energy() -> None:
    model = _model(dims=2)
    along = model.pca_components[0]
    across = np.linalg.svd(model.pca_components)[2][-1]
    fit = Manifolds([model]).fit(np.stack([model.pca_mean + along, model.pca_mean + along + across]))
    np.testing.assert_allclose(fit.outside[:, 0], [0.0, 0.5], atol=1e-12)


def test_mixture_of_one_organ_is_that_organ_and_of_hopeless_ones_costs_a_constant() -> None:
    loglik = np.array([[-3.0], [2.0]])
    np.testing.assert_allclose(mixture(loglik), [-3.0, 2.0])
    many = np.concatenate([loglik, np.full((2, 3), -1e6)], axis=1)
    np.testing.assert_allclose(mixture(many), loglik[:, 0] - math.log(4))


def test_unknown_organ_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"Liver.*a, b"):
        Manifolds([_model("a"), _model("b")]).index("Liver")


def test_features_of_another_length_are_refused() -> None:
    with pytest.raises(OrganModelError, match="expect 6 features, the network gives 5"):
        Manifolds([_model()]).fit(np.zeros((1, 5)))


def test_saved_model_comes_back_the_same(tmp_path: Path) -> None:
    model = _model("Nerve")
    save_organ(tmp_path / "Nerve.npz", model)
    again = load_organ(tmp_path / "Nerve.npz")
    assert again.name == "Nerve"
    np.testing.assert_array_equal(again.pca_components, model.pca_components)
    np.testing.assert_array_equal(again.log_det, model.log_det)
    with np.load(tmp_path / "Nerve.npz") as archive:
        assert int(archive["dim"]) == 3
        assert int(archive["format_version"]) == 1


def test_folder_of_the_published_fit_is_read_where_it_writes(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    save_organ(tmp_path / "models" / "b.npz", _model("b"))
    save_organ(tmp_path / "models" / "a.npz", _model("a"))
    assert [model.name for model in load_organs(tmp_path)] == ["a", "b"]
    with pytest.raises(OrganModelError, match="no organ models"):
        load_organs(tmp_path / "nowhere")


_KEYS = [
    *("pca_mean", "pca_components", "gmm_weights", "gmm_means", "gmm_covariances", "log_weights"),
    *("log_det",),
]
_GOOD = {key: getattr(_model(), key) for key in _KEYS} | {"dim": np.int32(3)}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"log_det": None}, "log_det is missing"),
        ({"dim": None}, "dim is missing"),
        ({"dim": np.int32(4)}, "pca_components has the shape"),
        ({"gmm_means": np.full((2, 3), np.nan)}, "gmm_means holds NaN"),
        ({"gmm_covariances": np.zeros((2, 3))}, "gmm_covariances is not positive"),
        ({"gmm_weights": np.array([0.5, 0.6])}, "gmm_weights sums to 1.1"),
        ({"log_weights": np.array([0.0, 0.0])}, "log_weights does not belong"),
        ({"log_det": np.array([0.0, 0.0])}, "log_det does not belong"),
        ({"pca_mean": np.array(["a"] * 6)}, "pca_mean holds <U1"),
    ],
)
def test_bad_model_is_refused_with_file_and_key(tmp_path, changes, named) -> None:
    path = tmp_path / "Liver.npz"
    np.savez(path, **{key: value for key, value in (_GOOD | changes).items() if value is not None})
    with pytest.raises(OrganModelError, match=named) as caught:
        load_organ(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_published_layout_with_capital_d_and_no_version_is_read(tmp_path: Path) -> None:
    content = {("D" if key == "dim" else key): value for key, value in _GOOD.items()}
    np.savez(tmp_path / "Breast.npz", **content)
    assert load_organ(tmp_path / "Breast.npz").gmm_means.shape == (2, 3)


def test_pickle_inside_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, **(_GOOD | {"pca_mean": np.array([{"a": 1}], dtype=object)}))
    with pytest.raises(OrganModelError, match="not readable as an organ model"):
        load_organ(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"hello"])
def test_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(data)
    with pytest.raises(OrganModelError, match="not readable as an organ model"):
        load_organ(tmp_path / "x.npz")
