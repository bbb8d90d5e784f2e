"""The ONNX Runtime engine: parity with the published numbers, batches, refusals."""

import weakref
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import EngineError, SettingsError
from scanmon.core.values import View
from scanmon.inference import onnx
from scanmon.inference.choice import open_engine
from scanmon.inference.onnx import OnnxEngine, default_threads, threads_beside_a_video
from scanmon.inference.openvino import OpenVinoEngine
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.severity import MapScorer
from scanmon.scoring.windows import grid, pad, windows
from tests.doubles.bundles import speckle
from tests.doubles.commands import python

RUN = """
import sys
from pathlib import Path
import numpy as np
from scanmon.inference.onnx import OnnxEngine
OnnxEngine(Path(sys.argv[1]).read_bytes(), "fp32").run(np.zeros((1, 64, 64), np.uint8))
"""
SWITCHES = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "CI", "GITHUB_ACTIONS", "TF_BUILD")


@pytest.mark.parametrize("most", [8, pytest.param(1000, marks=pytest.mark.slow)])
def test_features_and_scores_of_reference_images_equal_the_published_ones(reference, backbone, most) -> None:
    engine = OnnxEngine(backbone, "fp32")
    sets = {which: Manifolds(reference.organs(which)) for which in ("fitted", "released")}
    tolerance = {"fitted": 1e-3, "released": 1e-2}
    for name in reference.images:
        view = reference.view(name)
        cells = grid(*view.image.shape)
        if len(cells) > most:
            continue
        z = engine.run(windows(pad(view.image, cells), cells))
        np.testing.assert_allclose(z, reference.arrays[f"{name}|z"], atol=1e-6, rtol=0)
        for which, manifolds in sets.items():
            golden = reference.golden["nrq"][name]["sets"][which]["full"]
            loglik = reference.arrays[f"{name}|ll_{which}"]
            np.testing.assert_allclose(manifolds.fit(z).loglik, loglik, atol=tolerance[which], rtol=0)
            known = _Known(z)
            for organ in (None, manifolds.names[0]):  # all of them: tests/scoring/test_nrq.py
                expected = golden["mixture"] if organ is None else golden["oracle"][organ]
                score = NrqScorer(known, manifolds, NrqParameters(organ=organ)).score(view).score
                assert score == pytest.approx(expected, abs=tolerance[which])


class _Known:
    """Gives the features that were computed already."""

    backend, precision = "known", "fp32"

    def __init__(self, z: np.ndarray) -> None:
        self._z = z

    def run(self, pixels: np.ndarray) -> np.ndarray:
        assert len(pixels) == len(self._z)
        return self._z

    def close(self) -> None: ...


def test_batches_do_not_change_the_features(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    data = bundle.read(bundle.nrq.file)
    pixels = speckle(11, 5)
    one = OnnxEngine(data, "fp32", threads=1, batch=1).run(pixels)
    assert one.shape == (11, 48)
    np.testing.assert_allclose(OnnxEngine(data, "fp32").run(pixels), one, atol=1e-6)
    np.testing.assert_allclose(OnnxEngine(data, "fp32", batch=100).run(pixels), one, atol=1e-6)


def test_both_metrics_of_a_bundle_score_a_picture(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    assert bundle.nrq is not None
    assert bundle.map is not None
    view = View(np.hstack([speckle(1, 3, side=160)[0], np.zeros((160, 160), np.uint8)]), None, 0.0)
    organs = Manifolds(organs_of(bundle, bundle.nrq))
    parameters = NrqParameters(patch=bundle.nrq.patch, stride=bundle.nrq.stride)
    engine = open_engine(bundle, bundle.nrq)
    assert (engine.backend, engine.precision) == ("onnxruntime", "fp32")
    nrq = NrqScorer(engine, organs, parameters).score(view)
    assert nrq.worst.x >= 96  # the black half
    severity = MapScorer(open_engine(bundle, bundle.map), bundle.map).score(view)
    assert severity.score == pytest.approx(1 / 255 - 1)  # black inside the sector is 1 of 255
    assert severity.worst.as_list() == [160, 0, 160, 160]


@pytest.mark.parametrize("kept", [0, 99, 10_000])
def test_damaged_network_is_refused_in_one_line(tiny_bundle: Path, kept: int) -> None:
    data = (tiny_bundle / "backbone.onnx").read_bytes()[:kept]
    with pytest.raises(EngineError, match="network cannot be loaded") as caught:
        OnnxEngine(data, "fp32")
    assert "\n" not in str(caught.value)


def test_windows_of_the_wrong_size_are_an_engine_error(tiny_bundle: Path) -> None:
    engine = OnnxEngine((tiny_bundle / "backbone.onnx").read_bytes(), "fp32")
    with pytest.raises(EngineError, match="network cannot be run"):
        engine.run(np.zeros((1, 224, 224), np.uint8))


def test_unknown_backend_is_answered_with_the_known_ones(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    assert bundle.nrq is not None
    with pytest.raises(SettingsError, match=r"--backend metal is unknown.*onnxruntime"):
        open_engine(bundle, bundle.nrq, "metal")
    with pytest.raises(SettingsError, match=r"use one of fp32, fp16, int8"):
        open_engine(bundle, bundle.nrq, "onnx:fp8")
    with pytest.raises(EngineError, match=r"no network for onnxruntime:int8.*--precision int8"):
        open_engine(bundle, bundle.nrq, "onnxruntime:int8")


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_closed_engine_holds_nothing_however_long_it_is_kept(tiny_bundle: Path, backend: str) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="OpenVINO is not installed")
    kind, held = {"onnxruntime": (OnnxEngine, "_session"), "openvino": (OpenVinoEngine, "_request")}[backend]
    engine = kind((tiny_bundle / "map.onnx").read_bytes(), "fp32")
    picture = np.zeros((1, 64, 64), np.uint8)
    engine.run(picture)
    session = weakref.ref(getattr(engine, held))
    engine.close()
    engine.close()
    assert session() is None
    with pytest.raises(EngineError, match="closed"):
        engine.run(picture)


def test_threads_are_those_that_the_process_may_use() -> None:
    assert 1 <= default_threads() <= 8


@pytest.mark.parametrize(("processors", "alone", "beside"), [(1, 1, 1), (2, 2, 1), (8, 8, 7), (64, 8, 8)])
def test_beside_a_video_an_engine_leaves_it_a_processor(monkeypatch, processors, alone, beside) -> None:
    monkeypatch.setattr(onnx, "processors", lambda: processors)
    assert (default_threads(), threads_beside_a_video()) == (alone, beside)


def test_running_a_network_leaves_nothing_in_the_users_home(tiny_bundle: Path, tmp_path: Path) -> None:
    unset = dict.fromkeys(SWITCHES)
    python("-c", RUN, tiny_bundle / "map.onnx", home=tmp_path, PYTHONDONTWRITEBYTECODE="1", **unset)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
