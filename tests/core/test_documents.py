"""TOML at the edge: what is read is checked, what is written is whole."""

import math
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.app.settings import Settings
from scanmon.core.documents import MAX_BYTES, checked, read_csv, read_toml, toml_text, write_toml
from scanmon.core.errors import BundleError, SettingsError
from scanmon.core.text import label, shown


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"scoring": {"threshold_shift": math.nan}}, r"scoring\.threshold_shift = nan .*at most 100"),
        ({"scoring": {"threshold_shift": math.inf}}, r"scoring\.threshold_shift = inf"),
        ({"scoring": {"threshold_shift": "3"}}, r"scoring\.threshold_shift = '3' .*a number"),
        ({"scoring": {"topk_frac": 0.0}}, r"scoring\.topk_frac = 0\.0 .*more than 0 and at most 1"),
        ({"scoring": {"budget": -1}}, r"scoring\.budget = -1 .*a whole number at least 0"),
        ({"scoring": {"budget": True}}, r"scoring\.budget = True"),
        ({"scoring": {"metric": "best"}}, r"scoring\.metric = 'best' .*one of auto, nrq, map"),
        ({"scoring": {"metrc": "nrq"}}, r"scoring\.'metrc' is an unknown key.*metric"),
        ({"steadiness": {"dwell_s": -1.0}}, r"steadiness\.dwell_s = -1\.0"),
        ({"steadiness": {"hysteresis": 1e308}}, r"steadiness\.hysteresis"),
        ({"scoring": 3}, r"site\.toml: scoring = 3 is not allowed, but a table"),
        (
            {"colour": "blue"},
            r"site\.toml: 'colour' is an unknown key; known are recording, scoring, steadiness",
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


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
DOCUMENTS = st.recursive(
    st.dictionaries(TEXT, st.none() | VALUES, max_size=5),
    lambda inner: st.dictionaries(TEXT, st.none() | VALUES | inner, max_size=4),
    max_leaves=10,
)


def finite(value: object) -> bool:
    if isinstance(value, dict | list):
        return all(map(finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


def without_none(document: dict[str, object]) -> dict[str, object]:
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value is not None
    }


@given(DOCUMENTS)
def test_what_is_written_reads_back_without_what_is_none_and_never_holds_a_number_that_is_not_finite(
    tmp_path_factory, document
):
    path = tmp_path_factory.mktemp("toml") / "file.toml"
    if finite(document):
        write_toml(path, document)
        assert read_toml(path) == tomllib.loads(toml_text(document)) == without_none(document)
    else:
        with pytest.raises(SettingsError, match="finite"):
            write_toml(path, document)
        assert not path.exists()


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "kept.toml"
    write_toml(path, {"a": 1})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SettingsError, match="No space left"):
        write_toml(path, {"a": 2})
    assert read_toml(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.toml"]


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


def test_a_cell_that_no_column_names_is_refused_with_its_line(tmp_path: Path) -> None:
    table = tmp_path / "ratings.csv"
    table.write_text("image,rating\na.png,3,\nb.png\n")
    assert read_csv(table, "")[1] == [
        (2, {"image": "a.png", "rating": "3"}),
        (3, {"image": "b.png", "rating": ""}),
    ]
    table.write_text("image,rating\na.png,3\nb.png,3,5\n")
    with pytest.raises(SettingsError, match="line 3: more cells"):
        read_csv(table, "")
