import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication

import scanmon.ui
from scanmon.core.values import Box, RoiMeasures, Verdict
from scanmon.ui.commands import commands
from scanmon.ui.monitor.regions_of_interest import roi_text
from scanmon.ui.monitor.trace_plot import time_label
from scanmon.ui.monitor.transport_bar import TransportBar
from scanmon.ui.state.texts import disclaimer, figure, seconds, verdict_word
from tools.error_texts import write

UI = Path(scanmon.ui.__file__).parent
GERMAN = UI / "translations" / "scanmon_de.ts"


def test_in_german_every_word_of_the_meter_and_every_command_is_german(german):
    assert disclaimer() == "Nur für die Forschung. Nicht zur Diagnose."
    assert [verdict_word(verdict) for verdict in Verdict] == ["ausreichend", "grenzwertig", "unzureichend"]
    texts = {command.name: command.text for command in commands()}
    assert texts["open"] == "Aufnahme öffnen…"
    assert QCoreApplication.translate("SidePanel", "Heatmap") == "Wärmekarte"


def test_english_needs_no_translation(qapp):
    assert verdict_word(Verdict.ADEQUATE) == "adequate"


def test_the_german_translation_is_complete_and_keeps_every_placeholder():
    for message in ElementTree.parse(GERMAN).iter("message"):
        source, translation = message.findtext("source", ""), message.find("translation")
        assert translation is not None and translation.text, source
        assert translation.get("type") is None, source
        holes = [
            sorted((name, form) for _, name, form, _ in Formatter().parse(text) if name is not None)
            for text in (source, translation.text)
        ]
        assert holes[0] == holes[1], source


def test_no_text_of_the_program_is_missing_from_the_translation(tmp_path):
    lupdate = shutil.which("pyside6-lupdate", path=str(Path(sys.executable).parent))
    if lupdate is None:
        pytest.skip("pyside6-lupdate is not installed beside this Python")
    fresh = tmp_path / "fresh.ts"
    errors = tmp_path / "errors.py"
    assert write(errors) == [], "the words of these raise sites cannot be followed"
    files = [str(path) for path in (*sorted(UI.rglob("*.py")), errors)]
    subprocess.run([lupdate, *files, "-ts", str(fresh)], check=True, capture_output=True, timeout=250)

    def texts(path: Path) -> set[tuple[str, str]]:
        return {
            (context.findtext("name", ""), message.findtext("source", ""))
            for context in ElementTree.parse(path).iter("context")
            for message in context.iter("message")
        }

    assert texts(fresh) == texts(GERMAN), "run tools/translate.sh"


def test_figures_have_the_decimal_mark_of_the_language(german, qtbot):
    assert [figure(words) for words in ("0.25", "12", "-1.5e-03", "98.5%", "7%")] == [
        *("0,25", "12", "-1,5e-03", "98,5 %", "7 %")
    ]
    assert (seconds(65.31), time_label(5.25, tenths=True)) == ("1:05,3", "0:05,2")
    bar = TransportBar()
    qtbot.addWidget(bar)
    assert bar.speed.itemText(0) == "0,1×"
    found = RoiMeasures(Box(0, 0, 9, 9), 81, 50.26, 7.5, 6.7, 2.4, 3.4, 0.0)
    assert "50,3 ± 7,5" in roi_text(found, 0.125)
    assert "0,1250 mm" in roi_text(found, 0.125)
    assert "." not in roi_text(found, 0.125)


def test_english_figures_stay_as_python_writes_them(qapp):
    assert [figure(words) for words in ("0.25", "98.5%")] == ["0.25", "98.5%"]


def test_no_number_with_decimals_reaches_the_window_in_english():
    """Each is written through `figure`: what is formatted elsewhere has no decimals, or is no text."""
    missed = []
    for path in sorted(UI.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "figure"
            for inner in ast.walk(node)
        }
        missed += [
            f"{path.relative_to(UI)}:{node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None and node not in told
            if re.search(r"\.[1-9]\d*[feg]|g'$|\.\d%", ast.unparse(node.format_spec))
        ]
    assert missed == []


def test_the_icon_can_be_drawn(qapp):
    from scanmon.ui.app import _icon

    assert not _icon().pixmap(64, 64).isNull()
