"""The page of a session and of an examination: without matplotlib, in the language of the user, legible."""

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from scanmon.app.sessions import export_session
from scanmon.cli import main
from scanmon.cli.output import write_page
from scanmon.session.bookmarks import put_in_session
from scanmon.session.export import Material
from scanmon.session.reader import read_session
from scanmon.ui.report import LEAST, PAGE, Sheet, export_report
from tests.doubles.examinations import examine
from tests.doubles.sessions import changed, record


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("sessions"), 60, codec="ffv1")


@pytest.fixture(scope="module")
def examination(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return examine(tmp_path_factory.mktemp("examinations"))


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, QRectF]]:
    """What is written on a page from now on, and where it lies."""
    written: list[tuple[str, QRectF]] = []
    text = Sheet.text

    def noted(sheet: Sheet, place: QRectF, words: str, *args: object, **kwargs: object) -> QRectF:
        lies = text(sheet, place, words, *args, **kwargs)  # type: ignore[arg-type]
        written.append((words, lies))
        return lies

    monkeypatch.setattr(Sheet, "text", noted)
    return written


def page(folder: Path, to: Path) -> None:
    export_session(folder, to, page=write_page)


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_a_report_is_one_page_and_the_same_each_time(session: Path, tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        page(session, tmp_path / f"{name}.{ending}")
    data = (tmp_path / f"one.{ending}").read_bytes()
    assert data == (tmp_path / f"two.{ending}").read_bytes()
    if ending == "png":
        picture = cv2.imread(str(tmp_path / "one.png"))
        assert picture.shape == (1240, 1753, 3)
        assert (picture < 250).mean() > 0.1  # there is something on it
    else:
        assert data.startswith(b"%PDF")
        assert data.count(b"/Count 1\n") == 1
        assert b"Date" not in data
        assert b"/Type3" not in data  # fonts that can be searched
        assert b"/CIDFontType2" in data
        assert "Ultrasound image quality".encode("utf-16-be") in data


def test_pictures_have_the_time_of_the_curve_also_where_the_first_ones_are_not_stored(
    session, tmp_path, words
) -> None:
    page(changed(session, tmp_path, "UPDATE frames SET time_s = time_s + 100"), tmp_path / "out.png")
    titles = [text for text, _ in words if text.startswith(("best", "worst"))]
    assert titles
    assert all(",  1:4" in title for title in titles), titles
    assert len({title.partition(":")[2] for title in titles}) == len(titles)  # none is both


def test_no_library_of_an_extra_is_needed(session, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    page(session, tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_a_report_prints_what_a_session_says_as_it_is(session: Path, tmp_path: Path, words) -> None:
    named = "UPDATE session SET value = replace(value, 'scanmon test', 'costs <b>x</b> $y$')"
    run = changed(session, tmp_path, named)
    put_in_session(run, 4, 0.16, "plaque & <more>")
    page(run, tmp_path / "out.png")
    assert any("costs <b>x</b> $y$" in text for text, _ in words)
    assert "plaque & <more>" in [text for text, _ in words]


def test_nothing_on_a_page_lies_over_something_else_or_beside_the_page(examination, tmp_path, words) -> None:
    run = changed(examination, tmp_path)
    for row in (4, 5, 6, 7, 40):
        put_in_session(run, row, row / 25, f"a long text of the bookmark in row {row}")
    content = read_session(run)
    views = content.about["examination"]["views"]
    long = "a view whose name is as long as the protocol allows it to be"
    for count in (3, 24):
        words.clear()
        many = [*views[:2], *({**views[2], "name": f"{long} {number}"} for number in range(count - 2))]
        told = {**content.about["examination"], "views": many, "label": "room " * 40, "protocol": long}
        about = content.about | {"examination": told, "complete": False, "source": "a source " * 20}
        export_report([Material(replace(content, about=about), None)], tmp_path / "page.png", lambda *_: None)
        places = [(text, lies.adjusted(1, 12, -1, -12)) for text, lies in words if text]
        for (one, first), (other, second) in combinations(places, 2):
            assert not first.intersects(second), (one, other)
        for text, lies in places:
            assert QRectF(0, 0, *PAGE).contains(lies), text


@pytest.mark.parametrize("count", [3, 4, 6, 8, 12, 24])
def test_no_word_on_a_page_is_cut_in_the_longer_language(examination, tmp_path, words, german, count) -> None:
    content = read_session(examination)
    views = content.about["examination"]["views"]
    many = [
        {**views[1 + number % 2], "name": f"Vierkammerblick von der Herzspitze {number}", "state": "open"}
        for number in range(count)
    ]
    told = {**content.about["examination"], "views": many, "label": "Raum 3", "ended": False}
    export_report(
        [Material(replace(content, about=content.about | {"examination": told}), None)],
        tmp_path / "page.png",
        lambda *_: None,
    )
    lines = [text for text, _ in words]
    assert any("nicht gespeichert" in line for line in lines)
    assert not [(text, lies.width()) for text, lies in words if lies.width() < smallest(text) - 1]


def smallest(text: str) -> float:
    """Width of a line in the smallest letters: a shorter one was cut."""
    font = QFont()
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(round(LEAST * 10))
    return QFontMetricsF(font).horizontalAdvance(text)


def test_the_page_of_an_examination_is_german_where_the_user_is(examination, tmp_path, words, german) -> None:
    page(examination, tmp_path / "page.png")
    text = " ".join(text for text, _ in words)
    for wanted in (
        *("der Zeit", "ausreichend", "Median", "2 von 3 Ansichten gespeichert", "Rauschen"),
        *("nicht untersucht",),
    ):
        assert wanted in text
    for english in ("saved", "of the time", "adequate", "scored", "stretches", "noise", "Severity"):
        assert english not in text


def test_a_share_that_is_narrow_keeps_its_figure(examination: Path, tmp_path: Path, words) -> None:
    run = changed(examination, tmp_path, "UPDATE frames SET verdict = NULL WHERE frame >= 54")
    page(run, tmp_path / "page.png")
    assert "10 %" in [text for text, _ in words]


def test_the_page_of_an_examination_is_written_into_its_session(examination: Path, tmp_path: Path) -> None:
    run = changed(examination, tmp_path)
    assert main(["report", str(run)]) == 0
    assert (run / "report.pdf").read_bytes().startswith(b"%PDF")


def test_an_examination_whose_pictures_changed_their_size_has_one_page_and_says_so(tmp_path, words) -> None:
    first = examine(tmp_path, grown_at=25)
    page(first, tmp_path / "page.png")
    text = [text for text, _ in words]
    assert any("2 recordings: the size of the picture changed" in line for line in text)
    assert len([line for line in text if line.startswith("saved: ")]) == 2


def test_a_line_stands_where_the_settings_of_the_scanner_changed(session, tmp_path, monkeypatch) -> None:
    event = "INSERT INTO events (kind, time_s, frame, details) VALUES ('settings', 1.18, 29, '{}')"
    dashed: list[QPointF] = []

    def noted(sheet: Sheet, points: list[QPointF], colour: str, width: float, dashes: object = ()) -> None:
        if dashes == (12, 8):
            dashed.append(points[0])

    monkeypatch.setattr(Sheet, "line", noted)
    page(changed(session, tmp_path, event), tmp_path / "page.png")
    (place,) = dashed
    assert place.x() == pytest.approx((680 + 8000) / 2, abs=30)  # half of 2.36 s


def test_letters_beyond_the_first_plane_leave_the_lines_after_them_whole(qapp):
    picture = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    words = "\U0001fac0 four chambers of the heart \U0001fac0 seen from the apex"
    parts = Sheet(painter).lines(words, 600.0, 9)
    painter.end()
    assert len(parts) > 1
    assert " ".join(parts) == words
