"""Writing an engine bundle: the manifest as TOML, the sha256 of every file, the whole folder or nothing."""

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanmon.core.documents import read_toml, toml_text
from scanmon.core.errors import BundleError
from scanmon.scoring.bundle import MANIFEST, Bundle, open_bundle


def write_bundle(folder: Path, document: Mapping[str, Any], files: Mapping[str, bytes]) -> Bundle:
    """Make the new bundle `folder`; `[files]` is filled in. Returns it, opened and checked.

    `document` is the content of `bundle.toml`, `files` the relative names and contents of all files. The
    folder appears whole, by renaming, or not at all; one that holds something is left alone.
    Raises `BundleError`.
    """
    check_free(folder)
    manifest = {
        **document,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
            made = Path(scratch) / "bundle"
            for name, data in files.items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            made.mkdir(parents=True, exist_ok=True)
            (made / MANIFEST).write_text(toml_text(manifest), encoding="utf-8")
            open_bundle(made)
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        raise not_written(folder, error) from error
    return open_bundle(folder)


def check_free(folder: Path, size: int = 0) -> None:
    """Raise `BundleError` where a new bundle would lie on something: asked before long work begins.

    With the `size` that it will have about, in bytes, also where it could not be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BundleError("exists already and is not empty", folder, "name a new folder")
    if not size:
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}."):
            free = shutil.disk_usage(folder.parent).free
    except OSError as error:
        raise not_written(folder, error) from error
    if free < size:
        raise BundleError(
            f"needs about {size / 1e6:.0f} MB where {free / 1e6:.0f} MB are free", folder, "free some space"
        )


def not_written(folder: Path, error: OSError) -> BundleError:
    """The error of the system as ours, with the remedy for its kind."""
    if error.errno == errno.ENOTEMPTY:
        return BundleError("was written by another command in the meantime", folder, "name a new folder")
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "free some space" if full else "name a folder that you may write"
    return BundleError(f"cannot be written ({error.strerror})", folder, remedy)


def read_document(bundle: Bundle) -> dict[str, Any]:
    """The content of a bundle's `bundle.toml`, to be changed and written as another bundle."""
    return read_toml(bundle.folder / MANIFEST, BundleError)


def read_files(bundle: Bundle) -> dict[str, bytes]:
    """Every file that the manifest lists, checked against its sha256. Raises `BundleError`."""
    return {name: bundle.read(name) for name in bundle.files}
