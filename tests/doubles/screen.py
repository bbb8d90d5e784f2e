"""A virtual X server whose screen can be looked at, and somebody at its keyboard and mouse."""

import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.doubles.display import Display
from tests.doubles.scenes import PATIENCE_S

SIZE = (1280, 860)
Picture = NDArray[np.uint8]  # (height, width, 3) B, G, R


@dataclass(frozen=True, slots=True)
class Screen:
    """The X server: its name, and the file in which it keeps its pixels."""

    name: str
    memory: Path

    def picture(self) -> Picture:
        """What is on the screen now. The file is an X window dump, as XWDFile.h has it."""
        raw = self.memory.read_bytes()
        fields = struct.unpack(">25I", raw[:100])
        header, width, height, stride, colours = (fields[at] for at in (0, 4, 5, 12, 19))
        start = header + 12 * colours
        rows = np.frombuffer(raw, np.uint8, stride * height, start).reshape(height, stride)
        return rows[:, : width * 4].reshape(height, width, 4)[..., :3].copy()


@contextmanager
def virtual_screen(folder: Path) -> Iterator[Screen]:
    """A screen of 1920x1080."""
    display = Display("1920x1080x24", "-fbdir", str(folder))
    try:
        yield Screen(display.name, folder / "Xvfb_screen0")
    finally:
        display.end()


class Person:
    """Someone at the keyboard of `scanmon`."""

    def __init__(self, screen: Screen, home: Path, bundle: Path, *arguments: str) -> None:
        self.home = home
        self.screen = screen
        self._env = {
            **os.environ,
            "DISPLAY": screen.name,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "LANG": "C.UTF-8",
        }
        self.program = subprocess.Popen(
            [sys.executable, "-m", "scanmon", *arguments, "--bundle", str(bundle)],
            env=self._env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.window = ""
        try:
            self.until(self._finds_window)
        except BaseException:
            self.is_sent_away()
            raise
        self.do("windowsize", "--sync", self.window, *map(str, SIZE))
        self.do("windowfocus", "--sync", self.window)

    def _finds_window(self) -> bool:
        self.window = self.finds("scanmon")
        return bool(self.window)

    def finds(self, title: str) -> str:
        """The window with a title; empty while there is none."""
        return [*self._all_with(title), ""][0]

    def _all_with(self, title: str) -> list[str]:
        name = "(^|- )scanmon$" if title == "scanmon" else f"^{title}$"  # the word and the source come first
        search = ["xdotool", "search", "--onlyvisible", "--name", name]
        done = subprocess.run(
            search, check=False, env=self._env, capture_output=True, text=True, timeout=PATIENCE_S
        )
        return done.stdout.split()[::-1]

    def turns_to(self, title: str) -> None:
        """Wait for a window and give it the keys; there is no window manager that would."""
        self.until(lambda: bool(self.finds(title)))
        self.do("windowfocus", "--sync", self.finds(title))

    def turns_back(self, dialog: str = "") -> None:
        """To the window of the program, once it is there alone: keys would go to a dialog or the panel."""
        self.until(lambda: self._all_with("scanmon") == [self.window] and not (dialog and self.finds(dialog)))
        self.do("windowfocus", "--sync", self.window)

    def do(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        ).stdout

    def press(self, *keys: str) -> None:
        for key in keys:
            self.do("key", key)

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", "--window", self.window, str(x), str(y), "click", "1")

    def drag(self, x: int, y: int, to_x: int, to_y: int) -> None:
        self.do("mousemove", "--window", self.window, str(x), str(y), "mousedown", "1")
        for step in range(1, 6):
            at_x, at_y = x + (to_x - x) * step // 5, y + (to_y - y) * step // 5
            self.do("mousemove", "--window", self.window, str(at_x), str(at_y))
        self.do("mouseup", "1")

    def until(self, condition: Callable[[], bool], again: Callable[[], None] | None = None) -> None:
        """Wait until something is so, doing `again` twice a second meanwhile."""
        tick, end_s, again_s = threading.Event(), time.monotonic() + 2 * PATIENCE_S, 0.0
        while not condition():
            assert self.program.poll() is None, self.program.stderr.read() if self.program.stderr else ""
            if time.monotonic() > end_s:
                cv2.imwrite(str(self.home / "screen.png"), self.screen.picture())
                raise AssertionError(f"it did not come to that; see {self.home / 'screen.png'}")
            if again is not None and time.monotonic() >= again_s:
                again()
                again_s = time.monotonic() + 0.5
            tick.wait(0.1)

    def sees(self) -> Picture:
        """The window as it is on the screen."""
        words = self.do("getwindowgeometry", "--shell", self.window).split()
        place = dict(word.split("=") for word in words)
        x, y, wide, high = (int(place[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        return self.screen.picture()[y : y + high, x : x + wide]

    def shows(self, colour: str, x: int, y: int) -> bool:
        """Whether `#rrggbb` is what most of the window has around a place."""
        around = self.sees()[y - 4 : y + 5, x - 30 : x + 30].reshape(-1, 3)
        wanted = [int(colour[at : at + 2], 16) for at in (5, 3, 1)]
        return bool((around == wanted).all(axis=1).mean() > 0.5)

    def pictures(self) -> list[Path]:
        folder = self.home / "Pictures" / "scanmon"
        return sorted(path for path in folder.glob("picture_*.png") if "overlay" not in path.name)

    def sessions(self) -> list[Path]:
        return sorted((self.home / "Videos" / "scanmon").glob("run_*/session.db"))

    def leave(self, dialog: str = "") -> int:
        """The exit code; `dialog`: what has to be closed by then."""
        self.turns_back(dialog)
        self.press("ctrl+q")
        code = self.program.wait(2 * PATIENCE_S)
        if self.program.stderr is not None:
            self.program.stderr.close()
        return code

    def is_sent_away(self) -> None:
        """At the end of a test that did not come to its own end."""
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait(10)
        if self.program.stderr is not None:
            self.program.stderr.close()


def upright_line(picture: Picture, colour: str, at_least: int) -> tuple[int, int] | None:
    """(x, y) of the middle of the longest upright line of one `#rrggbb`; None below `at_least` pixels."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (5, 3, 1)], np.uint8)
    alike = (picture == wanted).all(axis=2)
    run, longest, where = np.zeros(picture.shape[1], np.int64), 0, None
    for y, row in enumerate(alike):
        run = np.where(row, run + 1, 0)
        x = int(run.argmax())
        if run[x] > longest:
            longest, where = int(run[x]), (x, y - int(run[x]) // 2)
    return where if longest >= at_least else None
