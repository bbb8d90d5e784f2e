"""The views of the examination beside the picture, and how long the chosen one still has to be held."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from scanmon.core.values import Analysis
from scanmon.examination.examination import Examination, Progress
from scanmon.scoring.overlay import sector
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.state.texts import figure
from scanmon.ui.widgets import WrappedLabel, lined

WIDTH_PX = (180, 320)
ROOMY_PX = 380  # from this height on there is room for the picture that was kept
_KEPT_PX = 130
_STEPS = 100


class Checklist(QWidget):
    """Takes one `Examination`; hidden without one. What the user asks for leaves as signals."""

    view_chosen = Signal(int)  # from 0
    asked = Signal(str)  # name of a command

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Examination | None = None
        self._kept: Analysis | None = None
        self._quiet = False
        self.title, self.label = WrappedLabel(self), WrappedLabel(self, "quiet")
        self.views = QTreeWidget(self)
        self.views.setColumnCount(2)
        self.views.setHeaderHidden(True)
        self.views.setRootIsDecorated(False)
        self.views.setWordWrap(True)
        self.views.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the mouse leaves the keys to the page
        self.views.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.views.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.views.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.views.setAccessibleName(self.tr("Views of the examination"))
        self.hold = QProgressBar(self)
        self.hold.setRange(0, _STEPS)
        self.hold.setAccessibleName(self.tr("Chosen view"))
        self.kept = QLabel(self)
        self.kept.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kept.setMinimumSize(1, 1)
        self.kept.setAccessibleName(self.tr("Picture that is kept of the chosen view"))
        self.skip = QPushButton(self.tr("Skip"), self)
        self.skip.setToolTip(self.tr("Leave this view out (X)"))
        self.retake = QPushButton(self.tr("Retake"), self)
        self.retake.setToolTip(self.tr("Give up the picture of this view and begin anew (T)"))
        self.end = QPushButton(self.tr("End…"), self)
        self.end.setToolTip(self.tr("End the examination and make its page (E)"))
        for button, command in (
            (self.skip, "skip_view"),
            (self.retake, "retake_view"),
            (self.end, "examination"),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet("padding: 5px 4px")
            button.clicked.connect(lambda _=False, command=command: self.asked.emit(command))
        row = lined(QHBoxLayout(), self.skip, self.retake, self.end, spacing=4)  # each as wide as its word
        parts = self.title, self.label, (self.views, 1), self.hold, self.kept, row
        lined(QVBoxLayout(self), *parts, margins=(10, 10, 4, 8))
        self.views.itemClicked.connect(lambda item: self.view_chosen.emit(self._row(item)))
        self.views.itemActivated.connect(lambda item: self.view_chosen.emit(self._row(item)))
        self.hide()

    def show_examination(self, examination: Examination | None) -> None:
        """Show all of it; called at the display rate."""
        before, self._shown = self._shown, examination
        if examination is before:
            return
        if examination is None:
            self._show_kept(None)
        else:
            if before is None or before.protocol != examination.protocol or before.label != examination.label:
                self._begin(examination)
            if (
                before is None
                or before.views is not examination.views
                or before.current != examination.current
            ):
                self._show_views(examination)
            self._show_hold(examination)
        self._arrange()

    def set_quiet(self, quiet: bool) -> None:
        """Away while the number is shown alone; the examination goes on."""
        self._quiet = quiet
        self._arrange()

    def fit_to(self, page_px: int) -> None:
        """Take a share of the width of the page."""
        self.setFixedWidth(max(WIDTH_PX[0], min(WIDTH_PX[1], page_px * 24 // 100)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low window has no room for the picture that was kept."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self.setVisible(self._shown is not None and not self._quiet)
        self.kept.setVisible(self._kept is not None and self.height() >= ROOMY_PX)

    def _row(self, item: QTreeWidgetItem) -> int:
        return self.views.indexOfTopLevelItem(item)

    def _begin(self, examination: Examination) -> None:
        self.title.setText(examination.protocol)
        self.label.setText(examination.label)
        self.label.setVisible(bool(examination.label))
        self.views.clear()
        for number, one in enumerate(examination.views, start=1):
            item = QTreeWidgetItem([f"{number}  {one.view.name}", ""])
            item.setToolTip(0, one.view.name)
            self.views.addTopLevelItem(item)

    def _show_views(self, examination: Examination) -> None:
        for row, one in enumerate(examination.views):
            item = self.views.topLevelItem(row)
            text = self._mark(one)
            if item is not None:
                item.setText(1, text)
                if row == examination.current:
                    self.views.setCurrentItem(item)
        progress = examination.progress
        self._show_kept(progress.best if progress.state == "saved" else None)

    def _mark(self, one: Progress) -> str:
        if one.state == "saved":
            return f"✓ {one.quality:.0f}"
        return "–" if one.state == "skipped" else ""

    def _show_hold(self, examination: Examination) -> None:
        progress = examination.progress
        share = examination.held_s / progress.view.hold_s
        left_s, tip = progress.view.hold_s - examination.held_s, ""
        if progress.state == "saved":
            share, text = 1.0, self.tr("saved: {0}").format(f"{progress.quality:.0f}")
        elif progress.state == "skipped":
            text = self.tr("skipped (T takes it)")
        elif examination.bound is None:
            text = self.tr("not calibrated") if examination.last is not None else ""
        elif examination.stretch is not None and examination.sparse_s > 0:
            text = self.tr("a score only every {0} s").format(figure(f"{examination.sparse_s:.1f}"))
            tip = self.tr("Too seldom to hold a view: half a second is the most. End other programs.")
        elif examination.stretch is not None:
            text = self.tr("hold still: {0} s").format(figure(f"{left_s:.1f}"))
        else:
            text = self.tr("needs {0}").format(f"{examination.bound:.0f}")
        self.hold.setValue(round(_STEPS * share))
        self.hold.setFormat(text.replace("%", "%%"))
        self.hold.setToolTip(tip)
        self.skip.setEnabled(progress.state == "open" or len(examination.views) > 1)
        self.retake.setEnabled(progress.state != "open")

    def _show_kept(self, kept: Analysis | None) -> None:
        if kept is self._kept:
            return
        self._kept = kept
        if kept is None:
            self.kept.clear()
            return
        picture, ratio = sector(kept), self.devicePixelRatioF()
        fit = Fit.of((picture.shape[1], picture.shape[0]), (self.width() - 14, _KEPT_PX))
        size = (max(1, round(side * fit.scale * ratio)) for side in (picture.shape[1], picture.shape[0]))
        pixmap = QPixmap.fromImage(GrayImageScaler().scaled(picture, *size).copy())
        pixmap.setDevicePixelRatio(ratio)
        self.kept.setPixmap(pixmap)
