"""`scanmon compare`: pictures, cine loops, sessions and folders against their references."""

import argparse
import sys
from pathlib import Path

from scanmon.cli.options import add_scoring_options, number, settings_from, several, whole
from scanmon.cli.output import add_out_option, write_rows
from scanmon.core.text import label, shown
from scanmon.lab.compare.command import CompareStudy, Comparison
from scanmon.lab.compare.measures import DEFAULT, MEASURES, Options, columns, layers_of
from scanmon.lab.compare.ulpips import RADIUS, TAU


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", type=Path, metavar="REF", help="the undisturbed picture, cine or folder")
    parser.add_argument("image", type=Path, metavar="IMG", help="one of the same size, or a folder of them")
    add_out_option(parser)
    parser.add_argument(
        "--metrics",
        type=several(MEASURES),
        default=DEFAULT,
        metavar="M,...",
        help=f"{','.join(MEASURES)} (the first 3)",
    )
    group = parser.add_argument_group("cine loops and sessions")
    group.add_argument(
        "--frames-by",
        choices=("time", "number"),
        default="time",
        help="which frames belong together: the nearest in time (default), or those of the same number",
    )
    group.add_argument(
        "--frames", type=whole(1, 10**9), default=0, metavar="N", help="so many, evenly spread (default: all)"
    )
    group = parser.add_argument_group("uLPIPS")
    group.add_argument("--layers", type=_layers, metavar="N,...", help="blocks, from 1 (3,5,7,11, published)")
    group.add_argument(
        "--radius", type=whole(0, 1000), default=RADIUS, metavar="N", help="of a neighbourhood, in tokens (3)"
    )
    group.add_argument(
        "--tau", type=number(1e-6, 1e6), default=TAU, metavar="X", help="factor in the softmax (20)"
    )
    group.add_argument("--terms", action="store_true", help="also structure and Gram distance of every layer")
    group.add_argument("--map", type=Path, metavar="DIR", help="PNG of every pair: where the pictures differ")
    group.add_argument(
        "--map-top",
        type=number(1e-6, 1e6),
        metavar="X",
        help="distance of the last colour, so that maps can be compared (default: each map's largest)",
    )
    parser.add_argument(
        "--vgg",
        type=Path,
        metavar="FILE",
        help="for lpips: weights of VGG16 as torchvision names them (.pth)",
    )
    add_scoring_options(parser, only=("bundle", "region"))


def run(args: argparse.Namespace) -> int:
    """One line for each pair of frames; 1 where a pair of several failed."""
    settings = settings_from(args)
    layers = args.layers
    if layers is None:
        layers = layers_of(settings.scoring.bundle) if "ulpips" in args.metrics else ()
    metrics = tuple(name for name in MEASURES if name in args.metrics)
    options = Options(metrics, layers, args.radius, args.tau, args.terms, args.vgg)
    study = CompareStudy(
        args.reference, args.image, options, args.frames_by, args.frames, args.map, args.map_top
    )
    comparison = Comparison(study, settings)
    write_rows(comparison.rows(), args.out, columns(options, args.map is not None), "compared")
    if comparison.files.alone:
        names = ", ".join(shown(label(path)) for path in comparison.files.alone[:4])
        more = len(comparison.files.alone) - 4
        print(f"without a partner: {names}{f' and {more} more' if more > 0 else ''}", file=sys.stderr)
    if comparison.failed:
        total = len(comparison.files.pairs)
        print(f"error: {comparison.failed} of {total} pairs failed; see their lines", file=sys.stderr)
    return 1 if comparison.failed else 0


def _layers(text: str) -> tuple[int, ...]:
    try:
        layers = sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of blocks such as 3,5,7,11") from None
    if layers[0] < 1:
        raise argparse.ArgumentTypeError("blocks are counted from 1")
    return tuple(layers)
