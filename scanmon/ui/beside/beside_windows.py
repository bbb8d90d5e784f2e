"""The two windows that a room has besides the main one: a small panel on top of all, and a large picture."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QScreen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizeGrip, QVBoxLayout, QWidget

from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.meter import QualityMeter
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import ViewState
from scanmon.ui.theme import Theme, style_sheet
from scanmon.ui.widgets import ElidedLabel, WrappedLabel

SIZE, LEAST = (300, 230), (170, 150)
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
        self.told = WrappedLabel(self)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told.setProperty("heading", True)
        self.told.hide()
        self.recording = ElidedLabel(self, greedy=True)
        self.recording.setProperty("quiet", True)
        self.back = QPushButton(self.tr("Window"), self)
        self.back.setToolTip(self.tr("Back to the window (C)"))
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.clicked.connect(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 0, 0)
        column.addWidget(self.meter, 1)
        column.addWidget(self.told)
        row = QHBoxLayout()
        row.addWidget(self.recording, 1)
        row.addWidget(self.back)
        row.addWidget(QSizeGrip(self), 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        self._grip: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(style_sheet(theme))
        self.meter.set_theme(theme)

    def show_state(self, state: ViewState, recording: str) -> None:
        """The number with what to do, or what is wrong with the source."""
        self.meter.show_meter(replace(state.meter, metric="", second="", reason=""))
        told = state.meter.reason or (state.message.title if state.message else "")
        self.told.setText(told or state.overlay.worst_text)
        self.told.setVisible(bool(self.told.text()))
        self.recording.setText(recording)

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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.video, 1)
        column.addWidget(self.message)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(style_sheet(theme))
        self.video.set_theme(theme)

    def show_state(self, state: ViewState) -> None:
        """Picture, and what there is to tell."""
        self.video.show_picture(state.picture, state.overlay)
        self.message.show_message(state.message)

    def fill(self, screen: QScreen) -> None:
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
