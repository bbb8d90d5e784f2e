"""The evaluation as one page that a person can read, with sheets of the worst misses of each family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box
from scanmon.degradations import SEVERITIES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.figures import APART, Figure
from scanmon.lab.evaluate.measure import Measure
from scanmon.lab.evaluate.plan import AS, CLEAN, DEGENERATE, Case, Picture, Plan
from scanmon.lab.evaluate.tables import Lookup, Rows, sections
from scanmon.scoring.overlay import heat_pixels

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


NUISANCE = "what no eye minds"
_OF_EACH = 2  # pictures of a family, of different organs where there are
_TILE_PX = 170  # height of a picture on a sheet
_LINE_PX = 18  # of text above it

Colour: TypeAlias = NDArray[np.uint8]  # (h, w, 3) B, G, R
Miss: TypeAlias = tuple[str, tuple[tuple[str, int], ...]]  # picture, its versions as (family, severity)


def worst_misses(rows: Sequence[CaseRow]) -> dict[str, list[Miss]]:
    """Of the rows of one metric: family -> the pictures in which it fails most, worst first.

    It fails by as many points as the quality rises from one severity to the next, or as the worst severity
    is above adequate's beginning (a verdict says so); a nuisance fails by what it moves.
    """
    found: dict[str, list[tuple[float, str, Miss]]] = defaultdict(list)
    pictures: dict[str, dict[tuple[str, int], CaseRow]] = defaultdict(dict)
    for row in rows:
        if row.quality is not None and row.family != DEGENERATE and row.organ not in APART:
            pictures[row.picture][row.family, row.severity] = row
    for name, versions in pictures.items():
        if (CLEAN, 0) not in versions:
            continue
        organ, clean = versions[CLEAN, 0].organ, versions[CLEAN, 0].quality or 0.0
        for family in dict.fromkeys(family for family, severity in versions if severity):
            keys = [(CLEAN, 0), *((family, severity) for severity in SEVERITIES)]
            if not all(key in versions for key in keys):
                continue
            qualities = [versions[key].quality or 0.0 for key in keys]
            rise = max(worse - better for better, worse in pairwise(qualities))
            passed = 100.0 * (versions[keys[-1]].verdict == "adequate")
            found[family].append((rise + passed, organ, (name, tuple(keys))))
        for family, row in ((key[0], row) for key, row in versions.items() if key[0].startswith(AS)):
            moved = abs((row.quality or 0.0) - clean)
            found[NUISANCE].append((moved, organ, (name, ((CLEAN, 0), (family, 0)))))
    return {family: _different_organs(misses) for family, misses in found.items()}


def _different_organs(misses: Iterable[tuple[float, str, Miss]]) -> list[Miss]:
    ordered = sorted(misses, key=lambda one: -one[0])
    first = {organ: miss for _, organ, miss in reversed(ordered)}
    best = [miss for _, organ, miss in ordered if first[organ] is miss]
    others = [miss for _, _, miss in ordered if miss not in best]
    return [*best, *others][:_OF_EACH]


def write_misses(
    rows: Sequence[CaseRow],
    measures: Sequence[Measure],
    pictures: Callable[[set[str]], Iterable[Picture]],
    plan: Plan,
    height_px: int,
    folder: Path,
) -> list[tuple[str, str]]:
    """A sheet a family for every metric that has a calibration; returns (file name, caption).

    `pictures` gives the named pictures again.
    """
    written = []
    for measure in (measure for measure in measures if measure.calibration is not None):
        misses = worst_misses([row for row in rows if row.metric == measure.name])
        wanted = {name for several in misses.values() for name, _ in several}
        known = {picture.name: picture for picture in pictures(wanted)}
        for family, several in misses.items():
            lines = [  # all versions side by side, each above its map
                np.hstack([_tile(known[name], *version, measure, plan, height_px) for version in versions])
                for name, versions in several
                if name in known
            ]
            if lines:
                name = f"misses_{measure.name}_{family.replace(' ', '_')}.jpg"
                cv2.imwrite(str(folder / name), _stacked(lines), [cv2.IMWRITE_JPEG_QUALITY, 88])
                written.append((name, f"{measure.name}, {family.replace('_', ' ')}: the worst misses"))
    return written


def _tile(
    picture: Picture, family: str, severity: int, measure: Measure, plan: Plan, height_px: int
) -> Colour:
    calibration = measure.calibration
    assert calibration is not None  # others have no sheet
    view = plan.version(picture, Case(family, severity))[0].view(height_px)
    measured = measure.measure(view, local=True)
    height, width = view.image.shape
    plain = cv2.cvtColor(view.image, cv2.COLOR_GRAY2BGR)
    mapped = plain
    if measured.heat is not None:
        over = heat_pixels(calibration.quality_map(measured.heat), Box(0, 0, width, height), view.mask)
        over = cv2.resize(over, (width, height)).astype(np.float32)
        mapped = (plain * (1.0 - over[..., 3:] / 255.0) + over[..., :3]).clip(0, 255).astype(np.uint8)
    size = (max(round(width * _TILE_PX / height), 1), _TILE_PX)
    title = np.zeros((_LINE_PX, size[0], 3), np.uint8)
    label = picture.name if family == CLEAN else f"{family.removeprefix(AS)} {severity or ''}"
    text = f"{calibration.quality(measured.score):.0f}  {label}"
    cv2.putText(title, text, (3, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    both = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (plain, mapped)]
    return np.asarray(np.vstack([title, *both]), np.uint8)


def _stacked(lines: Sequence[Colour]) -> Colour:
    width = max(line.shape[1] for line in lines)
    return np.vstack([np.pad(line, ((0, 6), (0, width - line.shape[1]), (0, 0))) for line in lines])
