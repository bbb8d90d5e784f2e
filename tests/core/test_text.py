"""Names of files on a terminal and in JSON."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.core.text import label, shown


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
