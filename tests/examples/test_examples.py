"""Every example runs as it is printed."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.publish import prometheus
from scanmon.sources.phantom import open_phantom
from tests.conftest import ROOT
from tests.doubles.probe_in_air import ProbeInAir
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.senders import free_port
from tests.doubles.sessions import record

EXAMPLES = ROOT / "examples"
LONGEST = 30  # lines of code, without the text at the head
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean picture, the same with noise, and a file that is none."""
    folder = tmp_path_factory.mktemp("examples") / "pictures"
    folder.mkdir()
    clean = next(iter(open_phantom("phantom:frames=1,size=320x240"))).pixels
    noisy = clean + np.random.default_rng(1).normal(0, 25, clean.shape)
    cv2.imwrite(str(folder / "clean.png"), clean)
    cv2.imwrite(str(folder / "noisy.png"), noisy.clip(0, 255).astype(np.uint8))
    (folder / "broken.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts an example in an empty folder, with `scanmon` on its path."""
    command = tmp_path / "bin" / "scanmon"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanmon "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(tmp_path / "matplotlib"),
    }

    def begin(name: str, *arguments: object) -> subprocess.Popen[str]:
        program = "sh" if name.endswith(".sh") else sys.executable
        return subprocess.Popen(
            [program, str(EXAMPLES / name), *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def ended(process: subprocess.Popen[str], limit_s: float = 200.0) -> str:
    try:
        out, errors = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == 0, errors
    return out


def examples() -> list[Path]:
    return sorted(path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".sh"))


def test_each_example_is_short_is_listed_and_has_a_test() -> None:
    page, tests = (EXAMPLES / "README.md").read_text(), Path(__file__).read_text()
    for path in examples():
        text = path.read_text()
        code = re.sub(r'\A""".*?"""', "", text, flags=re.DOTALL)
        lines = [line for line in code.splitlines() if line.strip() and not line.startswith("#")]
        assert len(lines) <= LONGEST, path.name
        name = path.relative_to(EXAMPLES).as_posix()
        assert name in page or f"{path.parent.name}/" in page, name
        assert f'"{name}"' in tests, name


def test_a_folder_is_scored_and_plotted(start: Start, pictures: Path, tmp_path: Path) -> None:
    said = ended(start("score_folder.py", pictures))
    assert "clean.png" in said
    assert "not scored:" in said
    assert cv2.imread(str(tmp_path / "quality.png")) is not None


def test_a_probe_is_checked(start: Start, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "air.png"), ProbeInAir().picture())
    said = ended(start("check_probe.sh", "air.png", "L12"))
    assert json.loads(said.splitlines()[0])["probe"] == "L12"
    for name in ("checks.db", "check-L12.html", "trend-L12.csv", "trend-L12.html"):
        assert (tmp_path / name).stat().st_size > 200, name


def test_a_source_is_watched(start: Start) -> None:
    said = ended(start("watch.py", "phantom:size=320x240", 2))
    assert re.search(r"\d s +\d+\.\d  (adequate|marginal|inadequate|None)", said), said


def test_a_metric_of_ones_own_runs(start: Start, pictures: Path, tmp_path: Path) -> None:
    assert ended(start("own_metric.py", pictures / "clean.png")).startswith("brightness: ")
    assert cv2.imread(str(tmp_path / "brightness.png")) is not None


def test_a_source_of_ones_own_runs(start: Start) -> None:
    lines = ended(start("own_source.py")).splitlines()
    assert lines[-1] == "closed"
    assert lines[0].split()[0].isdecimal()


def test_a_session_is_opened_in_pandas(start: Start, tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    said = ended(start("session_in_pandas.py", record(tmp_path / "sessions", 20, codec="ffv1")))
    assert "20 frames, 100% scored" in said
    assert "heatmap on" in said


def test_a_reconstruction_is_improved_by_what_it_was_optimised_on(start: Start, pictures: Path) -> None:
    pytest.importorskip("torch")
    said = ended(start("improve_reconstruction.py", pictures / "clean.png", 4))
    before, after = (float(value) for value in re.findall(r"ulpips (\S+),", said))
    assert 0 < after < 0.9 * before


def test_a_cluster_scores_a_folder(start: Start, pictures: Path) -> None:
    said = ended(start("dask_cluster.py", pictures))
    assert all(name in said for name in ("clean.png", "noisy.png", "broken.png")), said


def test_a_reconstruction_is_compared(start: Start, pictures: Path) -> None:
    both = pictures / "clean.png", pictures / "noisy.png"
    compared, *scored = map(json.loads, ended(start("compare_reconstruction.sh", *both)).splitlines())
    assert compared["ssim"] < 1
    assert [row["source"] for row in scored] == [compared["reference"], compared["image"]]


def test_readers_and_score_are_held_against_each_other(start: Start, pictures: Path) -> None:
    choices = pictures / "choices.csv"
    choices.write_text(
        "first,second,choice,reader\nnoisy.png,clean.png,first,AB\nclean.png,noisy.png,first,CD\n"
    )
    *figures, wrong = ended(start("agree_with_readers.py", choices)).splitlines()
    assert any(line.split()[0] == "map" and ": 0.5 (" in line for line in figures)
    assert re.fullmatch(r"AB chose first: noisy.png -\d+ against clean.png", wrong)


def test_prometheus_finds_the_numbers_that_the_dashboard_draws(start: Start) -> None:
    port = free_port()
    process = start("prometheus/serve.py", "phantom:size=320x240", 60, port)
    try:
        assert process.stdout.readline().startswith("serving")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            served = answer.read().decode()
    finally:
        process.kill()
        process.communicate()
    assert "scanmon_scored_frames_total" in served
    dashboard = json.loads((EXAMPLES / "prometheus" / "grafana-dashboard.json").read_text())
    drawn = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"scanmon_\w+", target["expr"])
    }
    code = Path(prometheus.__file__).read_text()
    for name in drawn:
        assert name.removesuffix("_total").removeprefix("scanmon_") in code, name
    assert str(9108) in (EXAMPLES / "prometheus" / "prometheus.yml").read_text()


def test_slicer_gets_picture_heatmap_and_score(start: Start) -> None:
    pyigtl = pytest.importorskip("pyigtl", reason="no pyigtl: pip install 'scanmon[igtl]'")
    port = free_port()
    process = start("slicer_igtl.py", "phantom:size=320x240", 60, port)
    try:
        assert process.stdout.readline().startswith("serving")
        client = pyigtl.OpenIGTLinkClient("127.0.0.1", port)
        try:
            for name in ("ScanmonFrame", "ScanmonHeatmap", "ScanmonScore"):
                assert client.wait_for_message(name, timeout=PATIENCE_S) is not None, name
        finally:
            client.stop()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_published_checkpoint_becomes_a_bundle(start: Start, shared: Path, tmp_path: Path) -> None:
    """Minutes: a whole vision transformer is built and proved."""
    accepted = tmp_path / "accepted"
    (accepted / "muscle").mkdir(parents=True)
    for picture in sorted((shared / "data" / "train" / "muscle").glob("*.png"))[:80]:
        shutil.copy(picture, accepted / "muscle")
    checkpoint = shared / "reference" / "tinyusfm-standin.pth"
    ended(start("checkpoint_to_bundle.sh", checkpoint, accepted, tmp_path / "out"), 3000)
    assert (tmp_path / "out" / "scores.csv").stat().st_size
    assert (tmp_path / "out" / "site" / "bundle.toml").is_file()
