from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from scanmon.core.values import Frame
from scanmon.ui import previews
from scanmon.ui.previews import Previews


def looked_at(qtbot, sources: list[str]) -> dict[str, Frame]:
    found: dict[str, Frame] = {}
    looking = Previews(found.__setitem__)
    looking.ask(sources)

    def done() -> bool:
        looking.tick()
        return looking._job is None and not looking._waiting

    qtbot.waitUntil(done)
    looking.shut_down()
    return found


def still(path: Path, level: int) -> str:
    cv2.imwrite(str(path), np.full((40, 60), level, np.uint8))
    return str(path)


def test_files_and_the_phantom_show_their_first_picture(qtbot, tmp_path):
    image = still(tmp_path / "one.png", 90)
    found = looked_at(qtbot, [image, "demo", "phantom:size=160x120"])
    assert found["demo"].pixels.std() > 5
    assert found[image].pixels.shape == (40, 60)
    assert found["phantom:size=160x120"].pixels.shape == (120, 160)
    assert found["phantom:size=160x120"].pixels.any()


def test_devices_streams_and_servers_are_never_opened_for_a_look(qtbot, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr(previews, "open_live", opened.append)
    monkeypatch.setattr(previews, "open_recording", opened.append)
    sources = ["grabber:/dev/video0", "rtsp://localhost:1/a", "http://localhost:1/", "igtl://localhost:1"]
    assert looked_at(qtbot, [*sources, "/nowhere/at/all.mp4"]) == {}
    assert opened == []


def test_a_damaged_file_keeps_its_empty_place_and_the_next_one_is_looked_at(qtbot, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"nothing of the kind")
    good = still(tmp_path / "good.png", 50)
    assert set(looked_at(qtbot, [str(tmp_path / "bad.mp4"), good])) == {good}


def test_a_source_is_looked_at_once(qtbot, tmp_path):
    image = still(tmp_path / "one.png", 90)
    count: list[str] = []
    looking = Previews(lambda source, _: count.append(source))
    for _ in range(3):
        looking.ask([image])

        def done() -> bool:
            looking.tick()
            return looking._job is None and not looking._waiting

        qtbot.waitUntil(done)
    looking.shut_down()
    assert count == [image]
