"""Pages for the log book: PNG, PDF or HTML by the ending, drawn by matplotlib (extra `evaluate`)."""

from __future__ import annotations

import io
from html import escape
from pathlib import Path
from typing import Any, Final

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.write_atomic import write_atomic

NOTICE: Final = "Research use only. Not for diagnosis."
ENDINGS: Final = (".html", ".pdf", ".png")
A4: Final = (8.27, 11.69)


def check_page(path: Path) -> None:
    """Raises `SettingsError` for an ending that is none of a page, or where matplotlib is missing."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError("has no ending of a page", path, f"use one of {', '.join(ENDINGS)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise SettingsError("pages need matplotlib", path, 'pip install "scanmon[evaluate]"') from error


def paper(size: tuple[float, float] = A4) -> Any:
    """An empty figure of so many inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sheet = Figure(figsize=size, facecolor="white")
    FigureCanvasAgg(sheet)
    return sheet


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
    try:
        write_atomic(path, data)
    except OSError as error:
        raise SinkError(f"cannot be written ({error.strerror})", path, "choose another folder") from error
