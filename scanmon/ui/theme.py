"""Colours and shapes: dark for the scanning room, light by choice, safe for every kind of colour vision.

Blue, yellow and vermilion are three of the eight colours of Okabe and Ito (2008), toned for a dark room:
they stay apart under protanopia, deuteranopia and tritanopia. No verdict rests on colour alone: each has
its own shape and word.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from scanmon.core.palette import ON_DARK, ON_LIGHT
from scanmon.core.values import Verdict


class Shape(Enum):
    """What stands beside the word, readable without colour."""

    DISC = "disc"
    TRIANGLE = "triangle"
    HOLLOW_SQUARE = "hollow square"
    DASH = "dash"


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as `#rrggbb`."""

    name: str
    ground: str  # behind everything
    panel: str  # side panel, bars
    raised: str  # buttons, fields
    edge: str  # hairlines
    text: str
    quiet: str  # second-rank text
    accent: str  # focus, selection, the worst region
    adequate: str
    marginal: str
    inadequate: str
    none: str  # where there is no score
    warning: str  # something to look at; never used for a score

    def verdict(self, verdict: Verdict | None) -> str:
        """The colour of a verdict; of "no score" for None."""
        if verdict is None:
            return self.none
        return {
            Verdict.ADEQUATE: self.adequate,
            Verdict.MARGINAL: self.marginal,
            Verdict.INADEQUATE: self.inadequate,
        }[verdict]


DARK = Theme(
    name="dark",
    ground="#0b0d10",
    panel="#14181d",
    raised="#1f252c",
    edge="#2b333c",
    text="#e4e8ec",
    quiet="#8d98a4",
    accent="#cfd8e3",
    adequate=ON_DARK[Verdict.ADEQUATE],
    marginal=ON_DARK[Verdict.MARGINAL],
    inadequate=ON_DARK[Verdict.INADEQUATE],
    none="#6b7683",
    warning="#e9d55a",
)

LIGHT = Theme(
    name="light",
    ground="#20242a",  # behind the picture, which is dark in any room
    panel="#f3f5f7",
    raised="#ffffff",
    edge="#c9d0d8",
    text="#1b2127",
    quiet="#5b6671",
    accent="#27445f",
    adequate=ON_LIGHT[Verdict.ADEQUATE],
    marginal=ON_LIGHT[Verdict.MARGINAL],
    inadequate=ON_LIGHT[Verdict.INADEQUATE],
    none="#7b8590",
    warning="#8a6d00",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

SHAPES = {
    Verdict.ADEQUATE: Shape.DISC,
    Verdict.MARGINAL: Shape.TRIANGLE,
    Verdict.INADEQUATE: Shape.HOLLOW_SQUARE,
}


def shape_of(verdict: Verdict | None) -> Shape:
    return Shape.DASH if verdict is None else SHAPES[verdict]


_RESOURCES: Final = (Path(__file__).parent / "resources").as_posix()


def style_sheet(theme: Theme) -> str:
    return f"""
    QWidget {{ background: {theme.panel}; color: {theme.text}; }}
    QMainWindow::separator {{ background: {theme.edge}; width: 1px; height: 1px; }}
    QLabel {{ background: transparent; }}
    QLabel[quiet="true"] {{ color: {theme.quiet}; }}
    QLabel[warn="true"] {{ color: {theme.warning}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QLabel[heading="true"] {{ font-size: 15pt; }}
    QToolButton, QPushButton {{
        background: {theme.raised}; border: 1px solid {theme.edge}; border-radius: 5px; padding: 5px 10px;
    }}
    QToolButton[flat="true"] {{ background: transparent; border-color: transparent; padding: 4px; }}
    QToolButton:hover, QPushButton:hover {{ border-color: {theme.quiet}; }}
    QToolButton:checked, QPushButton:checked {{ border-color: {theme.accent}; }}
    QToolButton:disabled, QPushButton:disabled {{ color: {theme.none}; }}
    QToolButton:focus, QToolButton[flat="true"]:focus, QPushButton:focus, QComboBox:focus, QLineEdit:focus,
    QSpinBox:focus, QPlainTextEdit:focus, QListView:focus, QTableView:focus, QTreeView:focus {{
        border: 1px solid {theme.accent};
    }}
    QCheckBox {{ border: 1px solid transparent; border-radius: 5px; padding: 2px; }}
    QCheckBox:focus {{ border-color: {theme.accent}; }}
    QSlider:focus {{ border: 1px solid {theme.accent}; border-radius: 5px; }}
    QComboBox, QLineEdit, QSpinBox, QPlainTextEdit {{
        background: {theme.raised}; border: 1px solid {theme.edge}; border-radius: 5px; padding: 4px 8px;
        selection-background-color: {theme.accent}; selection-color: {theme.panel};
    }}
    QComboBox QAbstractItemView {{ background: {theme.raised}; border: 1px solid {theme.edge}; }}
    QComboBox::drop-down {{ border: none; width: 20px; }}
    QComboBox::down-arrow {{ image: url({_RESOURCES}/arrow-{theme.name}.svg); width: 11px; height: 11px; }}
    QCheckBox::indicator {{
        width: 13px; height: 13px; background: {theme.raised};
        border: 1px solid {theme.quiet}; border-radius: 3px;
    }}
    QCheckBox::indicator:checked {{ image: url({_RESOURCES}/check-{theme.name}.svg); }}
    QMenuBar, QMenu {{ background: {theme.panel}; }}
    QMenuBar::item:selected, QMenu::item:selected {{ background: {theme.raised}; }}
    QMenu::separator {{ height: 1px; background: {theme.edge}; margin: 4px 8px; }}
    QStatusBar {{ border-top: 1px solid {theme.edge}; }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QLabel {{ padding: 0 8px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {theme.edge}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {theme.quiet}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        width: 14px; margin: -6px 0; border-radius: 7px; background: {theme.text};
    }}
    QProgressBar {{ border: 1px solid {theme.edge}; border-radius: 5px; text-align: center; }}
    QProgressBar::chunk {{ background: {theme.edge}; border-radius: 4px; }}
    QListView, QTableView, QTreeView {{
        background: {theme.raised}; border: 1px solid {theme.edge}; border-radius: 5px;
    }}
    QTableView, QListView, QTreeView {{
        selection-background-color: {theme.edge}; selection-color: {theme.text};
    }}
    QTreeView::item {{ padding: 3px 0; }}
    QPushButton:default {{ border-color: {theme.quiet}; }}
    QPushButton:default:focus {{ border-color: {theme.accent}; }}
    QTabWidget::pane {{ border: 1px solid {theme.edge}; border-radius: 5px; }}
    QTabBar::tab {{ background: transparent; color: {theme.quiet}; padding: 5px 12px; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
    QHeaderView::section {{ background: {theme.panel}; border: none; padding: 4px 8px; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.edge}; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; }}
    QScrollBar::handle {{ background: {theme.edge}; border-radius: 5px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    """
