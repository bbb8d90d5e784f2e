import threading
from dataclasses import replace

import numpy as np
import pytest

from scanmon.core.errors import BundleError, EngineError, SettingsError, SourceError
from scanmon.core.values import Analysis, Frame, Reason, Scored, View
from scanmon.runtime import outputs
from scanmon.runtime.analysis_loop import FAILED_IN_A_ROW
from scanmon.runtime.continuity import LOOK_S, SILENCE_S, Silence
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.scoring.analyzer import Analyzer, Judge
from tests.doubles.scenes import (
    LINEAR,
    PATIENCE_S,
    Camera,
    Cine,
    MeanScorer,
    PatientMonitor,
    WholePicture,
    analyzer,
    frame,
    wait_until,
)


class Notebook:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.analyses: list[Analysis] = []
        self.captured: list[Frame] = []
        self.closed = threading.Event()

    def write(self, analysis: Analysis) -> None:
        self.analyses.append(analysis)

    def capture(self, frame: Frame) -> None:
        self.captured.append(frame)

    def close(self) -> None:
        self.closed.set()


def test_every_frame_is_scored_in_order_when_all_are_wanted(started) -> None:
    notebook = Notebook()
    monitor = started(Cine(50), analyzer, [notebook], keep="every")
    assert monitor.join(PATIENCE_S)
    assert [a.frame.index for a in notebook.analyses] == list(range(50))
    assert [a.reading.score for a in notebook.analyses] == list(range(50))
    snapshot = monitor.snapshot()
    assert snapshot.state == "finished"
    assert snapshot.counts.captured == snapshot.counts.scored == 50
    assert snapshot.counts.dropped == 0
    assert notebook.closed.is_set()


def test_a_sink_is_asked_once_whether_it_wants_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    kind = type("Kind", (type,), {"__instancecheck__": lambda cls, sink: asked.append(sink) or True})
    monkeypatch.setattr(outputs, "FrameSink", kind("FrameSink", (), {}))
    notebook = Notebook()
    many = outputs.Outputs([notebook])
    for number in range(5):
        many.capture(frame(1, number))
    assert len(asked) == 1
    assert len(notebook.captured) == 5


def test_a_slow_scorer_never_holds_up_the_video(started) -> None:
    scored, release = threading.Semaphore(0), threading.Event()

    def gate() -> None:
        scored.release()
        release.wait(PATIENCE_S)

    camera, notebook = Camera(), Notebook()
    monitor = started(camera, lambda: analyzer(MeanScorer(gate=gate)), [notebook])
    camera.send(frame(0, 0))
    assert scored.acquire(timeout=PATIENCE_S)
    for index in range(1, 101):
        camera.send(frame(index, index, index / 60))
    wait_until(lambda: monitor.snapshot().counts.captured == 101)
    shown = monitor.snapshot().frame
    assert shown.index == 100  # the picture is the newest although not one score is finished
    release.set()
    wait_until(lambda: len(notebook.analyses) == 2)
    # the frame analysed next is the newest of that moment, not the oldest that waited
    assert [a.frame.index for a in notebook.analyses] == [0, 100]
    assert monitor.snapshot().counts.dropped == 99
    assert [f.index for f in notebook.captured] == list(range(101))


def test_a_scoring_that_fails_leaves_the_video_running(started) -> None:
    def no_bundle() -> Analyzer:
        raise BundleError("no engine bundle here", "somewhere", "name a folder with bundle.toml")

    camera = Camera()
    monitor = started(camera, no_bundle)
    wait_until(lambda: monitor.snapshot().scoring == "failed")
    camera.send(frame(1, 0))
    wait_until(lambda: monitor.snapshot().frame is not None)
    snapshot = monitor.snapshot()
    assert snapshot.state == "running"
    assert isinstance(snapshot.error, BundleError)
    monitor.use(analyzer)
    wait_until(lambda: monitor.snapshot().scoring == "ready")
    camera.send(frame(7, 1, 0.1))
    wait_until(lambda: monitor.snapshot().analysis is not None)
    assert monitor.snapshot().error is None


def test_the_trouble_of_a_live_source_is_in_the_snapshot_while_it_lasts(started) -> None:
    camera = Camera()
    monitor = started(camera, analyzer)
    assert monitor.snapshot().trouble is None
    camera.state, camera.trouble = "reconnecting", "is lost (no answer); check cable and sender"
    snapshot = monitor.snapshot()
    assert snapshot.state == "reconnecting"
    assert snapshot.trouble == "is lost (no answer); check cable and sender"
    camera.state, camera.trouble = "live", None
    camera.send(frame(0, 0))
    wait_until(lambda: monitor.snapshot().state == "running")
    assert monitor.snapshot().trouble is None


def test_who_looks_is_called_as_soon_as_there_is_a_new_picture() -> None:
    camera = Camera()
    monitor = PatientMonitor(camera, analyzer)
    seen: list[int] = []

    def look() -> None:
        shown = monitor.snapshot().frame
        seen.append(shown.index)

    monitor.call_on_picture(look)
    monitor.start()
    for index in range(5):
        camera.send(frame(0, index, index / 60))
    wait_until(lambda: len(seen) == 5)
    assert seen == [0, 1, 2, 3, 4]
    monitor.call_on_picture(None)
    camera.send(frame(0, 5, 5 / 60))
    wait_until(lambda: monitor.snapshot().counts.captured == 6)
    assert len(seen) == 5
    monitor.stop()


def test_a_score_is_withdrawn_once_when_pictures_stop_and_comes_back_with_them(started) -> None:
    camera, notebook = Camera(), Notebook()
    monitor = started(camera, analyzer, [notebook])
    camera.send(frame(10, 0))
    wait_until(lambda: len(notebook.analyses) == 1)
    camera.state = "reconnecting"
    wait_until(lambda: len(notebook.analyses) == 2)
    threading.Event().wait(4 * LOOK_S)
    withdrawn = notebook.analyses[-1]
    assert len(notebook.analyses) == 2  # said once
    assert withdrawn.frame is notebook.analyses[0].frame
    assert withdrawn.reading.reason is Reason.STALE
    assert (withdrawn.reading.score, withdrawn.heatmap) == (None, None)
    assert monitor.snapshot().analysis is withdrawn
    camera.state = "live"
    camera.send(frame(20, 2, 3.0))
    wait_until(lambda: len(notebook.analyses) == 3)
    assert notebook.analyses[-1].reading.score == 20
    assert monitor.snapshot().counts.scored == 2


def test_a_live_number_that_rests_on_pictures_long_gone_reaches_nobody(started) -> None:
    class Slow(MeanScorer):
        def score(self, view: View) -> Scored:
            return replace(
                super().score(view), coverage=0.5, outdated_s=2.5 if view.image.mean() > 50 else 0.5
            )

    camera, notebook = Camera(), Notebook()
    judges = [Judge(Slow("nrq"), LINEAR), Judge(MeanScorer("map"), LINEAR)]
    started(camera, lambda: Analyzer(judges, WholePicture(), paced=True), [notebook])
    for index, level in enumerate((40, 60)):
        camera.send(frame(level, index, index / 60))
        wait_until(lambda number=index + 1: len(notebook.analyses) == number)
    shown, withdrawn = notebook.analyses
    assert shown.reading.score == 40
    assert (withdrawn.reading.reason, withdrawn.reading.score) == (Reason.STALE, None)
    assert withdrawn.heatmap is None
    assert withdrawn.second is not None and withdrawn.second.score == 60  # of this picture itself


def test_silence_without_a_word_of_the_source_withdraws_the_score_too() -> None:
    camera, notebook = Camera(), Notebook()
    monitor = Monitor(camera, analyzer, [notebook])
    monitor.start()
    for index in range(2):
        camera.send(frame(10, index, index / 60))
        wait_until(lambda: len(notebook.analyses) >= 1)
    wait_until(lambda: notebook.analyses[-1].reading.reason is Reason.STALE)
    monitor.stop()


@pytest.mark.parametrize(("interval_s", "overdue_s"), [(1 / 60, 0.5), (1.0, 4.0), (300.0, 10.0)])
def test_silence_is_half_a_second_or_four_intervals(interval_s: float, overdue_s: float) -> None:
    silence = Silence()
    first = frame(0, 0)
    second = replace(frame(0, 1), captured_s=first.captured_s + interval_s)
    silence.heard(first)
    assert not silence.lasts(second.captured_s + 1e6)  # nobody knows its rate yet
    silence.heard(second)
    assert not silence.lasts(second.captured_s + overdue_s - 0.01)
    assert silence.lasts(second.captured_s + overdue_s + 0.01)


def test_a_paused_recording_keeps_its_score() -> None:
    playback = Playback(Cine(100), playing=False)
    monitor = Monitor(playback, analyzer)
    monitor.start()
    for index in (30, 31):
        playback.seek(index)
        wait_until(lambda index=index: _scored_frame(monitor) == index)
    threading.Event().wait(SILENCE_S + 3 * LOOK_S)
    analysis = monitor.snapshot().analysis
    assert analysis.reading.scored
    monitor.stop()


def test_an_engine_that_fails_in_the_middle_is_said_and_given_back(started) -> None:
    closed = threading.Event()

    class Broken(MeanScorer):
        def score(self, view: View):  # type: ignore[no-untyped-def]
            raise EngineError("the device was lost", "GPU 0", "restart scanmon")

    camera = Camera()
    monitor = started(camera, lambda: analyzer(Broken(), closed.set))
    for index in range(FAILED_IN_A_ROW):
        assert monitor.snapshot().scoring != "failed"
        camera.send(frame(1, index, index / 60))
        wait_until(lambda index=index: monitor.snapshot().counts.failed == index + 1)
    wait_until(lambda: monitor.snapshot().scoring == "failed")
    assert closed.wait(PATIENCE_S)
    camera.send(frame(2, 10, 1.0))
    wait_until(lambda: monitor.snapshot().counts.captured == FAILED_IN_A_ROW + 1)
    assert str(monitor.snapshot().error) == "GPU 0: the device was lost; restart scanmon"


def test_one_failed_pass_is_shown_and_scoring_goes_on(started) -> None:
    class Hiccup(MeanScorer):
        def score(self, view: View):  # type: ignore[no-untyped-def]
            if int(view.image[0, 0]) == 2:
                raise RuntimeError("out of memory on the device")
            return super().score(view)

    camera = Camera()
    monitor = started(camera, lambda: analyzer(Hiccup()))
    for index, level in enumerate((1, 2)):
        camera.send(frame(level, index, index / 60))
        wait_until(
            lambda index=index: monitor.snapshot().counts.scored + monitor.snapshot().counts.failed > index
        )
    snapshot = monitor.snapshot()
    assert (snapshot.scoring, snapshot.counts.failed) == ("ready", 1)
    assert isinstance(snapshot.pass_error, RuntimeError)
    camera.send(frame(3, 2, 2 / 60))
    wait_until(lambda: monitor.snapshot().counts.scored == 2)
    assert monitor.snapshot().pass_error is None


def test_how_long_an_opening_or_a_pass_takes_is_known_while_it_does(started) -> None:
    opens, passes = threading.Event(), threading.Event()

    def open_slowly() -> Analyzer:
        opens.wait(PATIENCE_S)
        return analyzer(MeanScorer(gate=lambda: passes.wait(PATIENCE_S)))

    camera = Camera()
    monitor = started(camera, open_slowly)
    wait_until(lambda: monitor.snapshot().opening_s > 0.05)
    assert monitor.snapshot().pass_s == 0
    opens.set()
    camera.send(frame(1, 0))
    wait_until(lambda: monitor.snapshot().pass_s > 0.05)
    assert monitor.snapshot().opening_s == 0
    passes.set()
    wait_until(lambda: monitor.snapshot().counts.scored == 1)
    assert monitor.snapshot().pass_s == 0


def test_settings_that_fit_no_picture_end_the_scores_at_once(started) -> None:
    class Outside(MeanScorer):
        def score(self, view: View):  # type: ignore[no-untyped-def]
            raise SettingsError("lies outside the picture", "0,0,9,9", "draw it anew")

    camera = Camera()
    monitor = started(camera, lambda: analyzer(Outside()))
    camera.send(frame(1, 0))
    wait_until(lambda: monitor.snapshot().scoring == "failed")


def test_a_source_that_fails_ends_up_in_the_snapshot(started) -> None:
    camera, notebook = Camera(), Notebook()
    monitor = started(camera, analyzer, [notebook])
    camera.send(SourceError("cannot be read", "loop.mp4"))
    assert monitor.join(PATIENCE_S)
    snapshot = monitor.snapshot()
    assert snapshot.state == "failed"
    assert isinstance(snapshot.error, SourceError)
    assert notebook.closed.is_set()


@pytest.mark.parametrize("side", ["write", "capture", "close"])
def test_a_sink_that_fails_is_said_and_everything_else_goes_on(side: str, started, caplog) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    full, notebook = Notebook(), Notebook()
    setattr(full, side, fail)
    monitor = started(Cine(5), analyzer, [full, notebook], keep="every")
    assert monitor.join(PATIENCE_S)
    assert monitor.snapshot().state == "finished"
    assert isinstance(monitor.snapshot().sink_error, OSError)
    assert [a.frame.index for a in notebook.analyses] == list(range(5))
    assert len(full.analyses) in ((0, 1) if side == "capture" else (0,) if side == "write" else (5,))
    assert notebook.closed.is_set()
    assert full.closed.is_set() or side == "close"
    assert len(caplog.records) == (side != "close")  # then whoever looks at `sink_error` says it


def test_a_jump_back_makes_the_scorer_forget(started) -> None:
    scorer = MeanScorer()
    playback = Playback(Cine(100, rate_hz=100), playing=False)
    monitor = started(playback, lambda: analyzer(scorer))
    for index, resets in ((50, 0), (51, 0), (10, 1), (11, 1)):
        playback.seek(index)
        wait_until(lambda index=index: _scored_frame(monitor) == index)
        assert scorer.resets == resets


def test_a_live_source_of_which_few_pictures_are_scored_is_forgotten_only_when_it_was_lost(started) -> None:
    scorer, camera = MeanScorer(), Camera()
    monitor = started(camera, lambda: analyzer(scorer))
    for index, (time_s, gaps, resets) in enumerate(((0.0, 0, 0), (2.0, 0, 0), (2.1, 1, 1), (9.0, 1, 2))):
        camera.gaps = gaps
        camera.send(frame(50, index, time_s))
        wait_until(lambda index=index: _scored_frame(monitor) == index)
        assert scorer.resets == resets


def test_a_paused_picture_is_scored_again_by_a_new_bundle(started) -> None:
    playback = Playback(Cine(100), playing=False)
    monitor = started(playback, analyzer)
    playback.seek(30)
    wait_until(lambda: _scored_frame(monitor) == 30)
    first = monitor.snapshot().analysis
    monitor.use(analyzer)
    wait_until(lambda: monitor.snapshot().analysis is not first)
    assert _scored_frame(monitor) == 30


def test_the_trace_of_a_recording_has_a_place_for_every_frame(started) -> None:
    playback = Playback(Cine(40, rate_hz=100), playing=False)
    monitor = started(playback, analyzer)
    for index in (20, 5):
        playback.seek(index)
        wait_until(lambda index=index: _scored_frame(monitor) == index)
    trace = monitor.snapshot().trace
    assert len(trace.time_s) == 40
    assert trace.quality[20] == pytest.approx(20 / 255 * 100, abs=1e-4)
    assert trace.quality[5] == pytest.approx(5 / 255 * 100, abs=1e-4)
    assert np.isnan(trace.quality[6:20]).all()


def test_a_sink_that_is_added_while_running_gets_the_next_analyses_and_is_closed(started) -> None:
    camera, notebook = Camera(), Notebook()
    monitor = started(camera, analyzer)
    monitor.add_sink(notebook)
    camera.send(frame(1, 0))
    wait_until(lambda: len(notebook.analyses) == 1)
    monitor.stop()
    assert notebook.closed.wait(PATIENCE_S)


def test_the_latency_shown_is_that_of_the_last_seconds(started) -> None:
    camera = Camera()
    monitor = started(camera, analyzer)
    camera.send(frame(1, 0))
    wait_until(lambda: monitor.snapshot().counts.scored == 1)
    shown = monitor.snapshot().frame
    assert shown is not None
    monitor.shown(shown)
    monitor.shown(shown)
    wait_until(lambda: monitor.snapshot().capture_to_display is not None)
    latency = monitor.snapshot().capture_to_display
    assert 0 < latency.p50_ms <= latency.p95_ms <= latency.p99_ms < 10_000
    assert monitor.snapshot().counts.shown == 1


def _scored_frame(monitor: Monitor) -> int | None:
    analysis = monitor.snapshot().analysis
    return analysis.frame.index if analysis else None
