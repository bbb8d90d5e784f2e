"""The losses give the values of the metrics, and gradients that finite differences confirm."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import ScanmonError
from scanmon.core.values import View
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.compare.ulpips import distance_map, ulpips_input, ulpips_terms
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.organ_file import organs_of
from tests.doubles.bundles import LAYERS, PATCH, STRIDE, speckle
from tests.doubles.oracle import speckled
from tests.doubles.reference import Reference

torch = pytest.importorskip("torch")
losses = pytest.importorskip("scanmon.lab.losses")


def _batch(*pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(pictures).astype(np.float32) / 255)


def test_ulpips_equals_the_published_values(reference: Reference) -> None:
    from scanmon.lab.builder.vit import from_weights

    metric = losses.Ulpips(from_weights(reference.weights, reference.architecture))
    for pair in reference.golden["ulipips"]:
        both = [_batch(reference.view(pair[side]).image) for side in ("ref", "img")]
        with torch.no_grad():
            assert float(metric(*both)) == pytest.approx(pair["value"], abs=1e-7), pair["img"]


@pytest.mark.parametrize("size", [(64, 64), (120, 161), (200, 50), (40, 150), (30, 30), (128, 64), (63, 64)])
def test_squeezing_is_that_of_the_metric(size: tuple[int, int]) -> None:
    from scanmon.lab.losses import squeezed

    picture = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    found = 255 * squeezed(_batch(picture), PATCH)[0].numpy()
    np.testing.assert_allclose(found, ulpips_input(picture, PATCH), atol=2e-4)


def test_a_batch_and_its_map_equal_the_metric_of_each_pair(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    engine = TokenEngine(bundle.read(bundle.nrq.file), LAYERS, PATCH)
    clean, noisy, other = speckled(0), np.roll(speckled(0), 3), speckled(1)
    metric = losses.Ulpips.of_bundle(str(tiny_bundle), radius=1, tau=5.0)
    with torch.no_grad():
        found = metric(_batch(clean, clean), _batch(noisy, other))
        maps = metric.map(_batch(clean, clean), _batch(noisy, other))
    for number, image in enumerate((noisy, other)):
        ours, theirs = (
            [layer[0] for layer in engine.run(ulpips_input(x, PATCH)[None])] for x in (clean, image)
        )
        terms = ulpips_terms(ours, theirs, 1, 5.0)
        expected = sum(term.structure + term.gram for term in terms) / len(terms)
        assert float(found[number]) == pytest.approx(expected, abs=1e-7)
        np.testing.assert_allclose(maps[number].numpy(), distance_map(terms), atol=1e-7)


def test_the_same_picture_has_no_distance_and_a_finite_gradient(tiny_bundle: Path) -> None:
    # the Gram distance is a sum of absolute values: at 0 it has a kink, so rounding decides the direction
    picture = _batch(speckled(0)).double().requires_grad_()
    value = losses.Ulpips.of_bundle(str(tiny_bundle)).double()(picture.detach(), picture).sum()
    value.backward()
    assert float(value.detach()) == pytest.approx(0.0, abs=1e-12)
    assert bool(torch.isfinite(picture.grad).all())


def _slope(function: object, picture: torch.Tensor, step: float = 1e-5) -> tuple[float, float]:
    """Along a random direction: by the gradient, and by central differences. In double precision."""
    direction = torch.randn(picture.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    picture = picture.double().requires_grad_()
    (gradient,) = torch.autograd.grad(function(picture).sum(), picture)  # type: ignore[operator]
    with torch.no_grad():
        ends = [float(function(picture + sign * step * direction).sum()) for sign in (1, -1)]  # type: ignore[operator]
    return float((gradient * direction).sum()), (ends[0] - ends[1]) / (2 * step)


def test_the_gradient_of_ulpips_is_that_of_finite_differences(tiny_bundle: Path) -> None:
    metric = losses.Ulpips.of_bundle(str(tiny_bundle)).double()
    reference = _batch(speckled(0)).double()
    found, expected = _slope(lambda picture: metric(reference, picture), _batch(speckled(1)))
    assert found == pytest.approx(expected, rel=1e-4)
    assert abs(expected) > 1e-6


@pytest.mark.parametrize("temperature", [0.0, 5.0])
def test_the_gradient_of_nrq_is_that_of_finite_differences(tiny_bundle: Path, temperature: float) -> None:
    metric = losses.SoftNrq.of_bundle(str(tiny_bundle), temperature=temperature).double()
    found, expected = _slope(metric, _batch(speckled(1)), 1e-7)
    assert found == pytest.approx(expected, rel=1e-3)
    assert abs(expected) > 1e-3


@pytest.mark.parametrize("shape", [(120, 160), (50, 90)])
@pytest.mark.parametrize("organ", [None, "beta"])
def test_nrq_without_temperature_is_the_published_score(tiny_bundle, shape, organ) -> None:
    bundle = open_bundle(tiny_bundle)
    manifolds = Manifolds(organs_of(bundle, bundle.nrq))
    engine = OnnxEngine(bundle.read(bundle.nrq.file), "fp32")
    picture = cv2.resize(speckle(1, 3, side=200)[0], shape[::-1], interpolation=cv2.INTER_AREA)
    scorer = NrqScorer(engine, manifolds, NrqParameters(PATCH, STRIDE, organ=organ))
    expected = scorer.score(View(picture, None, 0.0)).score
    with torch.no_grad():
        found = float(losses.SoftNrq.of_bundle(str(tiny_bundle), organ)(_batch(picture)))
        soft = float(losses.SoftNrq.of_bundle(str(tiny_bundle), organ, 1e-6)(_batch(picture)))
        flat = float(losses.SoftNrq.of_bundle(str(tiny_bundle), organ, 1e9)(_batch(picture)))
        windows = losses.SoftNrq.of_bundle(str(tiny_bundle), organ).windows(_batch(picture))
    assert found == pytest.approx(expected, rel=1e-5)
    assert soft == pytest.approx(float(windows.min()))
    assert flat == pytest.approx(float(windows.mean()))


def test_what_cannot_be_had_is_said(tiny_bundle: Path) -> None:
    with pytest.raises(ScanmonError, match="layers that the bundle lacks"):
        losses.Ulpips.of_bundle(str(tiny_bundle), layers=(2, 5))
    with pytest.raises(ScanmonError, match="no such organ model"):
        losses.SoftNrq.of_bundle(str(tiny_bundle), "lung")
    metric = losses.Ulpips.of_bundle(str(tiny_bundle))
    with pytest.raises(ValueError, match="expected"):
        metric(torch.zeros(1, 40, 40), torch.zeros(2, 40, 40))
    with pytest.raises(ValueError, match="mirrored more than once"):
        losses.SoftNrq.of_bundle(str(tiny_bundle))(torch.zeros(1, 32, 90))


def test_the_weights_stay_as_they_are(tiny_bundle: Path) -> None:
    metric = losses.Ulpips.of_bundle(str(tiny_bundle))
    assert not any(parameter.requires_grad for parameter in metric.parameters())
