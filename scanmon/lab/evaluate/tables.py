"""The figures as files: one long table (CSV, JSON), the short ones for people (Markdown), and the page."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from html import escape
from pathlib import Path
from typing import Any

from scanmon.degradations import FAMILIES, HELD_OUT, SEVERITIES
from scanmon.lab.evaluate.figures import ALL, COMMON, GROUPS, LIGHT, RARE, UNSEEN, Figure
from scanmon.lab.evaluate.plan import AS

_NAMES = tuple(field.name for field in fields(Figure))


class Lookup:
    """Finds single figures by what they are."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = {(f.metric, f.quantity, f.organ, f.family, f.severity): f for f in figures}
        self.metrics = list(dict.fromkeys(f.metric for f in figures))

    def value(
        self, metric: str, quantity: str, organ: str = ALL, family: str = ALL, severity: str = ALL
    ) -> float | None:
        figure = self._figures.get((metric, quantity, organ, family, severity))
        return None if figure is None else figure.value

    def scopes(self, quantity: str, place: str) -> list[str]:
        """The organs, families or severities (`place`) that a quantity is known for, without `all`."""
        found = (getattr(f, place) for f in self._figures.values() if f.quantity == quantity)
        return [name for name in dict.fromkeys(found) if name not in (ALL, *GROUPS)]


def write_tables(figures: Sequence[Figure], folder: Path, about: Mapping[str, Any]) -> None:
    """Write `table.csv`, `table.json` (with `about`), `table.md`; what is not finite becomes empty."""
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        writer.writerows([_finite(value) for value in asdict(figure).values()] for figure in figures)
    rows = [{name: _finite(value) for name, value in asdict(figure).items()} for figure in figures]
    document = {"about": dict(about), "held_out": sorted(HELD_OUT), "figures": rows}
    text = json.dumps(document, indent=1, allow_nan=False)
    (folder / "table.json").write_text(text + "\n", encoding="utf-8")
    (folder / "table.md").write_text(markdown(figures), encoding="utf-8")


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Rows = list[list[str]]  # the first one is the head


def summary(look: Lookup) -> Rows:
    """The main figures, one line for each metric."""
    columns = {
        "ordering": ("ordering", {}),
        "held-out ordering": ("ordering", {"family": UNSEEN}),
        "PSNR within": ("psnr_within", {}),
        "PSNR across": ("psnr_across", {}),
        "worst covers": ("covers", {"family": "local_artefact"}),
        "by chance": ("covers_chance", {"family": "local_artefact"}),
        "worst point on it": ("point", {"family": "local_artefact"}),
        "heat overlap": ("overlap", {"family": "local_artefact"}),
        "by chance ": ("overlap_chance", {"family": "local_artefact"}),
        "clean spread": ("spread_of_organs", {"severity": "0"}),
        "hopeless above clean": ("hopeless_above_clean", {}),
    }
    rows: Rows = [["metric", *(name.strip() for name in columns), "hopeless passed", "smoothed jitter"]]
    clips = look.scopes("jitter_smoothed", "organ")
    for metric in look.metrics:
        values = [number(look.value(metric, quantity, **scope)) for quantity, scope in columns.values()]
        passed = number(look.value(metric, "hopeless_called_adequate"), 0)
        jitters = (look.value(metric, "jitter_smoothed", clip) for clip in clips)
        most = max((value for value in jitters if value is not None), default=None)
        rows.append([metric, *values, passed, number(most)])
    return rows


_CARD: tuple[tuple[str, str, str, str, str], ...] = (
    # what people read, wanted, quantity, family, severity
    ("order within common families", "0.95", "ordering", COMMON, ALL),
    ("order within rarer families", "0.88", "ordering", RARE, ALL),
    ("order within held-out families", "0.88", "ordering", UNSEEN, ALL),
    ("order within faults of light", "0.93", "ordering", LIGHT, ALL),
    ("first step: clean above the mildest", "0.85", "first_step", ALL, ALL),
    ("worst severity called adequate", "0.05", "worst_adequate", ALL, ALL),
    ("the same, faults of light", "0.05", "worst_adequate", LIGHT, ALL),
    ("8 % of the brightness called adequate", "0", "worst_adequate", "gain_factor", ALL),
    ("no contact called adequate", "0", "no_contact_adequate", ALL, ALL),
    ("pictures without content called adequate", "0", "hopeless_called_adequate", ALL, ALL),
    ("Spearman with PSNR within a family", "0.93", "psnr_within", ALL, ALL),
    ("Spearman with PSNR across families", "0.65", "psnr_across", ALL, ALL),
    ("moved by what no eye minds, median, points", "3", "nuisance_median", ALL, ALL),
    ("the same, 95th percentile", "12", "nuisance_p95", ALL, ALL),
    ("clean pictures that get a word", "0.70", "gets_word", ALL, ALL),
    ("of those called adequate", "0.90", "clean_called_adequate", ALL, ALL),
    ("kind of fault named, severity 3 and 4", "", "kind_named", ALL, ALL),
)


def scorecard(look: Lookup) -> Rows:
    """What a bundle is judged by, one line a question, one column a metric."""
    rows: Rows = [["", "wanted", *look.metrics]]
    for text, wanted, quantity, family, severity in _CARD:
        values = [look.value(metric, quantity, ALL, family, severity) for metric in look.metrics]
        if any(value is not None for value in values):
            digits = 0 if quantity == "hopeless_called_adequate" else 2
            rows.append([text, wanted, *(number(value, digits) for value in values)])
    return rows


def in_order(known: Sequence[str]) -> list[str]:
    return [name for name in FAMILIES if name in known]


def marked(family: str) -> str:
    """A name for people; a star where no training has seen the family."""
    return family.replace("_", " ") + (" *" if family in HELD_OUT else "")


def by_family(look: Lookup, quantity: str) -> Rows:
    """A quantity for every family; held-out families carry a star."""
    rows: Rows = [["family", *look.metrics]]
    for family in in_order(look.scopes(quantity, "family")):
        mark = f"{family} *" if family in HELD_OUT else family
        rows.append([mark, *(number(look.value(m, quantity, family=family)) for m in look.metrics)])
    for name in (*GROUPS, ALL):
        rows.append([name, *(number(look.value(m, quantity, family=name)) for m in look.metrics)])
    return rows


def by_nuisance(look: Lookup) -> Rows:
    """How far each nuisance moves the quality: median / 95th percentile, in points."""
    rows: Rows = [["shown as", *look.metrics]]
    for name in [*look.scopes("nuisance_median", "family"), ALL]:
        cells = []
        for metric in look.metrics:
            middle, most = (look.value(metric, f"nuisance_{part}", family=name) for part in ("median", "p95"))
            cells.append("–" if middle is None else f"{number(middle, 1)} / {number(most, 1)}")
        rows.append([name.removeprefix(AS).replace("_", " "), *cells])
    return rows


def by_organ(look: Lookup, quantity: str, family: str = ALL) -> Rows:
    rows: Rows = [["organ", *look.metrics]]
    for organ in [*look.scopes(quantity, "organ"), ALL]:
        rows.append([organ, *(number(look.value(m, quantity, organ, family)) for m in look.metrics)])
    return rows


def quality_by_severity(look: Lookup, metric: str) -> Rows:
    """Median quality per organ and severity, and the spread over organs."""
    severities = [str(severity) for severity in (0, *SEVERITIES)]
    rows: Rows = [["median quality", "clean", *(f"severity {s}" for s in severities[1:])]]
    for organ in look.scopes("median_quality", "organ"):
        values = [number(look.value(metric, "median_quality", organ, severity=s), 0) for s in severities]
        rows.append([organ, *values])
    spread = [number(look.value(metric, "spread_of_organs", severity=s), 0) for s in severities]
    rows.append(["spread over organs", *spread])
    return rows


def by_clip(look: Lookup, quantities: Sequence[str]) -> Rows:
    """Stability or agreement: one line for each metric and clip (or back end)."""
    rows: Rows = [["metric", "of", *quantities]]
    for metric in look.metrics:
        for name in look.scopes(quantities[0], "organ"):
            values = [look.value(metric, quantity, name) for quantity in quantities]
            if any(value is not None for value in values):
                rows.append([metric, name, *(number(value, 3) for value in values)])
    return rows


STABILITY = (
    "frames_suspended",
    "jitter_raw",
    "jitter_smoothed",
    "step_raw_p95",
    "verdict_changes",
    "same_frame_difference",
)
AGREEMENT = ("largest_score_difference", "largest_quality_difference", "changed_verdicts")


def sections(look: Lookup) -> list[tuple[str, Rows]]:
    """All tables for people, each with its heading; empty ones left out."""
    found = [
        ("What the bundle is judged by", scorecard(look)),
        ("Summary", summary(look)),
        ("1. Ordering: share of steps, from clean on, in which the score falls", by_family(look, "ordering")),
        ("1. Ordering by organ", by_organ(look, "ordering")),
        ("1. The first step alone, from clean to the mildest", by_family(look, "first_step")),
        ("1. The worst severity called adequate", by_family(look, "worst_adequate")),
        ("1. The kind of fault named as the worst, severity 3 and 4", by_family(look, "kind_named")),
        ("2. Spearman with PSNR within a picture and family", by_family(look, "psnr_within")),
        ("2. Spearman with PSNR within a picture, across families", by_organ(look, "psnr_across")),
        ("3. Worst region covers the artefact", by_organ(look, "covers", "local_artefact")),
        ("3. Lowest point of the heatmap lies on it", by_organ(look, "point", "local_artefact")),
        ("3. Share of the heatmap's worst tenth on it", by_organ(look, "overlap", "local_artefact")),
    ]
    found += [
        (f"4. Comparability: {metric}", quality_by_severity(look, metric))
        for metric in look.metrics
        if look.value(metric, "spread_of_organs", severity="0") is not None
    ]
    found += [
        ("Moved by what no eye minds: median / 95th percentile, points of quality", by_nuisance(look)),
        ("Clean pictures that get a word", by_organ(look, "gets_word")),
        ("Clean pictures called adequate, of those", by_organ(look, "clean_called_adequate")),
        ("5. Stability on clips, quality points", by_clip(look, STABILITY)),
        ("6. Agreement of back ends and precisions", by_clip(look, AGREEMENT)),
        ("Quality of hopeless pictures; none may be called adequate", of_hopeless(look)),
    ]
    return [(title, rows) for title, rows in found if any(set(row[1:]) - {"–"} for row in rows[1:])]


def of_hopeless(look: Lookup) -> Rows:
    """The quality of every hopeless picture; one that passed as adequate says so."""
    rows: Rows = [["picture", *look.metrics]]
    for name in look.scopes("quality_of_hopeless", "family"):
        cells = []
        for metric in look.metrics:
            passed = look.value(metric, "called_adequate", family=name) is not None
            text = number(look.value(metric, "quality_of_hopeless", family=name), 0)
            cells.append(f"{text} ADEQUATE" if passed else text)
        rows.append([name, *cells])
    return rows


def hopeless_passed(look: Lookup, metric: str) -> list[str]:
    """The hopeless pictures that a metric called adequate; there should be none."""
    names = look.scopes("called_adequate", "family")
    return [name for name in names if look.value(metric, "called_adequate", family=name) is not None]


def number(value: float | None, digits: int = 2) -> str:
    """A number for people; a dash for none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def markdown(figures: Sequence[Figure]) -> str:
    """All tables for people as Markdown. A star marks families that no training has seen."""
    return "".join(f"### {title}\n\n{markdown_table(rows)}\n" for title, rows in sections(Lookup(figures)))


def markdown_table(rows: Rows) -> str:
    head, *body = ["| " + " | ".join(row) + " |\n" for row in rows]
    return head + "|" + "---|" * len(rows[0]) + "\n" + "".join(body)


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
