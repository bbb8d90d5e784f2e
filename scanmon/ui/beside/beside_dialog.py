"""Screens and the foot switch, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta
from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scanmon.core.documents import checked, write_toml
from scanmon.ui.state.own_files import read_own
from scanmon.ui.widgets import ChoiceBox, Scrolled, WrappedLabel, fit, heading, lined, offer

FOOT = ("record", "bookmark", "snapshot", "freeze", "best", "next_view", "compact", "second_screen")
_Side = Annotated[int, Meta(ge=-100_000, le=100_000)]
_Text = Annotated[str, Meta(max_length=200)]
Shows = Literal["picture", "compact"]


@dataclass(frozen=True, slots=True)
class BesideSettings:
    """What the user chose; names of screens are those of the system."""

    compact_screen: Annotated[_Text, Meta(description="screen of the compact panel; empty: the window's")] = (
        ""
    )
    compact_place: Annotated[
        tuple[_Side, _Side, _Side, _Side] | None,
        Meta(description="x, y, width, height of the compact panel, where it was left"),
    ] = None
    second_screen: Annotated[_Text, Meta(description="the second screen; empty: the first other one")] = ""
    second_shows: Annotated[
        Shows, Meta(description="picture: the picture with its heatmap; compact: the compact panel")
    ] = "picture"
    foot_switch: Annotated[
        dict[_Text, _Text],
        Meta(description=f"the key that a pedal sends for {', '.join(FOOT)}", max_length=20),
    ] = field(default_factory=dict)


def load_beside(path: Path) -> BesideSettings:
    """What was saved; the defaults where there is no file. Raises `SettingsError`: the file was set aside."""
    return read_own(path, lambda table: checked(BesideSettings, table, path, others=True)) or BesideSettings()


def save_beside(settings: BesideSettings, path: Path) -> None:
    """Raises `SettingsError` where it cannot be written."""
    write_toml(path, {key: value for key, value in asdict(settings).items() if value is not None})


KEY_PX = 120  # of the column of keys
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class BesideDialog(QDialog):
    """What is chosen holds at once: `changed` carries the new settings."""

    changed = Signal(object)  # BesideSettings
    _learning = ""  # the command that waits for its pedal

    def __init__(
        self,
        settings: BesideSettings,
        screens: Sequence[tuple[str, str]],
        texts: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """`screens`: (words, name). `texts`: what the commands of `FOOT` are called."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Beside the scanner"))
        self._settings = settings
        form = QFormLayout()
        here, other = (self.tr("that of the window"), ""), (self.tr("the first other one"), "")
        shows = [(self.tr("picture with heatmap"), "picture"), (self.tr("compact panel"), "compact")]
        self.compact_screen = self._choice([here, *screens], settings.compact_screen)
        self.second_screen = self._choice([other, *screens], settings.second_screen)
        self.second_shows = self._choice(shows, settings.second_shows)
        for text, box in (
            (self.tr("Compact panel on"), self.compact_screen),
            (self.tr("Second screen"), self.second_screen),
            (self.tr("It shows"), self.second_shows),
        ):
            box.setAccessibleName(text)
            form.addRow(text, box)
            box.activated.connect(self._chosen)
        self.told = WrappedLabel(self, "quiet")
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        self.keys: dict[str, QLabel] = {}
        self.learn: dict[str, QPushButton] = {}
        self.forget: dict[str, QPushButton] = {}
        for row, name in enumerate(name for name in FOOT if name in texts):
            self._add_row(grid, row, name, texts[name])
        titles = heading(self.tr("Screens")), heading(self.tr("Foot switch"))
        column = lined(QVBoxLayout(), titles[0], form, 12, titles[1], self.told, grid)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        lined(QVBoxLayout(self), (Scrolled(column, self), 1), buttons)
        self._show()
        fit(self, self.sizeHint())

    def _add_row(self, grid: QGridLayout, row: int, name: str, text: str) -> None:
        self.keys[name] = QLabel(self)
        self.keys[name].setMinimumWidth(KEY_PX)
        self.learn[name] = QPushButton(self.tr("Learn"), self)
        self.forget[name] = QPushButton(self.tr("Forget"), self)
        for button in (self.learn[name], self.forget[name]):
            button.setAutoDefault(False)
            button.setAccessibleName(f"{button.text()}: {text}")
        self.learn[name].clicked.connect(lambda: self._begin(name))
        self.forget[name].clicked.connect(lambda: self._bind(name, ""))
        for place, widget in enumerate(
            (QLabel(text, self), self.keys[name], self.learn[name], self.forget[name])
        ):
            grid.addWidget(widget, row, place)

    def event(self, event: QEvent) -> bool:
        """While a pedal is learned every key is its own, whichever button has the focus."""
        if self._learning and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The key that the pedal sends; Escape ends learning."""
        if not self._learning:
            super().keyPressEvent(event)
            return
        if event.key() in _MODIFIERS or event.isAutoRepeat():
            return
        name = self._end()
        if event.key() != Qt.Key.Key_Escape:
            key = QKeyCombination(
                event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, Qt.Key(event.key())
            )
            self._bind(name, QKeySequence(key).toString())

    def done(self, result: int) -> None:
        """The keyboard is everybody's again."""
        self._end()
        super().done(result)

    def _begin(self, name: str) -> None:
        self._end()
        self._learning = name
        self.grabKeyboard()
        self._show()

    def _end(self) -> str:
        name, self._learning = self._learning, ""
        if name:
            self.releaseKeyboard()
            self._show()
        return name

    def _bind(self, name: str, key: str) -> None:
        """One key, one command: it is taken from the one that had it."""
        kept = {
            other: old for other, old in self._settings.foot_switch.items() if other != name and old != key
        }
        self._change(replace(self._settings, foot_switch={**kept, name: key} if key else kept))

    def _chosen(self) -> None:
        self._change(
            replace(
                self._settings,
                compact_screen=self.compact_screen.currentData(),
                compact_place=None,
                second_screen=self.second_screen.currentData(),
                second_shows=self.second_shows.currentData(),
            )
        )

    def _change(self, settings: BesideSettings) -> None:
        self._settings = settings
        self._show()
        self.changed.emit(settings)

    def _show(self) -> None:
        for name, label in self.keys.items():
            key = self._settings.foot_switch.get(name, "")
            native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            label.setText(self.tr("press the pedal…") if name == self._learning else native or "–")
            self.forget[name].setEnabled(bool(key))
        self.told.setText(
            self.tr("Press the pedal now; Escape leaves it as it was.")
            if self._learning
            else self.tr("A foot switch is a keyboard. Learn, then press the pedal: its key is kept.")
        )

    def _choice(self, entries: Sequence[tuple[str, str]], chosen: str) -> QComboBox:
        """`chosen` may be a screen that is not plugged in now."""
        box = ChoiceBox(self)
        offer(box, entries, chosen)
        return box
