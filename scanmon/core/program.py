"""How this program is started again, how many processors it may use, and whether it has a screen."""

import os
import sys


def frozen() -> bool:
    """Whether this is the one-folder build (tools/frozen), which brings its own Python."""
    return bool(getattr(sys, "frozen", False))


def start_words(module: str = "scanmon") -> list[str]:
    """The words in front of a command of scanmon, or of what another of its modules takes.

    The one-folder build is no Python: it runs modules of its own that stand behind `-m` (`scanmon.__main__`).
    """
    alone = frozen() and module == "scanmon"
    return [sys.executable] if alone else [sys.executable, "-m", module]


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_display() -> bool:
    if os.name == "nt" or os.uname().sysname == "Darwin":
        return True
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen.startswith(("offscreen", "minimal")):
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or chosen)
