"""The page of the live view and of the replay: picture, side panel, trace, transport."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from scanmon.ui.examination.checklist import Checklist
from scanmon.ui.monitor.message_panel import MessagePanel
from scanmon.ui.monitor.side_panel import SidePanel
from scanmon.ui.monitor.thumbnails import Thumbnail
from scanmon.ui.monitor.trace_view import TraceView
from scanmon.ui.monitor.transport_bar import TransportBar
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.texts import seconds
from scanmon.ui.state.view_state import ViewState
from scanmon.ui.theme import DARK, Theme
from scanmon.ui.widgets import lined

LOW_PX, LOW_TRACE_PX = 420, 80  # on a page below the first height the trace has no more than the second
ROOMY_PX = 560  # from there on the time line has pictures
MOST_LETTERS = 200  # of a bookmark


class MonitorPage(QWidget):
    """Takes one ViewState and hands each part to its widget."""

    painted = Signal(object)  # the Frame that has just reached the screen

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.video = VideoView(theme, self)
        self.centre = MessagePanel(compact=False, parent=self)
        self.side = SidePanel(theme, self)
        self.checklist = Checklist(self)
        self.trace = TraceView(theme, self)
        self.transport = TransportBar(theme, self)
        self.transport.hide()
        self.bookmark = BookmarkField(self)
        self.bookmark.ended.connect(self.setFocus)
        self._quiet = False

        self._picture = QWidget(self)
        self._stack = QStackedLayout(self._picture)
        self._stack.addWidget(self.video)
        self._stack.addWidget(self.centre)
        upper = QWidget(self)
        row = self.checklist, (self._picture, 1), self.side
        lined(QHBoxLayout(upper), *row, margins=(0, 0, 0, 0), spacing=0)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(upper)
        self._splitter.addWidget(self.trace)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setChildrenCollapsible(False)
        column = (self._splitter, 1), self.bookmark, self.transport
        lined(QVBoxLayout(self), *column, margins=(0, 0, 0, 0), spacing=0)
        self.video.painted.connect(self.painted)
        self.video.painted.connect(lambda _: self.trace.wake())

    def show_state(self, state: ViewState) -> None:
        self._stack.setCurrentWidget(self.centre if state.picture is None else self.video)
        self.centre.show_message(state.message if state.picture is None else None)
        self.side.message.show_message(None if state.picture is None else state.message)
        self.video.show_picture(state.picture, state.overlay)
        self.side.meter.show_meter(state.meter)
        if not self._quiet:
            self.trace.show_trace(state.trace)
            self.transport.show_transport(state.transport)

    def show_thumbnails(self, pictures: tuple[Thumbnail, ...]) -> None:
        """Below the curve of a recording, which keeps its height."""
        before = self.trace.sizeHint().height()
        self.trace.show_thumbnails(pictures)
        more = self.trace.sizeHint().height() - before
        upper, lower = self._splitter.sizes()
        if more and upper > more:
            self._splitter.setSizes([upper - more, lower + more])

    def ask_for_bookmark(self, time_s: float) -> None:
        """For the text of a bookmark, where there is room for it."""
        if self.isVisible() and not self._quiet:
            self.bookmark.ask(time_s)

    def set_quiet(self, quiet: bool) -> None:
        """Quiet: the number alone, as large as the window allows."""
        self._quiet = quiet
        self._picture.setVisible(not quiet)
        self.trace.setVisible(not quiet)
        self.side.set_quiet(quiet)
        self.checklist.set_quiet(quiet)
        if quiet:
            self.transport.hide()
        self._size_side()
        self.setFocus()  # not to whichever button is the first one left

    def set_theme(self, theme: Theme) -> None:
        for part in (self.video, self.side, self.trace, self.transport):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side panel takes a share of the width, so that the number grows with the window."""
        super().resizeEvent(event)
        self._size_side()
        self.checklist.fit_to(self.width())
        low = self.height() < LOW_PX
        self.trace.set_low(self.height() < ROOMY_PX)
        self.trace.setMaximumHeight(LOW_TRACE_PX if low else 16777215)
        if low:
            self._splitter.setSizes([self.height(), LOW_TRACE_PX])

    def _size_side(self) -> None:
        if self._quiet:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(16777215)
        else:
            self.side.setFixedWidth(max(170, min(420, self.width() * 22 // 100)))


class BookmarkField(QWidget):
    """Hidden until `ask`; Return, Escape and leaving it end it. The keys of the page rest meanwhile."""

    named = Signal(str)
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.moment = QLabel(self)
        self.text = QLineEdit(self)
        self.text.setMaxLength(MOST_LETTERS)
        self.text.setPlaceholderText(self.tr("what is seen here; Return keeps it, Escape leaves it out"))
        self.text.setAccessibleName(self.tr("Text of the bookmark"))
        self.text.returnPressed.connect(self._keep)
        self.text.installEventFilter(self)
        lined(QHBoxLayout(self), self.moment, (self.text, 1), margins=(8, 2, 8, 2))
        self.hide()

    def ask(self, time_s: float) -> None:
        """For the text of the bookmark at a time."""
        self.moment.setText(self.tr("Bookmark {0}").format(seconds(time_s)))
        self.text.clear()
        self.show()
        self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape gives the text up; whoever goes elsewhere meant what was typed."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self._end()
                return True
        elif event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._keep()
        return super().eventFilter(watched, event)

    def _keep(self) -> None:
        text = self.text.text().strip()
        if text and self.isVisible():
            self.named.emit(text)
        self._end()

    def _end(self) -> None:
        if self.isVisible():
            self.hide()
            self.ended.emit()
