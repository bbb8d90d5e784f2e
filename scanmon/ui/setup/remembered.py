"""What was used last: files and live addresses, newest first, and the region drawn for each live source."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from scanmon.core.documents import checked, write_toml
from scanmon.core.errors import SettingsError, disk_errors
from scanmon.picture.region import Shape, shape_from
from scanmon.sources.opening import identity
from scanmon.sources.scheme import scheme_of
from scanmon.ui.setup.presets import write_shape
from scanmon.ui.state.own_files import read_own

COUNT = 8
ADDRESSES = 5
_NOT_KEPT = ("phantom", "grabber")  # always listed, or listed while they are plugged in

_Entries = Annotated[tuple[Annotated[str, Meta(max_length=4096)], ...], Meta(max_length=100)]


@dataclass(frozen=True, slots=True)
class _File:
    """What the file holds."""

    recent: _Entries = ()
    addresses: _Entries = ()
    last: Annotated[str, Meta(max_length=4096)] = ""


class Recent:
    """Lists in a TOML file. Addresses are kept without user and password; lost files are not shown.

    `error` says what was wrong with the file; a new one is begun then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.error: SettingsError | None = None
        try:
            self._file = read_own(path, lambda table: checked(_File, table, path, others=True)) or _File()
        except SettingsError as error:
            self.error, self._file = error, _File()

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(entry for entry in self._file.recent if Path(entry).exists())[:COUNT]

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._file.addresses[:ADDRESSES]

    @property
    def last(self) -> str:
        """What was opened last, live or recorded; empty before the first time."""
        return self._file.last

    def add(self, source: str) -> None:
        """Put a path or an address first. Raises `SettingsError` where the list cannot be saved."""
        kept, scheme = self._file, scheme_of(source)
        if Path(source).exists():
            entry = str(Path(source).resolve())
            kept = replace(kept, recent=_first(entry, kept.recent, COUNT), last=entry)
        elif scheme is not None:
            entry = source if scheme in _NOT_KEPT else identity(source)
            if scheme not in _NOT_KEPT:
                kept = replace(kept, addresses=_first(entry, kept.addresses, ADDRESSES))
            kept = replace(kept, last=entry)
        if kept != self._file:
            self._file = kept
            write_toml(self._path, asdict(kept))


def _first(entry: str, others: tuple[str, ...], count: int) -> tuple[str, ...]:
    return (entry, *(other for other in others if other != entry))[:count]


class RememberedRegions:
    """One shape file for each source and size: `grabber_usb-1_5d0c41aa_1280x720.toml`.

    A device is known by its id, wherever it is plugged in. The digits tell apart what reads alike.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, source: str, size: tuple[int, int]) -> Path:
        """Where the shape for a source with pictures of `size` (width, height) lies."""
        whose = identity(source.strip())
        word = re.sub(r"[^\w-]+", "_", whose.lower()).strip("_")[-60:]
        digits = hashlib.sha256(whose.encode()).hexdigest()[:8]
        return self._folder / f"{word}_{digits}_{size[0]}x{size[1]}.toml"

    def remember(self, source: str, size: tuple[int, int], shape: Shape) -> Path:
        """Raises `SettingsError`."""
        return write_shape(self.path(source, size), shape)

    def forget(self, source: str, size: tuple[int, int]) -> None:
        """Nothing is remembered any more. Raises `SettingsError`."""
        with disk_errors(SettingsError, "cannot be removed", self._folder):
            self.path(source, size).unlink(missing_ok=True)

    def recall(self, source: str, size: tuple[int, int]) -> Shape | None:
        """The shape; None where none was drawn. Raises `SettingsError` where its file is damaged."""
        path = self.path(source, size)
        return read_own(path, lambda table: shape_from(table, path))
