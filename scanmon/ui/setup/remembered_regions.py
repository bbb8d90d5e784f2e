"""Regions that were drawn, remembered for each source and picture size."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from scanmon.core.errors import SettingsError
from scanmon.picture.region import Shape, shape_from
from scanmon.sources.opening import identity
from scanmon.ui.setup.presets import write_shape
from scanmon.ui.state.own_files import read_own


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
        try:
            self.path(source, size).unlink(missing_ok=True)
        except OSError as error:
            raise SettingsError(f"cannot be removed ({error.strerror})", self._folder) from error

    def recall(self, source: str, size: tuple[int, int]) -> Shape | None:
        """The shape; None where none was drawn. Raises `SettingsError` where its file is damaged."""
        path = self.path(source, size)
        return read_own(path, lambda table: shape_from(table, path))
