"""Opens and closes what stands beside the scanner, and gives a pedal its commands."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QScreen,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizeGrip, QVBoxLayout, QWidget

from scanmon.core.errors import SettingsError
from scanmon.ui.beside.beside_dialog import FOOT, BesideDialog, BesideSettings, load_beside, save_beside
from scanmon.ui.commands import commands
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.view_state import ViewState
from scanmon.ui.theme import Theme, style_sheet
from scanmon.ui.widgets import ElidedLabel, WrappedLabel, lined

SIZE, LEAST = (300, 230), (170, 150)
ROOMY_PX = 240  # from this width on the words are larger
MARGIN_PX = 24  # from the corner of a screen where the panel was never moved


class _Beside(QWidget):
    """A window of its own that Escape leaves."""

    left = Signal()

    def __init__(self, flags: Qt.WindowType) -> None:
        super().__init__(None, Qt.WindowType.Window | flags)
        self.setWindowTitle("scanmon")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it is leaving it; the program goes on."""
        event.ignore()
        self.left.emit()


class CompactPanel(_Beside):
    """Number, word, bar, what to do. Frameless and on top of all; drag it anywhere, or its lower corner."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setMinimumSize(*LEAST)
        self.meter = QualityMeter(theme, self)
        self.told = WrappedLabel(self, "heading")
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told.hide()
        self.recording = ElidedLabel(self, greedy=True)
        self.recording.setProperty("quiet", True)
        self.back = QPushButton(self.tr("Window"), self)
        self.back.setToolTip(self.tr("Back to the window (C)"))
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.clicked.connect(self.left)
        row = lined(QHBoxLayout(), (self.recording, 1), self.back)
        row.addWidget(QSizeGrip(self), 0, Qt.AlignmentFlag.AlignBottom)
        lined(QVBoxLayout(self), (self.meter, 1), self.told, row, margins=(8, 8, 0, 0))
        self._grip: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(style_sheet(theme))
        self.meter.set_theme(theme)

    def show_state(self, state: ViewState, recording: str) -> None:
        """The number with what to do, or what is wrong with the source."""
        self.meter.show_meter(replace(state.meter, metric="", second="", reason=""))
        told = state.meter.reason or (state.message.title if state.message else "")
        self.told.tell(told or state.overlay.worst_text)
        self.told.setToolTip(self.told.text())
        self.recording.setText(recording)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What there is to tell is whole in a small panel too."""
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY_PX
        if self.told.property("heading") != roomy:
            self.told.setProperty("heading", roomy)
            self.told.style().polish(self.told)

    def put(self, screen: QScreen, place: tuple[int, int, int, int] | None) -> None:
        """Where it was left, or in the lower right corner of a screen."""
        room = screen.availableGeometry()
        corner = QRect(0, 0, *SIZE)
        corner.moveBottomRight(room.bottomRight() - QPoint(MARGIN_PX, MARGIN_PX))
        self.setGeometry(corner if place is None else QRect(*place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A frameless window is moved by all of it."""
        handle = self.windowHandle()
        if (
            event.button() == Qt.MouseButton.LeftButton
            and handle is not None
            and not handle.startSystemMove()
        ):
            self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Where the system does not move it itself."""
        if self._grip is not None:
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None


class SecondScreen(_Beside):
    """The picture with its heatmap as large as a screen; what is wrong with the source stands below it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.WindowType.Widget)
        self.video = VideoView(theme, self)
        self.message = MessagePanel(compact=True, parent=self)
        self.message.hide()
        lined(QVBoxLayout(self), (self.video, 1), self.message, margins=(0, 0, 0, 0), spacing=0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(style_sheet(theme))
        self.video.set_theme(theme)

    def show_state(self, state: ViewState) -> None:
        self.video.show_picture(state.picture, state.overlay)
        self.message.show_message(state.message)

    def fill(self, screen: QScreen) -> None:
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()


class BesideController(QObject):
    """Windows are made when they are first wanted, and get what the main one is shown."""

    def __init__(self, window: MonitorWindow, controller: Controller, path: Path) -> None:
        super().__init__(window)
        self._window, self._path, self._theme = window, path, window.theme
        self.error: SettingsError | None = None  # what was wrong with the file
        try:
            self.settings = load_beside(path)
        except SettingsError as error:
            self.error, self.settings = error, BesideSettings()
        self.panel: CompactPanel | None = None
        self.second: SecondScreen | None = None
        self._pedals: list[QAction] = []
        for name, action in (
            ("compact", self.toggle_compact),
            ("second_screen", self.toggle_second),
            ("beside", self._ask),
        ):
            controller.register(name, action)
        window.installEventFilter(self)
        window.state_shown.connect(self._show)
        window.closing.connect(self._close)
        window.pages.currentChanged.connect(self._page_changed)
        self._bind_pedals()

    @property
    def compact(self) -> bool:
        """Whether the panel stands in the place of the window."""
        return self._window.resting

    def toggle_compact(self) -> None:
        """The panel in the place of the window, or back."""
        if self.compact:
            self._leave_panel()
            return
        here = self._window.screen()
        self._open_panel(self._screen(self.settings.compact_screen) or here)
        self._window.resting = True
        self._window.hide()
        self._tell()

    def toggle_second(self) -> None:
        shows_panel = self.settings.second_shows == "compact"
        if shows_panel and self.panel is not None and self.panel.isVisible():
            self._leave_panel()
        elif self.second is not None and self.second.isVisible():
            self.second.hide()
        elif (screen := self._other_screen()) is None:
            self._window.page.side.show_note(self.tr("There is no second screen."))
        elif shows_panel:
            self._open_panel(screen)
        else:
            self._second().fill(screen)
        self._tell()

    def _open_panel(self, screen: QScreen) -> None:
        """Where it was left; on another screen than the chosen one only where none was chosen."""
        panel, place = self._panel(), self.settings.compact_place
        if place is not None and not any(
            one.availableGeometry().contains(QRect(*place).center())
            for one in (QGuiApplication.screens() if not self.settings.compact_screen else [screen])
        ):
            place = None
        panel.put(screen, place)
        panel.show()
        panel.activateWindow()

    def _leave_panel(self) -> None:
        if self.panel is not None and self.panel.isVisible():
            place = self.panel.geometry()
            kept = (place.x(), place.y(), place.width(), place.height())
            self._keep(replace(self.settings, compact_place=kept))
            self.panel.hide()
        if self.compact:
            self._window.resting = False
            self._window.show()
            self._window.activateWindow()
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A dialog of the window, which the panel would lie on, needs the window."""
        if event.type() == QEvent.Type.WindowBlocked and self.compact:
            QTimer.singleShot(0, self, self._leave_panel)
        return super().eventFilter(watched, event)

    def _page_changed(self) -> None:
        """A page of the window was asked for from the panel."""
        if self.compact:
            self._leave_panel()

    def _show(self, state: ViewState) -> None:
        if self._theme is not self._window.theme:
            self._theme = self._window.theme
            for one in self._open:
                one.set_theme(self._theme)
        if self.panel is not None and self.panel.isVisible():
            self.panel.show_state(state, self._window.status.recording.text())
        if self.second is not None and self.second.isVisible():
            self.second.show_state(state)

    def _panel(self) -> CompactPanel:
        if self.panel is None:
            self.panel = CompactPanel(self._window.theme)
            self.panel.left.connect(self._leave_panel)
            self._share_keys(self.panel)
        return self.panel

    def _second(self) -> SecondScreen:
        if self.second is None:
            self.second = SecondScreen(self._window.theme)
            self.second.message.command_requested.connect(self._window.run)
            self.second.left.connect(self.toggle_second)
            self._window.looking.follow(self.second.video)
            self._share_keys(self.second)
        return self.second

    def _share_keys(self, one: CompactPanel | SecondScreen) -> None:
        """The keys of the window, but for those of its own shape."""
        own = [self._window.actions_by_name[name] for name in ("full_screen", "quiet")]
        one.addActions([action for action in self._window.actions() if action not in own])
        one.set_theme(self._window.theme)

    @property
    def _open(self) -> list[CompactPanel | SecondScreen]:
        return [one for one in (self.panel, self.second) if one is not None]

    def _other_screen(self) -> QScreen | None:
        """The chosen one, else the first that the window is not on."""
        here = self._window.screen().name()
        others = [screen for screen in QGuiApplication.screens() if screen.name() != here]
        return self._screen(self.settings.second_screen) or next(iter(others), None)

    def _screen(self, name: str) -> QScreen | None:
        return next((screen for screen in QGuiApplication.screens() if name and screen.name() == name), None)

    def _tell(self) -> None:
        actions, panel = self._window.actions_by_name, self.panel
        beside = panel is not None and panel.isVisible() and not self.compact
        actions["compact"].setChecked(self.compact)
        actions["second_screen"].setChecked(beside or (self.second is not None and self.second.isVisible()))

    def _ask(self) -> None:
        screens = [
            (f"{screen.name()}  {screen.geometry().width()}×{screen.geometry().height()}", screen.name())
            for screen in QGuiApplication.screens()
        ]
        texts = {command.name: command.text for command in commands() if command.name in FOOT}
        parent = self.panel if self.compact else self._window
        dialog = BesideDialog(self.settings, screens, texts, parent)
        dialog.changed.connect(self._changed)
        dialog.open()

    def _changed(self, settings: BesideSettings) -> None:
        self._keep(settings)
        self._bind_pedals()

    def _keep(self, settings: BesideSettings) -> None:
        self.settings = settings
        try:
            save_beside(settings, self._path)
        except SettingsError as error:
            self._window.page.side.show_note(error_text(error))

    def _bind_pedals(self) -> None:
        """A pedal that sends the key of another command takes it: on one key two would both be dead."""
        taken = set(self.settings.foot_switch.values())
        usual = {command.name: command.keys for command in commands()}
        usual |= {f"preset{number}": (str(number),) for number in range(1, 10)}
        for name, keys in usual.items():
            free = [QKeySequence(key) for key in keys if QKeySequence(key).toString() not in taken]
            self._window.actions_by_name[name].setShortcuts(free)
        windows = [self._window, *self._open]
        for action in self._pedals:
            for one in windows:
                one.removeAction(action)
        self._pedals = []
        for name, key in self.settings.foot_switch.items():
            if name not in FOOT:
                continue  # of a later version
            action = QAction(self)
            action.setShortcut(QKeySequence(key))
            action.setAutoRepeat(False)  # a foot rests on it
            action.triggered.connect(partial(self._pressed, name))
            self._pedals.append(action)
            for one in windows:
                one.addAction(action)

    def _pressed(self, name: str) -> None:
        """As the command's key; but a foot types no text, and what cannot be done now is not done."""
        if self._window.actions_by_name[name].isEnabled():
            self._window.run("bookmark_at_once" if name == "bookmark" else name)

    def _close(self) -> None:
        for one in self._open:
            one.hide()
            one.deleteLater()
        self.panel = self.second = None
