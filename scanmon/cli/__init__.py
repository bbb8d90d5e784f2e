"""The commands, one thin file each. Results go to stdout, progress and logs to stderr.

Exit codes: 0 done; 1 it could not be done, or (`qa`, `trends`) a measure is outside of its limits or gets
worse, with one line `error: where: what; what to do`; 2 wrong usage.
"""

import argparse
import contextlib
import difflib
import errno
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from scanmon import __version__
from scanmon.cli.extras import extra_with
from scanmon.cli.streams import discard_output, log_to_stderr, open_streams, output_is_refused
from scanmon.core.errors import ScanmonError
from scanmon.core.text import label, shown
from scanmon.runtime.process import return_pictures_to_the_system
from scanmon.sources.scheme import scheme_of

ADVANCED = "advanced scoring"  # options that --help leaves to --help-all


class Command(NamedTuple):
    """A command: the module of its name has `add_arguments(parser)` and `run(args) -> int`."""

    help: str
    examples: tuple[str, ...] = ()  # what stands behind `scanmon COMMAND`


_SESSION = "sessions/run_20261122T041237Z"
COMMANDS = {
    "demo": Command(
        "the whole thing on a real cine loop, with the default bundle", ("", "--headless", "--metric nrq")
    ),
    "live": Command(
        "watch a live source",
        ("", "http://scanner:8080/stream.mjpg", "grabber:ID --headless --seconds 60 --record sessions"),
    ),
    "replay": Command(
        "watch a recorded cine loop or session, with a transport bar",
        ("loop.dcm", "loop.mp4 --region 120,40,800,620", f"{_SESSION} --score-again"),
    ),
    "score": Command(
        "score images, folders and cine loops",
        ("picture.png", "archive --out scores.csv", "archive --bundle my-site --out scores.parquet"),
    ),
    "export": Command(
        "a recorded session as table, film, report, DICOM or NRRD",
        (f"{_SESSION} --to rows.csv", f"{_SESSION} --to film.mp4", f"{_SESSION} --to report.pdf"),
    ),
    "report": Command(
        "the page of a recorded session or examination", (_SESSION, f"{_SESSION} --to report.pdf report.png")
    ),
    "deidentify": Command(
        "a folder of DICOM and video without what names a person",
        ("archive --out shared", "archive --out shared --mapping"),
    ),
    "verify": Command(
        "score a recorded session again and report what differs", (_SESSION, f"{_SESSION} --tolerance 0")
    ),
    "evaluate": Command(
        "how the score of a bundle behaves on known degradations",
        (
            "data --out results",
            "data --out results --baselines",
            "data --bundle my-site --against default --out results",
        ),
    ),
    "fit": Command(
        "organ models of this site from its accepted pictures",
        ("accepted --out my-site", "accepted --bundle default --out my-site"),
    ),
    "calibrate": Command(
        "quality and thresholds of this site, from its own pictures",
        ("good --out my-site", "good --accepted kept --rejected thrown --out my-site"),
    ),
    "compare": Command(
        "pictures, cine loops or folders against their references",
        ("reference.png picture.png", "clean.mp4 noisy.mp4 --metrics ssim,psnr --out pairs.csv"),
    ),
    "measure": Command(
        "mean, CNR, gCNR, speckle and resolution in regions of interest",
        (
            "picture.png --roi 120,80,60,40",
            "loop.dcm --roi 120,80,60,40 --background 300,80,60,40 --out rows.csv",
        ),
    ),
    "agree": Command(
        "how far every metric agrees with ratings or choices of people",
        ("ratings.csv", "ratings.csv --baselines all --plot plots"),
    ),
    "study": Command(
        "a blinded reader study: which of two pictures is better, and why",
        ("pictures --reader anna", "pictures --export choices.csv"),
    ),
    "qa": Command(
        "quality control of a probe, in air or on a phantom, with a control chart",
        ("air air.png --elements 128", "phantom phantom.dcm --probe L12-5 --report page.html"),
    ),
    "trends": Command(
        "checks and examinations over days: is a probe getting worse?",
        ("--probe L12-5", "--probe L12-5 --out points.csv --report page.html"),
    ),
    "build": Command(
        "a PyTorch checkpoint -> an engine bundle that was proved to agree with it",
        ("TinyUSFM.pth --out my-bundle", "default --out fast --backend tensorrt --precision fp16"),
    ),
    "bench": Command("speed of every stage on this machine", ("", "--bundle my-site --json figures.json")),
    "bundles": Command("what engine bundles there are", ("", "my-bundles", "--cache")),
    "check": Command(
        "is a bundle whole, does it run here, does it agree with its parity report", ("", "my-site --choose")
    ),
    "devices": Command("capture devices with stable ids, formats and rates"),
    "desktop": Command("menu entry, icon and file types for this user", ("--install",)),
    "completion": Command("a script with which the shell completes commands and options", ("bash", "zsh")),
    "doctor": Command("what is missing on this machine, and how to get it"),
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = with_command(list(sys.argv[1:] if argv is None else argv))
    open_streams()
    # the others' modules need not be imported to run one
    debug = "--debug" in arguments
    try:
        with _terminate_as_interrupt():
            parser = parser_with([word for word in arguments if word in COMMANDS][:1])
            args, unknown = parser.parse_known_args(arguments)
            if unknown:
                subparsers(parser)[args.command].error(f"unrecognized arguments: {' '.join(unknown)}")
            log_to_stderr(debug)
            return_pictures_to_the_system()
            run: Callable[[argparse.Namespace], int] = import_module(f"scanmon.cli.{args.command}").run
            code = run(args)
            sys.stdout.flush()
            return code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    except BrokenPipeError:
        discard_output()  # the reader of our lines has gone, as `head` does: nothing more can be said there
    except Exception as error:
        if debug:
            logging.getLogger("scanmon").exception("failed")
        print("stopped" if _interrupted(error) else "error: " + shown(_said(error)), file=sys.stderr)
    return 1


def _interrupted(error: Exception) -> bool:
    """Whether a compiled library was interrupted while it was loaded, of which it makes its own error."""
    below: BaseException | None = error if isinstance(error, ImportError) else None
    while below is not None and not isinstance(below, KeyboardInterrupt):
        below = below.__cause__ or below.__context__
    return below is not None


def _said(error: Exception) -> str:
    if isinstance(error, ScanmonError):
        return str(error)
    if isinstance(error, MemoryError):
        return str(
            ScanmonError("not enough memory", remedy="close other programs or choose smaller material")
        )
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, ImportError) and "cannot open shared object file" in str(error):
        library = str(error).partition(":")[0]
        remedy = "scanmon doctor says how to get it"
        return str(ScanmonError("a library of the system is missing", library, remedy))
    if isinstance(error, ModuleNotFoundError) and error.name:
        extra = extra_with(error.name)
        remedy = f"pip install 'scanmon[{extra}]'" if extra else "python -m pip check says who wants it"
        return str(ScanmonError(f"needs the library {error.name}", remedy=remedy))
    return str(ScanmonError(f"unexpected {type(error).__name__}: {error}", remedy="run again with --debug"))


def with_command(arguments: list[str]) -> list[str]:
    """`scanmon` alone is the set-up page, `scanmon PATH` a replay, `scanmon URL` a live source."""
    if not arguments:
        return ["live"]
    first = arguments[0]
    if first in COMMANDS or first.startswith("-"):
        return arguments
    if Path(first).exists():
        return ["replay", *arguments]
    if scheme_of(first) is not None:
        return ["live", *arguments]
    near = difflib.get_close_matches(first, COMMANDS, n=1)
    meant = f"did you mean {near[0]}?" if near else "scanmon --help lists the commands"
    print(f"error: {shown(first)} is no command, file or address; {meant}", file=sys.stderr)
    raise SystemExit(2)


def parser_with(filled: Iterable[str]) -> argparse.ArgumentParser:
    """The parser of all commands, of which `filled` have their arguments."""
    wanted = set(filled)
    parser = _Parser(
        prog="scanmon",
        description="Real-time monitor of ultrasound image quality. Research use only. Not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"scanmon {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        child = commands.add_parser(name, help=command.help, description=_sentence(command.help))
        child.add_argument("--debug", action="store_true", help="log everything; show tracebacks")
        child.examples = tuple(f"scanmon {name} {example}".rstrip() for example in command.examples)
        if name in wanted:
            import_module(f"scanmon.cli.{name}").add_arguments(child)
            if child.advanced:
                child.add_argument("--help-all", action=_HelpAll, nargs=0, help=f"this, and {ADVANCED}")
    return parser


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command, for the documentation."""
    return subparsers(parser_with([name]))[name]


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")


class _Parser(argparse.ArgumentParser):
    """Shows what it was given without letting it steer the terminal; a help that fits a screen."""

    examples: tuple[str, ...] = ()
    everything = False  # whether the help shows `ADVANCED` too

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {shown(message)}; {self.prog} --help says what it takes\n")

    @property
    def advanced(self) -> list[argparse.Action]:
        """There is no public way to walk a parser."""
        return [
            one for group in self._action_groups if group.title == ADVANCED for one in group._group_actions
        ]

    def format_usage(self) -> str:
        formatter = self._get_formatter()
        self._add_usage(formatter)
        return formatter.format_help()

    def format_help(self) -> str:
        formatter = self._get_formatter()
        self._add_usage(formatter)
        formatter.add_text(self.description)
        for group in self._action_groups:
            if self.everything or group.title != ADVANCED:
                formatter.start_section(group.title)
                formatter.add_arguments(group._group_actions)
                formatter.end_section()
        lines = ["", "examples:", *(f"  {example}" for example in self.examples), ""]
        return formatter.format_help() + ("\n".join(lines) if self.examples else "")

    def _add_usage(self, formatter: argparse.HelpFormatter) -> None:
        hidden = [] if self.everything else self.advanced
        actions = [action for action in self._actions if action not in hidden]
        formatter.add_usage(self.usage, actions, self._mutually_exclusive_groups)


class _HelpAll(argparse.Action):
    """`--help` with the options that few need."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        assert isinstance(parser, _Parser)
        parser.everything = True
        parser.print_help()
        parser.exit()


def _of_the_system(error: OSError) -> str:
    """What the system refused, and where. An error of a write has no name: it may be that of the output."""
    remedy = {
        errno.ENOENT: "check the path",
        errno.ENOTDIR: "check the path",
        errno.EISDIR: "name a file",
        errno.EACCES: "choose a place that is yours",
        errno.EPERM: "choose a place that is yours",
        errno.EROFS: "choose a place that is yours",
        errno.EMFILE: "raise the limit of open files (ulimit -n)",
        errno.ENFILE: "close other programs",
        errno.ENOSPC: "free some space",
        errno.EBADF: "give it a file or another program as its output",
    }.get(error.errno or 0, "run again with --debug")
    where = error.filename
    if where is None and output_is_refused():
        where = "standard output"
        discard_output()
    return str(ScanmonError(error.strerror or str(error), "" if where is None else label(where), remedy))


@contextlib.contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """A request to terminate, or a terminal that is closed, ends a command as Ctrl-C does: files are closed.

    What is ignored, as a hang-up under `nohup`, stays ignored.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    except ValueError:  # not the main thread, as in tests: signals are not ours to handle
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
