"""Where both metrics run each has an engine of its own, and the rows name both."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scanmon.app.compose import make_scoring, recorded_scoring, scoring_again
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Provenance, Reading
from scanmon.session.recording import Options, Recorder
from scanmon.sources.session import SessionRecording
from tests.session.recording.material import ABOUT, WHENCE, analyses, record

FIRST = replace(WHENCE, second_backend="tensorrt", second_precision="fp16")
THEN = replace(WHENCE, second_backend="onnxruntime", second_precision="fp32")


def recorded(root: Path) -> SessionRecording:
    """Six frames: the second metric begins with the third, and its engine changes with the fifth."""
    now: list[Provenance] = [FIRST]
    keeper = Recorder(root, ABOUT, lambda: now[0], Options(wait=True, free_bytes=0, codec="ffv1"))
    keeper.start()
    for analysis in analyses(6):
        number = analysis.frame.index
        now[0] = FIRST if number < 4 else THEN
        second = Reading(number, number / 25, "nrq", score=2.0, quality=50.0, steady=50.0)
        keeper.write(replace(analysis, second=second) if number >= 2 else analysis)
    keeper.close()
    (folder,) = root.iterdir()
    return SessionRecording(folder)


def test_each_row_names_the_engine_of_its_second_score(tmp_path: Path) -> None:
    with closing(recorded(tmp_path)) as session:
        content = session.content
        rows = [content.table.record(row) for row in range(6)]
        assert [(row["second_backend"], row["second_precision"]) for row in rows] == [
            *[(None, None)] * 2,
            *[("tensorrt", "fp16")] * 2,
            *[("onnxruntime", "fp32")] * 2,
        ]
        assert {row["backend"] for row in rows} == {WHENCE.backend}
        assert content.second_engines == "tensorrt fp16, then onnxruntime fp32"
        scoring = content.about["scoring"]
        assert (scoring["second_backend"], scoring["second_precision"]) == ("onnxruntime", "fp32")


def test_a_replay_says_of_each_frame_what_made_its_scores(tmp_path: Path) -> None:
    with closing(recorded(tmp_path)) as session:
        scoring = recorded_scoring(session.content)
        told = []
        for frame in session:
            scoring.analyzer.analyze(frame)
            told.append(scoring.provenance.second_backend)
        assert told == [None, None, "tensorrt", "tensorrt", "onnxruntime", "onnxruntime"]


def test_a_session_of_one_metric_names_no_second_engine(tmp_path: Path) -> None:
    with closing(SessionRecording(record(tmp_path, 3))) as session:
        assert session.content.second_engines == ""
        assert session.content.about["scoring"]["second_backend"] is None


def test_a_bundle_with_both_metrics_tells_of_both_engines(tiny_bundle: Path) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    with closing(make_scoring(settings, "a source", both=True)) as both:
        assert (both.provenance.second_backend, both.provenance.second_precision) == ("onnxruntime", "fp32")
    with closing(make_scoring(settings, "a source")) as one:
        assert one.provenance.second_backend is None


def test_new_scores_beside_recorded_ones_name_the_engine_of_the_recording(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    with (
        closing(SessionRecording(record(tmp_path, 3, codec="ffv1"))) as session,
        closing(scoring_again(settings, session.content)) as scoring,
    ):
        scoring.analyzer.analyze(next(iter(session)))
        assert scoring.provenance.backend == "onnxruntime"
        assert scoring.provenance.second_backend == WHENCE.backend
