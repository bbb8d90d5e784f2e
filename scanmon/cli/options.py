"""Options that mean the same in every command."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from scanmon.app.settings import Settings, load_settings, with_options

_SCORING = (
    "bundle",
    "metric",
    "organ",
    "region",
    "scale",
    "backend",
    "device",
    "budget",
    "topk_frac",
    "patch",
    "stride",
    "max_patches",
    "seed",
)


def add_scoring_options(parser: argparse.ArgumentParser) -> None:
    """What scores a picture, and how."""
    group = parser.add_argument_group("scoring")
    group.add_argument("--bundle", metavar="B", help="name or folder of an engine bundle (default: default)")
    group.add_argument("--metric", choices=("auto", "nrq", "map"), help="which metric makes the number")
    group.add_argument("--organ", metavar="NAME", help="one organ model, or auto: the mixture of all")
    group.add_argument("--region", metavar="R", help="auto, full, X,Y,W,H or a FILE with a shape")
    group.add_argument("--scale", metavar="S", help="native, auto or the working height in pixels")
    group.add_argument("--backend", help="engine runtime: auto, onnxruntime, openvino, tensorrt ...")
    group.add_argument("--device", help="device of the runtime: auto, cpu, cuda:0 ...")
    group.add_argument(
        "--budget",
        type=_budget,
        metavar="N",
        help="windows of nrq a frame while it is watched; 0: all; auto: what keeps 10 Hz. A batch scores all",
    )
    group.add_argument("--topk-frac", type=_fraction, metavar="F", help="share of worst windows (0.15)")
    group.add_argument("--patch", type=_positive, metavar="PX", help="window side (224)")
    group.add_argument("--stride", type=_positive, metavar="PX", help="window distance (112)")
    group.add_argument(
        "--max-patches",
        type=_whole,
        metavar="N",
        help="score a random N of the windows as the published code does by default; for comparison only",
    )
    group.add_argument("--seed", type=int, metavar="S", help="of --max-patches (2026)")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Window or no window."""
    parser.add_argument("--headless", action="store_true", help="no window: one JSON line for each score")
    parser.add_argument("--seconds", type=_duration, metavar="N", help="stop after so many seconds")


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Recording from the first frame on."""
    group = parser.add_argument_group("recording")
    group.add_argument("--record", type=Path, metavar="DIR", help="record a session into a new folder of DIR")
    group.add_argument(
        "--lossless", action="store_true", help="FFV1 in place of H.264: exact, ten times larger"
    )
    group.add_argument(
        "--record-screen",
        action="store_true",
        help="store the whole screen, not the sector alone: names that are written beside it are stored too",
    )


def settings_from(args: argparse.Namespace) -> Settings:
    """The settings file with the options of this command on top. Raises `SettingsError`."""
    return with_options(load_settings(args.config), {name: getattr(args, name) for name in _SCORING})


def settings_over(recorded: Settings, args: argparse.Namespace) -> Settings:
    """The settings of a recorded session; a settings file in their place, and options on top."""
    start = recorded if args.config is None else load_settings(args.config)
    return with_options(start, {name: getattr(args, name) for name in _SCORING})


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _budget(text: str) -> int | None:
    return None if text == "auto" else _whole(text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return number


def _duration(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a time in seconds")
    return number
