"""Everything that can be done with a key: one table that makes menus, shortcuts and the help dialog."""

from dataclasses import dataclass

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

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str  # file | play | mark | view | picture | help
    checkable: bool = False
    needs: str = (
        ""  # "" always | picture | recording | examination | recordable: a picture, and no examination
    )


def commands() -> tuple[Command, ...]:
    """All of them, in the order of the menus, in the language of the user."""
    return (
        Command("open", translate("Commands", "Open recording…"), ("Ctrl+O",), "file"),
        Command("open_folder", translate("Commands", "Open folder…"), ("Ctrl+Shift+O",), "file"),
        Command("setup", translate("Commands", "Source and set-up…"), ("Ctrl+L", "F2"), "file"),
        Command("compare", translate("Commands", "Compare with…"), ("Ctrl+D",), "file", needs="recording"),
        Command("rescore", translate("Commands", "Score again"), ("Ctrl+R",), "file", needs="recording"),
        Command("export", translate("Commands", "Export session…"), ("Ctrl+S",), "file", needs="recording"),
        Command("engines", translate("Commands", "Engines…"), ("Ctrl+E", "F3"), "file"),
        Command("close", translate("Commands", "Close source"), ("Ctrl+W",), "file", needs="picture"),
        Command("quit", translate("Commands", "Quit"), ("Ctrl+Q",), "file"),
        Command("freeze", translate("Commands", "Freeze / play"), ("Space",), "play", needs="picture"),
        Command("back", translate("Commands", "One frame back"), ("Left",), "play", needs="recording"),
        Command("forward", translate("Commands", "One frame on"), ("Right",), "play", needs="recording"),
        Command(
            "back10", translate("Commands", "Ten frames back"), ("Shift+Left",), "play", needs="recording"
        ),
        Command(
            "forward10", translate("Commands", "Ten frames on"), ("Shift+Right",), "play", needs="recording"
        ),
        Command("first", translate("Commands", "First frame"), ("Home",), "play", needs="recording"),
        Command("last", translate("Commands", "Last frame"), ("End",), "play", needs="recording"),
        Command(
            "next_bad", translate("Commands", "Next inadequate stretch"), ("N",), "play", needs="recording"
        ),
        Command(
            "previous_bad",
            translate("Commands", "Previous inadequate stretch"),
            ("P",),
            "play",
            needs="recording",
        ),
        Command("slower", translate("Commands", "Slower"), ("Down",), "play", needs="recording"),
        Command("faster", translate("Commands", "Faster"), ("Up",), "play", needs="recording"),
        Command("loop", translate("Commands", "Loop: start, end, off"), ("L",), "play", needs="recording"),
        Command("timeline_in", translate("Commands", "Time line closer"), ("Z",), "play", needs="picture"),
        Command(
            "timeline_out", translate("Commands", "Time line wider"), ("Shift+Z",), "play", needs="picture"
        ),
        Command("record", translate("Commands", "Record"), ("R",), "mark", needs="recordable"),
        Command("snapshot", translate("Commands", "Save this picture"), ("S",), "mark", needs="picture"),
        Command("bookmark", translate("Commands", "Bookmark"), ("B",), "mark", needs="picture"),
        Command("best", translate("Commands", "Save the best picture"), ("G",), "mark", needs="picture"),
        Command("auto_best", translate("Commands", "Save good pictures automatically"), ("A",), "mark", True),
        Command("examination", translate("Commands", "Examination…"), ("E",), "mark", needs="picture"),
        Command("next_view", translate("Commands", "Next view"), ("PgDown",), "mark", needs="examination"),
        Command(
            "previous_view", translate("Commands", "Previous view"), ("PgUp",), "mark", needs="examination"
        ),
        Command("skip_view", translate("Commands", "Skip this view"), ("X",), "mark", needs="examination"),
        Command(
            "retake_view", translate("Commands", "Retake this view"), ("T",), "mark", needs="examination"
        ),
        Command("heatmap", translate("Commands", "Heatmap"), ("H",), "view", checkable=True),
        Command("overlays", translate("Commands", "All overlays"), ("O",), "view", checkable=True),
        Command("weaker", translate("Commands", "Weaker heatmap"), (",",), "view"),
        Command("stronger", translate("Commands", "Stronger heatmap"), (".",), "view"),
        Command("region", translate("Commands", "Region…"), ("M",), "view", needs="picture"),
        Command("lock_region", translate("Commands", "Hold the image area"), ("K",), "view", needs="picture"),
        Command(
            "other_view", translate("Commands", "The other of two images"), ("J",), "view", needs="picture"
        ),
        Command("roi", translate("Commands", "Measure in a region"), ("I",), "view", needs="picture"),
        Command("threshold_up", translate("Commands", "Stricter threshold"), ("+", "="), "view"),
        Command("threshold_down", translate("Commands", "Milder threshold"), ("-",), "view"),
        Command("full_screen", translate("Commands", "Full screen"), ("F11",), "view", checkable=True),
        Command("quiet", translate("Commands", "Quiet: the number only"), ("Q",), "view", checkable=True),
        Command("compact", translate("Commands", "Compact panel"), ("C",), "view", checkable=True),
        Command(
            "second_screen", translate("Commands", "Second screen"), ("Shift+F11",), "view", checkable=True
        ),
        Command("beside", translate("Commands", "Screens and foot switch…"), ("F4",), "view"),
        Command("light", translate("Commands", "Light colours"), (), "view", checkable=True),
        Command("zoom_in", translate("Commands", "Larger"), ("Ctrl++", "Ctrl+="), "picture", needs="picture"),
        Command("zoom_out", translate("Commands", "Smaller"), ("Ctrl+-",), "picture", needs="picture"),
        Command("left", translate("Commands", "To the left"), ("Alt+Left",), "picture", needs="picture"),
        Command("right", translate("Commands", "To the right"), ("Alt+Right",), "picture", needs="picture"),
        Command("up", translate("Commands", "Up"), ("Alt+Up",), "picture", needs="picture"),
        Command("down", translate("Commands", "Down"), ("Alt+Down",), "picture", needs="picture"),
        Command("brighter", translate("Commands", "Brighter"), ("Ctrl+Up",), "picture", needs="picture"),
        Command("darker", translate("Commands", "Darker"), ("Ctrl+Down",), "picture", needs="picture"),
        Command(
            "more_contrast",
            translate("Commands", "More contrast"),
            ("Ctrl+Right",),
            "picture",
            needs="picture",
        ),
        Command(
            "less_contrast",
            translate("Commands", "Less contrast"),
            ("Ctrl+Left",),
            "picture",
            needs="picture",
        ),
        Command("as_captured", translate("Commands", "As captured"), ("0",), "picture", needs="picture"),
        Command("help", translate("Commands", "Keys"), ("F1",), "help"),
        Command("about", translate("Commands", "About scanmon"), (), "help"),
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
