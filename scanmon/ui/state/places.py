"""Where the window keeps what belongs to the user."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

_Location = QStandardPaths.StandardLocation


def config_folder() -> Path:
    """Presets, regions, recent files: TOML that can be copied to another machine."""
    return Path(QStandardPaths.writableLocation(_Location.AppConfigLocation))


def pictures_folder() -> Path:
    """Pictures that the user keeps."""
    return Path(QStandardPaths.writableLocation(_Location.PicturesLocation)) / "scanmon"


def sessions_folder() -> Path:
    """Recorded sessions."""
    return Path(QStandardPaths.writableLocation(_Location.MoviesLocation)) / "scanmon"
