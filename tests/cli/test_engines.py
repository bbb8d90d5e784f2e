"""build, check, bundles and bench from the command line."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from scanmon.cli import main


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANMON_CACHE", str(tmp_path / "cache"))


def test_check_of_a_whole_bundle_says_so(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tiny_bundle), "--choose"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok      4 files are whole"
    assert any(line.startswith("ok      onnxruntime fp32: z 0.0e+00") for line in lines)
    assert lines[-1].startswith("chosen  onnxruntime:fp32: the fastest that agrees here")


def test_check_of_a_changed_bundle_fails_and_names_the_file(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = tmp_path / "spoilt"
    shutil.copytree(tiny_bundle, spoilt)
    (spoilt / "backbone.onnx").write_bytes(b"x")
    assert main(["check", str(spoilt)]) == 1
    assert "FAILED  does not have the sha256" in capsys.readouterr().out


def test_backend_that_was_asked_for_and_is_absent_fails(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tiny_bundle), "--backend", "openvino:fp32"]) == 1
    assert "no network for openvino:fp32" in capsys.readouterr().out


def test_bundles_lists_folders_of_bundles_and_the_cache(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["bundles", str(tiny_bundle.parent)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "folder\tbundle\tmetrics\tlicence"
    assert f"{tiny_bundle}\ttiny 1\tnrq+map\tApache-2.0" in lines
    assert main(["bundles", "--cache"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_build_from_something_else_is_one_line_and_no_bundle(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    file = tmp_path / "weights.pth"
    file.write_bytes(content)
    assert main(["build", str(file), "--out", str(tmp_path / "b")]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert len(errors) == 1
    assert errors[0].startswith("error: is not a readable checkpoint")
    assert str(file) in errors[0]
    assert not (tmp_path / "b").exists()


def test_plans_without_a_gpu_are_refused_before_anything_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from scanmon.core.errors import EngineError
    from scanmon.inference.cuda import open_cuda

    try:
        open_cuda()
    except EngineError:
        command = ["build", str(tmp_path / "x.pth"), "--out", str(tmp_path / "b"), "--backend", "tensorrt"]
        assert main(command) == 1
        assert "error: " in capsys.readouterr().err
    else:
        pytest.skip("there is a GPU here")


def test_unknown_precision_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["build", "x.pth", "--out", str(tmp_path / "b"), "--precision", "fp8"])
    assert caught.value.code == 2


def test_bench_measures_every_stage_and_writes_its_figures(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scanmon.cli import bench
    from scanmon.lab.bench.run import StageOptions

    small = partial(
        bench.BenchOptions, sizes=((320, 240),), budget_frames=6, stages=StageOptions(320, 240, 10, 6)
    )
    monkeypatch.setattr(bench, "BenchOptions", small)
    file = tmp_path / "bench.json"
    command = ["bench", "--bundle", str(tiny_bundle), "--rounds", "1", "--frames", "8", "--json", str(file)]
    assert main([*command, "--window-seconds", "0"]) == 0
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
    assert "organ models" in capsys.readouterr().out


def test_bench_of_the_window_runs_a_live_source_with_a_recording(tiny_bundle: Path) -> None:
    from scanmon.cli.bench_window import measured

    options = {"bundle": str(tiny_bundle), "metric": "auto", "width": 320, "height": 240, "rate_hz": 20.0}
    figures = measured({**options, "seconds": 1.0, "settling_s": 0.2})
    assert 0 < figures["first_picture_s"] <= figures["first_score_s"]
    assert figures["captured_per_s"] > 0
    assert 0 <= figures["share_without_score"] <= 1
    assert figures["readings_per_s"] >= 0  # on a busy machine there may be none in so short a time
    assert figures["recorded_frames"] > 0


def test_bench_of_a_start_ends_with_the_first_score(tiny_bundle: Path) -> None:
    from scanmon.cli.bench_window import measured

    figures = measured({"bundle": str(tiny_bundle), "demo": True})
    assert 0 < figures["first_picture_cpu_s"] <= figures["first_score_cpu_s"]
    assert "readings_per_s" not in figures
