"""The published implementation's forward pass beside ours, interleaved in one run, on the same windows.

    python tools/bench_reference.py --reference FOLDER [--checkpoint FILE] [--json FILE]
    python tools/bench_reference.py --ulpips [--rounds N]

FOLDER is a checkout of sextant-fable/US-Metrics; timm has to be installed. Without a checkpoint both run on
the same seeded random weights. What counts is the ratio: both sides feel the same load of the machine.
`--ulpips` needs nothing of that: what a pair takes on one thread, and how much faster it could be at most.
"""

import argparse
import importlib
import importlib.util
import json
import sys
import tempfile
import types
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scanmon.inference import onnx_tokens
from scanmon.inference.networks import network_of
from scanmon.inference.onnx import OnnxEngine, Provider, default_threads, open_session, session_options
from scanmon.lab.bench.engines import TINYUSFM_GFLOP, processor
from scanmon.lab.bench.pictures import pictures
from scanmon.lab.builder.architecture import TINYUSFM, random_weights
from scanmon.lab.builder.checkpoint import load_checkpoint
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.compare.ulpips import LAYERS, SIDE_PX, ulpips_input, ulpips_terms
from scanmon.scoring.bundle import default_bundle, open_bundle

Features = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
LIMIT_Z = 1e-6


def main() -> int:
    """Measure, print, and fail where ours is less than three times as fast or does not agree."""
    args = _arguments()
    if args.ulpips:
        print(json.dumps(_pair_of_ulpips(args.rounds), indent=2))
        return 0
    import torch

    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = args.checkpoint or _random_checkpoint(Path(folder))
        published = _published(args.reference, checkpoint)
        ours = _ours(checkpoint, args.threads)
    windows = np.random.default_rng(0).integers(0, 256, (args.windows, 224, 224), dtype=np.uint8)
    difference = float(np.abs(published(windows) - ours(windows)).max())
    times: dict[str, list[float]] = {"published": [], "ours": []}
    peaks = []
    for _ in range(args.rounds):
        times["published"].append(_seconds(published, windows))
        times["ours"].append(_seconds(ours, windows))
        peaks.append(_gflops())
    ratios = [a / b for a, b in zip(times["published"], times["ours"], strict=True)]
    rate = args.windows * TINYUSFM_GFLOP / median(times["ours"])
    result = {
        "processor": processor(),
        "threads": args.threads,
        "windows": args.windows,
        "rounds": args.rounds,
        "published_ms_per_window": median(times["published"]) / args.windows * 1e3,
        "ours_ms_per_window": median(times["ours"]) / args.windows * 1e3,
        "ratio_median": median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "share_of_sgemm": rate / median(peaks),
        "largest_difference_z": difference,
    }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if result["ratio_median"] >= args.at_least and difference <= LIMIT_Z else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--reference", type=Path, metavar="FOLDER", help="published code")
    what.add_argument("--ulpips", action="store_true", help="a pair of the default bundle, on one thread")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="TinyUSFM weights")
    parser.add_argument("--windows", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=default_threads())
    parser.add_argument("--at-least", type=float, default=3.0, help="ratio below which the exit code is 1")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def _pair_of_ulpips(rounds: int) -> dict[str, object]:
    """Processor time of parts that were taken in turn, medians.

    No pair in single precision takes less than its two passes at the speed of a bare product of large
    matrices, even with a distance that costs nothing.
    """
    part = open_bundle(default_bundle()).nrq
    assert part is not None
    with mock.patch.object(onnx_tokens, "session_options", lambda: session_options(1)):
        engine = onnx_tokens.TokenEngine(network_of(open_bundle(default_bundle()), part), LAYERS, SIDE_PX)
    both = np.stack([ulpips_input(one, SIDE_PX) for one in pictures(640, 480, 2)])
    tokens = [engine.run(both[[number]]) for number in (0, 1)]
    ours, theirs = ([layer[0] for layer in one] for one in tokens)
    large = np.random.default_rng(0).random((1024, 1024), np.float32)
    product, share = _bare_product(large), 2 * TINYUSFM_GFLOP / (2e-9 * len(large) ** 3)
    times: dict[str, list[float]] = {"network": [], "distance": [], "bare_products": []}
    for _ in range(rounds):
        times["network"].append(_seconds(engine.run, both, thread_time))
        times["distance"].append(_seconds(lambda _: ulpips_terms(ours, theirs), both, thread_time))
        times["bare_products"].append(_seconds(product, large, thread_time) * share)
    ms = {f"{name}_ms": 1e3 * median(taken) for name, taken in times.items()}
    pair_ms = ms["network_ms"] + ms["distance_ms"]
    return {
        "processor": processor(),
        "rounds": rounds,
        **ms,
        "pair_ms": pair_ms,
        "gflop_of_two_passes": 2 * TINYUSFM_GFLOP,
        "could_be_faster_by": pair_ms / ms["bare_products_ms"],
    }


def _bare_product(matrix: NDArray[np.float32]) -> Features:
    """`x @ matrix` by the runtime that runs the network, which is quicker at it than numpy and PyTorch."""
    kind, sides = TensorProto.FLOAT, matrix.shape
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", kind, sides)],
        [helper.make_tensor_value_info("y", kind, sides)],
        [numpy_helper.from_array(matrix, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = open_session(model.SerializeToString(), session_options(1), Provider(), "onnxruntime")
    return lambda x: session.run(None, {"x": x})[0]


def _published(folder: Path, checkpoint: Path) -> Features:
    """Its own code for everything from uint8 windows to z."""
    _without_torchvision()
    sys.path.insert(0, str(folder / "src" if (folder / "src").is_dir() else folder))
    metric = importlib.import_module("us_metrics.metrics.nrq")
    patching = importlib.import_module("us_metrics.data.patching")
    extractor = metric.TinyUSFMFeatureExtractor(str(checkpoint), device="cpu").eval()

    def run(windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        z: NDArray[np.float32] = extractor.forward_z(patching.patches_to_torch(windows)).numpy()
        return z

    return run


def _ours(checkpoint: Path, threads: int) -> Features:
    loaded = load_checkpoint(checkpoint)
    network: bytes = backbone_graph(loaded.weights, loaded.architecture).SerializeToString()
    return OnnxEngine(network, "fp32", threads).run


def _random_checkpoint(folder: Path) -> Path:
    import torch

    weights = {name: torch.from_numpy(array) for name, array in random_weights(TINYUSFM, 0).items()}
    path = folder / "random.pth"
    torch.save({"model": {f"model.{name}": tensor for name, tensor in weights.items()}}, path)
    return path


def _without_torchvision() -> None:
    """Let timm import torchvision where it is missing: it wants names for networks that are not used here."""
    if importlib.util.find_spec("torchvision") is None:
        sys.meta_path.append(_EmptyModules())


class _EmptyModules(MetaPathFinder, Loader):
    """Finds torchvision and all below it, as modules in which every name is an empty class."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "torchvision":
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class _AnyName(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AnyName(name, (), {})


class _Empty(types.ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AnyName(name, (), {})


def _seconds(
    work: Callable[[Any], object], given: NDArray[Any], clock: Callable[[], float] = perf_counter
) -> float:
    started = clock()
    work(given)
    return clock() - started


def _gflops(size: int = 1024, rounds: int = 4) -> float:
    """What the same threads reach in a large product of single precision matrices (PyTorch's)."""
    import torch

    matrix = torch.rand(size, size)
    started = perf_counter()
    for _ in range(rounds):
        matrix @ matrix
    return 2e-9 * size**3 * rounds / (perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
