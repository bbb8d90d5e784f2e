"""build, check, bundles and bench from the command line."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from scanmon.cli import bench
from scanmon.cli.bench_window import measured
from scanmon.core.errors import EngineError
from scanmon.inference.cuda_device import open_cuda
from scanmon.lab.bench import engines
from scanmon.lab.bench.run import StageOptions
from tests.doubles.commands import Command

pytestmark = pytest.mark.usefixtures("own_cache")


def test_check_of_a_whole_bundle_says_so(tiny_bundle: Path, command: Command) -> None:
    lines = command("check", tiny_bundle, "--choose").out.splitlines()
    assert lines[0] == "ok      4 files are whole"
    assert any(line.startswith("ok      onnxruntime fp32: z 0.0e+00") for line in lines)
    assert lines[-1].startswith("chosen  onnxruntime:fp32: the fastest that agrees here")


def test_check_of_a_changed_bundle_fails_and_names_the_file(tiny_bundle, tmp_path, command) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(tiny_bundle, spoilt)
    (spoilt / "backbone.onnx").write_bytes(b"x")
    assert "backbone.onnx: does not have the sha256" in command("check", spoilt, code=1).out


def test_backend_that_was_asked_for_and_is_absent_fails(tiny_bundle: Path, command: Command) -> None:
    said = command("check", tiny_bundle, "--backend", "openvino:fp32", code=1)
    assert "no network for openvino:fp32" in said.out


def test_bundles_lists_folders_of_bundles_and_the_cache(tiny_bundle: Path, command: Command) -> None:
    lines = command("bundles", tiny_bundle.parent).out.splitlines()
    assert lines[0] == "folder\tbundle\tmetrics\tlicence"
    assert f"{tiny_bundle}\ttiny 1\tnrq+map\tApache-2.0" in lines
    assert command("bundles", "--cache").out == ""


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_build_from_something_else_is_one_line_and_no_bundle(content, tmp_path, command) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    file = tmp_path / "weights.pth"
    file.write_bytes(content)
    lines = command("build", file, "--out", tmp_path / "b", code=1).err.splitlines()
    (error,) = (line for line in lines if not line.startswith("["))
    assert error.startswith(f"error: {file}: is not a readable checkpoint")
    assert not (tmp_path / "b").exists()


def test_plans_without_a_gpu_are_refused_before_anything_is_built(tmp_path: Path, command: Command) -> None:
    try:
        open_cuda().close()
    except EngineError:
        build = ["build", tmp_path / "x.pth", "--out", tmp_path / "b", "--backend", "tensorrt"]
        assert "error: " in command(*build, code=1).err
    else:
        pytest.skip("there is a GPU here")


def test_unknown_precision_is_wrong_usage(tmp_path: Path, command: Command) -> None:
    command("build", "x.pth", "--out", tmp_path / "b", "--precision", "fp8", code=2)


def test_bench_measures_every_stage_and_writes_its_figures(tiny_bundle, tmp_path, monkeypatch, command):
    small = partial(
        bench.BenchOptions, sizes=((320, 240),), budget_frames=6, stages=StageOptions(320, 240, 10, 6)
    )
    monkeypatch.setattr(bench, "BenchOptions", small)
    monkeypatch.setattr(engines, "_SGEMM_SIDE", 128)
    file = tmp_path / "bench.json"
    few = ["--rounds", "1", "--frames", "8", "--window-seconds", "0", "--json", file]
    said = command("bench", "--bundle", tiny_bundle, *few)
    result = json.loads(file.read_text())
    assert [(row["metric"], row["mode"]) for row in result["frames"]] == [
        ("map", "full"),
        ("nrq", "full"),
        ("nrq", "budget"),
    ]
    for row in result["frames"]:
        assert 0 < row["engine_ms"] <= row["frame_ms"]
    assert result["engines"][0]["engine"] == "onnxruntime:fp32"
    assert set(result["engines"][0]["ms_per_window"]) == {"1", "16", "48"}
    assert [row["organs"] for row in result["organs"]] == [1, 4, 16]
    assert result["map_engines"][0]["over_first"] == 1.0
    assert result["map_engines"][0]["convolution_gflops"] > 0  # the map of this bundle has none itself
    for row in result["stages"]:
        parts = row["cpu_ms"]
        assert set(parts) == {"region", "signal", "view_windows_head_heatmap", "publishing", "decoder"}
        assert all(ms > 0 for ms in parts.values())
        assert row["sum_cpu_ms"] == pytest.approx(sum(parts.values()), rel=1e-3)
        assert row["without_decoder_cpu_ms"] < row["sum_cpu_ms"]
    assert "organ models" in said.out


def test_bench_of_the_window_runs_a_live_source_with_a_recording(tiny_bundle: Path) -> None:
    options = {"bundle": str(tiny_bundle), "metric": "auto", "width": 320, "height": 240, "rate_hz": 20.0}
    figures = measured({**options, "seconds": 0.4, "settling_s": 0.1})
    assert 0 < figures["first_picture_s"] <= figures["first_score_s"]
    assert figures["captured_per_s"] > 0
    assert 0 <= figures["share_without_score"] <= 1
    assert figures["readings_per_s"] >= 0  # on a busy machine there may be none in so short a time
    assert figures["recorded_frames"] > 0


def test_bench_of_a_start_ends_with_the_first_score(tiny_bundle: Path) -> None:
    figures = measured({"bundle": str(tiny_bundle), "demo": True})
    assert 0 < figures["first_picture_cpu_s"] <= figures["first_score_cpu_s"]
    assert "readings_per_s" not in figures
