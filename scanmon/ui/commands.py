"""Everything that can be done with a key: one table that makes menus, shortcuts and the help dialog."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from scanmon.ui.state.texts import disclaimer, translate
from scanmon.ui.widgets import WrappedLabel, fit, heading, lined


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `keys` in Qt's portable notation, the first one is shown."""

    menu: str  # file | play | mark | view | picture | help
    name: str
    text: str
    keys: tuple[str, ...]
    checkable: bool = False
    needs: str = ""  # always, or: picture, recording, examination, recordable (a picture, no examination)


def commands() -> tuple[Command, ...]:
    """All of them, in the order of the menus, in the language of the user."""
    file, play, mark, view, picture, about = (partial(Command, menu) for menu in menu_titles())
    return (
        file("open", translate("Commands", "Open recording…"), ("Ctrl+O",)),
        file("open_folder", translate("Commands", "Open folder…"), ("Ctrl+Shift+O",)),
        file("setup", translate("Commands", "Source and set-up…"), ("Ctrl+L", "F2")),
        file("compare", translate("Commands", "Compare with…"), ("Ctrl+D",), needs="recording"),
        file("rescore", translate("Commands", "Score again"), ("Ctrl+R",), needs="recording"),
        file("export", translate("Commands", "Export session…"), ("Ctrl+S",), needs="recording"),
        file("engines", translate("Commands", "Engines…"), ("Ctrl+E", "F3")),
        file("close", translate("Commands", "Close source"), ("Ctrl+W",), needs="picture"),
        file("quit", translate("Commands", "Quit"), ("Ctrl+Q",)),
        play("freeze", translate("Commands", "Freeze / play"), ("Space",), needs="picture"),
        play("back", translate("Commands", "One frame back"), ("Left",), needs="recording"),
        play("forward", translate("Commands", "One frame on"), ("Right",), needs="recording"),
        play("back10", translate("Commands", "Ten frames back"), ("Shift+Left",), needs="recording"),
        play("forward10", translate("Commands", "Ten frames on"), ("Shift+Right",), needs="recording"),
        play("first", translate("Commands", "First frame"), ("Home",), needs="recording"),
        play("last", translate("Commands", "Last frame"), ("End",), needs="recording"),
        play("next_bad", translate("Commands", "Next inadequate stretch"), ("N",), needs="recording"),
        play("previous_bad", translate("Commands", "Previous inadequate stretch"), ("P",), needs="recording"),
        play("slower", translate("Commands", "Slower"), ("Down",), needs="recording"),
        play("faster", translate("Commands", "Faster"), ("Up",), needs="recording"),
        play("loop", translate("Commands", "Loop: start, end, off"), ("L",), needs="recording"),
        play("timeline_in", translate("Commands", "Time line closer"), ("Z",), needs="picture"),
        play("timeline_out", translate("Commands", "Time line wider"), ("Shift+Z",), needs="picture"),
        mark("record", translate("Commands", "Record"), ("R",), needs="recordable"),
        mark("snapshot", translate("Commands", "Save this picture"), ("S",), needs="picture"),
        mark("bookmark", translate("Commands", "Bookmark"), ("B",), needs="picture"),
        mark("best", translate("Commands", "Save the best picture"), ("G",), needs="picture"),
        mark("auto_best", translate("Commands", "Save good pictures automatically"), ("A",), checkable=True),
        mark("examination", translate("Commands", "Examination…"), ("E",), needs="picture"),
        mark("next_view", translate("Commands", "Next view"), ("PgDown",), needs="examination"),
        mark("previous_view", translate("Commands", "Previous view"), ("PgUp",), needs="examination"),
        mark("skip_view", translate("Commands", "Skip this view"), ("X",), needs="examination"),
        mark("retake_view", translate("Commands", "Retake this view"), ("T",), needs="examination"),
        view("heatmap", translate("Commands", "Heatmap"), ("H",), checkable=True),
        view("overlays", translate("Commands", "All overlays"), ("O",), checkable=True),
        view("weaker", translate("Commands", "Weaker heatmap"), (",",)),
        view("stronger", translate("Commands", "Stronger heatmap"), (".",)),
        view("region", translate("Commands", "Region…"), ("M",), needs="picture"),
        view("lock_region", translate("Commands", "Hold the image area"), ("K",), needs="picture"),
        view("other_view", translate("Commands", "The other of two images"), ("J",), needs="picture"),
        view("roi", translate("Commands", "Measure in a region"), ("I",), needs="picture"),
        view("threshold_up", translate("Commands", "Stricter threshold"), ("+", "=")),
        view("threshold_down", translate("Commands", "Milder threshold"), ("-",)),
        view("full_screen", translate("Commands", "Full screen"), ("F11",), checkable=True),
        view("quiet", translate("Commands", "Quiet: the number only"), ("Q",), checkable=True),
        view("compact", translate("Commands", "Compact panel"), ("C",), checkable=True),
        view("second_screen", translate("Commands", "Second screen"), ("Shift+F11",), checkable=True),
        view("beside", translate("Commands", "Screens and foot switch…"), ("F4",)),
        view("light", translate("Commands", "Light colours"), (), checkable=True),
        picture("zoom_in", translate("Commands", "Larger"), ("Ctrl++", "Ctrl+="), needs="picture"),
        picture("zoom_out", translate("Commands", "Smaller"), ("Ctrl+-",), needs="picture"),
        picture("left", translate("Commands", "To the left"), ("Alt+Left",), needs="picture"),
        picture("right", translate("Commands", "To the right"), ("Alt+Right",), needs="picture"),
        picture("up", translate("Commands", "Up"), ("Alt+Up",), needs="picture"),
        picture("down", translate("Commands", "Down"), ("Alt+Down",), needs="picture"),
        picture("brighter", translate("Commands", "Brighter"), ("Ctrl+Up",), needs="picture"),
        picture("darker", translate("Commands", "Darker"), ("Ctrl+Down",), needs="picture"),
        picture("more_contrast", translate("Commands", "More contrast"), ("Ctrl+Right",), needs="picture"),
        picture("less_contrast", translate("Commands", "Less contrast"), ("Ctrl+Left",), needs="picture"),
        picture("as_captured", translate("Commands", "As captured"), ("0",), needs="picture"),
        about("help", translate("Commands", "Keys"), ("F1",)),
        about("about", translate("Commands", "About scanmon"), ()),
    )


def menu_titles() -> dict[str, str]:
    return {
        "file": translate("Commands", "&File"),
        "play": translate("Commands", "&Play"),
        "mark": translate("Commands", "&Record"),
        "view": translate("Commands", "&View"),
        "picture": translate("Commands", "P&icture"),
        "help": translate("Commands", "&Help"),
    }


class HelpDialog(QDialog):
    """Made from the same table as the menus, so that it cannot be out of date."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        content = QWidget(self)
        columns = QHBoxLayout(content)
        columns.setSpacing(14)
        columns.setContentsMargins(0, 0, 0, 0)
        scrolled = QScrollArea(self)  # a small screen has no room for all of it
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setWidgetResizable(True)
        titles = menu_titles()
        for names in (("file", "play"), ("mark", "view"), ("picture", "help")):
            side = QVBoxLayout()
            for menu in names:
                chosen = [command for command in commands() if command.menu == menu and command.keys]
                grid = self._group(titles[menu].replace("&", ""), chosen)
                for keys, text in self._further(menu):
                    self._row(grid, grid.rowCount(), keys, text)
                side.addLayout(grid)
                side.addSpacing(14)
            side.addStretch(100)
            columns.addLayout(side)
        scrolled.setWidget(content)
        foot = WrappedLabel(self, "quiet")
        mouse = self.tr("On the picture the wheel zooms, the left button moves, the right sets contrast.")
        pedal = self.tr("A foot switch that sends keys works with all of these; F4 learns its key.")
        foot.setText(f"{mouse}\n{pedal}\n{disclaimer()}")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        lined(QVBoxLayout(self), (scrolled, 1), foot, buttons)
        fit(self, content.sizeHint() + QSize(60, 130))  # the frame, and what stands below

    def _group(self, title: str, chosen: list[Command]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.addWidget(heading(title), 0, 0, 1, 2)
        for row, command in enumerate(chosen, start=1):
            self._row(grid, row, _native(command.keys[0]), command.text)
        return grid

    def _further(self, menu: str) -> list[tuple[str, str]]:
        """Keys that are no command of a menu."""
        if menu == "file":
            return [("N, P", self.tr("Set-up: next, previous handle"))]
        if menu == "view":
            best = f"{_native('Tab')}, {_native('Return')}"
            return [
                ("1 … 9", self.tr("Presets 1 to 9, or views")),
                (best, self.tr("Best frames: choose, show")),
            ]
        return []

    def _row(self, grid: QGridLayout, row: int, keys: str, text: str) -> None:
        label = QLabel(keys)
        bold = label.font()
        bold.setBold(True)
        label.setFont(bold)
        label.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(label.text()) + 2)
        grid.addWidget(label, row, 0)
        grid.addWidget(QLabel(text.replace("…", "")), row, 1)
        grid.setColumnMinimumWidth(0, 70)  # and never less than its longest key
        grid.setColumnStretch(1, 1)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
