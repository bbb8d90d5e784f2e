import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.doubles.bundles import make_bundle
from tests.doubles.commands import Command, Said
from tests.doubles.oracle import speckled


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two organs with two pictures each."""
    for organ in ("liver", "nerve"):
        (tmp_path / "data" / organ).mkdir(parents=True)
        for number in range(2):
            pixels = speckled(number, 160, 200)
            cv2.imwrite(str(tmp_path / "data" / organ / f"{number}.png"), pixels)
    return tmp_path / "data"


@pytest.fixture
def evaluated(data: Path, tiny_bundle: Path, command: Command) -> Command:
    """Runs the command on those pictures, into a folder `out` beside them."""

    def run(*more: object, of: Path = data, bundle: Path = tiny_bundle, code: int = 0) -> Said:
        options = ["--bundle", bundle, "--out", data.parent / "out", "--region", "full"]
        return command("evaluate", of, *options, "--families", "gain_low,local_artefact", *more, code=code)

    return run


def table(data: Path) -> dict[str, Any]:
    return json.loads((data.parent / "out" / "table.json").read_text())


MAP = ("--no-plots", "--metric", "map")


def test_one_command_leaves_tables_plots_and_a_page(data: Path, evaluated: Command) -> None:
    pytest.importorskip("matplotlib")
    said = evaluated()
    assert {"cases.csv", "table.csv", "table.json", "table.md", "page.html", "ordering.png"} <= {
        path.name for path in (data.parent / "out").iterdir()
    }
    assert table(data)["about"]["pictures"] == "liver 2, nerve 2"
    ordering = {
        f["metric"]: f["value"]
        for f in table(data)["figures"]
        if (f["quantity"], f["organ"], f["family"]) == ("ordering", "all", "gain_low")
    }
    assert ordering["map"] == 1.0  # the map of this bundle is darkness
    assert set(ordering) == {"map", "nrq"}
    assert said.out.startswith("metric\tordering")
    assert "page.html" in said.err


def test_a_second_run_adds_clips_and_other_back_ends_without_measuring_again(data, evaluated, tmp_path):
    evaluated(*MAP)
    rows = (data.parent / "out" / "cases.csv").read_bytes()
    clip = tmp_path / "clip"
    clip.mkdir()
    for number in range(4):
        cv2.imwrite(str(clip / f"{number}.png"), speckled(number, 160, 200))
    evaluated(*MAP, "--clips", clip, "--against", "onnxruntime")
    assert (data.parent / "out" / "cases.csv").read_bytes() == rows
    found = {(f["quantity"], f["organ"]): f["value"] for f in table(data)["figures"]}
    assert found["same_frame_difference", "clip"] == 0.0
    assert found["largest_score_difference", "onnxruntime fp32"] == 0.0


def test_pictures_can_be_left_out_and_limited(data: Path, evaluated: Command) -> None:
    evaluated(*MAP, "--leave-out", "nerve/*", "--per-organ", "1")
    assert table(data)["about"]["pictures"] == "liver 1"


def test_figures_are_those_of_the_chosen_pictures_whatever_else_the_folder_holds(data, evaluated) -> None:
    evaluated(*MAP)
    evaluated(*MAP, "--per-organ", "1")
    figures = table(data)["figures"]
    counts = {f["count"] for f in figures if f["quantity"] == "psnr_across" and f["organ"] == "all"}
    assert counts == {2}


def test_another_bundle_in_the_same_folder_is_refused_in_one_line(evaluated: Command, tmp_path: Path) -> None:
    evaluated(*MAP)
    said = evaluated(*MAP, bundle=make_bundle(tmp_path / "other", seed=1).folder, code=1)
    assert "name another --out" in said.err


def test_an_empty_data_set_and_an_unknown_family_are_errors_of_one_line(evaluated, tmp_path) -> None:
    said = evaluated(of=tmp_path / "nothing", code=1)
    assert "name a folder with one folder for each organ" in said.err
    assert "unknown degradation x" in evaluated("--families", "x", code=1).err


def test_other_heads_stand_beside_the_metric_as_rows_of_their_own(evaluated, caplog) -> None:
    nrq = ("--no-plots", "--metric", "nrq", "--per-organ", "1", "--heads")
    metrics = [line.split("\t")[0] for line in evaluated(*nrq, "posterior,masked+posterior").out.splitlines()]
    assert metrics[1:4] == ["nrq", "nrq posterior", "nrq masked+posterior"]
    metrics = [line.split("\t")[0] for line in evaluated(*nrq, "all").out.splitlines()]
    assert metrics[1:6] == ["nrq", "nrq posterior", "nrq masked", "nrq posterior+masked", "nrq tokens"]
    assert "head typical is left out" in caplog.text
    assert "has no statistics of clean pictures" in evaluated("--heads", "typical", code=1).err
