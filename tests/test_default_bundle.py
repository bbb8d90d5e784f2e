"""The bundle that ships: whole, licensed, small, and never pleased with a picture that shows nothing."""

from contextlib import closing

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.ports import Scorer
from scanmon.core.values import Frame, GrayImage, Parts, Reason, Verdict, View
from scanmon.degradations import degrade
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.evaluate.plan import hopeless_pictures
from scanmon.scoring.bundle import Bundle, default_bundle, open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.severity import MapScorer


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle(default_bundle())


def map_scorer(bundle: Bundle) -> MapScorer:
    return MapScorer(OnnxEngine(bundle.read(bundle.map.file), bundle.map.precision), bundle.map)


def nrq_scorer(bundle: Bundle) -> NrqScorer:
    organs = organs_of(bundle, bundle.nrq)
    return NrqScorer(OnnxEngine(bundle.read(bundle.nrq.file), bundle.nrq.precision), Manifolds(organs))


def test_it_is_opened_without_a_warning(caplog) -> None:
    open_bundle(default_bundle())
    assert caplog.records == []


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
    assert part.calibration is not None
    for picture in hopeless_pictures(bundle.working_height_px):
        quality = part.calibration.quality(scorer.score(View(picture.pixels, None, 0.0)).score)
        assert part.calibration.verdict(quality) is not Verdict.ADEQUATE, (picture.name, quality)


def view_of(image: GrayImage, height: int) -> View:
    """As a scorer gets it: never enlarged."""
    height = min(height, image.shape[0])
    size = (round(image.shape[1] * height / image.shape[0]), height)
    return View(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), None, 0.0)


def test_the_map_falls_with_the_worst_of_faults_in_pictures_that_training_never_saw(real_pictures) -> None:
    falls = []
    with closing(open_analyzer(Settings(ScoringSettings(metric="map")), Plan("pictures"))) as analyzer:

        def score(image: GrayImage) -> float:
            analyzer.reset()
            found = analyzer.analyze(Frame(image, 0, 0.0, 0.0)).reading.score
            return -np.inf if found is None else found  # too dark or too noisy to be a picture at all

        for clean in real_pictures.values():
            best = score(clean)
            for family in ("gain_factor", "shadow", "speckle_noise", "gain_low", "haze", "jpeg"):
                falls.append(score(degrade(clean, family, 4, np.random.default_rng(0)).image) < best)
    assert np.mean(falls) >= 0.8


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_without_light_or_contact_no_picture_is_adequate(bundle, real_pictures, metric) -> None:
    scorer: Scorer = map_scorer(bundle) if metric == "map" else nrq_scorer(bundle)
    part = bundle.map if metric == "map" else bundle.nrq
    assert part.calibration is not None
    for organ, clean in real_pictures.items():
        off = degrade(clean, "lost_contact", 4, np.random.default_rng(0)).image
        for image in (np.rint(clean * 0.08).astype(np.uint8), off):
            scorer.reset()
            quality = part.calibration.quality(scorer.score(view_of(image, bundle.working_height_px)).score)
            assert part.calibration.verdict(quality) is not Verdict.ADEQUATE, (organ, quality)


def test_the_map_says_which_kind_of_fault_it_sees(bundle, real_pictures) -> None:
    scorer = map_scorer(bundle)
    named = []
    for clean in real_pictures.values():
        before = scorer.score(view_of(clean, bundle.working_height_px)).kinds
        for family, kind in (("gain_factor", "light"), ("electronic_noise", "noise"), ("jpeg", "capture")):
            image = degrade(clean, family, 3, np.random.default_rng(0)).image
            after = scorer.score(view_of(image, bundle.working_height_px)).kinds
            fallen = np.subtract(before, after)
            named.append(Parts._fields[int(np.argmax(fallen))] == kind)
    assert np.mean(named) >= 0.7


@pytest.mark.parametrize("side", [112, 128, 159])
def test_a_picture_below_the_smallest_size_of_the_bundle_gets_no_number_and_no_word(side: int) -> None:
    picture = np.random.default_rng(0).integers(20, 200, (side, 300), np.uint8)
    with closing(open_analyzer(Settings(), Plan(still=True))) as analyzer:
        reading = analyzer.analyze(Frame(picture, 0, 0.0, 0.0)).readings[0]
    assert (reading.reason, reading.quality, reading.verdict) == (Reason.TOO_SMALL, None, None)


def test_there_is_nothing_to_warn_of_in_the_bundle_that_ships(caplog):
    open_bundle(default_bundle())
    assert not caplog.records
