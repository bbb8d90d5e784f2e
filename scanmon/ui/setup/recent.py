"""The files that were opened last, newest first."""

from __future__ import annotations

from pathlib import Path

from scanmon.core.documents import read_toml, write_toml
from scanmon.core.errors import SettingsError

COUNT = 8


class Recent:
    """A list in a TOML file; what no longer exists is left out when it is shown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = self._load()

    @property
    def entries(self) -> tuple[str, ...]:
        """Paths that are there now."""
        return tuple(entry for entry in self._entries if Path(entry).exists())

    def add(self, source: str) -> None:
        """Put a path first. URIs and what is not there are not remembered. Raises `SettingsError`."""
        if not Path(source).exists():
            return
        entry = str(Path(source).resolve())
        self._entries = (entry, *(old for old in self._entries if old != entry))[:COUNT]
        write_toml(self._path, {"recent": self._entries})

    def _load(self) -> tuple[str, ...]:
        try:
            found = read_toml(self._path).get("recent", [])
        except SettingsError:
            return ()  # none yet, or not ours: a list of recent files is not worth an error
        return tuple(entry for entry in found if isinstance(entry, str))[:COUNT]
