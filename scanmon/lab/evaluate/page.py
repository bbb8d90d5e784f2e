"""The evaluation as one page that a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from scanmon.lab.evaluate.figures import Figure
from scanmon.lab.evaluate.tables import Lookup, Rows, sections

_STYLE = """
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: .5em 0 1.5em; font-variant-numeric: tabular-nums }
td, th { padding: .15em .7em; border-bottom: 1px solid #ddd; text-align: right }
td:first-child, th:first-child { text-align: left }
img { max-width: 100% }
details { margin: .4em 0 } summary { cursor: pointer; font-weight: bold }
body > table, details { overflow-x: auto }
figure { margin: 1em 0 } figcaption { color: #555 }
"""


def write_page(
    figures: Sequence[Figure],
    plots: Sequence[tuple[str, str]],
    misses: Sequence[tuple[str, str]],
    folder: Path,
    about: Mapping[str, Any],
) -> Path:
    """Write `page.html` beside the plots and the sheets of misses (file name, caption); return its path."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>scanmon evaluation</title><style>{_STYLE}</style></head><body>",
        "<h1>How the score behaves on known degradations</h1>",
        "<p>Research use only. Not for diagnosis. A star marks families that no training has "
        "seen. The plots come first, the tables behind them; <code>table.csv</code> holds every figure.</p>",
        _table([["about", ""], *([str(key), str(value)] for key, value in about.items())]),
    ]
    (summary, rows), *others = sections(Lookup(figures)) or [("Summary", [["nothing was measured"]])]
    parts += [f"<h2>{escape(summary)}</h2>", _table(rows)]
    parts += [_picture(*plot) for plot in plots]
    if misses:
        parts.append(
            "<h2>The worst misses</h2><p>Clean, then severity 1 to 4, each above its map with its quality: "
            "where a worse picture was called better, or the worst one adequate.</p>"
        )
        parts += [
            f"<details><summary>{escape(miss[1])}</summary>{_picture(*miss)}</details>" for miss in misses
        ]
    for title, rows in others:
        parts.append(f"<details><summary>{escape(title)}</summary>{_table(rows)}</details>")
    parts.append("</body></html>\n")
    path = folder / "page.html"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _picture(name: str, caption: str) -> str:
    source, text = escape(name), escape(caption)
    return (
        f"<figure><a href='{source}'><img src='{source}' alt='{text}' loading='lazy'></a>"
        f"<figcaption>{text}</figcaption></figure>"
    )


def _table(rows: Rows) -> str:
    head, *body = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    lines = [f"<tr>{head.replace('td>', 'th>')}</tr>", *(f"<tr>{line}</tr>" for line in body)]
    return "<table>" + "".join(lines) + "</table>"
