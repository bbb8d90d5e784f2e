"""A real window on a virtual X server, driven with real keys and mouse: what a new user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
        reason="needs Xvfb and xdotool (apt-get install xvfb xdotool libxcb-cursor0)",
    ),
]
SIZE = (1280, 860)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of 1920x1080 of our own."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


class Person:
    """Someone at the keyboard of `scanmon`."""

    def __init__(self, display: str, home: Path, bundle: Path, *arguments: str) -> None:
        self.home = home
        self._env = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "LANG": "C.UTF-8",
        }
        self.program = subprocess.Popen(
            [sys.executable, "-m", "scanmon", *arguments, "--bundle", str(bundle)],
            env=self._env,
            stderr=subprocess.PIPE,
            text=True,
        )
        found = self.do("search", "--sync", "--onlyvisible", "--name", "^scanmon$")
        self.window = found.split()[-1]
        self.do("windowsize", "--sync", self.window, *map(str, SIZE))
        self.do("windowfocus", "--sync", self.window)

    def do(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments], env=self._env, check=True, capture_output=True, text=True, timeout=60
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
        """Wait until something is so, doing `again` once a second meanwhile."""
        tick, end_s = threading.Event(), time.monotonic() + 60
        while not condition():
            assert self.program.poll() is None, self.program.stderr.read() if self.program.stderr else ""
            assert time.monotonic() < end_s, "it did not come to that within 60 s"
            if again is not None:
                again()
            tick.wait(1.0)

    def pictures(self) -> list[Path]:
        folder = self.home / "Pictures" / "scanmon"
        return sorted(path for path in folder.glob("picture_*.png") if "overlay" not in path.name)

    def sessions(self) -> list[Path]:
        return sorted((self.home / "Videos" / "scanmon").glob("run_*/session.json"))

    def leave(self) -> int:
        self.press("ctrl+q")
        code = self.program.wait(30)
        if self.program.stderr is not None:
            self.program.stderr.close()
        return code


@pytest.fixture
def person(display, tmp_path, tiny_bundle) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def come(*arguments: str) -> Person:
        people.append(Person(display, tmp_path, tiny_bundle, *arguments))
        return people[-1]

    yield come
    for one in people:
        if one.program.poll() is None:
            one.program.kill()
            one.program.wait(10)
        if one.program.stderr is not None:
            one.program.stderr.close()


def test_from_first_start_to_a_recorded_session_and_its_replay(person):
    """Set-up page, address, live score, picture, recording, bookmark, replay, scrub."""
    live = person("live", "--region", "39,15,562,451")
    live.click(165, SIZE[1] - 42)  # the address field, at the lower left
    live.do("type", "phantom:size=640x480")
    live.press("Return")
    live.press("Escape")  # to the monitor; the engine loads meanwhile
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    live.press("r")
    live.until(lambda: len(live.sessions()) == 1)
    live.press("b", "h", "o", "q", "q", "o", "h", "F11", "F11")
    live.press("r")
    assert live.leave() == 0

    (session,) = live.sessions()
    replay = person("replay", str(session.parent))
    replay.until(lambda: len(replay.pictures()) > 1, again=lambda: replay.press("space", "Home", "s"))
    replay.press("Home", "s")
    count = len(replay.pictures())
    y = SIZE[1] - 120  # inside the trace
    replay.drag(80, y, 900, y)
    replay.until(lambda: len(replay.pictures()) > count + 1, again=lambda: replay.press("s"))
    first, last = (cv2.imread(str(replay.pictures()[row]), cv2.IMREAD_GRAYSCALE) for row in (count - 1, -1))
    assert first.shape == last.shape
    assert np.abs(first.astype(int) - last.astype(int)).mean() > 5  # the probe of the phantom moves
    assert replay.leave() == 0


def test_the_region_is_dragged_with_the_mouse(person):
    """A box that is dragged smaller gives smaller pictures."""
    live = person("live", "phantom:size=640x480")
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    before = cv2.imread(str(live.pictures()[-1])).shape
    live.press("m")
    live.click(SIZE[0] - 140, 71)  # the choice of the kind of region
    live.press("Home", "Down", "Down", "Return")  # rectangle
    regions = live.home / "config" / "scanmon" / "scanmon" / "regions" / "phantom_size_640x480_640x480.toml"
    live.until(regions.exists)
    box = [int(number) for number in regions.read_text().split("[")[1].split("]")[0].split(",")]
    # the picture is fitted into the middle column: its scale follows from the window alone
    left, right, top, bottom = 328, 953, 28, SIZE[1] - 48
    scale = min((right - left) / 640, (bottom - top) / 480)
    origin = ((left + right - 640 * scale) / 2, (top + bottom - 480 * scale) / 2)
    corner = (round(origin[0] + scale * (box[0] + box[2])), round(origin[1] + scale * (box[1] + box[3])))
    live.drag(corner[0], corner[1], corner[0] - 120, corner[1] - 120)
    live.press("Escape")
    known = len(live.pictures())

    def smaller() -> bool:
        fresh = live.pictures()[known:]
        return bool(fresh) and cv2.imread(str(fresh[-1])).shape[0] < before[0] - 60

    live.until(smaller, again=lambda: live.press("s"))
    assert np.all(np.array(cv2.imread(str(live.pictures()[-1])).shape[:2]) > 32)
    assert live.leave() == 0
