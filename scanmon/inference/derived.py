"""Other forms of a bundle's network, which the bundle has or which were made from it on this machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

from scanmon.core.errors import EngineError, disk_errors
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.cache_folder import cache_folder
from scanmon.scoring.bundle import Bundle, NrqPart


def derived(bundle: Bundle, part: NrqPart, form: str) -> bytes | None:
    """The network in `form` (`plain`, `cuda-fp16`, ...): a variant, or one that was kept here."""
    if form in part.variants:
        return bundle.read(part.variants[form])
    for path in sorted(_folder().glob(f"{_stem(bundle, part, form)}-*.onnx")):
        data = path.read_bytes()
        if path.stem.endswith(_digest(data)):  # otherwise it is damaged, and made again
            return data
    return None


def keep(bundle: Bundle, part: NrqPart, form: str, network: bytes) -> Path:
    """Keep a network that was made from the bundle's own. Raises `EngineError`."""
    path = _folder() / f"{_stem(bundle, part, form)}-{_digest(network)}.onnx"
    with disk_errors(EngineError, "the network cannot be kept", path, "free some space"):
        write_atomic(path, network)
    return path


def discard(bundle: Bundle, part: NrqPart, form: str) -> None:
    """Remove what was kept, as something that was found wrong."""
    for path in _folder().glob(f"{_stem(bundle, part, form)}-*.onnx"):
        path.unlink(missing_ok=True)


def prune(keep: set[str]) -> set[str]:
    """Remove what was made from files whose sha256 is not in `keep`. Returns the sha256 of what stays."""
    left = set()
    for path in _folder().glob("*.onnx"):
        if path.stem[:32] in {digest[:32] for digest in keep}:
            left.add(hashlib.sha256(path.read_bytes()).hexdigest())
        else:
            path.unlink(missing_ok=True)
    return left


def _stem(bundle: Bundle, part: NrqPart, form: str) -> str:
    return f"{bundle.files[part.file][:32]}-{form}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _folder() -> Path:
    return cache_folder() / "networks"
