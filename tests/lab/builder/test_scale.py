"""What a new bundle's quality rests on: the site's pictures, the organ models, or nothing, which it says."""

import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.core.values import Frame, GrayImage
from scanmon.lab.builder import command
from scanmon.lab.builder.architecture import random_weights
from scanmon.lab.builder.build import Request, phantoms, windows_of
from scanmon.lab.builder.command import build_for_site
from scanmon.scoring.bundle import Bundle, open_bundle
from scanmon.scoring.calibration import provisional
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import load_organ, save_organ
from tests.doubles.bundles import fitted, speckle
from tests.doubles.sites import LAYERS, SMALL, small_site

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Request:
    """A checkpoint with organ models as they are published: without likelihoods of held-out pictures."""
    from scanmon.lab.builder.vit import features, from_weights

    folder = tmp_path_factory.mktemp("published")
    request = small_site(folder)
    model = load_organ(folder / "organs" / "Nerve.npz")
    windows, _ = windows_of(phantoms(64)[::4], 64, 16, limit=20)
    network = from_weights(random_weights(SMALL, 2), SMALL)
    likely = Manifolds([model]).fit(features(network, windows, LAYERS)).loglik
    (folder / "own").mkdir()
    statistic = np.array([likely.mean(), likely.std()])
    save_organ(folder / "own" / "Nerve.npz", replace(model, clean_loglik=statistic))
    return request


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number, picture in enumerate(speckle(22, 5, side=96)):
        cv2.imwrite(str(folder / f"{number:02}.png"), picture)
    return folder


def test_twenty_accepted_pictures_calibrate_the_bundle_in_the_same_command(published, pictures, tmp_path):
    (pictures / "zz.png").write_bytes(b"cut off")
    lines: list[str] = []
    bundle = build_for_site(replace(published, out=tmp_path / "b"), [pictures], lines.append)
    assert bundle.name == "b"
    assert not bundle.nrq.calibration.provisional
    assert bundle.scale_text.startswith("calibrated: 22 clean")
    assert any(line.startswith("passed over: ") and "zz.png" in line for line in lines)
    assert any(line.startswith("calibrating, nrq, clean: 0 of 23") for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_fewer_pictures_prove_it_and_the_bundle_says_that_it_is_not_calibrated(published, pictures, tmp_path):
    lines: list[str] = []
    some = sorted(pictures.glob("0*.png"))
    bundle = build_for_site(replace(published, out=tmp_path / "b"), some, lines.append)
    assert bundle.nrq.calibration is None
    assert any("10 own pictures: compared on, but not calibrated by" in line for line in lines)
    assert any("comparing fp32 with PyTorch on own pictures" in line for line in lines)
    assert "run scanmon calibrate" in bundle.scale_text
    assert bundle.provenance["calibration_nrq"].startswith("none")


def test_organ_models_with_held_out_likelihoods_give_a_provisional_scale(published, tmp_path) -> None:
    organs = published.checkpoint.parent / "own"
    build_for_site(replace(published, out=tmp_path / "b", organs=organs), [], lambda line: None)
    bundle = open_bundle(tmp_path / "b")
    scale = bundle.nrq.calibration
    assert scale.provisional
    assert (scale.qualities, scale.marginal, scale.adequate) == ((0.0, 40.0, 70.0, 85.0, 100.0), 40.0, 70.0)
    assert bundle.scale_text.startswith("provisional scale")


def test_scale_of_several_organs_is_that_of_the_lowest_and_needs_all_of_them() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 24)).astype(np.float32)
    one, other = fitted("one", rows), fitted("other", rows)
    one = replace(one, clean_loglik=np.array([100.0, 2.0]))
    assert provisional([one, other]) is None
    assert provisional([]) is None
    scale = provisional([one, replace(other, clean_loglik=np.array([90.0, 4.0]))])
    assert scale.quality(90.0 - 4 * 3.0) == pytest.approx(70.0)


def test_pictures_that_cannot_be_read_are_an_error_before_anything_is_built(published, tmp_path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    lines: list[str] = []
    with pytest.raises(SourceError, match="none of the pictures"):
        build_for_site(replace(published, out=tmp_path / "b"), [tmp_path / "bad.png"], lines.append)
    assert not any("PyTorch" in line for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.png"]


def test_few_of_many_pictures_are_held(published, pictures, tmp_path, monkeypatch) -> None:
    held: list[weakref.ref[GrayImage]] = []

    class Still:
        times_s = np.zeros(1)

        def __init__(self, source: str) -> None:
            pass

        def __iter__(self) -> Iterator[Frame]:
            pixels = np.zeros((96, 96), np.uint8)
            held.append(weakref.ref(pixels))
            yield Frame(pixels, 0, 0.0, 0.0)

        def close(self) -> None:
            pass

    def count(request: Request, *_: object) -> Bundle:
        assert len(request.images) == sum(one() is not None for one in held) == 6
        raise SourceError("counted")

    monkeypatch.setattr(command, "open_recording", Still)
    monkeypatch.setattr(command, "build", count)
    with pytest.raises(SourceError, match="counted"):
        build_for_site(replace(published, out=tmp_path / "b", organs=None), [pictures], lambda _: None)


def test_figures_of_a_build_that_fails_lie_beside_the_folder_that_was_asked_for(
    published: Request, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanmon.core.errors import BundleError
    from scanmon.scoring import parity

    monkeypatch.setattr(parity, "MAX_Z_FP32", -1.0)
    with pytest.raises(BundleError, match="does not agree"):
        build_for_site(replace(published, out=tmp_path / "b"), [pictures], lambda line: None)
    assert [path.name for path in tmp_path.iterdir()] == ["b.report.json"]
