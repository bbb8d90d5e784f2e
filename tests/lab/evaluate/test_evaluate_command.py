import json
from pathlib import Path

import cv2
import pytest

from scanmon.cli import main
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


def _evaluate(data: Path, bundle: Path, *more: str) -> int:
    folders = [str(data), "--bundle", str(bundle), "--out", str(data.parent / "out")]
    return main(["evaluate", *folders, "--families", "gain_low,local_artefact", "--region", "full", *more])


def test_one_command_leaves_tables_plots_and_a_page(
    data: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    assert _evaluate(data, tiny_bundle) == 0
    out = data.parent / "out"
    assert {"cases.csv", "table.csv", "table.json", "table.md", "page.html", "ordering.png"} <= {
        path.name for path in out.iterdir()
    }
    document = json.loads((out / "table.json").read_text())
    assert document["about"]["pictures"] == "liver 2, nerve 2"
    ordering = {
        f["metric"]: f["value"]
        for f in document["figures"]
        if (f["quantity"], f["organ"], f["family"]) == ("ordering", "all", "gain_low")
    }
    assert ordering["map"] == 1.0  # the map of this bundle is darkness
    assert set(ordering) == {"map", "nrq"}
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith("metric\tordering")
    assert "page.html" in printed.err


def test_a_second_run_adds_clips_and_other_back_ends_without_measuring_again(
    data: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    assert _evaluate(data, tiny_bundle, "--no-plots", "--metric", "map") == 0
    rows = (data.parent / "out" / "cases.csv").read_bytes()
    clip = tmp_path / "clip"
    clip.mkdir()
    for number in range(4):
        cv2.imwrite(str(clip / f"{number}.png"), speckled(number, 160, 200))
    more = ["--no-plots", "--metric", "map", "--clips", str(clip), "--against", "onnxruntime"]
    assert _evaluate(data, tiny_bundle, *more) == 0
    assert (data.parent / "out" / "cases.csv").read_bytes() == rows
    figures = json.loads((data.parent / "out" / "table.json").read_text())["figures"]
    found = {(f["quantity"], f["organ"]): f["value"] for f in figures}
    assert found["same_frame_difference", "clip"] == 0.0
    assert found["largest_score_difference", "onnxruntime fp32"] == 0.0


def test_pictures_can_be_left_out_and_limited(data: Path, tiny_bundle: Path) -> None:
    more = ["--no-plots", "--metric", "map", "--leave-out", "nerve/*", "--per-organ", "1"]
    assert _evaluate(data, tiny_bundle, *more) == 0
    document = json.loads((data.parent / "out" / "table.json").read_text())
    assert document["about"]["pictures"] == "liver 1"


def test_figures_are_those_of_the_chosen_pictures_whatever_else_the_folder_holds(
    data: Path, tiny_bundle: Path
) -> None:
    assert _evaluate(data, tiny_bundle, "--no-plots", "--metric", "map") == 0
    assert _evaluate(data, tiny_bundle, "--no-plots", "--metric", "map", "--per-organ", "1") == 0
    figures = json.loads((data.parent / "out" / "table.json").read_text())["figures"]
    counts = {f["count"] for f in figures if f["quantity"] == "psnr_across" and f["organ"] == "all"}
    assert counts == {2}


def test_another_bundle_in_the_same_folder_is_refused_in_one_line(
    data: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.doubles.bundles import make_bundle

    assert _evaluate(data, tiny_bundle, "--no-plots", "--metric", "map") == 0
    capsys.readouterr()
    assert (
        _evaluate(data, make_bundle(tmp_path / "other", seed=1).folder, "--no-plots", "--metric", "map") == 1
    )
    assert "name another --out" in capsys.readouterr().err


def test_an_empty_data_set_and_an_unknown_family_are_errors_of_one_line(
    data: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _evaluate(tmp_path / "nothing", tiny_bundle) == 1
    assert "name a folder with one folder for each organ" in capsys.readouterr().err
    assert (
        main(
            [
                "evaluate",
                str(data),
                "--bundle",
                str(tiny_bundle),
                "--out",
                str(tmp_path / "o"),
                "--families",
                "x",
            ]
        )
        == 1
    )
    assert "unknown degradation x" in capsys.readouterr().err


def test_other_heads_stand_beside_the_metric_as_rows_of_their_own(
    data: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    more = ["--no-plots", "--metric", "nrq", "--heads", "posterior,masked+posterior"]
    assert _evaluate(data, tiny_bundle, *more) == 0
    metrics = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert metrics[1:4] == ["nrq", "nrq posterior", "nrq masked+posterior"]
    assert _evaluate(data, tiny_bundle, "--no-plots", "--metric", "nrq", "--heads", "all") == 0
    metrics = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert metrics[1:6] == ["nrq", "nrq posterior", "nrq masked", "nrq posterior+masked", "nrq tokens"]
    assert "head typical is left out" in caplog.text
    assert _evaluate(data, tiny_bundle, "--heads", "typical") == 1
    assert "has no statistics of clean pictures" in capsys.readouterr().err
