"""A folder of pictures in the window gives what `scanmon score` gives, whatever lies beside each of them."""

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.archive import Analyzers
from scanmon.app.demo import cine_path
from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.sources.opening import open_recording
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


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_stepping_through_stills_shows_what_each_of_them_scores(folder, tiny_bundle, metric) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), region="full", metric=metric, budget=1))
    analyzers = Analyzers(settings)
    alone = [next(analyzers.rows(folder / f"{number}.png", "")) for number in range(6)]
    analyzers.close()
    monitor = open_monitor(Run(str(folder), settings))
    monitor.start()
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    assert monitor.playback.state.index == 0  # nothing plays by itself
    for number in (3, 4, 1, 0, 5, 2):
        monitor.playback.seek(number)

        def shown(number: int = number) -> bool:
            analysis = monitor.snapshot().analysis
            return analysis is not None and analysis.frame.index == number

        wait_until(shown)
        snapshot = monitor.snapshot()
        reading = snapshot.analysis.reading
        assert reading.quality == pytest.approx(alone[number]["quality"], abs=0.01)
        assert reading.steady is None
        meter = view_state(snapshot).meter
        assert meter.number == f"{alone[number]['quality']:.0f}"
        assert meter.verdict == alone[number]["verdict"]
    monitor.stop()


def test_a_cine_that_stands_shows_what_its_frame_scores_however_few_windows_there_was_time_for(
    tiny_bundle: Path,
) -> None:
    cine = str(cine_path())
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), region="full", metric="nrq", budget=1))
    monitor = open_monitor(Run(cine, settings))
    monitor.start()
    monitor.playback.pause()
    with closing(open_recording(cine)) as recording, closing(open_analyzer(settings, Plan())) as alone:
        for number in (10, 11, 25):
            monitor.playback.seek(number)
            alone.reset()
            score = alone.analyze(next(iter(recording.frames_from(number)))).reading.score

            def shown(number: int = number, score: float | None = score) -> bool:
                analysis = monitor.snapshot().analysis
                own = analysis is not None and analysis.frame.index == number
                return own and analysis.reading.score == pytest.approx(score, rel=1e-4)

            wait_until(shown)
    monitor.stop()
