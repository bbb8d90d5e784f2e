"""`scanmon desktop`: menu entry, icon and file types for this user."""

import argparse
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import platformdirs

from scanmon.core.errors import SettingsError, disk_errors
from scanmon.core.program import frozen, start_words
from scanmon.core.write_atomic import write_atomic

_RESOURCES = {  # file of scanmon/ui/resources -> place below the data folder
    "scanmon.desktop": "applications",
    "scanmon-open.desktop": "applications",
    "scanmon.svg": "icons/hicolor/scalable/apps",
    "scanmon.metainfo.xml": "metainfo",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--install", action="store_true", help="write them below ~/.local/share")
    what.add_argument("--remove", action="store_true", help="take them away again")


def run(args: argparse.Namespace) -> int:
    """Print each file that was written or deleted."""
    for path in install_entry() if args.install else remove_entry():
        print(path)
    return 0


def install_entry() -> list[Path]:
    """Write them below the data folder of this user. Raises `SettingsError`."""
    started = (None if frozen() else shutil.which("scanmon")) or " ".join(start_words())
    command = quoted(started) if Path(started).is_file() else started
    written = []
    for name, place in _places().items():
        content = (files("scanmon.ui") / "resources" / name).read_bytes()
        if name.endswith(".desktop"):
            content = content.replace(b"Exec=scanmon ", f"Exec={command} ".encode())
        with disk_errors(SettingsError, "cannot be written", place, "check the rights of its folder"):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place, content)
        written.append(place)
    _tell_the_desktop()
    return written


def remove_entry() -> list[Path]:
    there = [place for place in _places().values() if place.exists()]
    for place in there:
        place.unlink()
    _tell_the_desktop()
    return there


def quoted(path: str) -> str:
    """A path as an argument of `Exec`: quoted where it holds what that key gives a meaning to."""
    if all(letter.isalnum() or letter in "/._-+" for letter in path):
        return path
    for letter in ("\\", '"', "`", "$"):
        path = path.replace(letter, f"\\{letter}")
    path = path.replace("%", "%%").replace("\\", "\\\\")  # once for Exec, once for a value of the file
    return f'"{path}"'


def _places() -> dict[str, Path]:
    if sys.platform in ("win32", "darwin"):
        raise SettingsError("menu entries are made on Linux alone", remedy="make a shortcut to scanmon live")
    data = Path(platformdirs.user_data_dir())
    return {name: data / folder / name for name, folder in _RESOURCES.items()}


def _tell_the_desktop() -> None:
    """File types count once the desktop's index has them; one without that tool looks by itself."""
    tool = shutil.which("update-desktop-database")
    if tool is not None:
        applications = _places()["scanmon.desktop"].parent
        subprocess.run([tool, str(applications)], check=False, capture_output=True, timeout=30)  # noqa: S603
