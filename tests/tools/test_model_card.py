"""The figures of a model card are those of the evaluation, and the rest of the card stays as it is."""

import json
from pathlib import Path

import pytest

from scanmon.degradations import FAMILIES, SEVERITIES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.figures import figures
from scanmon.lab.evaluate.tables import write_tables
from tools.model_card import with_figures

CARD = "# Model card\n\nResearch use only.\n\n## Figures\n\nold figures\n\n## Limits\n\n- one limit\n"


def _evaluation(folder: Path) -> Path:
    rows = []
    for organ in ("liver", "lung"):
        rows.append(CaseRow("p" + organ, organ, "map", "clean", 0, 10.0, 90.0, "adequate"))
        rows.append(CaseRow("p" + organ, organ, "map", "as mirror", 0, 10.0, 88.0, "adequate"))
        for family in FAMILIES:
            for s in SEVERITIES:
                quality = 90.0 - 20.0 * s
                rows.append(
                    CaseRow("p" + organ, organ, "map", family, s, 10.0 - s, quality, "marginal", 40.0 - s)
                )
    folder.mkdir()
    write_tables(figures(rows), folder, {"bundle": "tiny 1", "left out": "nothing"})
    return folder


def test_figures_are_made_anew_and_the_rest_of_the_card_stays(tmp_path: Path) -> None:
    made = with_figures(CARD, [_evaluation(tmp_path / "one")])
    assert made.startswith("# Model card\n\nResearch use only.\n\n## Figures\n\nbundle: tiny 1.\n")
    assert made.endswith("\n## Limits\n\n- one limit\n")
    assert "old figures" not in made
    assert "| order within common families | 0.95 | 1.00 |" in made
    assert "| h264 * | 1.00 | 1.00 | 1.00 | 0.00 | – |" in made
    assert "| mirror | 2.0 / 2.0 |" in made
    assert "| lung | 1.00 |" in made
    assert with_figures(made, [tmp_path / "one"]) == made


def test_every_number_of_the_card_comes_from_the_tables(tmp_path: Path) -> None:
    folder = _evaluation(tmp_path / "one")
    document = json.loads((folder / "table.json").read_text())
    for figure in document["figures"]:
        if (figure["quantity"], figure["family"], figure["organ"]) == ("ordering", "ghost", "all"):
            figure["value"] = 0.42
    (folder / "table.json").write_text(json.dumps(document))
    assert "| ghost | 0.42 |" in with_figures(CARD, [folder])


def test_a_card_without_the_heading_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no heading"):
        with_figures("# Model card\n", [])
