"""Put the figures of a bench into docs/speed.md, between its two marks.

python tools/write_speed.py [--json docs/bench.json] [--page docs/speed.md]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scanmon.lab.bench.table import markdown

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
DOCS = Path(__file__).resolve().parents[1] / "docs"
PLOT = "![A frame by size, a window by engine, the stages without the engine](img/bench.png)"
NONE = "No bench of an idle machine is stored."


def figures(stored: Path) -> str:
    """What stands between the marks: plot and tables of a stored bench; a sentence where none is stored."""
    if not stored.exists():
        return NONE
    return f"{PLOT}\n\n{markdown(json.loads(stored.read_text(encoding='utf-8')))}"


def with_figures(page: str, shown: str) -> str:
    """The page with `shown` in place of what stands between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{shown.strip()}\n\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=DOCS / "bench.json", metavar="FILE")
    parser.add_argument("--page", type=Path, default=DOCS / "speed.md", metavar="FILE")
    args = parser.parse_args()
    page = args.page.read_text(encoding="utf-8")
    args.page.write_text(with_figures(page, figures(args.json)), encoding="utf-8")


if __name__ == "__main__":
    main()
