"""The kit for a GPU machine runs from end to end on a processor, and packs what it found in one file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanmon.core.errors import EngineError
from tools.gpu import live

ROOT = Path(__file__).resolve().parents[2]
STEPS = {f"engines_{part}" for part in ("map", "growth", "cutting", "head", "ours", "pytorch", "more")}
STEPS |= {"live_onnxruntime", "lost_onnxruntime", "adapter", "path"}


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kit is for Linux")


def _run(tmp_path: Path, seconds: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "KIT_QUICK": "1",
        "OUT": str(tmp_path / "out"),
        "PY": sys.executable,
        "SITE": str(tmp_path / "site"),
        "SCANMON_CACHE": str(tmp_path / "cache"),
    }
    command = ["bash", "tools/gpu/run.sh", seconds]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@on_linux
@pytest.mark.timeout(600)
def test_dry_run_of_the_gpu_kit_gives_one_file_without_errors(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    run = _run(tmp_path, "550")
    assert run.returncode == 0, run.stdout + run.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["gpu.json", "log.txt"]
    found = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert set(found) == STEPS
    assert {name: step["errors"] for name, step in found.items() if step["errors"]} == {}


@on_linux
def test_steps_that_do_not_fit_the_time_are_left_out_and_the_file_is_there(tmp_path: Path) -> None:
    run = _run(tmp_path, "5")
    assert run.stdout.count("no time left") == len(STEPS)
    assert json.loads((tmp_path / "out" / "gpu.json").read_text()) == {}


def test_a_score_is_waited_for_until_it_is_there_or_cannot_come(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*given: object) -> None:
        raise EngineError("the network cannot be loaded")

    monkeypatch.setattr(live, "open_analyzer", refuses)
    monkeypatch.setattr(live, "QUICK", True)
    with pytest.raises(RuntimeError, match="no score: the network cannot be loaded"):
        live.measure("onnxruntime", 0.0)


def test_the_page_shows_the_figures_of_the_stored_run_with_card_and_date() -> None:
    page, stored = (
        (ROOT / "docs" / "gpu.md").read_text(),
        json.loads((ROOT / "docs" / "gpu.json").read_text()),
    )
    assert stored["card"].split(",")[0] in page
    assert stored["date"] in page
    assert "What was not shown" in page
    ours, pytorch = stored["engines_ours"], stored["engines_pytorch"]["fp16"]
    for count in ("1", "16", "48", "153"):
        half, peer, single = (one[count]["p50"] for one in (ours["fp16"], pytorch, ours["fp32"]))
        assert f"| {count} | {half:.3f} | {peer:.3f} | {half / peer:.2f} | {single:.3f} |" in page
    second = stored["second_run"]
    assert second["date"] in page
    assert f"cut on the card {second['engines_cutting']['cut_there']['ms']['p50']:.2f}" in page
    for size, found in second["engines_map"].items():
        if size != "backend":
            row = (found["cuda"]["p50"], found["processor"]["p50"], found["difference"]["most"])
            assert "| {} | {:.3f} | {:.3f} | {:.1e} |".format(size, *row) in page
    live = second["live_onnxruntime_cuda_cut_there"]
    for name, key in (
        ("capture to score", "capture_to_score_ms"),
        ("preparing", "preprocess_ms"),
        ("engine", "engine_ms"),
        ("head", "head_ms"),
    ):
        row = live[key]
        assert f"| {name} | {row['p50']:.2f} | {row['p95']:.2f} | {row['p99']:.2f} |" in page
