"""The screen as a source, on a virtual X server."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.opening import open_live
from tests.sources.live import Watch

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: apt-get install xvfb"),
]


class Display:
    """An X server of 640 x 480 that can be ended."""

    def __init__(self, number: str | None = None) -> None:
        ready, tell = os.pipe()
        wanted = [f":{number}"] if number else []
        command = ["Xvfb", *wanted, "-displayfd", str(tell), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
        self._process = subprocess.Popen(
            command, pass_fds=(tell,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(tell)
        told = b""
        while not told.endswith(b"\n"):  # it writes in two parts, and gives up where nobody reads the second
            assert select.select([ready], [], [], 20)[0], "Xvfb did not start"
            told += os.read(ready, 20)
        os.close(ready)
        self.number = told.decode().strip()

    def kill(self) -> None:
        self._process.terminate()  # killed, it would leave a socket in the way of the next one
        self._process.wait()


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    display = Display()
    monkeypatch.setenv("DISPLAY", f":{display.number}")
    yield display
    display.kill()


def test_a_part_of_the_screen_comes_at_its_own_size(display: Display) -> None:
    with Watch(open_live("screen:40,30,320,200")) as watch:
        frames = watch.more(10)
        assert frames[0].pixels.shape == (200, 320)
        assert watch.source.state == "live"
        assert watch.source.info is not None
        assert (watch.source.info.width, watch.source.info.height) == (320, 200)


def test_the_whole_screen_is_taken_where_no_part_is_named(display: Display) -> None:
    with Watch(open_live("screen:")) as watch:
        assert watch.more(2)[0].pixels.shape == (480, 640)


def seen(watch: Watch) -> int | None:
    """The level in the middle of what came last."""
    return int(watch.frames[-1].pixels[32, 32]) if watch.frames else None


def test_what_is_drawn_is_seen(display: Display) -> None:
    if shutil.which("xsetroot") is None:
        pytest.skip("no xsetroot: apt-get install x11-xserver-utils")
    with Watch(open_live("screen:0,0,64,64")) as watch:
        for color, level in (("#ffffff", 255), ("#404040", 64)):
            subprocess.run(["xsetroot", "-solid", color], check=True)
            watch.until(lambda level=level: seen(watch) == level)


def test_a_part_that_is_not_on_the_screen_is_told(display: Display) -> None:
    source = open_live("screen:600,400,320,200")
    with Watch(source) as watch:
        watch.until(lambda: "reaches over the edge" in (getattr(source, "trouble", "") or ""))
        assert watch.frames == []


def test_a_display_that_dies_and_comes_back_is_taken_up_again(display: Display) -> None:
    with Watch(open_live("screen:0,0,64,64")) as watch:
        watch.more(3)
        display.kill()
        watch.until(lambda: watch.source.state == "reconnecting")
        again = Display(display.number)
        watch.until(lambda: watch.source.state == "live")
        assert watch.source.gaps == 1
        again.kill()


@pytest.mark.parametrize(
    "wrong", ["screen:1,2,3", "screen:a,b,c,d", "screen:0,0,0,10", "screen:0,0,99999,99999"]
)
def test_a_wrong_form_is_refused(wrong: str) -> None:
    with pytest.raises(SourceError, match=wrong):
        open_live(wrong)
