"""`scanmon build`: a PyTorch checkpoint -> an engine bundle that was proved to agree with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, get_args

from scanmon.core.bundle import MANIFEST, Bundle, open_bundle
from scanmon.core.errors import EngineError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.values import GrayImage
from scanmon.inference.check import check
from scanmon.inference.cuda import open_cuda
from scanmon.inference.gpu import plan_key, runtime_module
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.plan_cache import holds, plans_folder, store
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

if TYPE_CHECKING:
    from scanmon.build.graph import Precision

_BACKENDS = ("onnx", "openvino", "tensorrt", "tensorrt-rtx")
_PRECISIONS = ("fp32", "fp16", "int8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="TinyUSFM or USFM weights (.pth); a bundle: compile its plans for the GPU of this machine",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="new folder for the bundle")
    parser.add_argument("--organs", type=Path, metavar="DIR", help="organ models (.npz) of this checkpoint")
    parser.add_argument(
        "--backend", type=_listed(_BACKENDS), default=("onnx",), metavar="B,...", help=", ".join(_BACKENDS)
    )
    parser.add_argument(
        "--precision",
        type=_listed(_PRECISIONS),
        default=("fp32",),
        metavar="P,...",
        help=", ".join(_PRECISIONS),
    )
    parser.add_argument(
        "--target",
        type=lambda text: tuple(text.split(",")),
        default=(),
        metavar="SM..,SM..",
        help="compile TensorRT-RTX plans for these GPUs ahead of time, into the bundle",
    )
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="pictures of this site to prove it on",
    )


def run(args: argparse.Namespace) -> int:
    """Build, with a line for each step on stderr; stdout gets the bundle's folder."""
    say = _Progress()
    gpu = [name for name in args.backend if name in ("tensorrt", "tensorrt-rtx")]
    if (args.checkpoint / MANIFEST).is_file():
        bundle = open_bundle(args.checkpoint)
        compile_here(bundle, gpu or ["tensorrt-rtx"], say)
        return 0
    if args.out is None:
        raise SettingsError("a bundle needs a folder", "--out", "name a new one")
    say(f"building {args.out}")
    if gpu and not args.target:
        open_cuda()  # a machine without a GPU is told at once, and not after the build
    from scanmon.build.build import Request, build  # onnx takes a moment to import

    bundle = build(
        Request(
            checkpoint=args.checkpoint,
            out=args.out,
            organs=args.organs,
            precisions=_precisions(args.precision),
            plain="openvino" in args.backend or bool(gpu) or bool(args.target),
            targets=args.target,
            images=_pictures(args.images),
        ),
        _open_engine,
        say,
    )
    if gpu and not args.target:
        compile_here(bundle, gpu, say)
    say("done")
    print(bundle.folder)
    return 0


def compile_here(bundle: Bundle, runtimes: list[str], say: Callable[[str], None]) -> None:
    """Compile the networks of a bundle for the GPU of this machine, prove the plans, keep them in the cache.

    A plan that is there already is not compiled again. Raises `EngineError`, `BundleError`.
    """
    from scanmon.build.plan import compile_plan

    cuda = open_cuda()
    for runtime in runtimes:
        trt = runtime_module(runtime)
        for precision, variant in (("fp32", "plain"), ("fp16", "plain-fp16")):
            if bundle.nrq is None or variant not in bundle.nrq.variants:
                continue
            network = bundle.read(bundle.nrq.variants[variant])
            key = plan_key(runtime, trt, cuda, network, precision)
            if holds(key):
                say(f"{runtime} {precision}: a plan for {key.gpu} is there already")
            else:
                store(key, compile_plan(trt, network, progress=say).data)
            faults = [finding.text for finding in check(bundle, [f"{runtime}:{precision}"]) if not finding.ok]
            if faults:
                (plans_folder() / f"{key.digest}.plan").unlink(missing_ok=True)
                raise EngineError(f"the plan does not agree and was removed ({faults[0]})", runtime)
            say(f"{runtime} {precision}: agrees with PyTorch on {key.gpu}")


class _Progress:
    """Lines with the time since the start."""

    def __init__(self) -> None:
        self._started = monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{monotonic() - self._started:5.1f} s] {line}", file=sys.stderr, flush=True)


def _open_engine(network: bytes, precision: str) -> Engine:
    return OnnxEngine(network, precision)


def _pictures(paths: list[Path]) -> list[GrayImage]:
    """First picture of every file; of a cine loop that is one of many much alike. Raises `SourceError`."""
    pictures = []
    for path in paths:
        for file in material_in(path):
            with closing(open_recording(str(file))) as recording:
                pictures += [frame.pixels for frame, _ in zip(recording, range(1), strict=False)]
    return pictures


def _precisions(names: tuple[str, ...]) -> tuple[Precision, ...]:
    from scanmon.build.graph import Precision

    return tuple(known for known in get_args(Precision) if known in names)


def _listed(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(","))
        wrong = [name for name in names if name not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is none of {', '.join(known)}")
        return names

    return parse
