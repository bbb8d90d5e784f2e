import pytest
from PySide6.QtCore import Qt

from scanmon.scoring.best import Best
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.view_state import view_state
from tests.doubles.states import analysis, picture, replaying


@pytest.fixture
def window(window: MonitorWindow) -> MonitorWindow:
    window.resize(1280, 860)
    window.show_state(view_state(replaying(10)))
    return window


def test_the_best_frames_are_chosen_with_the_keyboard_alone(window, qtbot):
    strip = window.page.side.filmstrip
    assert strip.focusPolicy() == Qt.FocusPolicy.NoFocus  # nothing to choose, nothing to stop at
    best = tuple(Best(analysis(picture(number)), 90.0 - number, 5.0) for number in range(4))
    strip.show_best(best)
    chosen: list[Best] = []
    commanded: list[str] = []
    strip.chosen.connect(chosen.append)
    window.commanded.connect(commanded.append)
    window.page.setFocus()
    for _ in range(20):
        if strip.hasFocus():
            break
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert strip.hasFocus()
    for keys in ((), (Qt.Key.Key_Right,), (Qt.Key.Key_Down,), (Qt.Key.Key_Left, Qt.Key.Key_Left)):
        for key in keys:
            qtbot.keyClick(strip, key)
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert [one.quality for one in chosen] == [90.0, 89.0, 87.0, 89.0]
    assert strip.accessibleDescription() == "2 of 4, quality 89"
    assert commanded == []  # the arrows did not step through the recording meanwhile
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    assert commanded == ["freeze"]  # other keys still belong to the page
