"""Standard output and error of a command: always there, UTF-8, and of one line a message."""

import faulthandler
import io
import logging
import os
import sys
import warnings

from scanmon.core.text import shown


def open_streams() -> None:
    """JSON lines are UTF-8 on every system, and no name of a file may end a run.

    A stream that was closed before the start is opened again, so that no file of ours gets its number: what
    is written to standard output then fails, and says so.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        if getattr(sys, ("__stdin__", "__stdout__", "__stderr__")[number]) is None:
            _occupy(number, flags)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _occupy(number: int, flags: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, flags)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)


def keep_libraries_out() -> None:
    """What libpng and other C code write to standard error by themselves goes nowhere.

    Their errors come back as exceptions, which are told in our own words; a crash still shows where it was.
    """
    if sys.stderr is None:
        return
    ours = os.dup(2)
    sys.stderr = open(ours, "w", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115, PTH123
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    faulthandler.enable(sys.stderr)


def output_is_refused() -> bool:
    """Whether standard output does not take what is still to be written, or nothing at all."""
    try:
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"")
    except io.UnsupportedOperation:  # replaced by something without a number, as in tests
        return False
    except (OSError, ValueError):
        return True
    return False


def discard_output() -> None:
    """Drop what is still to be written to standard output, of which the end of Python would complain."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # replaced by something without a number, as in tests
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return shown(f"{record.levelname}: {record.getMessage()}")


def log_to_stderr(debug: bool) -> None:
    """Our own warnings, one line each; with `debug` everything, tracebacks and other libraries' words too."""
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if debug:
        return
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setFormatter(_OneLine())
            handler.addFilter(lambda record: record.name.partition(".")[0] in ("scanmon", "py"))
    warnings.simplefilter("ignore")  # of libraries, about files that are told in our own words
