"""Write the figures of a model card: `python -m tools.model_card CARD EVALUATION...`.

An EVALUATION is a folder that `scanmon evaluate` wrote. What stands between the heading "## Figures" and the
next one is made anew from their `table.json`; the rest of the card is left alone. The first metric of an
evaluation is the one that the card is about, the others stand beside it.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from scanmon.core.write_atomic import write_atomic
from scanmon.degradations import FAMILIES, HELD_OUT
from scanmon.lab.evaluate.figures import ALL, GROUPS, Figure
from scanmon.lab.evaluate.tables import (
    STABILITY,
    Lookup,
    Rows,
    by_clip,
    by_family,
    by_nuisance,
    hopeless_passed,
    markdown_table,
    number,
    scorecard,
)

HEADING = "## Figures"
_OF_FAULTS = {
    "order": "ordering",
    "first step": "first_step",
    "Spearman with PSNR": "psnr_within",
    "worst called adequate": "worst_adequate",
    "kind named": "kind_named",
}
_OF_CLEAN = {
    "get a word": "gets_word",
    "clean called adequate": "clean_called_adequate",
    "nuisances, median": "nuisance_median",
    "95 %": "nuisance_p95",
}


def read_figures(evaluation: Path) -> tuple[Lookup, Mapping[str, str]]:
    """All figures of a finished evaluation, and what it says of itself."""
    document = json.loads((evaluation / "table.json").read_text(encoding="utf-8"))
    return Lookup([Figure(**one) for one in document["figures"] if one["value"] is not None]), document[
        "about"
    ]


def section(look: Lookup, about: Mapping[str, str]) -> Iterator[str]:
    yield (
        "; ".join(f"{key}: {value}" for key, value in about.items() if value not in ("nothing", "none")) + "."
    )
    yield markdown_table(scorecard(look))
    metric = look.metrics[0]
    passed = ", ".join(hopeless_passed(look, metric)) or "none"
    yield f"Pictures without content that `{metric}` calls adequate: {passed}."
    yield f"`{metric}` by family (* held out of training):"
    yield markdown_table(_by_family(look, metric))
    yield f"`{metric}` by organ; lung is not graded and in no other figure:"
    yield markdown_table(_by_organ(look, metric))
    yield "Points of quality by which a clean picture moves where no eye minds, median / 95th percentile:"
    yield markdown_table(by_nuisance(look))
    if len(look.metrics) > 1:
        yield "Order by family, beside the other metrics:"
        yield markdown_table(by_family(look, "ordering"))
    clips = by_clip(look, STABILITY)
    if len(clips) > 1:
        yield "On clips, points of quality:"
        yield markdown_table(clips)


def _by_family(look: Lookup, metric: str) -> Rows:
    names = [
        name for name in (*FAMILIES, *GROUPS, ALL) if look.value(metric, "ordering", family=name) is not None
    ]
    return [
        ["family", *_OF_FAULTS],
        *(
            [
                f"{name} *" if name in HELD_OUT else name,
                *(number(look.value(metric, quantity, family=name)) for quantity in _OF_FAULTS.values()),
            ]
            for name in names
        ),
    ]


def _by_organ(look: Lookup, metric: str) -> Rows:
    organs = [*look.scopes("psnr_across", "organ"), ALL]
    columns = {**_OF_FAULTS, "across families": "psnr_across", **_OF_CLEAN}
    rows: Rows = [["organ", *columns, "median clean quality"]]
    for organ in organs:
        values = [number(look.value(metric, quantity, organ)) for quantity in columns.values()]
        rows.append([organ, *values, number(look.value(metric, "median_quality", organ, severity="0"), 0)])
    return rows


def with_figures(card: str, evaluations: list[Path]) -> str:
    """The card with its figures made anew. Raises `ValueError` where it has no such heading."""
    before, heading, rest = card.partition(f"{HEADING}\n")
    if not heading:
        raise ValueError(f"the card has no heading {HEADING!r}")
    at = rest.find("\n## ")
    after = rest[at:] if at >= 0 else ""
    parts = [part for evaluation in evaluations for part in section(*read_figures(evaluation))]
    return before + heading + "\n" + "\n\n".join(part.strip() for part in parts) + "\n" + after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("card", type=Path)
    parser.add_argument("evaluations", type=Path, nargs="+", help="folders that scanmon evaluate wrote")
    options = parser.parse_args()
    text = with_figures(options.card.read_text(encoding="utf-8"), options.evaluations)
    write_atomic(options.card, text.encode())


if __name__ == "__main__":
    main()
