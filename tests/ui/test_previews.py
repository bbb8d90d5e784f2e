"""Thumbnails on the set-up page: alive, few at a time, and never of what others use."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QSize

from scanmon.core.values import Frame
from scanmon.sources.opening import open_recording
from scanmon.ui.setup import previews
from scanmon.ui.setup.previews import Previews
from scanmon.ui.setup.source_list import _icon
from tests.doubles.display import Display
from tests.doubles.scenes import PATIENCE_S


class Page:
    """Stands for the list on the page: every picture that a source showed."""

    def __init__(self, qtbot, sources: list[str], **limits: float) -> None:
        self.seen: dict[str, list[Frame]] = {}
        self._qtbot = qtbot
        self.looking = Previews(
            lambda source, frame: self.seen.setdefault(source, []).append(frame),
            **{"every_s": 0.01, **limits},
        )
        self.looking.ask(sources)

    def until(self, wanted, chosen: str = "") -> None:
        def so() -> bool:
            self.looking.tick(chosen)
            return wanted()

        self._qtbot.waitUntil(so)

    def until_nothing_new_comes(self) -> None:
        self.until(lambda: self.looking._free() and not self.looking._fresh)

    def count(self, source: str) -> int:
        return len(self.seen.get(source, []))


@pytest.fixture
def page(qtbot) -> Iterator:
    pages: list[Page] = []

    def shown(sources: list[str], **limits: float) -> Page:
        pages.append(Page(qtbot, sources, **limits))
        return pages[-1]

    yield shown
    for one in pages:
        one.looking.shut_down()


def still(path: Path, level: int) -> str:
    cv2.imwrite(str(path), np.full((40, 60), level, np.uint8))
    return str(path)


def cine(folder: Path, frames: int) -> str:
    folder.mkdir()
    for number in range(frames):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.full((48, 64), 5 * number, np.uint8))
    return str(folder)


def test_recordings_go_on_and_begin_anew_and_a_still_is_looked_at_once(page, tmp_path):
    image, moving = still(tmp_path / "one.png", 90), cine(tmp_path / "cine", 30)
    shown = page([image, "demo", "phantom:size=160x120", moving])
    shown.until(lambda: all(shown.count(one) >= 4 for one in ("demo", "phantom:size=160x120", moving)))
    assert shown.seen["demo"][0].pixels.std() > 5
    assert [frame.index for frame in shown.seen["phantom:size=160x120"][:3]] == [0, 12, 24]
    assert [frame.index for frame in shown.seen[moving][:4]] == [0, 12, 24, 29]
    shown.until(lambda: shown.count(moving) >= 5)
    assert shown.seen[moving][4].index == 0
    assert shown.count(image) == 1


def test_every_source_has_a_picture_before_one_gets_a_second(page, tmp_path):
    sources = [cine(tmp_path / str(number), 30) for number in range(4)]
    shown = page(sources)
    shown.until(lambda: len(shown.seen) == 4)
    assert max(map(shown.count, sources)) == 1


def test_few_recordings_are_kept_open(page, tmp_path, monkeypatch):
    opened: Counter[str] = Counter()

    def counted(source: str):
        opened[source] += 1
        return open_recording(source)

    monkeypatch.setattr(previews, "open_recording", counted)
    sources = [cine(tmp_path / str(number), 30) for number in range(4)]
    shown = page(sources, most_open=2)
    shown.until(lambda: shown.count(sources[0]) >= 3 and shown.count(sources[1]) >= 3)
    assert [shown.count(source) for source in sources[2:]] == [1, 1]
    assert set(opened.values()) == {1}
    assert len(shown.looking._reels) == 2


def test_looks_keep_their_distance(tmp_path):
    now = {"s": 0.0}
    moving = cine(tmp_path / "cine", 30)
    looking, begun = Previews(lambda *_: None, clock=lambda: now["s"]), []
    looking.ask([moving])
    for _ in range(300):
        now["s"] += 0.01
        looking.tick()
        if looking._job is not None:
            begun.append(now["s"])
            looking._job.result(PATIENCE_S)
            looking.tick()
    looking.shut_down()
    assert 9 <= len(begun) <= 11
    assert np.diff(begun).min() > 0.29


def test_a_page_that_is_left_lets_go_of_everything_and_looks_at_nothing(qtbot, page, tmp_path):
    moving = cine(tmp_path / "cine", 30)
    shown = page([moving])
    shown.until(lambda: shown.count(moving) >= 2)
    known = shown.count(moving)

    def nothing_is_open() -> bool:
        shown.looking.rest()
        return shown.looking._job is None and not shown.looking._reels

    qtbot.waitUntil(nothing_is_open)
    for _ in range(20):
        shown.looking.rest()
    assert shown.looking._job is None
    assert shown.count(moving) == known
    shown.looking.ask([moving])  # and back
    shown.until(lambda: shown.count(moving) > known)


def test_the_source_that_is_chosen_is_left_to_the_window(page, tmp_path):
    one, other = cine(tmp_path / "one", 30), cine(tmp_path / "other", 30)
    shown = page([one, other])
    shown.until(lambda: shown.count(other) >= 4, chosen=one)
    assert shown.count(one) == 0


def test_devices_streams_and_servers_are_never_opened_for_a_look(page, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr(previews, "open_live", opened.append)
    monkeypatch.setattr(previews, "open_recording", opened.append)
    sources = ["grabber:/dev/video0", "rtsp://localhost:1/a", "http://localhost:1/", "igtl://localhost:1"]
    shown = page([*sources, "/nowhere/at/all.mp4"])
    for _ in range(20):
        shown.looking.tick()
    assert opened == []
    assert shown.seen == {}


def test_a_damaged_file_keeps_its_empty_place_and_the_next_one_is_looked_at(page, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"nothing of the kind")
    good = still(tmp_path / "good.png", 50)
    shown = page([str(tmp_path / "bad.mp4"), good])
    shown.until(lambda: shown.count(good) == 1)
    shown.until_nothing_new_comes()
    assert set(shown.seen) == {good}
    still(tmp_path / "whole.png", 70)
    (tmp_path / "whole.png").rename(tmp_path / "bad.mp4")  # copied again, and the page opened again
    shown.looking.ask([str(tmp_path / "bad.mp4"), good])
    shown.until(lambda: shown.count(str(tmp_path / "bad.mp4")) == 1)
    assert shown.count(good) == 1


class Dark:
    """A screen that never gives a picture."""

    def __init__(self, _: str) -> None:
        self._closed = previews.Job(lambda: None, "closed")
        self.closed = False

    def __iter__(self):
        while not self.closed:
            self._closed.result(1)
        return iter(())

    def close(self) -> None:
        self.closed = True


def test_a_screen_that_shows_nothing_is_given_up(page, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "open_live", Dark)
    good = still(tmp_path / "good.png", 50)
    shown = page(["screen:", good], patience_s=0.1)
    shown.until(lambda: shown.count(good) == 1)
    shown.until_nothing_new_comes()
    assert shown.count("screen:") == 0


@pytest.mark.xvfb
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: apt-get install xvfb")
def test_a_screen_is_seen_again_and_again(page, monkeypatch):
    display = Display("640x480x24")
    try:
        monkeypatch.setenv("DISPLAY", display.name)
        shown = page(["screen:40,30,320,200"], patience_s=60.0)
        shown.until(lambda: shown.count("screen:40,30,320,200") >= 3)
        assert {frame.pixels.shape for frame in shown.seen["screen:40,30,320,200"]} == {(200, 320)}
        shown.looking.shut_down()
    finally:
        display.end()


def test_thumbnails_of_every_shape_have_one_size(qapp):
    sizes = {
        _icon(None if shape is None else Frame(np.full(shape, 90, np.uint8), 0, 0.0, 0.0)).availableSizes()[0]
        for shape in (None, (480, 640), (720, 1280), (900, 300))
    }
    assert sizes == {QSize(96, 72)}
