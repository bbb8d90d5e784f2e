"""Where both metrics run each has an engine of its own, and the rows name both."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scanmon.app.analyzers import Plan, analyzer_of, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import EngineName, Reading
from scanmon.session.content import RecordedScores
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import ENGINE, PROVENANCE, analyses, record, written

FIRST, THEN = EngineName("tensorrt", "fp16"), EngineName("onnxruntime", "fp32")


def recorded(root: Path) -> SessionRecording:
    """Six frames: the second metric begins with the third, and its engine changes with the fifth."""
    given = []
    for number, analysis in enumerate(analyses(6)):
        engine = FIRST if number < 4 else THEN
        one = replace(analysis, provenance=replace(PROVENANCE, engines=(ENGINE, engine)))
        second = Reading(number, number / 25, "nrq", score=2.0, quality=50.0, steady=50.0, engine=engine)
        given.append(replace(one, readings=(one.reading, second)) if number >= 2 else one)
    return SessionRecording(written(root, given, codec="ffv1"))


def test_each_row_names_the_engine_of_its_second_score(tmp_path: Path) -> None:
    with closing(recorded(tmp_path)) as session:
        content = session.content
        rows = [content.table.record(row) for row in range(6)]
        assert [(row["second_backend"], row["second_precision"]) for row in rows] == [
            *[(None, None)] * 2,
            *[("tensorrt", "fp16")] * 2,
            *[("onnxruntime", "fp32")] * 2,
        ]
        assert {row["backend"] for row in rows} == {ENGINE.backend}
        assert content.second_engines == "tensorrt fp16, then onnxruntime fp32"
        scoring = content.about["scoring"]
        assert (scoring["second_backend"], scoring["second_precision"]) == ("onnxruntime", "fp32")


def test_a_replay_says_of_each_frame_what_made_its_scores(tmp_path: Path) -> None:
    with closing(recorded(tmp_path)) as session:
        recorded_scores = RecordedScores(session.content)
        found = [recorded_scores.analyze(frame) for frame in session]
        assert [one.provenance.engines[1:] for one in found] == [(), (), (FIRST,), (FIRST,), (THEN,), (THEN,)]
        assert [one.second and one.second.engine for one in found] == [None, None, FIRST, FIRST, THEN, THEN]


def test_a_session_of_one_metric_names_no_second_engine(tmp_path: Path) -> None:
    with closing(SessionRecording(record(tmp_path, 3))) as session:
        assert session.content.second_engines == ""
        assert session.content.about["scoring"]["second_backend"] is None


def test_a_bundle_with_both_metrics_tells_of_both_engines(tiny_bundle: Path) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    with closing(open_analyzer(settings, Plan("a source", both=True))) as both:
        assert both.provenance.engines == (THEN, THEN)
    with closing(open_analyzer(settings, Plan("a source"))) as one:
        assert one.provenance.engines == (THEN,)


def test_new_scores_beside_recorded_ones_name_the_engine_of_the_recording(tmp_path, tiny_bundle) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    with (
        closing(SessionRecording(record(tmp_path, 3, codec="ffv1"))) as session,
        closing(analyzer_of(session, settings, Plan(), again=True)) as analyzer,
    ):
        analysis = analyzer.analyze(next(iter(session)))
        assert analysis.provenance.engines == (THEN, ENGINE)
        assert [reading.engine for reading in analysis.readings] == [THEN, ENGINE]
