"""The window: pages, menus, keys. Says what the user wants; decides nothing about sources or scores."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QRect, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QStackedWidget, QStatusBar, QWidget

from scanmon.ui.commands import Command, commands, menu_titles
from scanmon.ui.monitor.monitor_page import MonitorPage
from scanmon.ui.monitor.video_view import Looking
from scanmon.ui.state.status_state import StatusState
from scanmon.ui.state.texts import disclaimer, translate
from scanmon.ui.state.view_state import ViewOptions, ViewState
from scanmon.ui.theme import DARK, LIGHT, Theme, style_sheet
from scanmon.ui.widgets import ElidedLabel

STRENGTH_STEP = 0.1
TIMELINE_STEP = 2.0
TITLE_BAR_PX = 40  # what the system may put around a window
LEAST = (440, 300)  # of a page: 1024x768 at 200 % leave 512x384 for the window with its frame
REFRESH_MS = 250  # figures that change with every frame would only flicker


class MonitorWindow(QMainWindow):
    """Takes one value through `show_state`; what the user asks for leaves as `commanded(name)`."""

    commanded = Signal(str)  # name of a command of ui.commands that the window does not carry out itself
    open_requested = Signal(str)  # a path that was dropped or chosen
    preset_requested = Signal(int)  # 1..9
    options_changed = Signal(object)  # ViewOptions
    state_shown = Signal(object)  # ViewState, for windows beside this one
    closing = Signal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("scanmon")
        self.setAcceptDrops(True)
        self.resize(1280, 860)
        self.options = ViewOptions()
        self.theme = theme
        self.page = MonitorPage(theme, self)
        self.pages = QStackedWidget(self)
        self.pages.setMinimumSize(*LEAST)
        self.pages.addWidget(self.page)
        self.setCentralWidget(self.pages)
        self.resting = False  # hidden behind the compact panel: nothing is drawn for nobody
        self.playing_pages: list[QWidget] = []  # pages on which the keys of the monitor work too
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.actions_by_name: dict[str, QAction] = {}
        self.recent_menu = QMenu(self.tr("Open recent"), self)
        self._needs: dict[str, str] = {}
        self._make_menus()
        self._make_preset_keys()
        self._own: dict[str, Callable[[], object]] = {
            "heatmap": lambda: self.set_options(replace(self.options, heatmap=not self.options.heatmap)),
            "overlays": lambda: self.set_options(replace(self.options, overlays=not self.options.overlays)),
            "weaker": lambda: self._change_strength(-STRENGTH_STEP),
            "stronger": lambda: self._change_strength(STRENGTH_STEP),
            "timeline_in": lambda: self.page.trace.zoom(TIMELINE_STEP),
            "timeline_out": lambda: self.page.trace.zoom(1 / TIMELINE_STEP),
            "full_screen": self._toggle_full_screen,
            "quiet": self._show_quiet,
            "light": lambda: self.set_theme(LIGHT if self.actions_by_name["light"].isChecked() else DARK),
            "quit": self.close,
        }
        self.looking = Looking(self.page.video)
        self._own |= self.looking.commands
        self.looking.changed.connect(self.page.side.look.tell)
        self.page.side.heatmap_toggled.connect(lambda on: self.set_options(replace(self.options, heatmap=on)))
        self.page.side.strength_requested.connect(
            lambda strength: self.set_options(replace(self.options, strength=strength))
        )
        self.page.centre.other_requested.connect(lambda: self.run("setup"))
        for told in (self.page.centre, self.page.side.message):
            told.command_requested.connect(self.run)
        self.pages.currentChanged.connect(lambda _: self._enable_actions(picture=False, recording=False))
        self.set_theme(theme)
        self.set_options(self.options)
        self.page.setFocus()

    def show_state(self, state: ViewState) -> None:
        """Show all of it; called at the display rate."""
        if self.pages.currentWidget() is self.page and not self.resting:
            self.page.show_state(state)
        if self.pages.currentWidget() in (self.page, *self.playing_pages):
            self._enable_actions(picture=state.picture is not None, recording=state.transport is not None)
        self.status.show_status(state.status)
        title = window_title(state)
        if title != self.windowTitle():
            self.setWindowTitle(title)
        self.state_shown.emit(state)

    def set_options(self, options: ViewOptions) -> None:
        self.options = options
        self.actions_by_name["heatmap"].setChecked(options.heatmap)
        self.actions_by_name["overlays"].setChecked(options.overlays)
        self.page.side.show_options(options)
        self.options_changed.emit(options)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.setStyleSheet(style_sheet(theme))
        self.page.set_theme(theme)
        self.actions_by_name["light"].setChecked(theme is LIGHT)

    def show_page(self, page: QWidget | None) -> None:
        """Another page over the monitor; None: back to the monitor."""
        if page is not None and self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        self.pages.setCurrentWidget(page or self.page)
        if page is not None:
            page.setFocus()

    def show_recent(self, paths: tuple[str, ...]) -> None:
        self.recent_menu.clear()
        self.recent_menu.setEnabled(bool(paths))
        for path in paths:
            action = self.recent_menu.addAction(Path(path).name)
            action.setToolTip(path)
            action.triggered.connect(lambda _=False, path=path: self.open_requested.emit(path))

    def restore_geometry(self, settings: QSettings) -> None:
        """Size and place of the last time, no larger than the screen."""
        saved = settings.value("geometry")
        if saved is not None:
            self.restoreGeometry(saved)  # maybe of another screen, or of one that was scaled otherwise
        if not self.isMaximized() and not self.isFullScreen():
            free = self.screen().availableGeometry()
            most = QSize(free.width(), free.height() - TITLE_BAR_PX)
            self.resize(self.size().boundedTo(most.expandedTo(self.minimumSizeHint())))
            if saved is not None:  # no further than it lies beyond an edge
                here = self.geometry()
                left = max(free.left(), min(here.left(), free.right() - here.width() + 1))
                top = max(free.top(), min(here.top(), free.bottom() - here.height() + 1))
                self.setGeometry(QRect(QPoint(left, top), here.size()))  # `move` would set the frame's place

    def save_geometry(self, settings: QSettings) -> None:
        settings.setValue("geometry", self.saveGeometry())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Replay the first file that was dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                self.open_requested.emit(url.toLocalFile())
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the full screen, where the menus are hidden, and the quiet view."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self._toggle_full_screen()
        elif event.key() == Qt.Key.Key_Escape and self.actions_by_name["quiet"].isChecked():
            self.actions_by_name["quiet"].trigger()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell, so that sources are closed."""
        self.closing.emit()
        super().closeEvent(event)

    def run(self, name: str) -> None:
        """Carry out a command by its name, as its key does."""
        own = self._own.get(name)
        if own is not None:
            own()
        else:
            self.commanded.emit(name)

    def _make_menus(self) -> None:
        menus = {key: self.menuBar().addMenu(title) for key, title in menu_titles().items()}
        for command in commands():
            action = self._action(command)
            menus[command.menu].addAction(action)
            if command.name == "open":
                menus["file"].addMenu(self.recent_menu)
        self.show_recent(())

    def _action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setCheckable(command.checkable)
        action.triggered.connect(lambda _=False, name=command.name: self.run(name))
        self.addAction(action)  # keys work in full screen too, where the menu bar is hidden
        self.actions_by_name[command.name] = action
        self._needs[command.name] = command.needs
        return action

    def _make_preset_keys(self) -> None:
        for number in range(1, 10):
            action = QAction(self)
            action.setShortcut(QKeySequence(str(number)))
            action.triggered.connect(lambda _=False, number=number: self.preset_requested.emit(number))
            self.addAction(action)
            self.actions_by_name[f"preset{number}"] = action

    def _enable_actions(self, *, picture: bool, recording: bool) -> None:
        examination = picture and not self.page.checklist.isHidden()
        have = {
            "": True,
            "picture": picture,
            "recording": recording,
            "examination": examination,
            "recordable": picture and not examination,  # which has a session of its own
        }
        for name, needs in self._needs.items():
            action = self.actions_by_name[name]
            if action.isEnabled() != have[needs]:
                action.setEnabled(have[needs])

    def _show_quiet(self) -> None:
        quiet = self.actions_by_name["quiet"].isChecked()
        self.page.set_quiet(quiet)
        self.status.set_quiet(quiet)

    def _change_strength(self, step: float) -> None:
        strength = min(1.0, max(0.0, self.options.strength + step))
        self.set_options(replace(self.options, strength=strength))

    def changeEvent(self, event: QEvent) -> None:
        """The menus are hidden in full screen, whoever asked for it: key, window manager or the last time."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.menuBar().setVisible(not self.isFullScreen())
            self.actions_by_name["full_screen"].setChecked(self.isFullScreen())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)  # maximised stays so


def window_title(state: ViewState) -> str:
    """For the task bar: source and word; the number would change too often."""
    source = state.status.source.partition("  ")[0]
    word = state.meter.word if state.meter.verdict is not None else ""
    return " - ".join(part for part in (word, source, "scanmon") if part)


class StatusLine(QStatusBar):
    """Source, engine, age, delays, numbers of frames; the disclaimer stands at the right, always."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._shown = StatusState()
        self._since_changed = QElapsedTimer()
        self.source, self.engine, self.age, self.rate = (ElidedLabel(self) for _ in range(4))
        self.health = QLabel(self)  # never cut
        self.counts = ElidedLabel(self, greedy=True)  # has all the room that the others leave
        self.counts.setAlignment(Qt.AlignmentFlag.AlignRight)  # and does not move with their width
        self._figures = (self.source, self.engine, self.health, self.age, self.rate, self.counts)
        for label in self._figures:
            label.setProperty("quiet", True)
            self.addWidget(label, 1 if label is self.counts else 0)
        self.age.setMinimumWidth(
            self.fontMetrics().horizontalAdvance(translate("ViewState", "picture {0} ms old").format(8888))
            + 20
        )
        self.recording = ElidedLabel(self)
        self.addPermanentWidget(self.recording)
        self.disclaimer = QLabel(disclaimer(), self)
        self.addPermanentWidget(self.disclaimer)

    def set_quiet(self, quiet: bool) -> None:
        """No figures, but how recording stands and what this is not for."""
        for label in self._figures:
            label.setVisible(not quiet)

    def show_recording(self, text: str) -> None:
        """How recording stands; empty while there is none."""
        self.recording.setText(text)

    def show_status(self, state: StatusState) -> None:
        waited = not self._since_changed.isValid() or self._since_changed.elapsed() >= REFRESH_MS
        if state == self._shown or not (waited or state.age_warns != self._shown.age_warns):
            return
        self._since_changed.start()
        if state.age_warns != self._shown.age_warns:
            self.age.setProperty("warn", state.age_warns)
            self.age.setProperty("quiet", not state.age_warns)
            self.age.style().polish(self.age)
        self._shown = state
        for label, text in (
            (self.source, state.source),
            (self.engine, state.engine),
            (self.health, state.health),
            (self.rate, state.rate),
            (self.age, state.age),
            (self.counts, state.counts),
        ):
            label.setText(text)
        self.rate.setToolTip("\n".join(filter(None, (state.rate, state.rate_tooltip))))
