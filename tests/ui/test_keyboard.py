"""Nothing needs a mouse or eyes: every control has a name, a stop of Tab and a focus that is seen."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from scanmon.ui.beside.beside_controller import CompactPanel
from scanmon.ui.commands import commands, menu_titles
from scanmon.ui.state.view_state import view_state
from scanmon.ui.theme import DARK, THEMES
from tests.doubles.assembled import settle
from tests.doubles.painted import pixels_of
from tests.doubles.states import replaying

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
)

INNER = "qt_"  # names of the parts that Qt itself makes of a control


def spoken(widget: QWidget) -> str:
    """What a screen reader says first; of a choice not its value, which is no name."""
    if isinstance(widget, QComboBox):
        labels = [label.text() for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
        return widget.accessibleName() or "".join(labels)
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name).strip()


def controls(root: QWidget) -> Iterator[QWidget]:
    """Those of a page that are seen; not the arrows and fields inside of others."""
    for widget in root.findChildren(QWidget):
        inner = widget.objectName().startswith(INNER) or isinstance(widget, QScrollBar)
        inside = isinstance(widget.parent(), (QComboBox, QAbstractSpinBox, QAbstractItemView))
        if widget.isVisibleTo(root) and not inner and not inside and isinstance(widget, CONTROLS):
            yield widget


def stops(root: QWidget) -> list[QWidget]:
    """What Tab should reach."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not widget.objectName().startswith(INNER)
    ]


@pytest.fixture
def pages(shown, qtbot):
    """Every page of the window, one after the other, with a recording behind it."""
    window = shown.window
    shown.controller._pulse.stop()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    def each() -> Iterator[tuple[str, QWidget]]:
        window.show_state(view_state(replaying()))
        settle()
        yield "monitor", window.page
        seen = {window.page}
        for name in ("setup", "engines"):
            window.run(name)
            settle()
            seen.add(window.pages.currentWidget())
            yield name, window.pages.currentWidget()
        for page in [*map(window.pages.widget, range(window.pages.count()))]:
            if page in seen:
                continue
            window.show_page(page)
            settle()
            yield type(page).__name__, page

    return each


@pytest.fixture
def dialogs(shown):
    """Every dialog of the program that is its own and not the system's."""

    def each() -> Iterator[QWidget]:
        for name in ("help", "beside", "examination"):
            shown.window.run(name)
            settle()
            (dialog,) = [one for one in shown.window.findChildren(QDialog) if one.isVisible()]
            yield dialog
            dialog.close()
            dialog.deleteLater()
            settle()

    return each


def unnamed(root: QWidget) -> list[str]:
    return [f"{type(root).__name__}: {type(one).__name__}" for one in controls(root) if not spoken(one)]


def test_a_screen_reader_has_a_name_for_every_control(pages, dialogs):
    found = [one for _, page in pages() for one in unnamed(page)]
    found += [one for dialog in dialogs() for one in unnamed(dialog)]
    assert not found


def test_what_is_no_control_but_tells_something_has_a_name_too(window):
    window.show_state(view_state(replaying()))
    page = window.page
    for part in (page.video, page.trace, page.trace.thumbnails, page.side.meter, page.side.filmstrip):
        assert spoken(part), type(part).__name__
    assert spoken(page.side.meter).startswith("82")


def test_tab_reaches_everything_that_can_have_the_focus(pages, qtbot):
    for name, page in pages():
        wanted = [one for one in stops(page) if one is not page]
        page.setFocus()
        reached = set()
        for _ in range(3 * len(wanted) + 10):
            focused = QApplication.focusWidget()
            if isinstance(focused, QPlainTextEdit):  # Tab is a letter there
                focused.window().focusNextPrevChild(True)
            else:
                qtbot.keyClick(focused or page, Qt.Key.Key_Tab)
            reached.add(QApplication.focusWidget())
        missed = [f"{name}: {type(one).__name__} {spoken(one)}" for one in wanted if one not in reached]
        assert not missed


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_focus_is_seen_wherever_it_is(pages, theme):
    unseen = []
    for name, page in pages():
        page.window().set_theme(theme)
        settle()
        for one in stops(page):
            if one is page or not isinstance(one, CONTROLS):
                continue
            page.setFocus()
            settle()
            before = pixels_of(one).astype(int)
            one.setFocus(Qt.FocusReason.TabFocusReason)
            settle()
            after = pixels_of(one).astype(int)
            if before.shape != after.shape or np.abs(before - after).max() < 40:
                unseen.append(f"{name}: {type(one).__name__} {spoken(one)}")
        page.window().set_theme(DARK)
    assert not unseen, "\n".join(unseen)


def test_every_command_stands_in_a_menu_and_no_two_share_a_key(window):
    assert {command.menu for command in commands()} == set(menu_titles())
    menus = [action.menu() for action in window.menuBar().actions()]
    listed = [action for menu in menus for action in menu.actions()]
    for command in commands():
        assert window.actions_by_name[command.name] in listed, command.name
    keys = Counter(key.toString() for action in window.actions_by_name.values() for key in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []
    presets = set(map(str, range(1, 10)))
    assert not presets & {key for command in commands() for key in command.keys}


def test_every_menu_opens_by_a_letter_of_its_own(window):
    letters = [title[title.index("&") + 1].lower() for title in menu_titles().values()]
    assert len(set(letters)) == len(letters)


def test_a_menu_is_walked_with_the_arrows(window, qtbot):
    menu = window.menuBar().actions()[0].menu()
    menu.popup(window.mapToGlobal(window.rect().center()))
    seen = set()
    for _ in range(3 * len(menu.actions())):
        qtbot.keyClick(menu, Qt.Key.Key_Down)
        seen.add(menu.activeAction())
    menu.close()
    can = {action for action in menu.actions() if action.isEnabled() and not action.isSeparator()}
    assert can <= seen


def test_the_panel_beside_the_scanner_is_left_by_keys(qtbot):
    panel = CompactPanel(DARK)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.back in stops(panel)
    with qtbot.waitSignal(panel.left):
        qtbot.keyClick(panel.back, Qt.Key.Key_Space)
