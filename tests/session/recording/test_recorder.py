"""The recorder: every captured frame has a row, with what the source said and what was measured."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from scanmon.core.values import Reason
from scanmon.session.reader import is_session, read_session
from scanmon.sources.material import material_in
from tests.doubles.sessions import analyses, give, only, record, recorder, scored, written


def test_a_session_has_the_files_of_the_contract(tmp_path: Path) -> None:
    folder = record(tmp_path, 30)
    assert folder.name.startswith("run_2")
    assert sorted(path.name for path in folder.iterdir()) == ["session.db", "video.mkv"]
    about = read_session(folder).about
    assert about["schema_version"] == 2
    assert about["complete"] is True
    assert (about["frames"], about["pictures"]) == (30, 30)
    assert (about["height"], about["width"]) == (91, 121)
    assert about["stored"] == "sector"
    assert is_session(folder)


def test_rows_hold_the_readings_and_times_of_the_source(tmp_path: Path) -> None:
    content = read_session(record(tmp_path, 20))
    for row, analysis in enumerate(analyses(20)):
        reading = content.reading(row)
        assert reading == replace(analysis.reading, preprocess_ms=reading.preprocess_ms, outdated_s=0.0)
        record_ = content.table.record(row)
        assert record_["source"] == "video"
        assert record_["source_time_s"] == row / 25
        assert record_["captured_s"] is not None
        heat, recorded = analysis.heatmap, content.heatmap(row)
        assert heat is not None
        assert recorded is not None
        np.testing.assert_allclose(recorded, heat, atol=0.21)


def test_lost_frames_have_rows_without_a_time(tmp_path: Path) -> None:
    content = read_session(written(tmp_path, scored(0, 1, 5, 6)))
    assert len(content.table) == 7
    assert [content.table.record(row)["time_s"] is None for row in range(7)] == [0, 0, 1, 1, 1, 0, 0]
    assert content.pictures.tolist() == [0, 1, 5, 6]


def test_a_seek_backwards_goes_on_in_time(tmp_path: Path) -> None:
    content = read_session(written(tmp_path, scored(10, 11, 2, 3, 4)))
    np.testing.assert_allclose(content.table.numbers("time_s"), np.arange(5) / 25, atol=1e-9)
    assert content.table.numbers("source_frame").tolist() == [10, 11, 2, 3, 4]
    assert [event["frame"] for event in content.events if event["kind"] == "jump"] == [2]


def test_events_tell_of_verdicts_freezes_bookmarks_and_the_end(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.start()
    for analysis in analyses(6):
        frozen = replace(analysis.reading, reason=Reason.FROZEN, verdict=None)
        stopped = replace(analysis, readings=(frozen,), heatmap=None)
        give(keeper, stopped if analysis.frame.index in (2, 3) else analysis)
        if analysis.frame.index == 4:
            keeper.bookmark("here")
    keeper.close()
    folder = only(tmp_path)
    events = read_session(folder).events
    assert [(event["kind"], event["frame"]) for event in events] == [
        ("start", -1),
        ("verdict", 0),
        ("freeze", 2),
        ("signal_back", 4),
        ("bookmark", 4),
        ("stop", 5),
    ]
    assert events[4]["text"] == "here"


def test_a_session_in_a_folder_of_material_is_one_cine_loop(tmp_path: Path) -> None:
    folder = record(tmp_path / "archive", 5)
    cv2.imwrite(str(tmp_path / "archive" / "picture.png"), np.zeros((64, 64), np.uint8))
    assert list(material_in(tmp_path / "archive")) == [tmp_path / "archive" / "picture.png", folder]
    assert list(material_in(folder)) == [folder]
