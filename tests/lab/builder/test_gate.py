"""Engines that are wrong in the ways that real ones are do not get past the gate, and leave no bundle."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from scanmon.core.errors import BundleError
from scanmon.core.ports import Engine
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder import graph
from scanmon.lab.builder.architecture import random_weights
from scanmon.lab.builder.build import Request
from scanmon.lab.builder.onnx_writer import HALF
from scanmon.scoring.bundle_folder import check_free, write_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.parity import ReferenceSet, compare
from tests.doubles.bundles import fitted
from tests.doubles.memory import small_files
from tests.doubles.sites import LAYERS, SMALL, built, one_thread, small_site

torch = pytest.importorskip("torch")


class _TrueHalf:
    """Rounds after every operation, as a GPU does; ONNX Runtime's processor kernels compute in single."""

    backend, precision = "reference", "fp16"

    def __init__(self, network: bytes) -> None:
        self._network = ReferenceEvaluator(onnx.load_from_string(network))

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with np.errstate(over="ignore", invalid="ignore"):
            z: NDArray[np.float32] = self._network.run(None, {"windows": pixels})[0]
        return z

    def close(self) -> None: ...


def _open_half(network: bytes, precision: str) -> Engine:
    return _TrueHalf(network) if precision == "fp16" else one_thread(network, precision)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Request:
    """A network with one channel far larger than the others, as vision transformers have."""
    weights = random_weights(SMALL, 2)
    weights["blocks.0.mlp.fc2.bias"][5] += 1500.0
    return replace(
        small_site(tmp_path_factory.mktemp("site"), weights), precisions=("fp32", "fp16"), plain=True
    )


class _HalfNorm(graph.Plain):
    """Layer norms in half precision, whose squares overflow: what a builder that chooses types may make."""

    def _norm(self, x: str, block: int, name: str) -> str:
        if not self.half:
            return super()._norm(x, block, name)
        add, at = self.writer.add, f"b{block}.{name}"
        low = add("Cast", [x], at + ".low", to=HALF)
        axis = self.writer.integers(-1)
        centred = add("Sub", [low, add("ReduceMean", [low, axis], at + ".mean")], at + ".centred")
        squares = add("Mul", [centred, centred], at + ".squares")
        variance = add("ReduceMean", [squares, axis], at + ".variance")
        unit = add("Div", [centred, add("Sqrt", [variance], at + ".deviation")], at + ".unit")
        weight, bias = (f"blocks.{block}.{name}.{part}" for part in ("weight", "bias"))
        scaled = add("Mul", [unit, self._low(weight, self.weights[weight])], at + ".scaled")
        return add("Add", [scaled, self._low(bias, self.weights[bias])], at)


@pytest.mark.parametrize("organs", [True, False])
def test_half_precision_passes_and_half_precision_layer_norms_are_refused(
    organs: bool, site: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = replace(site, organs=site.organs if organs else None)
    assert built(wanted, tmp_path / "b", _open_half).nrq is not None
    monkeypatch.setattr(graph, "Plain", _HalfNorm)
    with pytest.raises(BundleError, match=r"does not agree with PyTorch: fp16: (features|scores|it gives)"):
        built(wanted, tmp_path / "c", _open_half)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c.report.json"]
    report = json.loads((tmp_path / "c.report.json").read_text())
    assert [one["agrees"] for one in report["engines"]] == [True, True, False]


def test_int8_passes_after_its_own_calibration_and_is_refused_with_ranges_of_something_else(
    site: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanmon.lab.builder import vit

    measured = vit.activation_ranges
    weights = random_weights(SMALL, 2)
    torch.save({k: torch.from_numpy(v) for k, v in weights.items()}, tmp_path / "calm.pth")
    wanted = Request(
        tmp_path / "calm.pth", tmp_path / "b", precisions=("fp32", "int8"), layers=LAYERS, known=[SMALL]
    )
    assert built(wanted, tmp_path / "b").nrq is not None

    def wrong(*given: object) -> dict[str, float]:
        return {name: 0.05 * value for name, value in measured(*given).items()}  # type: ignore[arg-type]

    monkeypatch.setattr(vit, "activation_ranges", wrong)
    with pytest.raises(BundleError, match="int8: features differ by"):
        built(wanted, tmp_path / "c")
    assert not (tmp_path / "c").exists()


class _Spoilt(OnnxEngine):
    """Right in shape and nearly right in value."""

    def __init__(self, network: bytes, precision: str, amount: float) -> None:
        super().__init__(network, precision, threads=1)
        self._amount = amount

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        z = super().run(pixels)
        z[-1, 0] += self._amount  # one feature of one window
        return z


@pytest.mark.parametrize(("amount", "says"), [(1e-4, "features differ by 0.0001"), (np.nan, "it gives NaN")])
def test_one_feature_of_one_window_is_enough_to_be_refused(amount, says, site, tmp_path) -> None:
    with pytest.raises(BundleError, match=says):
        built(site, tmp_path / "b", partial(_Spoilt, amount=amount), precisions=("fp32",), plain=False)
    assert [path.name for path in tmp_path.iterdir()] == ["b.report.json"]


def _reference() -> tuple[ReferenceSet, Manifolds]:
    """Eight pictures of two windows, from the middle of the model outwards."""
    rows = np.random.default_rng(0).normal(size=(80, 24)).astype(np.float32)
    manifolds = Manifolds([fitted("one", rows)])
    direction = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][0]
    z = np.stack([rows.mean(axis=0) + step * direction for step in np.linspace(0, 12, 8).repeat(2)])
    return ReferenceSet(
        np.zeros((16, 4, 4), np.uint8), np.arange(8).repeat(2), z.astype(np.float32)
    ), manifolds


def test_order_and_verdicts_are_compared_besides_the_score() -> None:
    reference, manifolds = _reference()
    same = compare(reference, reference.z, manifolds, backend="x", precision="fp32")
    assert (same.faults(), same.order, same.changed_verdicts, same.score) == ([], 1.0, 0.0, 0.0)
    half = compare(reference, reference.z, manifolds, backend="x", precision="fp16")
    assert (half.faults(), half.order, half.changed_verdicts) == ([], 1.0, 0.0)
    assert 0 < half.score < 1e-3  # of the head alone, which is single there
    swapped = reference.z.copy()
    swapped[[8, 9, 10, 11]] = swapped[[10, 11, 8, 9]]  # two neighbouring pictures
    faults = compare(reference, swapped, manifolds, backend="x", precision="fp16").faults()
    assert any("change their order" in fault for fault in faults)
    worse = reference.z + 0.25 * (reference.z - reference.z[0])  # the same order, all further out
    faults = compare(reference, worse, manifolds, backend="x", precision="fp16").faults()
    assert any("scores differ" in fault for fault in faults)
    assert any("of the verdicts change" in fault for fault in faults)


def test_file_that_the_system_does_not_let_grow_is_one_line_and_no_bundle(site, tmp_path) -> None:
    with small_files(20_000), pytest.raises(BundleError, match=r"File too large.*free some space"):
        built(site, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_too_little_space_and_a_folder_without_rights_are_found_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"needs about \d+ MB where \d+ MB are free"):
        check_free(tmp_path / "b", 1 << 60)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="cannot be written"):
        check_free(tmp_path / "file" / "b", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_second_of_two_builds_into_one_folder_leaves_the_first_alone(tmp_path, monkeypatch) -> None:
    def meanwhile(folder: Path, size: int = 0) -> None:
        folder.mkdir()
        (folder / "bundle.toml").write_text("the other's")

    monkeypatch.setattr("scanmon.scoring.bundle_folder.check_free", meanwhile)
    document = {"schema_version": 1, "name": "n", "version": "1", "licence": "x", "map": {"file": "m.onnx"}}
    with pytest.raises(BundleError, match="written by another command"):
        write_bundle(tmp_path / "b", document, {"m.onnx": b"x"})
    assert (tmp_path / "b" / "bundle.toml").read_text() == "the other's"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
