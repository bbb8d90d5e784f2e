"""TOML at the edge: what is read is checked, what is written is whole."""

from __future__ import annotations

import math
import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.app.settings import Settings
from scanmon.core.documents import MAX_BYTES, checked, read_toml, toml_text, write_toml
from scanmon.core.errors import BundleError, SettingsError
from scanmon.core.text import label, shown
from scanmon.core.write_atomic import PRIVATE, write_atomic


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"scoring": {"threshold_shift": math.nan}},
            r"scoring\.threshold_shift = nan .*at most 100",
        ),
        ({"scoring": {"threshold_shift": math.inf}}, r"scoring\.threshold_shift = inf"),
        ({"scoring": {"threshold_shift": "3"}}, r"scoring\.threshold_shift = '3' .*a number"),
        ({"scoring": {"topk_frac": 0.0}}, r"scoring\.topk_frac = 0\.0 .*more than 0 and at most 1"),
        ({"scoring": {"budget": -1}}, r"scoring\.budget = -1 .*a whole number at least 0"),
        ({"scoring": {"budget": True}}, r"scoring\.budget = True"),
        ({"scoring": {"metric": "best"}}, r"scoring\.metric = 'best' .*one of auto, nrq, map"),
        ({"scoring": {"metrc": "nrq"}}, r"scoring\.'metrc' is an unknown key.*metric"),
        ({"steadiness": {"dwell_s": -1.0}}, r"steadiness\.dwell_s = -1\.0"),
        ({"steadiness": {"hysteresis": 1e308}}, r"steadiness\.hysteresis"),
        ({"scoring": 3}, r"scoring = 3 is not allowed, but a table, site\.toml"),
        (
            {"colour": "blue"},
            r"'colour' is an unknown key, site\.toml, known are recording, scoring, steadiness",
        ),
        ({"scoring": {"bundle": "x" * 5000}}, r"scoring\.bundle"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_file_key_and_what_is_allowed(document, said):
    with pytest.raises(SettingsError, match=said) as caught:
        checked(Settings, document, "site.toml")
    assert "site.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_whole_numbers_are_taken_where_numbers_are_asked_for():
    assert checked(Settings, {"scoring": {"threshold_shift": 5}}, "").scoring.threshold_shift == 5.0


@pytest.mark.parametrize(
    "content", [b"a = ", b"\xff", b"a = " + b"9" * 5000, b"x" * (MAX_BYTES + 1), b"a = " + b"[" * 5000]
)
def test_a_file_that_is_no_toml_is_one_line_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"bad\.toml"):
        read_toml(path, BundleError)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5), st.none() | st.floats() | st.text(max_size=9), max_size=4
    )
)
def test_what_is_written_reads_back_without_what_is_none_and_never_holds_a_number_that_is_not_finite(
    document,
):
    if any(isinstance(value, float) and not math.isfinite(value) for value in document.values()):
        with pytest.raises(SettingsError, match="finite"):
            toml_text(document)
    else:
        assert tomllib.loads(toml_text(document)) == {k: v for k, v in document.items() if v is not None}


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "kept.toml"
    write_toml(path, {"a": 1})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SettingsError, match="No space left"):
        write_toml(path, {"a": 2})
    assert read_toml(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.toml"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner bits")
def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_atomic(tmp_path / "folder" / "secret", b"text", mode=PRIVATE)
    assert stat.S_IMODE((tmp_path / "folder" / "secret").stat().st_mode) == 0o600


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_a_name_of_any_bytes_becomes_text_that_utf8_can_hold(name: bytes) -> None:
    assert label(os.fsdecode(name)).encode("utf-8").decode("utf-8", "strict") == label(os.fsdecode(name))


@given(st.text())
def test_nothing_in_a_line_can_steer_a_terminal(text: str) -> None:
    assert shown(text).isprintable()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\t c", "a b c"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("b\udcff.png", "b\\xff.png"),
        ("日本.png", "日本.png"),
    ],
)
def test_what_a_person_sees(text: str, line: str) -> None:
    assert shown(text) == line
