"""Names of files as text that every reader can take: they may hold any bytes, and control characters."""

import os
from pathlib import Path


def label(path: Path | str) -> str:
    """A path as UTF-8 text; bytes that are none stand as `\\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shown(text: str) -> str:
    """One line for a terminal: what is not printable is escaped, so that a name cannot steer it."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in " ".join(text.split()))


def _escaped(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte of a file name that is not UTF-8 (PEP 383)
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
