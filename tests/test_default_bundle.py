"""The bundle that ships: whole, licensed, small, and never pleased with a picture that shows nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.ports import Scorer
from scanmon.core.values import GrayImage, Verdict, View
from scanmon.degradations import degrade
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.evaluate.hopeless import hopeless_pictures
from scanmon.scoring.bundle import Bundle, default_bundle, open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.severity import MapScorer


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle(default_bundle())


def map_scorer(bundle: Bundle) -> MapScorer:
    assert bundle.map is not None
    return MapScorer(OnnxEngine(bundle.read(bundle.map.file), bundle.map.precision), bundle.map)


def nrq_scorer(bundle: Bundle) -> NrqScorer:
    assert bundle.nrq is not None
    organs = [parse_organ(bundle.read(name), Path(name).stem, name) for name in bundle.nrq.organs]
    return NrqScorer(OnnxEngine(bundle.read(bundle.nrq.file), bundle.nrq.precision), Manifolds(organs))


def test_every_file_is_there_and_has_its_sha256(bundle: Bundle) -> None:
    assert bundle.map is not None
    assert bundle.nrq is not None
    assert "MODEL_CARD.md" in bundle.files
    total = sum(len(bundle.read(name)) for name in bundle.files)
    assert total < 30e6
    assert bundle.licence == "Apache-2.0"
    assert "not the published" in bundle.provenance["weights"]


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_a_picture_that_shows_nothing_is_never_adequate(bundle: Bundle, metric: str) -> None:
    scorer: Scorer = map_scorer(bundle) if metric == "map" else nrq_scorer(bundle)
    part = bundle.map if metric == "map" else bundle.nrq
    assert part is not None
    assert part.calibration is not None
    for picture in hopeless_pictures(bundle.working_height_px):
        quality = part.calibration.quality(scorer.score(View(picture.pixels, None, 0.0)).score)
        assert part.calibration.verdict(quality) is not Verdict.ADEQUATE, (picture.name, quality)


def test_the_map_falls_with_faults_of_pictures_that_training_never_saw(
    bundle: Bundle, real_pictures: dict[str, GrayImage]
) -> None:
    scorer, height = map_scorer(bundle), bundle.working_height_px
    falls = []
    for clean in real_pictures.values():
        for family in ("lateral_blur", "speckle_noise", "gain_low", "gain_high", "haze", "jpeg"):
            versions = [clean, *(degrade(clean, family, s, np.random.default_rng(0)).image for s in (2, 4))]
            width = round(clean.shape[1] * height / clean.shape[0])
            views = [cv2.resize(v, (width, height), interpolation=cv2.INTER_AREA) for v in versions]
            scores = [scorer.score(View(np.asarray(v, np.uint8), None, 0.0)).score for v in views]
            falls += list(np.diff(scores) < 0)
    assert np.mean(falls) >= 0.8  # the model card says 0.90 over all families; below this something broke
