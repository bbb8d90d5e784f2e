"""A text is whole, or its tool tip is: on every page and dialog, on every small screen, in both languages."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QTableWidget,
    QTabWidget,
    QWidget,
)

from scanmon.app.settings import ScoringSettings
from scanmon.core.errors import SourceError
from scanmon.core.values import Reason, TooSlow
from scanmon.examination.examination import Examination
from scanmon.examination.protocol import samples
from scanmon.ui.beside.beside_controller import LEAST, SIZE, CompactPanel
from scanmon.ui.beside.beside_dialog import FOOT, BesideDialog, BesideSettings
from scanmon.ui.commands import HelpDialog, commands
from scanmon.ui.compare import ComparePage
from scanmon.ui.engines.catalogue import BundleEntry
from scanmon.ui.engines.engine_controller import EnginePage
from scanmon.ui.examination.examination_controller import ResultPage, StartDialog
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.setup.presets import Preset
from scanmon.ui.setup.source_list import Choice, choices
from scanmon.ui.state.view_state import ViewOptions, ViewState, view_state
from scanmon.ui.theme import DARK
from tests.doubles.assembled import settle
from tests.doubles.states import INFO, PROVENANCE, analysis, live, picture, replaying

# 1366x768 and 1024x768 at 100, 150 and 200 %, in logical pixels
SCREENS = [(1366, 744), (1024, 744), (911, 488), (683, 488), (683, 360), (512, 360)]
NAME = "Ultrasound scanner of the examination room on the second floor, convex probe C5-1"
PATH = "/home/somebody/recordings/of/this/year/" + "examination_of_a_volunteer_" * 4 + ".mp4"
SPACE = 2  # pixels that a text may touch its edge


def missing(widget: QWidget, text: str, tip: str, wide: int, room: int) -> list[str]:
    if wide <= room + SPACE or all(line.strip() in tip for line in text.splitlines()):
        return []
    return [f"{type(widget).__name__} {text!r}: {wide} in {room}"]


def cut(top: QWidget) -> list[str]:
    """Texts that are not whole and whose tool tip does not have them."""
    found: list[str] = []
    for widget in [top, *top.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        tip, metrics, room = widget.toolTip(), widget.fontMetrics(), widget.width()
        if isinstance(widget, QLabel) and widget.text():
            if widget.wordWrap():  # what lies lower cannot be seen: no tool tip helps
                high = widget.heightForWidth(room)
                found += missing(widget, widget.text(), "", high, widget.height())
            else:
                found += missing(widget, widget.text(), tip, widget.sizeHint().width(), room)
        elif isinstance(widget, QAbstractButton) and widget.text():
            text = widget.text().replace("&", "")
            found += missing(widget, text, tip, metrics.horizontalAdvance(text) + 4, room)
        elif isinstance(widget, QComboBox):
            wide = metrics.horizontalAdvance(widget.currentText()) + 24  # and the arrow
            found += missing(widget, widget.currentText(), tip, wide, room)
        elif isinstance(widget, QLineEdit) and not widget.text():
            found += missing(
                widget,
                widget.placeholderText(),
                tip,
                metrics.horizontalAdvance(widget.placeholderText()) + 8,
                room,
            )
        elif isinstance(widget, QualityMeter):
            state = widget._state
            found += [line for line in (state.reason, state.metric, state.second) if line not in tip]
        elif isinstance(widget, QProgressBar) and widget.isTextVisible() and widget.maximum():
            found += missing(widget, widget.text(), tip, metrics.horizontalAdvance(widget.text()), room)
        elif isinstance(widget, QTabWidget):
            for tab in range(widget.count()):
                wide = metrics.horizontalAdvance(widget.tabText(tab))
                place = widget.tabBar().tabRect(tab)
                inside = place.width() if widget.tabBar().rect().contains(place) else 0
                found += missing(widget, widget.tabText(tab), widget.tabToolTip(tab), wide, inside)
        elif isinstance(widget, QListWidget):
            for row in range(widget.count()):
                item = widget.item(row)
                icon = widget.iconSize().width() + 12 if not item.icon().isNull() else 8
                wide = max(metrics.horizontalAdvance(line) for line in item.text().splitlines() or [""])
                found += missing(widget, item.text(), item.toolTip(), wide, widget.viewport().width() - icon)
        elif isinstance(widget, QTableWidget):
            for row in range(widget.rowCount()):
                for column in range(widget.columnCount()):
                    item = widget.item(row, column)
                    if item is not None:
                        wide = metrics.horizontalAdvance(item.text()) + 6
                        found += missing(
                            widget, item.text(), item.toolTip(), wide, widget.columnWidth(column)
                        )
    return found


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    """What comes before the window: its texts are translated when it is made."""
    if request.param == "de":
        request.getfixturevalue("german")
    return request.param


def fill_setup(shown) -> QWidget:
    page = shown.setting_up.page
    shown.setting_up.open_page()
    page.sources.show_choices(
        [
            *choices([PATH, f"rtsp://{PATH}"], [], []),
            Choice("grabber:usb-1", NAME, "in use by another program, 1920x1080"),
        ]
    )
    page.presets.show_presets([Preset(NAME, 1, PATH, ScoringSettings(), None)])
    page.scoring.advanced.setChecked(True)
    page.scoring.show_settings(
        ScoringSettings(bundle="b", organ="o"),
        [BundleEntry("b", NAME, ("map", "nrq"), ("o",))],
        ["onnxruntime"],
    )
    page.show_snapshot(PATH, live(info=replace(INFO, name=NAME, details="MJPEG 1920x1080 " * 3)))
    page.show_note(f"Saved: {PATH}")
    return shown.window


def fill_engines(shown) -> QWidget:
    page = next(one for one in pages(shown) if isinstance(one, EnginePage))
    entry = BundleEntry(
        "b", NAME, ("map", "nrq"), ("breast", "fetal-head"), "map fp32, nrq fp32", "Apache-2.0"
    )
    page.show_bundles([entry, replace(entry, name="c", problem=f"{PATH}: is damaged; build it again")], "b")
    page.hardware.setText("no NVIDIA driver: nrq runs on the processor and refreshes less often " * 3)
    shown.window.show_page(page)
    return shown.window


def fill_result(shown) -> QWidget:
    page = next(one for one in pages(shown) if isinstance(one, ResultPage))
    page.told.setText(f"Saved: {PATH}")
    shown.window.show_page(page)
    return shown.window


def fill_compare(shown) -> QWidget:
    page = next(one for one in pages(shown) if isinstance(one, ComparePage))
    both = replaying(), replaying(info=replace(INFO, name=NAME))
    page.show_snapshots(both, ViewOptions())
    shown.window.show_page(page)
    return shown.window


def fill_monitor(shown, state: ViewState) -> QWidget:
    page = shown.window.page
    shown.window.show_page(None)
    page.side.show_note(f"Saved: {PATH}")
    shown.window.show_state(state)
    return shown.window


def fill_examination(shown) -> QWidget:
    protocol = replace(samples("de")[2], title=NAME[:60])
    shown.window.page.checklist.show_examination(Examination.begin(protocol, NAME[:40]))
    return fill_monitor(shown, view_state(replaying()))


def pages(shown) -> list[QWidget]:
    return [shown.window.pages.widget(row) for row in range(shown.window.pages.count())]


STATES = {
    "live": lambda: live(info=replace(INFO, name=NAME)),
    "lost": lambda: live(state="reconnecting", trouble=f"no answer from {PATH}"),
    "failed": lambda: live(scoring="failed", analysis=None, error=SourceError("is damaged", PATH, "copy it")),
    "replay": replaying,
    "slow": lambda: live(
        provenance=replace(
            PROVENANCE, slow=TooSlow("nrq", 20, 7.25, off=False, other_ms=24.6, fewer=(168, 7))
        ),
        analysis=analysis(picture(30), reason=Reason.STALE),
    ),
}


@pytest.mark.parametrize("size", SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_on_every_page_a_text_is_whole_or_its_tool_tip_is(language, shown, size):
    shown.controller._pulse.stop()
    shown.window.page.trace.build()
    shown.window.resize(*size)
    states = [
        (name, lambda made=made: fill_monitor(shown, view_state(made()))) for name, made in STATES.items()
    ]
    others = [fill_setup, fill_engines, fill_result, fill_compare, fill_examination]
    found = {}
    for name, fill in [*states, *((one.__name__, lambda one=one: one(shown)) for one in others)]:
        top = fill()
        settle()
        found[name] = cut(top)
    assert not any(found.values()), "\n".join(f"{name}: {one}" for name, of in found.items() for one in of)


@pytest.mark.parametrize("size", [SIZE, LEAST], ids=lambda size: f"{size[0]}x{size[1]}")
def test_on_the_compact_panel_a_text_is_whole_or_its_tool_tip_is(language, qtbot, size):
    panel = CompactPanel(DARK)
    qtbot.addWidget(panel)
    panel.set_theme(DARK)
    panel.resize(*size)
    panel.show()
    found = {}
    for name, made in STATES.items():
        panel.show_state(view_state(made()), "● recording 1:12.0 (31 pictures lost)")
        settle()
        found[name] = cut(panel)
        assert (panel.width(), panel.height()) == size
    panel.hide()  # closing it is leaving it
    assert not any(found.values()), "\n".join(f"{name}: {one}" for name, of in found.items() for one in of)


@pytest.mark.parametrize("size", [SCREENS[0], SCREENS[-1]], ids=lambda size: f"{size[0]}x{size[1]}")
def test_in_every_dialog_a_text_is_whole_or_its_tool_tip_is(language, qtbot, tmp_path, size):
    texts = {command.name: command.text for command in commands() if command.name in FOOT}
    found = {}
    for dialog in (
        StartDialog(tmp_path / PATH[1:]),
        BesideDialog(BesideSettings(), [(f"{NAME} 1920×1080", "HDMI-1")], texts),
        HelpDialog(),
    ):
        qtbot.addWidget(dialog)
        dialog.resize(dialog.size().boundedTo(QSize(size[0], size[1]) * 0.94))
        dialog.show()
        settle()
        found[type(dialog).__name__] = cut(dialog)
    assert not any(found.values()), "\n".join(f"{name}: {one}" for name, of in found.items() for one in of)
