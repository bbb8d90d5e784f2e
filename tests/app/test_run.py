"""A run: what its source is taken for, and that nothing is left of one that does not begin."""

from pathlib import Path

import pytest

from scanmon.app.analyzers import region_finder
from scanmon.app.archive import Analyzers
from scanmon.app.demo import DEMO, SECTOR, cine_path
from scanmon.app.opening import open_monitor, open_outputs
from scanmon.app.run import Publish, Record, Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import EngineError, SettingsError, SinkError
from scanmon.core.values import Analysis, Frame
from scanmon.picture.region.shapes import region_of
from scanmon.publish.prometheus import PrometheusSink
from scanmon.runtime.analysis_loop import FAILED_IN_A_ROW
from scanmon.scoring.analyzer import Analyzer
from scanmon.sources.opening import open_recording
from tests.doubles.commands import CINE
from tests.doubles.scenes import PATIENCE_S


class Notebook:
    def __init__(self) -> None:
        self.frames: list[int] = []

    def write(self, analysis: Analysis) -> None:
        self.frames.append(analysis.frame.index)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("source", "live"),
    [("rtsp://host/a", True), ("phantom:", True), (DEMO, False), ("loop.mp4", False), ("C:/loop.mp4", False)],
)
def test_the_form_of_a_source_says_whether_it_is_live(source: str, live: bool) -> None:
    assert Run(source).is_live is live
    assert Run(source, live=not live).is_live is not live


def test_a_file_whose_name_looks_like_an_address_is_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rtsp:").mkdir()
    (tmp_path / "rtsp:" / "a.mp4").write_bytes(b"")
    assert not Run("rtsp:/a.mp4").is_live


def test_every_frame_of_a_recording_is_scored_in_order(tiny_bundle: Path) -> None:
    notebook, settings = Notebook(), Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    monitor = open_monitor(Run(str(cine_path()), settings, headless=True), notebook)
    monitor.start()
    assert monitor.join(PATIENCE_S)
    assert notebook.frames == list(range(30))
    assert monitor.snapshot().counts.dropped == 0


def test_nothing_is_recorded_of_a_run_whose_port_is_taken(tmp_path: Path) -> None:
    taken = PrometheusSink(port=0)
    run = Run(
        "phantom:", record=Record(tmp_path / "sessions"), publish=Publish(metrics=("127.0.0.1", taken.port))
    )
    with pytest.raises(SinkError, match="cannot listen"):
        open_outputs(run)
    taken.close()
    assert not (tmp_path / "sessions").exists()


@pytest.mark.parametrize("fault", ["no/such/bundle", "engine"])
def test_nothing_is_recorded_of_a_run_whose_engine_does_not_open(fault, tmp_path, tiny_bundle, monkeypatch):
    def refuse(*_: object) -> None:
        raise EngineError("does not run here", "GPU 0")

    monkeypatch.setattr("scanmon.app.analyzers.open_engine", refuse)
    bundle = str(tiny_bundle) if fault == "engine" else fault
    settings = Settings(ScoringSettings(bundle=bundle))
    run = Run("phantom:", settings, headless=True, record=Record(tmp_path / "sessions"))
    with pytest.raises((EngineError, SettingsError)):
        open_monitor(run, Notebook())
    assert not (tmp_path / "sessions").exists()


def test_the_stated_sector_of_the_demo_is_the_one_that_is_found() -> None:
    finder = region_finder("auto")
    for frame in open_recording(str(cine_path())):
        found = finder.find(frame)
    shape = frame.pixels.shape
    ours, theirs = region_of(SECTOR, *shape).inside(*shape), found.inside(*shape)
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.97


@pytest.fixture
def analyzers(tiny_bundle) -> Analyzers:
    return Analyzers(Settings(ScoringSettings(bundle=str(tiny_bundle))))


def fail_on(monkeypatch: pytest.MonkeyPatch, *frames: int) -> None:
    analyze = Analyzer.analyze

    def failing(self: Analyzer, frame: Frame) -> Analysis:
        if frame.index in frames:
            raise RuntimeError("kernel launch failed")
        return analyze(self, frame)

    monkeypatch.setattr(Analyzer, "analyze", failing)


def test_a_failed_pass_is_a_row_with_an_error_and_the_rest_is_scored(analyzers, monkeypatch) -> None:
    fail_on(monkeypatch, 3, 7)
    rows = list(analyzers.results(Path(CINE), "heart"))
    assert [row["frame"] for row in rows] == list(range(30))
    wrong = [row for row in rows if row.get("error")]
    assert [row["frame"] for row in wrong] == [3, 7]
    assert "kernel launch failed" in wrong[0]["error"]
    assert all(row["score"] is not None for row in rows if not row.get("error"))
    assert analyzers.scores(Path(CINE), "heart").failed
    analyzers.close()


def test_an_engine_that_always_fails_costs_the_file_and_not_the_run(analyzers, monkeypatch) -> None:
    fail_on(monkeypatch, *range(30))
    rows = list(analyzers.results(Path(CINE), "heart"))
    assert len(rows) == FAILED_IN_A_ROW
    assert all(row["error"] for row in rows)
    analyzers.close()
