"""The TensorRT names that scanmon uses exist."""

from __future__ import annotations

import pytest

from tools.check_tensorrt_names import NAMES, missing


def test_tensorrt_rtx_has_every_name() -> None:
    module = pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")
    assert missing(module) == []


def test_a_name_that_is_not_there_is_found() -> None:
    from types import ModuleType

    assert len(missing(ModuleType("empty"))) == sum(len(names) for names in NAMES.values())
