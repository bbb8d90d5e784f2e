import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication

import scanmon.ui
from scanmon.core.values import Verdict
from scanmon.ui.commands import commands
from scanmon.ui.state.texts import disclaimer, verdict_word
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
        for placeholder in ("{0}", "{1}"):
            assert source.count(placeholder) == translation.text.count(placeholder), source


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


def test_the_icon_can_be_drawn(qapp):
    from scanmon.ui.app import _icon

    assert not _icon().pixmap(64, 64).isNull()
