"""A build proves itself, or leaves nothing but its report."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import BundleError, CheckpointError, OrganModelError
from scanmon.inference.check import check
from scanmon.inference.choice import open_engine, remember
from scanmon.inference.engines import runnable
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.bench.engines import instruction_set
from scanmon.lab.builder.build import Request, build, phantoms, windows_of
from scanmon.scoring.bundle import open_bundle
from tests.doubles.sites import LAYERS, built, one_thread, small_site

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def request_of(tmp_path_factory: pytest.TempPathFactory) -> Request:
    """A checkpoint and organ models; `out` is to be replaced."""
    return small_site(tmp_path_factory.mktemp("site"))


def test_built_bundle_is_whole_agrees_and_says_what_it_was_made_from(request_of, tmp_path, own_cache):
    lines: list[str] = []
    wanted = replace(request_of, out=tmp_path / "b", precisions=("fp32", "fp16"), plain=True)
    bundle = build(wanted, one_thread, lines.append)
    assert bundle.nrq.organs == ("organs/Nerve.npz",)
    assert (bundle.nrq.patch, bundle.nrq.stride, bundle.nrq.layers) == (64, 32, LAYERS)
    assert set(bundle.nrq.variants) == {"plain", "plain-fp16"}
    report = json.loads(bundle.read("parity.json"))
    assert report["architecture"] == "small"
    assert report["instruction_set"] == instruction_set() != ""
    assert [engine["precision"] for engine in report["engines"]] == ["fp32", "fp32", "fp16"]
    assert all(engine["agrees"] for engine in report["engines"])
    assert report["engines"][0]["score"] < 1e-3
    assert lines[:2] == ["loading PyTorch", "reading small.pth"]
    backends = [name for name in runnable(bundle) if name.startswith("onnxruntime")]
    assert backends == ["onnxruntime:fp32", "onnxruntime:fp16"]
    findings = list(check(bundle, backends))
    assert [finding.ok for finding in findings] == [True] * 4
    remember(bundle, "onnxruntime:fp16")
    engine = open_engine(bundle, bundle.nrq)
    assert engine.precision == "fp16"


def test_int8_is_made_from_the_sites_own_pictures_and_shares_nothing_of_them(request_of, tmp_path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 120), dtype=np.uint8)
    changes = {"precisions": ("fp32", "int8"), "images": [picture], "organs": None}
    bundle = built(request_of, tmp_path / "b", **changes)
    assert bundle.nrq.variants == {"int8": "backbone.int8.onnx"}
    with np.load(bundle.folder / "parity.npz") as archive:
        stored = archive["windows"]
    assert len(stored) == len(windows_of(phantoms(64), 64, 32)[0])


class _Wrong(OnnxEngine):
    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.roll(super().run(pixels), 1, axis=0)


def test_engine_that_disagrees_leaves_a_report_and_no_bundle(request_of: Request, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"does not agree with PyTorch: fp32: features differ"):
        built(request_of, tmp_path / "b", _Wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["b.report.json"]
    assert json.loads((tmp_path / "b.report.json").read_text())["engines"][0]["agrees"] is False


def test_build_that_is_killed_leaves_no_bundle(request_of: Request, tmp_path: Path) -> None:
    def stop(line: str) -> None:
        if line.startswith("comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(replace(request_of, out=tmp_path / "b"), one_thread, stop)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_one_line_and_no_bundle(request_of, tmp_path, monkeypatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BundleError, match="No space left on device"):
        built(request_of, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_holds_something_is_left_alone(request_of: Request, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(BundleError, match="exists already"):
        built(request_of, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "x"


def test_organ_models_of_another_backbone_are_refused(request_of: Request, tmp_path: Path) -> None:
    with pytest.raises(OrganModelError, match="expect 48 features, this backbone gives 24"):
        built(request_of, tmp_path / "b", layers=(4,))


def test_checkpoint_with_a_head_only_is_refused(request_of: Request, tmp_path: Path) -> None:
    torch.save({"head.weight": torch.zeros(2, 3)}, tmp_path / "head.pth")
    with pytest.raises(CheckpointError, match="no vision transformer"):
        built(request_of, tmp_path / "b", checkpoint=tmp_path / "head.pth")
    assert not (tmp_path / "b").exists()


def test_check_finds_a_changed_file(request_of: Request, tmp_path: Path) -> None:
    bundle = built(request_of, tmp_path / "b")
    network = bundle.folder / "backbone.onnx"
    network.write_bytes(network.read_bytes()[:-1] + b"x")
    findings = list(check(open_bundle(bundle.folder), ["onnxruntime:fp32"]))
    assert not findings[0].ok
    assert "backbone.onnx" in findings[0].text
    assert not findings[-1].ok
