"""Where the window keeps what belongs to the user."""

import shutil
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QStandardPaths

_Location = QStandardPaths.StandardLocation


def config_folder() -> Path:
    """Presets, regions, recent files: TOML that can be copied to another machine."""
    return Path(QStandardPaths.writableLocation(_Location.GenericConfigLocation)) / "scanmon"


def bundles_folder() -> Path:
    """Bundles that the window built: megabytes, which are no configuration."""
    return Path(QStandardPaths.writableLocation(_Location.GenericDataLocation)) / "scanmon" / "bundles"


def move_in(config: Path, bundles: Path) -> None:
    """Bring over what version 0.1 kept in a folder `scanmon` of the configuration. Raises `OSError`."""
    former = config / "scanmon"
    for entry in sorted(former.iterdir()) if former.is_dir() else ():
        target = bundles if entry.name == "bundles" else config / entry.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(entry, target)
    with suppress(OSError):  # what was there twice stays where it is
        former.rmdir()


def pictures_folder() -> Path:
    return Path(QStandardPaths.writableLocation(_Location.PicturesLocation)) / "scanmon"


def sessions_folder() -> Path:
    return Path(QStandardPaths.writableLocation(_Location.MoviesLocation)) / "scanmon"
