"""Every test of the window cleans up after itself, or fails."""

import importlib
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scanmon.ui.app import install_translation
from scanmon.ui.garbage import collected_here
from scanmon.ui.main_window import MonitorWindow
from tests.doubles.assembled import home, shown  # noqa: F401 fixtures, for every test of the window
from tests.doubles.scenes import PATIENCE_S


class PatientBot(QtBot):
    """Waits longer than five seconds for what has to happen: a machine may be busy."""

    def waitUntil(self, callback, *, timeout: float = PATIENCE_S * 1e3) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitExposed(self, widget, *, timeout: float = PATIENCE_S * 1e3):
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def window(qtbot: QtBot) -> MonitorWindow:
    """An empty window, shown."""
    window = MonitorWindow()
    qtbot.addWidget(window)
    window.resize(1024, 768)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    translators = install_translation(qapp, QLocale("de_DE"))
    yield
    for translator in translators:
        qapp.removeTranslator(translator)


@pytest.fixture(scope="session", autouse=True)
def the_plot_library_is_loaded(qapp: QApplication) -> None:
    """The window loads it beside itself after the first picture; a short test would leave that behind."""
    importlib.import_module("pyqtgraph")


@pytest.fixture(autouse=True)
def no_window_is_left_behind(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that leaves a window open fails. Settings go to a folder of the test alone.

    Widgets that were given to `qtbot.addWidget` have been closed by now.
    """
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    folder = str(tmp_path_factory.mktemp("settings"))
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
    with collected_here():
        yield
        qapp.processEvents()
    left = [widget for widget in qapp.topLevelWidgets() if widget.isWindow() and widget.isVisible()]
    for widget in left:
        widget.close()
    assert not left, f"windows left behind: {left}"
