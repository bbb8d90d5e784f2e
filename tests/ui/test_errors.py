"""Errors of the package in the language of the window."""

from string import Formatter

import pytest

from scanmon.app.settings import ScoringSettings
from scanmon.core.documents import checked
from scanmon.core.errors import EngineError, SettingsError, SinkError, SourceError
from scanmon.runtime.snapshot import Snapshot
from scanmon.scoring.parity import Parity
from scanmon.sources.opening import _LIVE_FORMS
from scanmon.ui.state.errors import LONGEST, _texts, error_text, in_words, line_text
from scanmon.ui.state.messages import message_for
from scanmon.ui.state.texts import translate
from tools.error_texts import Follower

FILLING = ("17", "/is text", "a (b) c", "{0}", "xyz")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            SourceError("frame 17 cannot be decoded", "/data/is text", "the file is damaged"),
            "/data/is text: Bild 17 lässt sich nicht dekodieren; die Datei ist beschädigt",
        ),
        (
            SinkError("recording ended (No space left on device)", "/data", "choose another folder"),
            "/data: Aufzeichnung beendet (kein Platz mehr auf dem Datenträger); anderen Ordner wählen",
        ),
        (
            EngineError("fp32: the network cannot be loaded (protobuf: bad)", "onnxruntime"),
            "onnxruntime: fp32: das Netz lässt sich nicht laden (protobuf: bad)",
        ),
        (
            SourceError("thyroid: is not a folder; liver: is cut off", "", "check the path"),
            "thyroid: ist kein Ordner; liver: ist abgeschnitten; den Pfad prüfen",
        ),
        (OSError(13, "Permission denied", "/data/a.toml"), "/data/a.toml: keine Berechtigung"),
        (RuntimeError("is text"), "unerwarteter Fehler: RuntimeError: is text"),
        (SourceError("the moon is out", "is text", "wait"), "is text: the moon is out; wait"),
    ],
)
def test_an_error_is_german_but_for_what_was_filled_in_and_for_words_that_nobody_knows(
    german, error, expected
):
    assert error_text(error) == expected


def test_a_setting_that_is_refused_says_in_german_what_is_allowed(german):
    with pytest.raises(SettingsError) as caught:
        checked(ScoringSettings, {"topk_frac": 3}, "site.toml")
    assert error_text(caught.value) == (
        "site.toml: topk_frac = 3 ist nicht erlaubt, sondern eine Zahl über 0 und höchstens 1"
    )
    assert str(caught.value).startswith(
        "site.toml: topk_frac = 3 is not allowed, but a number"
    )  # logs keep the English


def test_every_text_is_found_again_whatever_is_filled_in_and_is_german(german):
    assert len(_texts()) > 600
    for text in _texts():
        holes = len(text.said)
        if text.weight:
            german_text = translate("Errors", text.source)
            names = [[(name, how) for _, name, _, how in Formatter().parse(one) if name is not None]
                     for one in (text.source, german_text)]  # fmt: skip
            assert sorted(names[0]) == sorted(names[1]), text.source
            filled = text.source.format(*FILLING[:holes])
            assert in_words(filled) == german_text.format(*FILLING[:holes]), text.source


def test_a_foreign_sentence_that_happens_to_frame_one_of_ours_stays_as_it_is(german):
    for foreign in ("data in the wrong order was found", "The node Conv_12 of the graph failed (code 3)"):
        assert in_words(foreign) == foreign
        assert error_text(EngineError(f"the network cannot be loaded ({foreign})")).endswith(f" ({foreign})")


def test_in_english_every_text_stays_as_it_is(qapp):
    for text in _texts():
        filled = text.source.format(*FILLING[: len(text.said)])
        assert in_words(filled) == filled


def test_the_line_of_a_command_is_told_apart_at_its_marks(german):
    error = SourceError("is not a live source", "a: b.mp4", _LIVE_FORMS)
    assert line_text(f"error: {error}") == f"Fehler: {error_text(error)}"
    assert error_text(error).startswith("a: b.mp4: ist keine Live-Quelle; grabber:ID, rtsp://")
    assert line_text("the 3 of 7 wait") == "the 3 of 7 wait"
    assert line_text(f"error: is text: {'a: ' * LONGEST}") == f"Fehler: is text: {'a: ' * LONGEST}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[  0.3 s] loading PyTorch", "[  0,3 s] PyTorch wird geladen"),
        ("[ 12.0 s] PyTorch: 3 of 9 windows", "[ 12,0 s] PyTorch: 3 von 9 Fenstern"),
        ("ok      9 files are whole", "in Ordnung: 9 Dateien sind unversehrt"),
        ("export: 3 of 9, 2 s left", "Export: 3 von 9, noch 2 s"),
        ("nrq: calibrated by the maker of the bundle", "nrq: kalibriert vom Hersteller des Bündels"),
        ("FAILED  /b/x.onnx: is cut off", "FEHLER: /b/x.onnx: ist abgeschnitten"),
        ("default 9, Apache-2.0, /b", "default 9, Apache-2.0, /b"),
    ],
)
def test_what_a_command_says_while_it_works_is_german_too(german, line, expected):
    assert line_text(line) == expected


def test_the_figures_of_a_compared_engine_are_german(german):
    parity = Parity("onnxruntime", "fp16", 12, 24, 2e-3, 0.0125, 0.5, 0.21, 40.0, 0.985, 0.0)
    line = f"ok      {'; '.join([parity.line(27.04), *parity.faults()])}"
    assert line_text(line) == (
        "in Ordnung: onnxruntime fp16: z 2,0e-03 (1,25 % der Streuung); Log-Likelihood 0,5; "
        "Wert 0,21 (0,52 % der Spanne); Reihenfolge 98,5 %, geänderte Urteile 0,0 %; 27,0 ms je Fenster; "
        "1,5 % der Bildpaare ändern ihre Reihenfolge"
    )


def test_the_failure_page_and_a_lost_signal_are_german(german):
    error = SourceError("there is no such file or folder", "/data/loop.mp4", "check the path")
    message = message_for(Snapshot(state="failed", error=error))
    assert message.text == "/data/loop.mp4: Datei oder Ordner nicht vorhanden"
    assert message.way_out == "den Pfad prüfen"
    lost = message_for(Snapshot(state="connecting", trouble="is lost (no answer); check cable and sender"))
    assert lost.text == "Verbindung verloren (keine Antwort); Kabel und Sender prüfen."
    off = message_for(
        Snapshot(state="connecting", trouble="cannot be opened (Connection refused); check that it is on")
    )
    assert off.text == "Lässt sich nicht öffnen (Verbindung abgelehnt); prüfen, ob sie eingeschaltet ist."


def test_words_that_could_be_taken_apart_for_ever_stay_as_they_are():
    odd = "x: " * 600
    assert in_words(odd) == odd


def test_the_words_of_a_raise_site_are_followed_and_one_that_cannot_be_is_named(tmp_path):
    package = tmp_path / "scanmon"
    package.mkdir()
    (package / "errors.py").write_text(
        "class ScanmonError(Exception): ...\nclass SourceError(ScanmonError): ...\nREMEDY = 'copy it again'\n"
    )
    (package / "one.py").write_text(
        "from scanmon.errors import REMEDY, SourceError\n"
        "def _why(index, short):\n"
        "    return 'is cut off' if short else f'frame {index} is black'\n"
        "def _refuse(what, path):\n"
        "    raise SourceError(f'{what} (key {path!r})', path, REMEDY)\n"
        "def read(path, index):\n"
        "    try:\n"
        "        raise SourceError(_why(index, True), path)\n"
        "    except OSError as error:\n"
        "        raise SourceError(f'cannot be read ({error})', path)\n"
        "    _refuse('has no end', path)\n"
        "    raise SourceError(TEXTS[index], path)\n"
    )
    found = Follower(package)
    assert sorted(found.texts) == [
        "cannot be read ({0!s})", "copy it again", "frame {0} is black", "has no end (key {0})", "is cut off"
    ]  # fmt: skip
    assert found.lost == ["one.py:12"]
