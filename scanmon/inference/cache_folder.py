"""Where this user's machine-made files lie: engine plans and what was found out about back ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """`SCANMON_CACHE`, or `scanmon` in the platform's folder for caches. It may not exist yet."""
    named = os.environ.get("SCANMON_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "scanmon" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "scanmon"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scanmon"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old or the new one, never a part. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # unique for each process and thread, so that two that write the same file do not share one
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
