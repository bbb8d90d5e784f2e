"""Any fault of a session's file becomes one error that names the file."""

from __future__ import annotations

import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scanmon.core.errors import ScanmonError, SourceError

REMEDY: Final = "copy the whole folder again, or record anew"
_FAULTS: Final = (
    ScanmonError, sqlite3.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError, MemoryError,
    EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@contextmanager
def naming_faults(path: Path) -> Iterator[Path]:
    """Raises `SourceError` for what goes wrong while `path` is read, or something is made of it."""
    try:
        yield path
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", path, REMEDY) from error
    except _FAULTS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"is damaged, or of a newer scanmon ({reason})", path, REMEDY) from error
