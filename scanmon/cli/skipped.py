"""How a command ends that had to pass over files."""

from __future__ import annotations

import sys

from scanmon.lab.pictures import Skipped


def reported(skipped: Skipped) -> int:
    """The exit code; files that could not be read are counted on stderr, after all else was done."""
    if not skipped.names:
        return 0
    print(f"error: {len(skipped.names)} files could not be read, see their lines", file=sys.stderr)
    return 1
