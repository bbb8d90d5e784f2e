"""An examination in a session: kept at every moment, read with suspicion, and shown on one page."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scanmon.core.errors import SourceError
from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import MOST_VIEWS
from scanmon.session import reader
from scanmon.session.content import joined
from scanmon.session.reader import parts_of, read_session
from scanmon.session.summary import examined
from tests.doubles.examinations import FRAMES, PROTOCOL, examine
from tests.doubles.sessions import HEIGHT, recorder


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return examine(tmp_path_factory.mktemp("sessions"))


def test_views_their_time_and_their_best_pictures_come_back(session: Path) -> None:
    content = read_session(session)
    found = examined(content)
    assert (found.protocol, found.label, found.ended) == ("Costs $x^{$", "room 3", True)
    first, second, third = found.views
    assert [view.state for view in found.views] == ["saved", "saved", "open"]
    assert first.seconds == pytest.approx(1.0, abs=0.05)
    assert first.adequate_s == 0.0
    assert second.seconds == pytest.approx(FRAMES / 25 - 1.0, abs=0.05)
    assert second.adequate_s == second.seconds
    assert (first.picture, second.picture) == (24, FRAMES - 1)  # the brightest of each
    assert (third.picture, third.quality, third.seconds) == (None, None, 0.0)
    assert set(content.table.texts("view")) == {"first", "second"}
    (stretch,) = found.worst
    assert (stretch.view, stretch.fault) == ("first", "noise")
    assert (stretch.start_s, stretch.end_s) == pytest.approx((0.0, 1.0), abs=0.05)
    assert found.faults == (("noise", pytest.approx(25 / FRAMES, abs=0.02)),)


def test_one_that_was_not_ended_says_so_and_keeps_what_it_had(tmp_path: Path) -> None:
    found = examined(read_session(examine(tmp_path, end=False)))
    assert not found.ended
    assert found.views[0].state == "saved"


def test_a_recording_that_begins_in_the_middle_has_the_examination(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    Examiner(Examination.begin(PROTOCOL), keeper.note_examination, lambda _: None)
    keeper.start()
    keeper.close()
    assert read_session(next(tmp_path.iterdir())).about["examination"]["protocol"] == PROTOCOL.title


@pytest.mark.parametrize("key", ["protocol", "views", "ended", "too many views"])
def test_a_damaged_examination_is_refused_by_name(session: Path, tmp_path: Path, key: str) -> None:
    shutil.copytree(session, tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "session.db")) as store, store:
        (text,) = store.execute("SELECT value FROM session WHERE key = 'examination'").fetchone()
        told = json.loads(text)
        views = (told["views"] * MOST_VIEWS)[: MOST_VIEWS + 1]  # of which the page has no place for the last
        poor = json.dumps(told | ({"views": views} if key == "too many views" else {key: 7}))
        store.execute("UPDATE session SET value = ? WHERE key = 'examination'", (poor,))
    with pytest.raises(SourceError, match=key.rpartition(" ")[2]):
        read_session(tmp_path / "run")


def test_an_examination_goes_on_as_one_when_the_size_of_the_picture_changes(tmp_path: Path) -> None:
    first = examine(tmp_path, grown_at=25)
    parts = parts_of(first)
    assert parts == parts_of(parts[1])
    assert [read_session(part).about["height"] for part in parts] == [HEIGHT, 200]
    whole = joined([read_session(part) for part in parts])
    found = examined(whole)
    assert (found.ended, [view.state for view in found.views]) == (True, ["saved", "saved", "open"])
    assert [view.picture for view in found.views[:2]] == [24, FRAMES - 1]
    assert [view.seconds for view in found.views[:2]] == pytest.approx([1.0, FRAMES / 25 - 1.0], abs=0.05)
    assert list(whole.table.numbers("time_s")) == pytest.approx([number / 25 for number in range(FRAMES)])
    assert whole.complete


def test_the_parts_are_found_without_reading_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = examine(tmp_path, grown_at=25)
    monkeypatch.setattr(reader, "read_session", lambda _: pytest.fail("all of a part was read"))
    assert len(parts_of(first)) == 2


def test_a_session_that_names_a_folder_elsewhere_is_refused(tmp_path: Path) -> None:
    first = examine(tmp_path / "runs", grown_at=25)
    with closing(sqlite3.connect(first / "session.db")) as store, store:
        store.execute("UPDATE session SET value = '\"../run_1\"' WHERE key = 'continued_in'")
    with pytest.raises(SourceError, match="continued_in"):
        read_session(first)


def test_a_picture_past_the_end_of_a_cut_video_is_none(session: Path, tmp_path: Path) -> None:
    content = read_session(session)
    found = examined(replace(content, pictures=content.pictures[:30]))
    assert [view.picture for view in found.views] == [24, None, None]
    first, second = (read_session(part) for part in parts_of(examine(tmp_path, grown_at=25)))
    found = examined(joined([replace(first, pictures=first.pictures[:10]), second]))
    assert [view.picture for view in found.views] == [None, FRAMES - 1 - 15, None]
