"""A folder of pictures in the window gives what `scanmon score` gives, whatever lies beside each of them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.archive import Analyzers
from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.ui.state.view_state import view_state
from tests.doubles.scenes import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures, every second one with strong noise."""
    for number in range(6):
        rng = np.random.default_rng(number)
        picture = np.clip(rng.normal(90, 8 if number % 2 == 0 else 90, (240, 320)), 0, 255).astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.GaussianBlur(picture, (5, 5), 0))
    return tmp_path


def test_stepping_through_stills_shows_what_each_of_them_scores(folder: Path, tiny_bundle: Path) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), region="full"))
    analyzers = Analyzers(settings)
    alone = [next(analyzers.rows(folder / f"{number}.png", "")) for number in range(6)]
    analyzers.close()
    monitor = open_monitor(Run(str(folder), settings))
    monitor.start()
    assert monitor.playback is not None
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    assert monitor.playback.state.index == 0  # nothing plays by itself
    for number in (3, 4, 1, 0, 5, 2):
        monitor.playback.seek(number)

        def shown(number: int = number) -> bool:
            analysis = monitor.snapshot().analysis
            return analysis is not None and analysis.frame.index == number

        wait_until(shown)
        snapshot = monitor.snapshot()
        assert snapshot.analysis is not None
        reading = snapshot.analysis.reading
        assert reading.quality == pytest.approx(alone[number]["quality"], abs=0.01)
        assert reading.steady is None
        meter = view_state(snapshot).meter
        assert meter.number == f"{alone[number]['quality']:.0f}"
        assert meter.verdict == alone[number]["verdict"]
    monitor.stop()
