"""`auto` is the fastest engine that agrees here, and it is said why none of the others."""

import logging
from pathlib import Path

import pytest

from scanmon.inference.check import Finding
from scanmon.inference.choice import choice_lines, chosen_backend, fastest, open_engine, remember
from scanmon.inference.engines import runnable
from scanmon.scoring.bundle import Bundle, open_bundle


@pytest.fixture
def bundle(tiny_bundle: Path, own_cache: Path) -> Bundle:
    return open_bundle(tiny_bundle)


FINDINGS = (
    Finding(True, "4 files are whole"),
    Finding(True, "onnxruntime:fp32: runs, 12.0 ms a window", "onnxruntime:fp32", 12.0),
    Finding(True, "openvino:fp32: runs, 9.0 ms a window", "openvino:fp32", 9.0),
    Finding(False, "openvino:bf16: scores differ by 3, allowed 1, 4.0 ms a window", "openvino:bf16", 4.0),
    Finding(False, "tensorrt:fp16: tensorrt is not installed", "tensorrt:fp16", here=False),
)


def test_fastest_that_agrees_is_chosen_and_each_other_has_its_reason() -> None:
    choice = fastest(FINDINGS)
    assert (choice.backend, choice.ms_per_window) == ("openvino:fp32", 9.0)
    assert choice.why == (
        "openvino:fp32: the fastest that agrees here, 9.0 ms a window",
        "not onnxruntime:fp32: 12.0 ms a window",
        "not openvino:bf16: scores differ by 3, allowed 1, 4.0 ms a window",
        "not tensorrt:fp16: tensorrt is not installed",
    )
    assert fastest(FINDINGS[3:]) is None


def test_what_was_chosen_is_kept_for_exactly_this_bundle_with_its_reasons(bundle: Bundle) -> None:
    assert chosen_backend(bundle) is None
    assert choice_lines(bundle) == ["auto is onnxruntime:fp32, all that the bundle has for this machine"]
    remember(bundle, "onnxruntime:fp32", ["onnxruntime:fp32: the fastest", "not openvino:fp32: slower"])
    assert chosen_backend(bundle) == "onnxruntime:fp32"
    assert choice_lines(bundle)[1:] == ["onnxruntime:fp32: the fastest", "not openvino:fp32: slower"]


def test_damaged_note_of_the_choice_is_as_none(bundle: Bundle) -> None:
    file = remember(bundle, "openvino:fp32")
    for content in ("", "[]", '{"backend": ', "7"):
        file.write_text(content)
        assert chosen_backend(bundle) is None


def test_start_logs_what_auto_means_and_a_choice_that_fails_gives_way(bundle, caplog) -> None:
    assert bundle.nrq is not None
    assert runnable(bundle) == ["onnxruntime:fp32"]
    remember(bundle, "openvino:fp32", ["openvino:fp32: the fastest"])
    with caplog.at_level(logging.INFO, "scanmon.inference.choice"):
        engine = open_engine(bundle, bundle.nrq)
    assert (engine.backend, engine.precision) == ("onnxruntime", "fp32")
    assert "auto is openvino:fp32; openvino:fp32: the fastest" in caplog.text
    assert "openvino:fp32 does not run any more" in caplog.text
    engine.close()
