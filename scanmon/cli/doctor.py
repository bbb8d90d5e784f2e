"""`scanmon doctor`: what this machine has, what is missing, and how to get it."""

import argparse
import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from scanmon import __version__
from scanmon.cli.extras import BASE, EXTRAS
from scanmon.core.errors import ScanmonError
from scanmon.core.program import frozen, has_display
from scanmon.inference.cards import words
from scanmon.inference.choice import choice_lines
from scanmon.scoring.bundle import default_bundle, open_bundle

State = Literal["ok", "note", "missing"]
_MARK: dict[State, str] = {"ok": "  ok     ", "note": "  note   ", "missing": "  MISSING"}

_BASE = ("numpy", "opencv-python-headless", "av", "pydicom", "onnxruntime", "PySide6-Essentials")
_QT_LIBRARIES = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "fontconfig": "libfontconfig1",
    "glib-2.0": "libglib2.0-0",
    "xkbcommon": "libxkbcommon0",
    "dbus-1": "libdbus-1-3",
}
_X_LIBRARIES = {
    "xcb-cursor": "libxcb-cursor0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-shape": "libxcb-shape0",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    state: State
    what: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This command has none of its own."""


def run(args: argparse.Namespace) -> int:
    """Print the report; 1 where something that every user needs is missing."""
    failed = False
    print(f"scanmon {__version__} on Python {platform.python_version()}, {platform.platform()}")
    for title, findings in (
        ("machine", _machine()),
        ("packages", _packages()),
        ("window", _window()),
        ("engines", _engines()),
        ("GPU", _gpu()),
        ("capture", _capture()),
    ):
        print(f"\n{title}")
        for finding in findings:
            failed = failed or finding.state == "missing"
            print(_MARK[finding.state], finding.what + (f" -> {finding.remedy}" if finding.remedy else ""))
    print("\nsomething is missing" if failed else "\neverything that is needed is there")
    return 1 if failed else 0


def _machine() -> Iterator[Finding]:
    yield Finding("ok", f"{_processor()}, {os.cpu_count()} cores")
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails where nobody knows one
    folder = home if home.is_dir() else Path.cwd()
    if not home.is_dir():
        yield Finding("note", f"no home folder {home}", "settings are not kept")
    elif not os.access(home, os.W_OK):
        yield Finding("note", f"{home} may not be written", "settings are not kept")
    free = shutil.disk_usage(folder).free / 1e9
    state: State = "ok" if free > 2 else "note"
    yield Finding(state, f"{free:.0f} GB free", "" if free > 2 else "recordings need space")


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        return platform.processor() or platform.machine()
    return platform.machine()


def _packages() -> Iterator[Finding]:
    for name in _BASE:
        try:
            yield Finding("ok", f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding("missing", name, "python -m pip install scanmon")
    if frozen():
        yield Finding(
            "note", "this build takes no extras", "python -m pip install scanmon, where they are wanted"
        )
        return
    for extra, (purpose, libraries) in EXTRAS.items():
        absent = [package for package, module in libraries.items() if not _is_there(package, module)]
        if absent:
            remedy = f"python -m pip install 'scanmon[{extra}]' if you want it"
            yield Finding("note", f"extra {extra} ({purpose}): no {', '.join(absent)}", remedy)
        else:
            yield Finding("ok", f"extra {extra} ({purpose})")


def _is_there(package: str, module: str) -> bool:
    """A module that may come from another package than that is no sign of it."""
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return module not in BASE and importlib.util.find_spec(module) is not None


def _window() -> Iterator[Finding]:
    if sys.platform.startswith("linux"):
        display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        wanted = {**_QT_LIBRARIES, **(_X_LIBRARIES if os.environ.get("DISPLAY") else {})}
        absent = [package for name, package in wanted.items() if ctypes.util.find_library(name) is None]
        if absent:
            yield Finding("missing", "system libraries of Qt", f"sudo apt-get install -y {' '.join(absent)}")
        if not display:
            yield Finding("note", "no display: the window is painted into a file", "use --headless")
    yield _qt()


def _qt() -> Finding:
    """Start Qt in a process of its own, since a Qt that finds no platform plugin ends its process."""
    if frozen():
        return Finding("note", "Qt is part of this build, and is not tried apart from it")
    code = "from PySide6.QtGui import QGuiApplication as A; a = A([]); print(a.platformName())"
    environment = dict(os.environ) if has_display() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(  # noqa: S603 our own interpreter and a fixed text
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 0:
        return Finding("ok", f"Qt starts on platform {done.stdout.strip()}")
    reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return Finding("missing", f"Qt does not start: {reason}", "install the libraries named above")


def _engines() -> Iterator[Finding]:
    folder = default_bundle()
    try:
        bundle = open_bundle(folder)
        for name in bundle.files:
            bundle.read(name)
    except ScanmonError as error:
        yield Finding("missing", str(error))
        return
    metrics = " and ".join(name for name in ("nrq", "map") if getattr(bundle, name))
    yield Finding("ok", f"bundle {bundle.name} {bundle.version} ({metrics}): every sha256 is right")
    if bundle.nrq is not None:
        for line in choice_lines(bundle):
            yield Finding("ok", line)


def _gpu() -> Iterator[Finding]:
    for word in words():
        yield Finding("ok" if word.ok else "note", word.what, word.remedy)


def _capture() -> Iterator[Finding]:
    if not sys.platform.startswith("linux"):
        return
    devices = sorted(Path("/dev").glob("video*"))
    if not devices:
        yield Finding("note", "no video device", "connect a grabber; files and streams work without one")
    for device in devices:
        if os.access(device, os.R_OK | os.W_OK):
            yield Finding("ok", str(device))
        else:
            yield Finding("note", f"{device} may not be opened", "sudo usermod -aG video $USER, log in again")
