"""How this program is started again, by itself or by the desktop."""

from __future__ import annotations

import sys


def frozen() -> bool:
    """Whether this is the one-folder build (tools/frozen), which brings its own Python and no `python -m`."""
    return bool(getattr(sys, "frozen", False))


def start_words() -> list[str]:
    """The words in front of a command of scanmon."""
    return [sys.executable] if frozen() else [sys.executable, "-m", "scanmon"]
