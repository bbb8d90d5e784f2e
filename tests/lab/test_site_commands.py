"""`scanmon fit` and `scanmon calibrate` on the pictures of a site."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.lab.calibrate import known_pictures
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.bundle_folder import read_document, read_files, write_bundle
from scanmon.scoring.familiar import familiar_bytes
from scanmon.scoring.organ_file import load_organ
from tests.doubles.bundles import looking_network
from tests.doubles.commands import Command
from tests.doubles.oracle import speckled

SMALL = ("--dimensions", "6", "--parts", "2")


def _write(folder: Path, count: int, level: int = 0, seed: int = 0) -> Path:
    """Speckled pictures, darker by `level`."""
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.clip(speckled(seed + number, 100, 130).astype(int) - level, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:03d}.png"), pixels)
    return folder


def test_fit_writes_a_bundle_with_the_organs_of_the_site(tmp_path, tiny_bundle, command) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 20)
    _write(tmp_path / "clean" / "left arm", 20, level=40, seed=50)
    out = tmp_path / "site"
    fit = ["fit", tmp_path / "clean", "--bundle", tiny_bundle, "--out", out, "--region", "full"]
    printed = command(*fit, *SMALL).out.splitlines()
    nrq = open_bundle(out).nrq
    assert nrq.organs == ("organs/left arm.npz", "organs/liver.npz")
    assert nrq.calibration is None
    assert load_organ(out / "organs/liver.npz").gmm_means.shape == (2, 6)
    assert printed[1].startswith("left arm\t20\t80\t")
    assert "run scanmon calibrate" in printed[-1]


def test_fit_can_keep_the_organs_of_the_bundle(tmp_path: Path, tiny_bundle: Path, command: Command) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 20)
    out = tmp_path / "site"
    command("fit", tmp_path / "clean", "--bundle", tiny_bundle, "--out", out, "--keep-organs", *SMALL)
    nrq = open_bundle(out).nrq
    assert nrq.organs == ("organs/alpha.npz", "organs/beta.npz", "organs/liver.npz")


def test_fit_names_every_organ_that_is_too_small_and_writes_nothing(tmp_path, tiny_bundle, command) -> None:
    pytest.importorskip("sklearn")
    _write(tmp_path / "clean" / "liver", 3)
    _write(tmp_path / "clean" / "nerve", 2)
    fit = ["fit", tmp_path / "clean", "--bundle", tiny_bundle, "--out", tmp_path / "site"]
    line = command(*fit, code=1).err.strip().splitlines()[-1]
    assert line.startswith("error: liver: 3 pictures give 12 windows")
    assert "nerve: 2 pictures" in line
    assert not (tmp_path / "site").exists()


def test_calibrate_puts_clean_pictures_above_the_threshold_and_rejected_ones_below(
    tmp_path: Path, tiny_bundle: Path, command: Command
) -> None:
    clean, rejected = _write(tmp_path / "clean", 24), _write(tmp_path / "dark", 8, level=90, seed=100)
    out, shown = tmp_path / "site", ["--metric", "map", "--region", "full"]
    judged = ["--accepted", clean, "--rejected", rejected]
    said = command("calibrate", clean, "--bundle", tiny_bundle, "--out", out, *shown, *judged)
    assert "100% of the judged pictures told apart" in said.out
    rows = command("score", clean, rejected, "--bundle", out, *shown).rows
    verdicts = [row["verdict"] for row in rows]
    assert verdicts[:24] == ["adequate"] * 24
    assert "adequate" not in verdicts[24:]


def test_calibrate_leaves_the_other_metric_and_all_networks_as_they_are(tmp_path, tiny_bundle, command):
    clean, out = _write(tmp_path / "clean", 24), tmp_path / "site"
    command("calibrate", clean, "--bundle", tiny_bundle, "--out", out, "--metric", "map")
    before, after = open_bundle(tiny_bundle), open_bundle(out)
    assert before.nrq == after.nrq
    assert before.files == after.files
    assert before.map != after.map
    assert after.version == f"{before.version}+site"


def test_calibrate_makes_the_pictures_of_a_site_familiar(tmp_path, tiny_bundle, command) -> None:
    clean = _write(tmp_path / "clean", 20, level=70)
    rng = np.random.default_rng(0)
    known = known_pictures(np.stack([rng.normal(200, 3, 40), rng.normal(250, 2, 40)], 1), np.empty((0, 2)))
    document, files = read_document(open_bundle(tiny_bundle)), read_files(open_bundle(tiny_bundle))
    del document["nrq"]
    document["map"] |= {"file": "looking.onnx", "familiar": "known.npz", "word_from": 0.3}
    looking = {"looking.onnx": looking_network(), "known.npz": familiar_bytes(known)}
    bundle = write_bundle(tmp_path / "looking", document, files | looking).folder
    site, shown = tmp_path / "site", ["--region", "full", "--metric", "map"]
    command("calibrate", clean, "--bundle", bundle, "--out", site, *shown)
    more = _write(tmp_path / "more", 6, level=70, seed=70)
    before, after = (command("score", more, "--bundle", one, *shown).rows for one in (bundle, site))
    assert [line["verdict"] for line in before] == [None] * 6
    assert all(line["familiar"] == 0.0 and line["quality"] is not None for line in before)
    assert all(line["verdict"] is not None and line["familiar"] > 0.3 for line in after)
    assert after[0]["parts"]["light"] == pytest.approx(after[0]["quality"])


def test_calibrate_makes_them_familiar_to_nrq_too_and_a_list_of_other_features_is_refused(
    tmp_path: Path, tiny_bundle: Path, command: Command
) -> None:
    clean = _write(tmp_path / "clean", 20)
    width = load_organ(tiny_bundle / "organs/alpha.npz").pca_mean.size
    for name, count in (("right", width), ("wrong", 5)):
        known = known_pictures(np.random.default_rng(0).normal(90, 0.1, (30, count)), np.empty((0, count)))
        document, files = read_document(open_bundle(tiny_bundle)), read_files(open_bundle(tiny_bundle))
        document["nrq"]["familiar"] = "known_nrq.npz"
        write_bundle(tmp_path / name, document, files | {"known_nrq.npz": familiar_bytes(known)})
    right, site, shown = tmp_path / "right", tmp_path / "site", ["--region", "full", "--metric", "nrq"]
    said = command("score", clean, "--bundle", tmp_path / "wrong", *shown, code=1)
    assert "knows pictures by 5 features" in said.err
    command("calibrate", clean, "--bundle", right, "--out", site, *shown)
    more = _write(tmp_path / "more", 4, seed=70)
    before, after = (command("score", more, "--bundle", one, *shown).rows for one in (right, site))
    assert all(line["verdict"] is None and line["familiar"] == 0.0 for line in before)
    assert all(line["verdict"] is not None and line["familiar"] > 0.25 for line in after)


def test_too_few_clean_pictures_are_an_error_of_one_line(tmp_path, tiny_bundle, command) -> None:
    clean = _write(tmp_path / "clean", 5)
    calibrate = ["calibrate", clean, "--bundle", tiny_bundle, "--out", tmp_path / "site", "--metric", "map"]
    assert "5 clean pictures are too few" in command(*calibrate, code=1).err
