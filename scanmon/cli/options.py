"""Options that mean the same in every command, and the run that they ask for."""

import argparse
import math
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from scanmon.app.run import Address, Publish, Record, Run
from scanmon.app.settings import RecordingSettings, ScoringSettings, Settings, load_settings, with_options
from scanmon.cli import ADVANCED
from scanmon.cli.rois import roi_shape, rois_of
from scanmon.core.documents import allowed, limits_of
from scanmon.core.errors import SettingsError

T = TypeVar("T")
_METAVAR = {
    "bundle": "B",
    "organ": "NAME",
    "region": "R",
    "scale": "S",
    "budget": "N",
    "patch": "PX",
    "stride": "PX",
}
EVERYDAY = ("bundle", "metric", "organ", "region", "backend")
CLOCKED = ("budget",)  # taken, and not offered, where every picture is waited for: 0 is what happens there
_LOOPBACK = "127.0.0.1"
_IGTL_PORT, _METRICS_PORT = 18944, 9108


def add_scoring_options(
    parser: argparse.ArgumentParser, *, watches: bool = False, only: Sequence[str] = ()
) -> None:
    """One option for each setting of `ScoringSettings` that the command heeds, from its declaration.

    `watches`: it scores against the clock. `only` these, where it heeds no others. Those that are not for
    every day stand in `--help-all` alone.
    """
    usual, advanced = parser.add_argument_group("scoring"), parser.add_argument_group(ADVANCED)
    hints = typing.get_type_hints(ScoringSettings, include_extras=True)
    for entry in fields(ScoringSettings):
        if only and entry.name not in only:
            continue
        hint = hints[entry.name]
        kind, _ = limits_of(hint)
        default = "" if entry.default is None else f" ({entry.default})"
        offered = watches or entry.name not in CLOCKED
        given: dict[str, Any] = {"help": described(hint) + default if offered else argparse.SUPPRESS}
        if get_origin(kind) is Literal:
            given["choices"] = get_args(kind)
        else:
            given |= {
                "type": _parser(hint, kind),
                "metavar": _METAVAR.get(entry.name, "N" if kind is int else "X"),
            }
        group = usual if entry.name in EVERYDAY else advanced
        group.add_argument(f"--{entry.name.replace('_', '-')}", **given)
    usual.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML (docs/settings.md)")


def described(hint: Any) -> str:
    notes = [note for note in get_args(hint)[1:] if isinstance(note, msgspec.Meta)]
    return next((note.description for note in notes if note.description), "")


def _parser(hint: Any, kind: Any) -> Callable[[str], Any]:
    optional = type(None) in get_args(get_args(hint)[0])

    def parse(text: str) -> Any:
        if optional and kind is not str and text == "auto":
            return None
        try:
            return msgspec.convert(text, hint, strict=False)
        except msgspec.ValidationError:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give {allowed(hint)}") from None

    return parse


def add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="no window: one JSON line for each score")
    parser.add_argument("--seconds", type=number(1e-3, 1e9), metavar="N", help="stop after N seconds")


def add_roi_options(parser: argparse.ArgumentParser, about: str = "", *, required: bool = False) -> None:
    form = "X,Y,W,H, X,Y,R for a circle around X,Y, or a TOML file with a shape; frame pixels"
    parser.add_argument("--roi", type=roi_shape, required=required, metavar="R", help=about + form)
    parser.add_argument(
        "--background",
        type=roi_shape,
        metavar="R",
        help="the same: contrast, CNR and gCNR are held against it",
    )


def add_material_options(
    parser: argparse.ArgumentParser, frames: int, about: str, *, leave_out: bool = True
) -> None:
    """What of the material of a study is taken; `about` the frames."""
    parser.add_argument(
        "--frames-per-cine", type=whole(), default=frames, metavar="N", help=f"of each cine loop ({about})"
    )
    if leave_out:
        parser.add_argument(
            "--leave-out",
            action="append",
            default=[],
            metavar="PATTERN",
            help="organ/file to pass over, or @FILE with one a line; repeatable",
        )


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Recording from the first frame on, and regions of interest."""
    add_roi_options(parser, "with --headless: columns roi_... too, of this region: ")
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
    hints = typing.get_type_hints(RecordingSettings, include_extras=True)
    group.add_argument("--mask-text", action="store_true", default=None, help=described(hints["mask_text"]))
    for name in ("scanner", "probe"):
        hint = hints[name]
        group.add_argument(f"--{name}", type=_parser(hint, str), metavar="NAME", help=described(hint))


def taken(kind: type[T], args: argparse.Namespace, **given: Any) -> T:
    """A request whose fields are the options of the same names; `given` are those that are not."""
    known = {entry.name: getattr(args, entry.name) for entry in fields(kind) if hasattr(args, entry.name)}  # type: ignore[arg-type]
    return kind(**known | given)


def settings_from(args: argparse.Namespace) -> Settings:
    """The settings file with the options of this command on top. Raises `SettingsError`."""
    return with_options(load_settings(args.config), vars(args))


def settings_over(recorded: Settings, args: argparse.Namespace) -> Settings:
    """The settings of a recorded session; a settings file in their place, and options on top."""
    start = recorded if args.config is None else load_settings(args.config)
    return with_options(start, vars(args))


def add_publish_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("publishing (loopback unless a host is named; 0.0.0.0: everybody)")
    group.add_argument(
        "--publish-igtl",
        nargs="?",
        const=(_LOOPBACK, _IGTL_PORT),
        type=_address,
        metavar="[HOST:]PORT",
        help=f"OpenIGTLink server: frame, heatmap and score ({_IGTL_PORT})",
    )
    group.add_argument(
        "--publish-metrics",
        nargs="?",
        const=(_LOOPBACK, _METRICS_PORT),
        type=_address,
        metavar="[HOST:]PORT",
        help=f"numbers for Prometheus ({_METRICS_PORT})",
    )


def run_of(args: argparse.Namespace, *, live: bool | None) -> Run:
    """What a command asks for; warns of what a recording stores or leaves out.

    Raises `SettingsError`.
    """
    settings = settings_from(args)
    record = None if args.record is None else Record(args.record, args.lossless, args.record_screen)
    if record is None:
        if args.lossless or args.record_screen:
            raise SettingsError("nothing is recorded", remedy="name a folder with --record DIR")
    elif record.whole_screen:
        print("warning: the whole screen is recorded, with all that is written on it", file=sys.stderr)
    elif settings.scoring.region == "full":
        print(
            "warning: with --region full scores alone are recorded, no picture, as names may stand in it: "
            "name the sector with --region X,Y,W,H or store the whole screen with --record-screen",
            file=sys.stderr,
        )
    if args.roi is None and args.background is not None:
        raise SettingsError("a background of no region", "--background", "name the region with --roi")
    if args.roi is not None and not args.headless:
        raise SettingsError("--roi needs --headless", remedy="in the window I draws a region")
    rois = None if args.roi is None else rois_of(args.roi, args.background)
    known = vars(args)  # not every command has all options
    return Run(
        args.source,
        settings,
        headless=args.headless,
        live=live,
        score_again=known.get("score_again", False),
        record=record,
        publish=Publish(known.get("publish_igtl"), known.get("publish_metrics")),
        protocol=known.get("protocol"),
        rois=rois,
        seconds=args.seconds,
        preset=known.get("preset"),
        last=known.get("last", False),
    )


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not [HOST:]PORT")
    return host.strip("[]") or _LOOPBACK, int(port)


def several(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Names with commas between them, in the order in which they were given."""

    def parse(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(","))
        wrong = [name for name in names if name not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is none of {', '.join(known)}")
        return names

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:g}")
        return number

    return parse


def whole(least: int = 1, most: int = 10**6) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return parse
