"""`scanmon build`: a PyTorch checkpoint -> an engine bundle that was proved to agree with it."""

import argparse
from collections.abc import Callable
from pathlib import Path

from scanmon.cli.options import several, taken
from scanmon.cli.output import Steps
from scanmon.core.errors import SettingsError
from scanmon.scoring.bundle import MANIFEST, Bundle, default_bundle, open_bundle

_BACKENDS = ("onnx", "openvino", "onnxruntime:cuda", "onnxruntime:webgpu", "tensorrt", "tensorrt-rtx")
_GPU = ("onnxruntime:cuda", "onnxruntime:webgpu", "tensorrt", "tensorrt-rtx")
_PRECISIONS = ("fp32", "fp16", "int8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="weights of TinyUSFM, USFM or ViT-B/16 (.pth); a bundle: prepare it for this machine's GPU",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="new folder for the bundle")
    parser.add_argument("--organs", type=Path, metavar="DIR", help="organ models (.npz) of this checkpoint")
    parser.add_argument(
        "--backend", type=several(_BACKENDS), default=("onnx",), metavar="B,...", help=", ".join(_BACKENDS)
    )
    kinds = ", ".join(_PRECISIONS)
    parser.add_argument(
        "--precision", type=several(_PRECISIONS), default=("fp32",), metavar="P,...", help=kinds
    )
    parser.add_argument(
        "--target",
        type=lambda text: tuple(text.split(",")),
        default=(),
        metavar="SM..,SM..",
        help="compile TensorRT-RTX plans for these GPUs ahead of time; those of a bundle go to the cache",
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="X",
        help="which GPU of this machine: auto, cuda:0, cuda:1 ... (auto)",
    )
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="accepted pictures of this site that no organ model was fitted on: every engine is compared on "
        "them too, and 20 or more set quality and verdicts, as scanmon calibrate does",
    )
    parser.add_argument(
        "--normalisation",
        choices=("half", "imagenet"),
        default="",
        help="what the network was trained to see: half is (p - 0.5) / 0.5, imagenet the mean and standard "
        "deviation of ImageNet (default: half for TinyUSFM and USFM, imagenet for ViT-B)",
    )
    parser.add_argument(
        "--licence",
        default="as the checkpoint's",
        metavar="TEXT",
        help="of the weights, as scanmon bundles shows it: 'MIT (USF-MAE)'",
    )
    parser.add_argument(
        "--network", default="", metavar="NAME", help="which of several in the file: teacher, model_ema ..."
    )


def run(args: argparse.Namespace) -> int:
    """Build, with a line for each step on stderr; stdout gets the bundle's folder."""
    say = Steps()
    gpu = [name for name in args.backend if name in _GPU]
    folder = default_bundle() if str(args.checkpoint) == "default" else args.checkpoint
    if (folder / MANIFEST).is_file():
        say(f"preparing {args.checkpoint} for a GPU")
        from scanmon.lab.builder.command import compile_ahead, compile_here

        bundle = open_bundle(folder)
        if args.target:
            for file in compile_ahead(bundle, args.target, say):
                print(file)
            return 0
        compile_here(bundle, gpu or ["onnxruntime:cuda"], say, args.device)
        _choose(bundle, say)
        return 0
    if args.out is None:
        raise SettingsError("a bundle needs a folder", "--out", "name a new one")
    say(f"building {args.out}")
    # onnx and the sources take a moment to import, in which the user has a line to look at
    from scanmon.inference.cuda_device import device_number, open_cuda
    from scanmon.lab.builder.build import Request
    from scanmon.lab.builder.command import build_for_site, compile_here

    if set(gpu) - {"onnxruntime:webgpu"} and not args.target:
        open_cuda(
            device_number(args.device)
        ).close()  # a machine without a GPU is told at once, and not after the build
    plain = "openvino" in args.backend or bool(gpu) or bool(args.target)
    request = taken(Request, args, precisions=args.precision, plain=plain, targets=args.target, images=())
    bundle = build_for_site(request, args.images, say)
    if gpu and not args.target:
        compile_here(bundle, gpu, say, args.device)
    _choose(bundle, say)
    say(bundle.scale_text)
    say("done")
    print(bundle.folder)
    return 0


def _choose(bundle: Bundle, say: Callable[[str], None]) -> None:
    """Where there are several engines, let `--backend auto` be the fastest that agrees here, and say why."""
    from scanmon.inference.check import check
    from scanmon.inference.choice import choose
    from scanmon.inference.engines import runnable

    engines = runnable(bundle)
    if len(engines) > 1:
        say("choosing the fastest engine that agrees here")
        for line in choose(bundle, list(check(bundle, engines))):
            say(line)
