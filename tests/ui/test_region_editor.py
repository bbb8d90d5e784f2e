import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from scanmon.core.values import Box
from scanmon.picture.region import Quad, Rectangle, Sector, region_of
from scanmon.ui.setup.forms import first_shape, kind_of
from scanmon.ui.setup.region_editor import RegionEditor
from scanmon.ui.setup.region_handles import dragged, handles, sector_in, shape_from_region, slanted_in
from tests.doubles.states import picture

PICTURE = (640, 480)
BOX = Rectangle(Box(100, 80, 300, 200))
SECTOR = Sector(320.0, -60.0, 90.0, 500.0, -35.0, 30.0)


def place(shape, name: str) -> tuple[float, float]:
    return next((handle.x, handle.y) for handle in handles(shape) if handle.name == name)


@pytest.mark.parametrize("shape", [BOX, slanted_in(BOX.box), SECTOR], ids=["box", "slanted", "sector"])
def test_a_dragged_handle_is_where_the_mouse_is(shape):
    for handle in handles(shape):
        to = (handle.x + 7.0, handle.y + 5.0)
        moved = dragged(shape, handle.name, to, PICTURE)
        x, y = place(moved, handle.name)
        if handle.name in ("depth", "face", "left", "right"):  # these keep to their line or arc
            assert np.hypot(x - handle.x, y - handle.y) > 2
        else:
            assert (x, y) == pytest.approx(to, abs=0.51)


def test_a_box_stays_inside_the_picture_and_never_becomes_tiny():
    assert dragged(BOX, "top left", (-50, -50), PICTURE) == Rectangle(Box(0, 0, 400, 280))
    assert dragged(BOX, "top left", (395, 275), PICTURE) == BOX
    assert dragged(BOX, "all", (5000, 5000), PICTURE) == Rectangle(Box(340, 280, 300, 200))


def test_corners_cannot_be_folded_over():
    quad = slanted_in(BOX.box)
    assert dragged(quad, "top left", (450.0, 300.0), PICTURE) == quad
    slanted = dragged(quad, "top left", (140.0, 80.0), PICTURE)
    assert isinstance(slanted, Quad)
    assert slanted.corners[0] == (140.0, 80.0)


def test_a_sector_keeps_its_depth_beyond_its_face():
    deep = dragged(SECTOR, "depth", (320.0, -30.0), PICTURE)
    assert isinstance(deep, Sector)
    assert deep.outer_px == 122.0
    narrow = dragged(SECTOR, "left", (600.0, 300.0), PICTURE)
    assert isinstance(narrow, Sector)
    assert narrow.left_deg == 25.0


@pytest.mark.parametrize("shape", [SECTOR, Sector(320.0, 20.0, 0.0, 400.0, -40.0, 40.0)])
def test_a_detected_sector_is_the_shape_to_begin_with(shape):
    region = region_of(shape, 480, 640, "detected")
    found = shape_from_region(region)
    assert isinstance(found, Sector)
    for name in ("apex_x", "apex_y", "inner_px", "outer_px", "left_deg", "right_deg"):
        assert getattr(found, name) == pytest.approx(getattr(shape, name), abs=0.01), name


def test_the_kind_chosen_gives_a_shape_around_what_was_found():
    region = region_of(BOX, 480, 640, "detected")
    assert first_shape("auto", region, PICTURE) is None
    assert first_shape("full", region, PICTURE) is None
    assert first_shape("box", region, PICTURE) == BOX
    slanted, sector = first_shape("slanted", region, PICTURE), first_shape("sector", None, PICTURE)
    assert (kind_of(None, slanted), kind_of(None, sector)) == ("slanted", "sector")
    assert sector == sector_in(Box(80, 60, 480, 360))


@pytest.fixture
def editor(qtbot) -> RegionEditor:
    editor = RegionEditor()
    qtbot.addWidget(editor)
    editor.resize(640, 480)
    editor.show_picture(picture())
    editor.edit(BOX)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def test_the_mouse_drags_a_corner(editor, qtbot):
    seen: list[Rectangle] = []
    editor.shape_changed.connect(seen.append)
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=editor.fit.point(402, 281).toPoint())
    qtbot.mouseMove(editor, editor.fit.point(500, 400).toPoint())
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton)
    assert seen[-1] == Rectangle(Box(100, 80, 398, 319))  # taken 2 and 1 px beside the corner
    assert editor.shape == seen[-1]


def test_a_handle_outside_of_the_view_is_drawn_and_taken_at_its_edge(editor, qtbot):
    wide = Sector(320.0, -100.0, 100.0, 700.0, -60.0, 60.0)  # both ends of its arc lie outside
    editor.edit(wide)
    places = {handle.name: editor._place(editor.fit, handle) for handle in handles(wide)}
    assert all(editor.rect().contains(place.toPoint()) for place in places.values())
    seen: list[Sector] = []
    editor.shape_changed.connect(seen.append)
    start = places["left"].toPoint()
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(editor, start + QPoint(200, 0))
    qtbot.mouseRelease(editor, Qt.MouseButton.LeftButton)
    assert -60.0 < seen[-1].left_deg < -30.0
    assert seen[-1].right_deg == 60.0


def test_a_press_away_from_the_handles_drags_nothing(editor, qtbot):
    qtbot.mousePress(editor, Qt.MouseButton.LeftButton, pos=editor.fit.point(600, 20).toPoint())
    qtbot.mouseMove(editor, editor.fit.point(10, 10).toPoint())
    assert editor.shape == BOX


def test_keys_choose_a_handle_and_move_it(editor, qtbot):
    qtbot.keyClick(editor, Qt.Key.Key_Right)  # top left
    qtbot.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert editor.shape == Rectangle(Box(101, 90, 299, 190))
    qtbot.keyClick(editor, Qt.Key.Key_P)  # backwards: the whole
    qtbot.keyClick(editor, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert editor.shape.box.width == 299
    assert editor.shape.box.x in (90, 91)
