import dataclasses
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import BundleError
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.bundle_folder import read_document, read_files, write_bundle
from scanmon.scoring.heads import Head, check_head, parse_head, weighted_worst_mean, window_values
from scanmon.scoring.manifold import Fit, Manifolds, OrganModel, mixture
from scanmon.scoring.nrq import worst_mean
from scanmon.scoring.organ_file import organ_bytes, organ_model, parse_organ

CLEAN = np.array([[[100.0, 2.0], [-4.0, 0.5]], [[90.0, 2.0], [-4.0, 0.5]]])


def _model(name: str = "liver", shift: float = 0.0) -> OrganModel:
    rng = np.random.default_rng(0)
    components = np.linalg.qr(rng.standard_normal((16, 4)))[0].T
    made = organ_model(
        name, np.full(16, shift), components, np.array([1.0]), np.zeros((1, 4)), np.full((1, 4), 0.01)
    )
    return dataclasses.replace(
        made, clean_loglik=np.array([100.0, 2.0]), clean_residual=np.array([-4.0, 0.5])
    )


def _fit(loglik: list[list[float]], residual: float = np.exp(-4.0)) -> Fit:
    values = np.array(loglik)
    none = np.zeros(values.shape)
    return Fit(values, np.full(values.shape, residual), none, none)


def test_the_published_head_is_the_mixture_or_one_organ_untouched() -> None:
    fit = _fit([[100.0, 90.0], [50.0, 80.0]])
    np.testing.assert_array_equal(window_values(fit, Head(), CLEAN, None), mixture(fit.loglik))
    np.testing.assert_array_equal(window_values(fit, Head(), CLEAN, 1), [90.0, 80.0])


def test_typicality_punishes_too_likely_windows_as_well() -> None:
    fit = _fit([[100.0, 0.0], [104.0, 0.0], [96.0, 0.0], [140.0, 0.0]])
    values = window_values(fit, Head(typical=True), CLEAN, 0)
    np.testing.assert_allclose(values, [0.0, -2.0, -2.0, -200.0])


def test_the_residual_counts_from_what_is_usual_for_clean_pictures_on() -> None:
    usual, above, below = (
        window_values(_fit([[100.0, 0.0]], np.exp(log)), Head(residual=True), CLEAN, 0)[0]
        for log in (-4.0, -3.0, -6.0)
    )
    assert (usual, above, below) == (100.0, pytest.approx(98.0), 100.0)


def test_with_the_posterior_an_organ_that_fits_nothing_takes_nothing_away() -> None:
    alone = _fit([[100.0], [60.0]])
    beside = _fit([[100.0, -500.0], [60.0, -500.0]])
    values = window_values(beside, Head(posterior=True), CLEAN, None)
    np.testing.assert_allclose(values, alone.loglik[:, 0], atol=1e-9)
    assert (window_values(beside, Head(), CLEAN, None) < alone.loglik[:, 0] - 0.6).all()


def test_the_posterior_decides_for_the_picture_and_not_for_each_window() -> None:
    """A bad window of one organ may look like another organ: the mixture lets it pass."""
    fit = _fit([[100.0, 10.0], [100.0, 10.0], [20.0, 90.0]])
    assert window_values(fit, Head(), CLEAN, None)[2] > 89
    assert window_values(fit, Head(posterior=True), CLEAN, None)[2] == pytest.approx(20.0)


def test_weighted_worst_mean_counts_windows_by_their_share_of_the_sector() -> None:
    values = np.array([0.0, 10.0, 20.0, 30.0])
    assert weighted_worst_mean(values, np.ones(4), 0.25) == 0.0
    assert weighted_worst_mean(values, np.array([0.5, 1.0, 1.0, 1.0]), 2 / 7) == pytest.approx(5.0)
    assert weighted_worst_mean(values, np.ones(4), 1.0) == pytest.approx(worst_mean(values, 1.0))


@pytest.mark.parametrize("text", ["", "nrq+typical", "typical+typical", "best"])
def test_an_unknown_head_is_refused_with_the_options(text: str) -> None:
    with pytest.raises(BundleError, match=r"posterior\+residual\+typical\+masked"):
        parse_head(text)


def test_options_are_named_in_any_order() -> None:
    assert parse_head("typical+posterior") == parse_head("posterior+typical")
    assert parse_head("nrq").published


def test_statistics_travel_with_the_organ_model_and_their_lack_is_named() -> None:
    model = _model()
    again = parse_organ(organ_bytes(model), "liver")
    np.testing.assert_array_equal(Manifolds([again]).clean, [[[100.0, 2.0], [-4.0, 0.5]]])
    bare = dataclasses.replace(model, clean_loglik=None, clean_residual=None)
    check_head(Head(posterior=True, masked=True), Manifolds([bare]))
    with pytest.raises(BundleError, match="liver has no statistics"):
        check_head(Head(residual=True), Manifolds([bare]))


def test_residual_is_the_energy_that_the_subspace_does_not_hold() -> None:
    model = _model()
    inside = 0.3 * model.pca_components[0]
    outside = np.linalg.svd(model.pca_components)[2][-1] * 0.2
    fit = Manifolds([model]).fit(np.stack([inside, inside + outside]))
    np.testing.assert_allclose(fit.residual[:, 0], [0.0, 0.04], atol=1e-12)
    assert fit.loglik[0, 0] == pytest.approx(fit.loglik[1, 0])


def test_a_bundle_with_an_unknown_head_does_not_open(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    document = read_document(bundle)
    document["nrq"]["head"] = "magic"
    with pytest.raises(BundleError, match="head 'magic' is unknown"):
        write_bundle(tmp_path / "new", document, read_files(bundle))
