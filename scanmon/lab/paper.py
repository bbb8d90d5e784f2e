"""Figures and pages, drawn by matplotlib, which comes with the extra `evaluate`."""

import io
import math
from html import escape
from pathlib import Path
from typing import Any, Final

from scanmon.core.errors import SettingsError, SinkError, disk_errors
from scanmon.core.write_atomic import write_atomic

# told apart by people who see no red or green (Okabe and Ito 2008)
COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#555555")
NOTICE: Final = "Research use only. Not for diagnosis."
ENDINGS: Final = (".html", ".pdf", ".png")
A4: Final = (8.27, 11.69)  # inches


def require_matplotlib(where: object, remedy: str = "") -> None:
    """Raise `SettingsError` where it is not installed."""
    try:
        import matplotlib.backends.backend_agg
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        install = "pip install 'scanmon[evaluate]'"
        raise SettingsError("plots and pages need matplotlib", where, install + remedy) from error


def paper(width: float, height: float, **more: Any) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sheet = Figure(figsize=(width, height), **more)
    FigureCanvasAgg(sheet)
    return sheet


class Canvas:
    """Makes one PNG after the other in a folder and keeps the list of what was written."""

    def __init__(self, folder: Path) -> None:
        require_matplotlib("scanmon evaluate", ", or give --no-plots")
        self._folder = folder
        self.written: list[tuple[str, str]] = []

    def axes(self, width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
        """A figure of so many inches with a grid of axes, (rows, columns)."""
        sheet = paper(width, height, dpi=100, layout="constrained")
        return sheet, sheet.subplots(rows, columns, squeeze=False)

    def save(self, sheet: Any, name: str, caption: str) -> None:
        """Write the figure; the name becomes one that every system takes."""
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
        sheet.savefig(self._folder / f"{safe}.png")
        self.written.append((f"{safe}.png", caption))


def numbers(axes: Any, table: Any, low: float, *, size: float = 8.0) -> None:
    """The value in every cell of a matrix that was drawn with `imshow` from `low` to 1."""
    rows, columns = table.shape
    for row in range(rows):
        for column in range(columns):
            value = float(table[row, column])
            if math.isfinite(value):
                dark = abs(value - (low + 1.0) / 2) > 0.35 * (1.0 - low)
                axes.text(
                    column,
                    row,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=size,
                    color="white" if dark else "black",
                )


def check_page(path: Path) -> None:
    """Raises `SettingsError` for an ending that is none of a page, or where matplotlib is missing."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError("has no ending of a page", path, f"use one of {', '.join(ENDINGS)}")
    require_matplotlib(path)


def write_page(sheet: Any, path: Path, title: str) -> None:
    """Write the figure; as HTML it is one file with the drawing in it. Raises `SinkError`."""
    from matplotlib import rc_context

    kind = path.suffix[1:].lower()
    held = io.BytesIO()
    about: dict[str, Any] = {"Title": title}
    if kind == "pdf":
        about |= {"Creator": "scanmon", "Producer": None, "CreationDate": None}
    elif kind == "html":
        about |= {"Creator": "scanmon", "Date": None}
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "scanmon"}):
        sheet.savefig(held, format="svg" if kind == "html" else kind, dpi=120, metadata=about)
    data = held.getvalue()
    if kind == "html":
        drawing = data.decode()[data.decode().index("<svg") :]
        data = (
            f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
            "<style>body{margin:1em auto;max-width:60em}svg{width:100%;height:auto}</style></head>"
            f"<body>{drawing}</body></html>\n"
        ).encode()
    with disk_errors(SinkError, "cannot be written", path, "choose another folder"):
        write_atomic(path, data)
