"""No text makes the window larger than a small screen, and number and disclaimer stay in sight."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRect, QSettings
from PySide6.QtWidgets import QDialogButtonBox

from scanmon.core.errors import SourceError
from scanmon.examination.examination import Examination
from scanmon.examination.protocol import samples
from scanmon.ui.beside.beside_dialog import FOOT, BesideDialog, BesideSettings
from scanmon.ui.engines.catalogue import BundleEntry
from scanmon.ui.engines.engine_controller import EnginePage
from scanmon.ui.examination.checklist import Checklist
from scanmon.ui.examination.examination_controller import StartDialog
from scanmon.ui.main_window import TITLE_BAR_PX, MonitorWindow
from scanmon.ui.monitor.side_panel import Told
from scanmon.ui.state.view_state import view_state
from scanmon.ui.widgets import Scrolled
from tests.doubles.assembled import settle
from tests.doubles.states import INFO, live, replaying

ADDRESS = "rtsp://scanner-in-room-12.ultrasound.hospital.example.org:8554/" + "stream/" * 30
DISK = (
    "● recording 1:12.0 (31 pictures lost) — disk nearly full, 0.3 GB left — scores alone: no sector is known"
)
# 1366x768 and 1024x768 at 100, 150 and 200 %, in logical pixels; the frame of a window takes 24 of the height
SCREENS = [(1366, 744), (1024, 744), (911, 488), (683, 488), (683, 360), (512, 360)]


@pytest.fixture(params=SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
def small(request, shown):
    """The window with everything long that it may have to say."""
    window = shown.window
    window.page.trace.build()
    window.status.show_recording(DISK)
    window.page.side.show_trouble(DISK)
    window.page.side.show_note(f"Saved: /home/somebody/{'Pictures/' * 20}picture.png")
    window.resize(*request.param)
    yield shown, request.param
    window.status.show_recording("")


def in_sight(window, widget) -> bool:
    return window.rect().contains(QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size()))


def overlapping(side) -> list[str]:
    """What lies on the number, or on what is told of."""
    parts = [
        part
        for part in (side.meter, side.findChild(Told), side.heatmap, side.filmstrip, side.legend)
        if part.isVisible()
    ]
    return [
        f"{one.geometry()} and {other.geometry()}"
        for one, other in combinations(parts, 2)
        if one.geometry().intersects(other.geometry())
    ]


def snapshots():
    lost = SourceError("the stream gives no picture", ADDRESS, "check the cable")
    state = view_state(replaying())
    return [
        view_state(live(info=replace(INFO, name=ADDRESS))),
        view_state(live(state="reconnecting", trouble=f"no answer from {ADDRESS}")),
        view_state(live(scoring="failed", analysis=None, error=lost)),
        replace(state, transport=replace(state.transport, chapter="haze from the near field " * 10)),
    ]


def test_a_checklist_leaves_room_for_picture_and_number(small):
    shown, size = small
    shown.controller._pulse.stop()
    checklist = shown.window.page.checklist
    checklist.show_examination(Examination.begin(samples()[0], "room 3 " * 28))
    shown.window.show_state(view_state(replaying()))
    settle()
    assert (shown.window.width(), shown.window.height()) == size
    for part in (shown.window.page.side.meter, shown.window.page.video, checklist.hold, checklist.end):
        assert in_sight(shown.window, part)
    assert shown.window.page.video.width() > size[0] // 5


def test_the_monitor_fits_whatever_it_has_to_say(small):
    shown, size = small
    shown.controller._pulse.stop()
    for state in snapshots():
        shown.window.show_state(state)
        settle()
        assert (shown.window.width(), shown.window.height()) == size
        assert in_sight(shown.window, shown.window.page.side.meter)
        assert in_sight(shown.window, shown.window.status.disclaimer)
        assert not overlapping(shown.window.page.side)
        assert shown.window.page.video.height() >= 100


def test_in_the_window_of_every_day_all_that_there_is_to_tell_is_in_sight(shown, qtbot):
    shown.controller._pulse.stop()
    shown.window.resize(1280, 710)
    shown.window.page.trace.build()
    lost = SourceError(
        "the stream gives no picture", "rtsp://scanner-12.example:8554/stream", "check the cable"
    )
    shown.window.page.side.show_note("Saved: /home/somebody/Pictures/scanmon/picture_20261127.png")
    shown.window.page.side.show_trouble("only 41 MB are free; choose another folder")
    shown.window.show_state(view_state(live(scoring="failed", analysis=None, error=lost)))
    told = shown.window.page.side.told
    qtbot.waitUntil(lambda: told.height() > 100 and not told.verticalScrollBar().isVisible())
    assert not overlapping(shown.window.page.side)


def test_every_other_page_fits_too(small):
    shown, size = small
    shown.setting_up.open_page()
    shown.setting_up.page.show_note(ADDRESS)
    shown.setting_up.page.negotiated.setText(ADDRESS)
    for page in (shown.window.pages.widget(row) for row in range(shown.window.pages.count())):
        shown.window.show_page(page)
        settle()
        assert (shown.window.width(), shown.window.height()) == size
    assert in_sight(shown.window, shown.setting_up.page.start)


def test_a_text_that_was_cut_is_whole_in_its_tool_tip(window):
    window.resize(600, 500)
    window.status.show_recording(DISK)
    settle()
    assert window.status.recording.width() < window.status.fontMetrics().horizontalAdvance(DISK)
    assert window.status.recording.toolTip() == DISK


def test_the_first_window_is_no_larger_than_the_screen(window):
    free = window.screen().availableSize()
    window.resize(free.width() + 300, free.height() + 300)
    window.restore_geometry(QSettings())
    assert window.width() <= free.width()
    assert window.height() <= free.height() - TITLE_BAR_PX


def test_a_window_that_was_left_on_a_larger_screen_fits_this_one(window, qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    free = window.screen().availableSize()
    window.resize(free.width() + 300, free.height() + 300)
    window.save_geometry(settings)
    other = MonitorWindow()
    qtbot.addWidget(other)
    other.restore_geometry(settings)
    assert other.width() <= free.width()
    assert other.height() <= free.height() - TITLE_BAR_PX
    assert window.screen().availableGeometry().contains(other.geometry())


@pytest.mark.parametrize("size", SCREENS[-2:])
def test_of_every_part_of_the_engines_page_something_can_be_read(window, size):
    page = EnginePage()
    window.show_page(page)
    page.show_bundles([BundleEntry(name, name) for name in "abc"], "a")
    page.hardware.setText("no NVIDIA driver: nrq runs on the processor and refreshes less often " * 3)
    window.resize(*size)
    settle()
    assert page.table.viewport().height() >= 3 * page.table.rowHeight(0)
    for field in (page.checkpoint, page.organs, page.name, page.build):
        assert field.height() >= field.sizeHint().height()
    assert page.hardware.height() >= page.hardware.heightForWidth(page.hardware.width())
    assert page.output.height() >= 5 * page.output.fontMetrics().lineSpacing()
    assert page.scrolled.widget().width() <= page.scrolled.viewport().width()
    page.show_busy("scanmon check default")
    settle()
    assert not page.output.visibleRegion().isEmpty()


@pytest.mark.parametrize("beyond", [0, 60])
def test_a_window_at_the_edge_of_the_screen_stays_there(window, qtbot, tmp_path, beyond):
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    free = window.screen().availableGeometry()
    place = QRect(free.left() + 100, free.bottom() - 499, 600, 500)
    window.setGeometry(place.translated(0, beyond))
    for _ in range(3):  # from start to start
        window.save_geometry(settings)
        window = MonitorWindow()
        qtbot.addWidget(window)
        window.restore_geometry(settings)
        window.show()
        settle()
        assert window.geometry().left() == place.left()
        # Qt brings one in that lay beyond, and a pixel more
        assert place.top() - window.geometry().top() in (0, 1)


def test_the_buttons_of_a_dialog_are_in_sight_on_a_low_screen(shown, qtbot, tmp_path):
    for dialog in (
        StartDialog(tmp_path),
        BesideDialog(BesideSettings(), [], dict.fromkeys(FOOT, "a command")),
    ):
        qtbot.addWidget(dialog)
        dialog.resize(512, 300)
        dialog.show()
        settle()
        assert dialog.height() == 300
        for button in dialog.findChild(QDialogButtonBox).buttons():
            assert in_sight(dialog, button)


def test_a_dialog_is_no_higher_than_its_texts_and_the_label_is_in_sight(qtbot, tmp_path):
    dialog = StartDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    settle()
    scrolled = dialog.findChild(Scrolled)
    assert not scrolled.verticalScrollBar().isVisible()
    assert in_sight(dialog, dialog.label)
    gap = dialog.note.geometry().top() - dialog.views.geometry().bottom()
    assert gap < 2 * dialog.fontMetrics().lineSpacing()


def test_a_page_that_can_be_lower_does_not_scroll(window):
    page = EnginePage()
    window.show_page(page)
    page.hardware.setText("no NVIDIA driver: nrq runs on the processor and refreshes less often")
    window.resize(1280, 720)
    settle()
    assert not page.scrolled.verticalScrollBar().isVisible()


def test_the_buttons_of_the_checklist_are_whole_in_german(german, qtbot):
    checklist = Checklist()
    qtbot.addWidget(checklist)
    checklist.fit_to(683)
    checklist.show_examination(Examination.begin(samples("de")[0]))
    settle()
    for button in (checklist.skip, checklist.retake, checklist.end):
        assert button.fontMetrics().horizontalAdvance(button.text()) + 8 <= button.width(), button.text()


def test_names_of_sources_can_be_read(small):
    """On 1024x768 at 150 % the thumbnail left three letters of them."""
    shown, _ = small
    shown.setting_up.open_page()
    settle()
    sources = shown.setting_up.page.sources
    assert in_sight(shown.window, sources)
    room = sources.viewport().width() - sources.iconSize().width() - 12
    assert room >= sources.fontMetrics().horizontalAdvance("Screen 1 ab")
