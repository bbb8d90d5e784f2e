"""A real window on a virtual X server, driven with real keys and mouse: what a new user does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.ui.theme import DARK
from tests.sources.senders import free_port, mjpeg_sender, needs_ffmpeg
from tests.ui.screen import SIZE, Person, Screen, upright_line, virtual_screen

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
        reason="needs Xvfb and xdotool (apt-get install xvfb xdotool libxcb-cursor0)",
    ),
]


@pytest.fixture(scope="module")
def screen(tmp_path_factory) -> Iterator[Screen]:
    with virtual_screen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture
def person(screen, tmp_path, tiny_bundle) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def come(*arguments: str) -> Person:
        people.append(Person(screen, tmp_path, tiny_bundle, *arguments))
        return people[-1]

    yield come
    for one in people:
        one.is_sent_away()


def gray(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(int)


def at(point: tuple[int, int] | None) -> int:
    return -1 if point is None else point[0]


def cursor(one: Person) -> tuple[int, int] | None:
    """Where the cursor of the trace is seen; nothing else in the window has its colour and its height."""
    return upright_line(one.sees(), DARK.text, at_least=50)


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
    known = len(live.pictures())
    live.until(lambda: len(live.pictures()) > known + 2, again=lambda: live.press("s"))  # for some seconds
    live.press("r")
    assert live.leave() == 0

    (session,) = live.sessions()
    before = len(live.pictures())
    replay = person("replay", str(session.parent))
    replay.until(lambda: cursor(replay) is not None)
    replay.press("Left", "Home")  # a step pauses, whether it played or had ended
    replay.until(lambda: at(cursor(replay)) < SIZE[0] // 8)
    replay.until(lambda: len(replay.pictures()) > before, again=lambda: replay.press("s"))
    first = gray(replay.pictures()[-1])
    start = cursor(replay)
    assert start is not None
    replay.drag(start[0], start[1], SIZE[0] * 2 // 3, start[1])
    replay.until(lambda: at(cursor(replay)) > SIZE[0] // 2)

    def another() -> bool:
        """The last picture that was kept is another moment: the probe of the phantom moves."""
        last = gray(replay.pictures()[-1])
        return last.shape == first.shape and bool(np.abs(first - last).mean() > 5)

    replay.until(another, again=lambda: replay.press("s"))
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


@needs_ffmpeg
def test_a_source_that_is_lost_comes_back_by_itself(person):
    """The sender is killed as by a pulled plug; the picture stays, and moves again with the next sender."""
    port = free_port()
    with mjpeg_sender(port) as sender:
        live = person("live", f"http://127.0.0.1:{port}/", "--region", "20,20,240,200")
        live.until(lambda: len(live.pictures()) > 1, again=lambda: live.press("s"))
        sender.kill()
    known = len(live.pictures())
    live.until(lambda: len(live.pictures()) > known + 1, again=lambda: live.press("s"))
    held = [gray(path) for path in live.pictures()[-2:]]
    assert np.array_equal(*held)  # the last picture stays on the screen
    with mjpeg_sender(port):
        live.until(
            lambda: not np.array_equal(gray(live.pictures()[-1]), held[-1]), again=lambda: live.press("s")
        )
        assert live.leave() == 0
