"""The screen as a source, on a virtual X server."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.opening import open_live
from tests.doubles.display import Display
from tests.doubles.watch import Watch

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: apt-get install xvfb"),
]


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    display = Display("640x480x24")
    monkeypatch.setenv("DISPLAY", display.name)
    yield display
    display.end()


def test_a_part_of_the_screen_comes_at_its_own_size(display: Display) -> None:
    with Watch(open_live("screen:40,30,320,200")) as watch:
        frames = watch.more(10)
        assert frames[0].pixels.shape == (200, 320)
        assert watch.source.state == "live"
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
        display.end()
        watch.until(lambda: watch.source.state == "reconnecting")
        again = Display("640x480x24", number=display.number)
        try:
            watch.until(lambda: watch.source.state == "live")
            assert 1 <= watch.source.gaps <= 1 + watch.silences()
        finally:
            again.end()


@pytest.mark.parametrize(
    "wrong", ["screen:1,2,3", "screen:a,b,c,d", "screen:0,0,0,10", "screen:0,0,99999,99999"]
)
def test_a_wrong_form_is_refused(wrong: str) -> None:
    with pytest.raises(SourceError, match=wrong):
        open_live(wrong)
