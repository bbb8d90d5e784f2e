"""A blinded reader study in its real page, driven by keys."""

import csv
import gc
import os
import random
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from scanmon.app.study import Answer, Pair, Study, StudyPictures, order_of, pairs_of
from scanmon.core.errors import SettingsError
from scanmon.lab.agree import read_judgements
from scanmon.ui.study.study_page import StudyPage
from tests.doubles.commands import Command, python
from tests.doubles.scenes import PATIENCE_S

LEFT, RIGHT, EQUAL = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two organs of three pictures each; the number in the name is the gray level."""
    for organ, levels in (("heart", (50, 90, 130)), ("liver", (60, 100, 140))):
        (tmp_path / "pictures" / organ).mkdir(parents=True)
        for level in levels:
            picture = np.full((48, 64), level, np.uint8)
            cv2.imwrite(str(tmp_path / "pictures" / organ / f"{level}.png"), picture)
    return tmp_path / "pictures"


@pytest.fixture
def study(folder: Path) -> Iterator[Study]:
    study = Study(folder.with_name("store"), folder, None, 0.5, 7)
    yield study
    study.close()


@pytest.fixture
def opened(study: Study, qtbot) -> Callable[..., StudyPage]:
    def make(reader: str = "AB") -> StudyPage:
        page = StudyPage(study, reader, StudyPictures("full"))
        qtbot.addWidget(page)
        page.resize(800, 500)
        page.show()
        qtbot.waitExposed(page)
        return page

    return make


def levels(page: StudyPage) -> tuple[int, int]:
    """What the reader sees: the gray levels of both sides."""
    return tuple(int(view.frame.pixels[24, 32]) for view in page.views)


def judge(page: StudyPage, qtbot, reason: Qt.Key = Qt.Key.Key_4) -> tuple[int, int]:
    """Say that the brighter one is better, with a reason."""
    qtbot.waitUntil(lambda: page._shown is not None)
    seen = levels(page)
    qtbot.keyClick(page, LEFT if seen[0] > seen[1] else RIGHT)
    qtbot.keyClick(page, reason)
    return seen


def test_a_reader_judges_every_pair_by_keys_and_agree_reads_what_was_said(opened, study, qtbot, tmp_path):
    page = opened()
    for _ in study.trials("AB"):
        judge(page, qtbot)
    assert "Thank you" in page.question.text()
    assert study.export(tmp_path / "out.csv") == 6
    read = read_judgements(tmp_path / "out.csv")
    assert read.organs == ["heart", "liver"]
    assert {choice.reader for choice in read.choices} == {"AB"}
    for choice in read.choices:
        brighter = int(choice.first.stem) > int(choice.second.stem)
        assert choice.sign == (1 if brighter else -1)
        assert choice.first.is_file()
    with (tmp_path / "out.csv").open(newline="") as file:
        assert {row["reason"] for row in csv.DictReader(file)} == {"noise"}
    assert study.agreement("AB") == (3, 3)


def test_neither_picture_nor_page_says_where_a_picture_is_from(opened, study, qtbot) -> None:
    page = opened()
    qtbot.waitUntil(lambda: page._shown is not None)
    said = " ".join([page.windowTitle(), *(label.text() for label in page.findChildren(QLabel))])
    said += " ".join(widget.toolTip() + widget.accessibleName() for widget in page.findChildren(QLabel))
    for pair in study.plan.pairs:
        for word in (Path(pair.first).stem, pair.organ, "png"):
            assert word not in said
    assert page.place.text() == "1 of 9"


def test_equal_is_one_key_and_asks_no_reason(opened, study, qtbot) -> None:
    page = opened()
    qtbot.waitUntil(lambda: page._shown == 0)
    qtbot.keyClick(page, EQUAL)
    qtbot.waitUntil(lambda: page._shown == 1)
    assert study.answers("AB")[0].choice == "equal"
    assert study.answers("AB")[0].reason == ""


def test_backspace_takes_back_a_side_and_then_the_answer_before(opened, study, qtbot) -> None:
    page = opened()
    judge(page, qtbot)
    qtbot.waitUntil(lambda: page._shown == 1)
    qtbot.keyClick(page, LEFT)
    assert "in what" in page.question.text()
    qtbot.keyClick(page, Qt.Key.Key_Backspace)
    assert "Which" in page.question.text()
    assert list(study.answers("AB")) == [0]
    qtbot.keyClick(page, Qt.Key.Key_Backspace)
    assert study.answers("AB") == {}
    qtbot.waitUntil(lambda: page._shown == 0)


def test_keys_before_a_pair_is_shown_and_other_keys_judge_nothing(opened, study, qtbot) -> None:
    page = opened()
    page._shown = None
    qtbot.keyClick(page, EQUAL)
    for key in (Qt.Key.Key_A, Qt.Key.Key_9, Qt.Key.Key_Up):
        qtbot.keyClick(page, key)
    assert study.answers("AB") == {}
    with qtbot.waitSignal(page.ended):
        qtbot.keyClick(page, Qt.Key.Key_Escape)


def test_a_second_reader_sees_the_same_pairs_in_an_order_of_his_own(opened, study, qtbot) -> None:
    judge(opened("AB"), qtbot)
    page = opened("CD")
    qtbot.waitUntil(lambda: page._shown == 0)
    one, other = study.trials("AB"), study.trials("CD")
    assert one != other
    assert sorted(trial.pair for trial in one if not trial.repeat) == list(range(6))
    assert sorted(trial.pair for trial in other if not trial.repeat) == list(range(6))
    assert study.readers() == ["AB", "CD"]


def test_a_picture_that_is_gone_costs_its_pairs_alone(opened, study, folder, qtbot, tmp_path) -> None:
    (folder / "heart" / "90.png").unlink()
    page = opened()
    gone = {n for n, pair in enumerate(study.plan.pairs) if "heart/90.png" in pair}
    for trial in study.trials("AB"):
        if trial.pair not in gone:
            judge(page, qtbot)
    qtbot.waitUntil(lambda: "Thank you" in page.question.text())
    assert study.export(tmp_path / "out.csv") == 4


def test_a_page_that_is_gone_is_not_kept_by_the_thread_that_reads_for_it(opened, study, qtbot, monkeypatch):
    reading, go_on = Event(), Event()

    def slow(pictures: StudyPictures, path: Path) -> None:
        reading.set()
        go_on.wait(PATIENCE_S)

    monkeypatch.setattr(StudyPictures, "of", slow)
    page = weakref.ref(opened())
    try:
        assert reading.wait(PATIENCE_S)
        gc.collect()
        assert page() is None  # the thread would destroy it, while this one paints
    finally:
        go_on.set()


KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtCore import Qt
from scanmon.ui.app import application
from scanmon.app.study import Study, StudyPictures
from scanmon.ui.study.study_page import StudyPage
app = application()
folder = Path(sys.argv[1])
page = StudyPage(Study(folder.with_name("store"), folder, None, None, None), "AB", StudyPictures("full"))
page.show()
for number in range(3):
    while page._shown != number:
        app.processEvents()
    QTest.keyClick(page, Qt.Key.Key_Down)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_in_the_middle_loses_nothing_and_the_study_goes_on_there(folder, qtbot) -> None:
    Study(folder.with_name("store"), folder, None, 0.5, 7).close()
    python("-c", KILLED, folder, code=-signal.SIGKILL)
    study = Study(folder.with_name("store"), folder, None, None, None)
    assert sorted(study.answers("AB")) == [0, 1, 2]
    page = StudyPage(study, "AB", StudyPictures("full"))
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page._shown == 3)
    study.close()


def test_every_picture_comes_about_as_often_and_pairs_stay_within_an_organ(folder: Path) -> None:
    for number in range(7):
        cv2.imwrite(str(folder / "liver" / f"{number}.png"), np.zeros((9, 9), np.uint8))
    pairs = pairs_of(folder, 20, random.Random(1))
    assert len(set(pairs)) == 20
    assert all(Path(pair.first).parent == Path(pair.second).parent == Path(pair.organ) for pair in pairs)
    every = pairs_of(folder, 1000, random.Random(1))
    assert len({frozenset(pair[:2]) for pair in every}) == len(every) == 3 + 45
    shown = [name for pair in pairs for name in pair[:2] if pair.organ == "liver"]
    counts = [shown.count(name) for name in set(shown)]
    assert max(counts) - min(counts) <= 3


def test_repeats_come_in_the_second_half_with_sides_changed() -> None:
    order = order_of(20, 0.2, random.Random(3))
    again = [(place, trial) for place, trial in enumerate(order) if trial.repeat]
    assert len(again) == 4
    for place, trial in again:
        (before,) = [one for one in order if one.pair == trial.pair and not one.repeat]
        assert order.index(before) < 10 <= place
        assert before.swapped != trial.swapped


def test_a_csv_names_pairs_or_pictures(folder: Path, tmp_path: Path) -> None:
    named = tmp_path / "pairs.csv"
    named.write_text("first,second,organ\npictures/heart/50.png,pictures/liver/60.png,any\n")
    assert pairs_of(named, 5, random.Random(0)) == [
        Pair("pictures/heart/50.png", "pictures/liver/60.png", "any")
    ]
    named.write_text("image\npictures/heart/50.png\npictures/heart/90.png\npictures/liver/60.png\n")
    assert {pair.organ for pair in pairs_of(named, 5, random.Random(0))} == {"heart"}
    for text in ("image\n", "nothing\na\n", "first,second\na,\n"):
        named.write_text(text)
        with pytest.raises(SettingsError, match="names no pictures"):
            pairs_of(named, 5, random.Random(0))


def test_a_table_of_ratings_names_each_picture_once_however_many_readers_it_has(folder, tmp_path) -> None:
    named = tmp_path / "ratings.csv"
    rows = [f"pictures/heart/{level}.png;{reader}" for reader in "AB" for level in (50, 90)]
    named.write_text("\n".join(["image;reader", *rows]))
    (pair,) = pairs_of(named, 5, random.Random(0))
    assert {pair.first, pair.second} == {"pictures/heart/50.png", "pictures/heart/90.png"}


def test_fewer_pairs_than_a_table_names_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    named = tmp_path / "pairs.csv"
    named.write_text("first,second\n" + "a.png,b.png\n" * 120)
    assert [len(pairs_of(named, count, random.Random(0))) for count in (7, None)] == [7, 120]


def test_two_pictures_under_two_organs_are_one_pair(tmp_path: Path) -> None:
    named = tmp_path / "pictures.csv"
    named.write_text("image,organ\na.png,liver\nb.png,liver\na.png,Liver\nb.png,Liver\n")
    (pair,) = pairs_of(named, None, random.Random(0))
    assert {pair.first, pair.second} == {"a.png", "b.png"}


def test_a_picture_is_no_pair_with_itself(tmp_path: Path) -> None:
    named = tmp_path / "pairs.csv"
    named.write_text("first,second\na.png,b.png\na.png,./a.png\n")
    with pytest.raises(SettingsError, match=r"line 3: both pictures are a\.png"):
        pairs_of(named, None, random.Random(0))


def test_other_options_than_the_study_began_with_are_refused(study: Study, folder: Path) -> None:
    store = folder.with_name("store")
    with pytest.raises(SettingsError, match="another run is at work"):
        Study(store, folder, None, None, None)
    study.close()
    with pytest.raises(SettingsError, match="begun with 7"):
        Study(store, folder, None, None, 8)
    again = Study(store, folder, 100, 0.5, 7)
    assert again.plan == study.plan
    again.close()
    other = folder.with_name("other")
    other.write_bytes(b"no database" * 100)
    with pytest.raises(SettingsError):
        Study(other, folder, None, None, None)


def test_a_folder_that_is_not_there_leaves_no_study_behind(folder: Path, command: Command) -> None:
    said = command("study", folder / "typo", "--reader", "AB", code=1)
    assert "is no folder and no CSV" in said.err
    assert not list(folder.glob("typo*"))


def test_the_command_exports_and_says_how_far_each_reader_is(folder, command, monkeypatch) -> None:
    def all_equal(study: Study, reader: str, _pictures: object) -> None:
        for number in range(len(study.trials(reader))):
            study.answer(reader, number, Answer("equal"))

    monkeypatch.setattr("scanmon.ui.study.study_page.show_study", all_equal)
    said = command("study", folder, "--reader", "AB", "--pairs", 4, "--repeats", 0.5)
    assert "AB: 6 of 6 judged, 2 of 2 repeated pairs alike" in said.err
    out = folder.with_name("out.csv")
    command("study", folder, "--export", out)
    assert len(read_judgements(out).choices) == 4
    said = command("study", folder, "--export", folder, code=1)
    assert f"{folder}: cannot be written (Is a directory); choose" in said.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 1, "give --reader NAME, or --export FILE.csv"),
        (["--export", "x.csv"], 1, "no study was begun"),
        (["--reader", "a/b"], 2, "no name of at most 40 letters"),
        (["--reader", "AB", "--repeats", "2"], 2, "no number from 0 to 0.5"),
    ],
)
def test_wrong_usage_is_told(options, code, said, folder, command) -> None:
    assert said in command("study", folder, *options, code=code).err


JUDGED = """
import sys
from PySide6.QtCore import QTimer
from scanmon.cli import main
from scanmon.ui.app import application
app = application()
QTimer.singleShot(300, lambda: print("idle", flush=True))  # painted: nothing calls Python any more
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_window_of_the_command_ends_on_a_signal_where_nothing_is_read(folder: Path, name: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parents[2])}
    store = folder.with_name("pictures.study")
    study = Study(store, folder, 1, 0, 7)
    study.answer("AB", 0, Answer("equal"))
    study.close()
    argv = [sys.executable, "-c", JUDGED, "study", str(folder), "--reader", "AB"]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, env=environment, stdout=pipe, stderr=pipe, text=True) as running:
        try:
            assert running.stdout.readline() == "idle\n"
            running.send_signal(getattr(signal, name))
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 0
    assert "AB: 1 of 1 judged" in said
