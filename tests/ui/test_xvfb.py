"""A real window on a virtual X server, driven with real keys and mouse: what a new user does."""

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.documents import read_toml
from scanmon.core.errors import SourceError
from scanmon.picture.region import Shape, shape_from
from scanmon.session.reader import read_session
from scanmon.ui.setup.region_handles import dragged, handles
from scanmon.ui.theme import DARK
from tests.doubles.bundles import make_bundle
from tests.doubles.commands import recorded
from tests.doubles.screen import SIZE, Person, Screen, upright_line, virtual_screen
from tests.doubles.senders import free_port, mjpeg_sender, needs_ffmpeg

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
        reason="needs Xvfb and xdotool (apt-get install xvfb xdotool libxcb-cursor0)",
    ),
]

MAP = "--metric=map"  # alone: nrq would take all of the time that is left
RECTANGLE, SECTOR = 2, 4  # places in the list of kinds of region


@pytest.fixture(scope="module")
def screen(tmp_path_factory) -> Iterator[Screen]:
    with virtual_screen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture
def person(screen, tmp_path, tiny_bundle) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def come(*arguments: str) -> Person:
        people.append(Person(screen, tmp_path, tiny_bundle, *arguments))
        return people[-1]

    yield come
    for one in people:
        one.is_sent_away()


def gray(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(int)


def at(point: tuple[int, int] | None) -> int:
    return -1 if point is None else point[0]


def cursor(one: Person) -> tuple[int, int] | None:
    """Where the cursor of the trace is seen; nothing else in the window has its colour and its height."""
    return upright_line(one.sees(), DARK.text, at_least=50)


def test_from_first_start_to_a_recorded_session_and_its_replay(person):
    """Set-up page, address, live score, picture, recording, bookmark, replay, scrub."""
    live = person("live", "--region", "39,15,562,451")
    address = (165, SIZE[1] - 42)  # at the lower left
    live.until(lambda: live.shows(DARK.raised, *address))
    live.click(*address)
    live.do("type", "phantom:size=640x480,rate=12")
    live.press("Return")
    live.press("Escape")  # to the monitor; the engine loads meanwhile
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    live.press("r")
    live.until(lambda: len(live.sessions()) == 1)
    live.press("b")
    live.do("type", "clear")  # the keys are text until Return
    live.press("Return", "h", "o", "q", "q", "o", "h", "F11", "F11")
    known = len(live.pictures())
    live.until(lambda: len(live.pictures()) > known + 2, again=lambda: live.press("s"))  # for some seconds
    live.press("r")
    assert live.leave() == 0

    (session,) = live.sessions()
    before = len(live.pictures())
    replay = person("replay", str(session.parent))
    replay.until(lambda: cursor(replay) is not None)
    # a step pauses, whether it played or had ended; on the edge itself half of the cursor is cut off
    replay.press("Left", "Home", "Right", "Right", "Right")
    replay.until(lambda: 0 < at(cursor(replay)) < SIZE[0] // 4)
    replay.until(lambda: len(replay.pictures()) > before, again=lambda: replay.press("s"))
    first = gray(replay.pictures()[-1])
    start = cursor(replay)
    replay.drag(start[0], start[1], SIZE[0] * 2 // 3, start[1])
    replay.until(lambda: at(cursor(replay)) > SIZE[0] // 2)

    def another() -> bool:
        """The last picture that was kept is another moment: the probe of the phantom moves."""
        last = gray(replay.pictures()[-1])
        return last.shape == first.shape and bool(np.abs(first - last).mean() > 5)

    replay.until(another, again=lambda: replay.press("s"))
    assert replay.leave() == 0


def test_a_pedal_is_learned_and_records_and_the_panel_comes_and_goes(person):
    """By keys alone: F4, to the first Learn, the pedal; then the pedal; then the panel and back."""
    live = person("live", MAP, "phantom:size=640x480,rate=12", "--region", "39,15,562,451")
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    live.press("F4")
    live.turns_to("Beside the scanner")
    live.press("Tab", "Tab", "Tab", "space", "F12", "Escape")
    kept = live.home / "config" / "scanmon" / "beside.toml"
    live.until(kept.exists)
    assert read_toml(kept)["foot_switch"] == {"record": "F12"}
    live.turns_back("Beside the scanner")
    live.press("F12")
    live.until(lambda: len(live.sessions()) == 1)
    live.press("F12", "c")
    live.turns_to("(scanmon)")  # the panel says no more than that
    live.press("Escape")
    live.until(lambda: "compact_place" in read_toml(kept))
    assert live.leave() == 0


def on_screen(point: tuple[float, float]) -> tuple[int, int]:
    """Where a place of the picture of 640x480 lies in the window while the region is set up.

    The picture is fitted into the middle column: its scale follows from the window alone.
    """
    left, right, top, bottom = 328, 953, 28, SIZE[1] - 48
    scale = min((right - left) / 640, (bottom - top) / 480)
    origin = ((left + right - 640 * scale) / 2, (top + bottom - 480 * scale) / 2)
    return round(origin[0] + scale * point[0]), round(origin[1] + scale * point[1])


def drag_handles(one: Person, kind: int, way: dict[str, tuple[int, int]]) -> list[Shape]:
    """Choose a kind of region by its place in the list, drag handles by so many pixels; all shapes."""
    regions = one.home / "config" / "scanmon" / "regions"

    def shape() -> Shape | None:
        files = [*regions.glob("phantom_size_640x480_*.toml")]
        return shape_from(read_toml(files[0]), files[0]) if files else None

    def like(wanted: Shape, given: Shape | None) -> bool:
        """A pixel of the screen is one of the picture, or nearly."""
        if type(given) is not type(wanted):
            return False
        return all(
            abs(one.x - other.x) + abs(one.y - other.y) < 4
            for one, other in zip(handles(given), handles(wanted), strict=True)
        )

    before = shape()
    one.click(SIZE[0] - 140, 71)  # the choice of the kind of region
    one.press("Home", *["Down"] * kind, "Return")
    one.until(lambda: shape() not in (None, before))
    shapes = [shape()]
    for name, (dx, dy) in way.items():
        handle = next(handle for handle in handles(shapes[-1]) if handle.name == name)
        x, y = on_screen((handle.x, handle.y))
        scale = on_screen((100, 0))[0] - on_screen((0, 0))[0]
        wanted = dragged(
            shapes[-1], name, (handle.x + 100 * dx / scale, handle.y + 100 * dy / scale), (640, 480)
        )
        one.drag(x, y, x + dx, y + dy)
        one.until(lambda wanted=wanted: like(wanted, shape()))
        shapes.append(shape())
    return shapes


def test_the_region_is_dragged_with_the_mouse(person):
    """Several handles of a box, and of a sector; pictures show what is left."""
    live = person("live", MAP, "phantom:size=640x480,rate=12")
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    before = cv2.imread(str(live.pictures()[-1])).shape
    live.press("m")
    box, smaller, narrower, moved = (
        shape.box
        for shape in drag_handles(
            live, RECTANGLE, {"bottom right": (-120, -120), "top left": (60, 30), "all": (30, 40)}
        )
    )
    assert (smaller.x, smaller.y) == (box.x, box.y)
    assert smaller.right < box.right - 60
    assert smaller.bottom < box.bottom - 60
    assert (narrower.right, narrower.bottom) == (smaller.right, smaller.bottom)
    assert narrower.x > box.x + 30
    assert (moved.width, moved.height) == (narrower.width, narrower.height)
    assert moved.y > narrower.y
    live.press("Escape")
    known = len(live.pictures())

    def cut() -> bool:
        fresh = live.pictures()[known:]
        return bool(fresh) and cv2.imread(str(fresh[-1])).shape[0] < before[0] - 60

    live.until(cut, again=lambda: live.press("s"))
    assert np.all(np.array(cv2.imread(str(live.pictures()[-1])).shape[:2]) > 32)

    live.press("m")
    begun, shallower, tilted = drag_handles(live, SECTOR, {"depth": (0, -40), "right": (-60, 0)})
    assert shallower.outer_px < begun.outer_px - 20
    assert shallower.right_deg == begun.right_deg
    assert tilted.right_deg < shallower.right_deg - 2
    assert tilted.left_deg == shallower.left_deg
    assert live.leave() == 0


def test_the_engine_is_switched_while_the_picture_goes_on(person):
    """On the page of engines, in the middle of a recording: its rows tell who scored, and when."""
    live = person("live", MAP, "phantom:size=640x480,rate=12", "--region", "39,15,562,451")
    make_bundle(live.home / "data" / "scanmon" / "bundles" / "other", name="other")
    live.until(lambda: len(live.pictures()) > 0, again=lambda: live.press("s"))
    live.press("r")
    live.until(lambda: len(live.sessions()) == 1)
    live.until(lambda: scored_by(live, b"tiny 1"))
    live.press("F3")
    second_row = (slice(154, 172), slice(10, 70))
    live.until(lambda: int(live.sees()[second_row].max()) > 150)  # the bundles were read and are named
    live.click(300, 162)
    live.click(51, 357)  # use it now
    live.until(lambda: scored_by(live, b"other 1"))
    live.press("Escape")
    last = live.pictures()[-1]
    live.until(
        lambda: not np.array_equal(gray(live.pictures()[-1]), gray(last)), again=lambda: live.press("s")
    )
    live.press("r")
    assert live.leave() == 0
    (session,) = live.sessions()
    content = read_session(session.parent)
    table, pictures = content.table, content.pictures
    bundles = [bundle for bundle in table.texts("bundle") if bundle]
    assert bundles == sorted(bundles, reverse=True)  # tiny, and from one row on the other
    assert set(bundles) == {"tiny 1", "other 1"}
    assert (np.diff(table.numbers("source_frame")[pictures]) > 0).all()  # the source was not opened again


def scored_by(one: Person, bundle: bytes) -> bool:
    """Whether what was written of the recording so far names a bundle."""
    (session,) = one.sessions()
    for path in session.parent.iterdir():
        with suppress(FileNotFoundError):  # the store takes its journal away
            if path.is_file() and bundle in path.read_bytes():
                return True
    return False


def test_a_recorded_session_is_exported_from_the_window(person, tmp_path, tiny_bundle):
    """A report and a table by their names, typed into the dialog; both open."""
    session = recorded(tmp_path, tiny_bundle)
    replay = person("replay", str(session))
    replay.until(lambda: cursor(replay) is not None)
    for name in ("report.png", "scores.csv"):
        target = replay.home / name
        replay.press("ctrl+s")
        replay.turns_to("Export session")
        replay.do("type", str(target))
        replay.press("Return")
        replay.until(target.exists)
        replay.turns_back("Export session")
    report = cv2.imread(str(replay.home / "report.png"))
    assert report.std() > 5
    with (replay.home / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert all(0 <= float(row["quality"]) <= 100 for row in rows if row["quality"])
    assert replay.leave() == 0


@needs_ffmpeg
def test_a_source_that_is_lost_comes_back_by_itself(person):
    """The sender is killed as by a pulled plug; the picture stays, and moves again with the next sender."""
    port = free_port()
    with mjpeg_sender(port) as sender:
        live = person("live", MAP, f"http://127.0.0.1:{port}/", "--region", "20,20,240,200")
        live.until(lambda: len(live.pictures()) > 1, again=lambda: live.press("s"))
        sender.kill()
    known = len(live.pictures())
    live.until(lambda: len(live.pictures()) > known, again=lambda: live.press("s"))

    def moves() -> bool:
        before, after = (gray(path) for path in live.pictures()[-2:])
        return not np.array_equal(before, after)

    live.until(lambda: not moves(), again=lambda: live.press("s"))  # the last picture stays on the screen
    with mjpeg_sender(port):
        live.until(moves, again=lambda: live.press("s"))
        assert live.leave() == 0


def test_from_nothing_to_a_saved_examination_with_its_page(person, tmp_path):
    """Start, dialog, countdown by itself, next view, end, page: with the keyboard alone."""
    protocols = tmp_path / "config" / "scanmon" / "protocols"
    protocols.mkdir(parents=True)
    views = "".join(f'[[views]]\nname = "{name}"\nquality = 0\nhold_s = 0.2\n' for name in ("one", "two"))
    (protocols / "mine.toml").write_text(f'title = "Mine"\n{views}')
    live = person("live", MAP, "phantom:size=640x480,rate=12", "--region", "39,15,562,451")
    live.until(lambda: bool(live.finds("Examination")), again=lambda: live.press("e"))
    live.turns_to("Examination")
    live.press("Return")
    live.turns_back("Examination")

    def states() -> list[str]:
        try:
            about = read_session(live.sessions()[0].parent).about
        except SourceError:  # before its first commit
            return ["", ""]
        return [view["state"] for view in about.get("examination", {"views": []})["views"]]

    live.until(lambda: len(live.sessions()) == 1)
    live.until(lambda: states()[:1] == ["saved"])
    live.press("2")
    live.until(lambda: states() == ["saved", "saved"])
    live.press("e")
    live.turns_to("Examination")
    live.press("Return")
    live.until(lambda: len(list(live.home.rglob("report.pdf"))) == 1)
    assert live.leave("Examination") == 0
