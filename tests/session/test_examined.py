"""An examination in a session: kept at every moment, read with suspicion, and shown on one page."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from scanmon.cli import main
from scanmon.core.errors import SourceError
from scanmon.core.values import Analysis, Parts, Verdict
from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol, ProtocolView
from scanmon.runtime.outputs import Outputs
from scanmon.session.export import Material, export
from scanmon.session.reader import read_session
from scanmon.session.summary import examined
from scanmon.sources.session import SessionRecording
from tests.session.recording.material import analyses, recorder

PROTOCOL = Protocol(
    "Costs $x^{$",
    tuple(ProtocolView(name, quality=10.0, hold_s=0.4) for name in ("first", "second", "third")),
)
FRAMES = 60


def judged(analysis: Analysis) -> Analysis:
    """Inadequate by noise in the first second, adequate after that."""
    poor = analysis.frame.time_s < 1.0
    reading = replace(
        analysis.reading,
        verdict=Verdict.INADEQUATE if poor else Verdict.ADEQUATE,
        parts=Parts(noise=30.0 if poor else 90.0, light=80.0),
    )
    return replace(analysis, readings=(reading,))


def examine(root: Path, *, end: bool = True) -> Path:
    """Pictures that get brighter: a second for the first view, the rest for the second one."""
    keeper = recorder(root, codec="ffv1")
    outputs = Outputs()

    def name(view: str) -> None:
        outputs.view = view

    examiner = Examiner(Examination.begin(PROTOCOL, "room 3"), keeper.note_examination, name)
    outputs.add(examiner)
    outputs.add(keeper)
    keeper.start()
    for number, analysis in enumerate(analyses(FRAMES)):
        if number == 25:
            examiner.change(lambda now: now.chosen(1))
        outputs.capture(analysis.frame)
        outputs.write(judged(analysis))
    if end:
        examiner.change(Examination.finished)
        keeper.stop()
    outputs.close_all()
    return next(root.iterdir())


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return examine(tmp_path_factory.mktemp("sessions"))


def test_views_their_time_and_their_best_pictures_come_back(session: Path) -> None:
    content = read_session(session)
    found = examined(content)
    assert found is not None
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
    assert found is not None
    assert not found.ended
    assert found.views[0].state == "saved"


def test_a_recording_that_begins_in_the_middle_has_the_examination(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    Examiner(Examination.begin(PROTOCOL), keeper.note_examination, lambda _: None)
    keeper.start()
    keeper.close()
    assert read_session(next(tmp_path.iterdir())).about["examination"]["protocol"] == PROTOCOL.title


@pytest.mark.parametrize("key", ["protocol", "views", "ended"])
def test_a_damaged_examination_is_refused_by_name(session: Path, tmp_path: Path, key: str) -> None:
    shutil.copytree(session, tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "session.db")) as store, store:
        (text,) = store.execute("SELECT value FROM session WHERE key = 'examination'").fetchone()
        poor = json.dumps(json.loads(text) | {key: 7})
        store.execute("UPDATE session SET value = ? WHERE key = 'examination'", (poor,))
    with pytest.raises(SourceError, match=key):
        read_session(tmp_path / "run")


def test_the_page_of_an_examination_is_written_into_its_session(session: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `evaluate`")
    shutil.copytree(session, tmp_path / "run")
    assert main(["report", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "report.pdf").read_bytes().startswith(b"%PDF")
    recording = SessionRecording(session)
    export(Material(recording.content, recording), tmp_path / "page.png")
    recording.close()
    page = cv2.imread(str(tmp_path / "page.png"))
    assert page is not None
    assert page.shape == (1240, 1753, 3)


def test_a_page_has_room_for_the_longest_protocol(session: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `evaluate`")
    content = read_session(session)
    views = content.about["examination"]["views"]
    many = [*views[:2], *({**views[2], "name": f"view {number}"} for number in range(22))]
    about = content.about | {"examination": {**content.about["examination"], "views": many}}
    export(Material(replace(content, about=about), None), tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000
