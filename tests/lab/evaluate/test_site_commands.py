import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.cli import main
from scanmon.lab.fit.known import known_pictures
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.bundle_folder import read_document, read_files, write_bundle
from scanmon.scoring.familiar import familiar_bytes
from scanmon.scoring.organ_file import load_organ
from tests.doubles.bundles import looking_network
from tests.doubles.oracle import speckled


def _write(folder: Path, count: int, level: int = 0, seed: int = 0) -> Path:
    """Speckled pictures, darker by `level`."""
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.clip(speckled(seed + number, 100, 130).astype(int) - level, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:03d}.png"), pixels)
    return folder


def test_fit_writes_a_bundle_with_the_organs_of_the_site(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 20)
    _write(tmp_path / "clean" / "left arm", 20, level=40, seed=50)
    out = tmp_path / "site"
    command = ["fit", str(tmp_path / "clean"), "--bundle", str(tiny_bundle), "--out", str(out)]
    assert main([*command, "--dimensions", "6", "--parts", "2", "--region", "full"]) == 0
    bundle = open_bundle(out)
    assert bundle.nrq is not None
    assert bundle.nrq.organs == ("organs/left arm.npz", "organs/liver.npz")
    assert bundle.nrq.calibration is None
    assert load_organ(out / "organs/liver.npz").gmm_means.shape == (2, 6)
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].startswith("left arm\t20\t80\t")
    assert "run scanmon calibrate" in printed[-1]


def test_fit_can_keep_the_organs_of_the_bundle(tmp_path: Path, tiny_bundle: Path) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 20)
    out = tmp_path / "site"
    command = [
        "fit",
        str(tmp_path / "clean"),
        "--bundle",
        str(tiny_bundle),
        "--out",
        str(out),
        "--keep-organs",
    ]
    assert main([*command, "--dimensions", "6", "--parts", "2"]) == 0
    nrq = open_bundle(out).nrq
    assert nrq is not None
    assert nrq.organs == ("organs/alpha.npz", "organs/beta.npz", "organs/liver.npz")


def test_fit_names_every_organ_that_is_too_small_and_writes_nothing(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 3)
    _write(tmp_path / "clean" / "nerve", 2)
    command = ["fit", str(tmp_path / "clean"), "--bundle", str(tiny_bundle), "--out", str(tmp_path / "site")]
    assert main(command) == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("error: liver: 3 pictures give 12 windows")
    assert "nerve: 2 pictures" in line
    assert not (tmp_path / "site").exists()


def test_calibrate_puts_clean_pictures_above_the_threshold_and_rejected_ones_below(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = _write(tmp_path / "clean", 24)
    rejected = _write(tmp_path / "dark", 8, level=90, seed=100)
    out = tmp_path / "site"
    command = ["calibrate", str(clean), "--bundle", str(tiny_bundle), "--out", str(out), "--metric", "map"]
    judged = ["--accepted", str(clean), "--rejected", str(rejected), "--region", "full"]
    assert main([*command, *judged]) == 0
    assert "100% of the judged pictures told apart" in capsys.readouterr().out
    arguments = ["--bundle", str(out), "--metric", "map", "--region", "full"]
    assert main(["score", str(clean), str(rejected), *arguments]) == 0
    verdicts = [json.loads(line)["verdict"] for line in capsys.readouterr().out.splitlines()]
    assert verdicts[:24] == ["adequate"] * 24
    assert "adequate" not in verdicts[24:]


def test_calibrate_leaves_the_other_metric_and_all_networks_as_they_are(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    clean = _write(tmp_path / "clean", 24)
    out = tmp_path / "site"
    command = ["calibrate", str(clean), "--bundle", str(tiny_bundle), "--out", str(out), "--metric", "map"]
    assert main(command) == 0
    before, after = open_bundle(tiny_bundle), open_bundle(out)
    assert before.nrq == after.nrq
    assert before.files == after.files
    assert before.map != after.map
    assert after.version == f"{before.version}+site"


def test_calibrate_makes_the_pictures_of_a_site_familiar(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = _write(tmp_path / "clean", 20, level=70)
    rng = np.random.default_rng(0)
    known = known_pictures(np.stack([rng.normal(200, 3, 40), rng.normal(250, 2, 40)], 1), np.empty((0, 2)))
    document, files = read_document(open_bundle(tiny_bundle)), read_files(open_bundle(tiny_bundle))
    del document["nrq"]
    document["map"] |= {"file": "looking.onnx", "familiar": "known.npz", "word_from": 0.3}
    looking = {"looking.onnx": looking_network(), "known.npz": familiar_bytes(known)}
    bundle = write_bundle(tmp_path / "looking", document, files | looking)
    site = tmp_path / "site"
    shown = ["--region", "full", "--metric", "map"]
    assert main(["calibrate", str(clean), "--bundle", str(bundle.folder), "--out", str(site), *shown]) == 0
    capsys.readouterr()
    more = _write(tmp_path / "more", 6, level=70, seed=70)
    said = {}
    for folder in (bundle.folder, site):
        assert main(["score", str(more), "--bundle", str(folder), *shown]) == 0
        said[folder] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    before, after = said.values()
    assert [line["verdict"] for line in before] == [None] * 6
    assert all(line["familiar"] == 0.0 and line["quality"] is not None for line in before)
    assert all(line["verdict"] is not None and line["familiar"] > 0.3 for line in after)
    assert after[0]["parts"]["light"] == pytest.approx(after[0]["quality"])


def test_calibrate_makes_them_familiar_to_nrq_too_and_a_list_of_other_features_is_refused(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = _write(tmp_path / "clean", 20)
    width = load_organ(tiny_bundle / "organs/alpha.npz").pca_mean.size
    said = {}
    for name, count in (("right", width), ("wrong", 5)):
        known = known_pictures(np.random.default_rng(0).normal(90, 0.1, (30, count)), np.empty((0, count)))
        document, files = read_document(open_bundle(tiny_bundle)), read_files(open_bundle(tiny_bundle))
        document["nrq"]["familiar"] = "known_nrq.npz"
        write_bundle(tmp_path / name, document, files | {"known_nrq.npz": familiar_bytes(known)})
    shown, site = ["--region", "full", "--metric", "nrq"], tmp_path / "site"
    assert main(["score", str(clean), "--bundle", str(tmp_path / "wrong"), *shown]) == 1
    assert "knows pictures by 5 features" in capsys.readouterr().err
    assert (
        main(["calibrate", str(clean), "--bundle", str(tmp_path / "right"), "--out", str(site), *shown]) == 0
    )
    capsys.readouterr()
    more = _write(tmp_path / "more", 4, seed=70)
    for folder in (tmp_path / "right", site):
        assert main(["score", str(more), "--bundle", str(folder), *shown]) == 0
        said[folder] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    before, after = said.values()
    assert all(line["verdict"] is None and line["familiar"] == 0.0 for line in before)
    assert all(line["verdict"] is not None and line["familiar"] > 0.25 for line in after)


def test_too_few_clean_pictures_are_an_error_of_one_line(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = _write(tmp_path / "clean", 5)
    command = ["calibrate", str(clean), "--bundle", str(tiny_bundle), "--out", str(tmp_path / "site")]
    assert main([*command, "--metric", "map"]) == 1
    assert "5 clean pictures are too few" in capsys.readouterr().err


def test_compare_gives_one_json_line(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = _write(tmp_path / "one", 1)
    other = _write(tmp_path / "other", 1, level=20)
    files = [str(one / "000.png"), str(other / "000.png")]
    assert main(["compare", *files, "--bundle", str(tiny_bundle)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ulpips"] > 0
    assert 20 < found["psnr_db"] < 30
    assert 0.5 < found["ssim"] < 1
    assert main(["compare", files[0], files[0], "--bundle", str(tiny_bundle)]) == 0
    same = json.loads(capsys.readouterr().out)
    assert (same["ulpips"], same["psnr_db"]) == (0.0, None)
    assert same["ssim"] == pytest.approx(1.0)


def test_pictures_of_two_sizes_are_not_compared(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckled(0, 100, 130))
    cv2.imwrite(str(tmp_path / "b.png"), speckled(0, 100, 131))
    files = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert main(["compare", *files, "--bundle", str(tiny_bundle)]) == 1
    assert "is 131x100 px, its reference 130x100" in capsys.readouterr().err
