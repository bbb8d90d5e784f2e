import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.demo import DEMO, DemoCine, script
from scanmon.app.opening import open_recorded
from scanmon.cli import main


def test_without_a_display_the_demo_writes_a_picture_and_the_results(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    out = tmp_path / "demo"
    assert main(["demo", "--out", str(out), "--seconds", "1", "--bundle", str(tiny_bundle)]) == 0
    captured = capsys.readouterr()
    assert str(out / "window.png") in captured.err
    assert str(out / "results.jsonl") in captured.err
    records = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert len(records) >= 1
    window = cv2.imread(str(out / "window.png"))
    assert window.shape[0] >= 600
    assert window.std() > 10  # something is painted


def test_the_script_puts_each_fault_on_in_four_steps_and_takes_it_off_again() -> None:
    scenes = script()
    assert scenes[0].family is None
    assert scenes[-1].family is None
    families = [scene.family for scene in scenes if scene.family]
    assert len(families) == 4 * len(set(families))
    assert [scene.start_s for scene in scenes] == sorted(scene.start_s for scene in scenes)


def test_the_demo_gives_the_same_frames_from_wherever_it_starts() -> None:
    demo = open_recorded(DEMO)
    assert isinstance(demo, DemoCine)
    scenes = script()
    at = next(number for number, time_s in enumerate(demo.times_s) if time_s > scenes[1].start_s + 0.1)
    first = next(demo.frames_from(at))
    again = next(demo.frames_from(at))
    assert first.index == at
    assert np.array_equal(first.pixels, again.pixels)
    clean = next(demo.frames_from(at % 30))
    assert first.pixels.mean() < clean.pixels.mean()  # gain too low is the first fault
    demo.close()
