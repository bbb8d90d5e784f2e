import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.cli.rois import roi_shape, rois_of
from scanmon.core.errors import EngineError
from scanmon.core.roi import measured
from scanmon.sources.opening import open_recording
from tests.doubles.commands import CINE, Command, end_after
from tests.doubles.mean_gray import MeanGray
from tests.doubles.scenes import PATIENCE_S


def test_a_headless_replay_scores_every_frame_of_a_dicom_cine(tiny_bundle: Path, command: Command) -> None:
    options = ["--headless", "--bundle", tiny_bundle, "--region", "full", "--metric", "map"]
    lines = command("replay", CINE, *options).rows
    assert [line["frame"] for line in lines] == list(range(30))
    assert lines[-1]["time_s"] == pytest.approx(29 * 0.033333, abs=1e-6)
    assert all(line["state"] == "scored" for line in lines)


def test_lines_of_a_region_of_interest_hold_its_measures(tiny_bundle, caplog, command) -> None:
    argv = ["replay", "phantom:frames=2,size=320x240", "--bundle", tiny_bundle, "--roi", "160,120,20"]
    lines = command(*argv, "--headless", "--background", "100,100,30,30").rows
    with closing(open_recording("phantom:frames=2,size=320x240")) as phantom:
        rois = rois_of(roi_shape("160,120,20"), roi_shape("100,100,30,30"))(240, 320)
        expected = [measured(frame.pixels, rois) for frame in phantom]
    assert [line["roi_gcnr"] for line in lines] == [pytest.approx(one.gcnr) for one in expected]
    assert [line["roi_pixels"] for line in lines] == [one.pixels for one in expected]
    assert lines[0]["roi_background"] == [100, 100, 30, 30]
    assert "--roi needs --headless" in command(*argv, code=1).err
    argv[argv.index("--roi") + 1] = "5000,5000,20,20"
    said = command(*argv, "--headless", code=1)
    assert len(said.rows) == 2  # scored all the same
    assert "reaches over the picture of 320x240" in said.err
    assert caplog.text.count("reaches over the picture of 320x240") == 1


def test_a_replay_and_a_second_one_give_the_same_scores(tiny_bundle: Path, command: Command) -> None:
    argv = ["replay", "phantom:frames=12", "--headless", "--bundle", tiny_bundle]
    first, second = ([line["score"] for line in command(*argv).rows] for _ in range(2))
    assert len(first) == 12
    assert first == second


def test_a_run_of_limited_time_ends_by_itself(tiny_bundle: Path, command: Command) -> None:
    options = ["--headless", "--seconds", "1", "--bundle", tiny_bundle]
    assert 1 <= len(command("replay", "phantom:frames=100000", *options).rows) < 100_000
    command("live", "phantom:size=320x240", *options)


def test_live_without_a_source_needs_the_window(command: Command) -> None:
    assert "needs a SOURCE" in command("live", "--headless", code=1).err


def test_a_live_phantom_prints_readings_with_their_age(tiny_bundle, command, monkeypatch) -> None:
    options = [*end_after(5, monkeypatch), "--bundle", tiny_bundle, "--region", "full"]
    lines = command("live", "phantom:", *options).rows
    assert len(lines) >= 5
    assert all(0 < line["age_ms"] < 60_000 for line in lines)
    indices = [line["frame"] for line in lines]
    assert indices == sorted(set(indices))


@pytest.mark.parametrize("kind", ["replay", "live"])
def test_a_run_without_a_window_ends_where_its_scores_end(kind, tiny_bundle, command, monkeypatch) -> None:
    class Breaks(MeanGray):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            raise EngineError("the device was lost", "GPU 0", "restart scanmon")

    monkeypatch.setattr("scanmon.app.analyzers.open_engine", lambda *_: Breaks())
    argv = [kind, "phantom:", "--headless", "--metric", "map", "--bundle", tiny_bundle]
    said = command(*argv, code=1).err.splitlines()[-1]
    assert said == "error: GPU 0: the device was lost; restart scanmon"


def test_a_reader_that_goes_ends_the_run_without_a_word(tiny_bundle: Path) -> None:
    argv = ["replay", "phantom:frames=100000", "--headless", "--metric", "map", "--bundle", str(tiny_bundle)]
    with subprocess.Popen(
        [sys.executable, "-m", "scanmon", *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert json.loads(program.stdout.readline())["frame"] == 0
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(PATIENCE_S) == 1
