"""What of scanmon is public, and that loading it is cheap."""

import typing
from dataclasses import fields

import pytest

import scanmon
from scanmon.api.scoring import BundleOptions, Options
from scanmon.app.settings import ScoringSettings
from scanmon.core import values
from tests.doubles.commands import python

PUBLIC = {
    *("Box", "Frame", "Monitor", "OpenBundle", "Parts", "Reading", "ScanmonError", "Session"),
    *("Verdict", "__version__", "open_bundle", "open_session", "score", "show"),
}
MEMBERS = {
    "OpenBundle": {"close", "score", "score_cine"},
    "Monitor": {"latest", "start", "state", "stop", "wait"},
    "Session": {"about", "events", "frames", "name", "table"},
}
READING = {
    "age_ms",
    "heatmap",
    "late",
    "mask",
    "picture",
    "pixels",
    "rests_on_s",
    "row",
    "scored",
    "shown",
    "state",
}


def test_these_names_are_public_and_nothing_else_is() -> None:
    assert set(scanmon.__all__) == PUBLIC
    assert set(dir(scanmon)) == PUBLIC
    for name, members in MEMBERS.items():
        public = {member for member in vars(getattr(scanmon, name)) if not member.startswith("_")}
        assert public == members, name
    own = {entry.name for entry in fields(values.Reading)}
    public = {name for name in dir(scanmon.Reading) if not name.startswith("_")}
    assert public == own | READING


def test_every_public_name_is_there_and_documented() -> None:
    for name in PUBLIC - {"__version__"}:
        assert getattr(scanmon, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'open_bundel'"):
        scanmon.open_bundel  # type: ignore[attr-defined]  # noqa: B018


def test_the_options_are_the_settings() -> None:
    settings = {entry.name for entry in fields(ScoringSettings)}
    assert set(typing.get_type_hints(Options)) == settings | {"config"}
    assert set(typing.get_type_hints(BundleOptions)) == settings - {"bundle"} | {"config"}


def test_importing_it_loads_neither_qt_nor_torch_and_little_else() -> None:
    loaded = set(python("-c", "import scanmon, sys; print(*sys.modules)").out.split())
    assert loaded.isdisjoint({"PySide6", "torch", "numpy", "cv2", "onnxruntime", "pydicom", "av"})


def test_importing_it_takes_less_than_0_3_s() -> None:
    took = "import time; t = time.process_time(); import scanmon; print(time.process_time() - t)"
    assert min(float(python("-c", took).out) for _ in range(3)) < 0.3


def test_scoring_an_array_loads_neither_qt_nor_torch(tmp_path: object) -> None:
    code = """
import sys, numpy, scanmon
scanmon.open_bundle().score(numpy.zeros((200, 200), numpy.uint8))
print(*sys.modules)
"""
    loaded = set(python("-c", code).out.split())
    assert loaded.isdisjoint({"PySide6", "torch", "pydicom", "av"})
