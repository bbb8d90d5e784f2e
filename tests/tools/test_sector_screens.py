"""Made-up screens: the same for the same seed, and labelled as drawn."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from scanmon.lab.evaluate.screens import evaluate_screens, labelled
from scanmon.picture import region
from scanmon.picture.region import Kind
from scanmon.picture.region.look import HIGH, WIDE
from tools.training.sector.net import Deployed
from tools.training.sector.screens import KINDS, screen
from tools.training.sector.textures import Textures
from tools.training.sector.train import begun, save
from tools.training.sector.write import largest, written


@pytest.fixture(scope="module")
def textures() -> Textures:
    return Textures([], 1, phantoms=3)


def test_the_kinds_are_those_that_the_monitor_reads() -> None:
    assert [kind.upper() for kind in KINDS] == [kind.name for kind in Kind]


def test_a_seed_gives_one_screen(textures: Textures) -> None:
    one, other = screen((3, 5), textures), screen((3, 5), textures)
    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(one.image, other.image)
    assert not np.array_equal(one.pixels.shape, ()) and one.kind == other.kind


def test_screens_hold_every_kind_and_their_labels_fit(textures: Textures) -> None:
    made = [screen((4, number), textures) for number in range(120)]
    assert {one.kind for one in made} == set(KINDS)
    for one in made:
        for plane in (one.image, one.seam, one.text, one.panel):
            assert plane.shape == one.pixels.shape
        if one.kind == "b_mode":
            assert (one.image > 127).mean() > 0.01
        if one.chroma is not None:
            assert one.chroma.shape == one.pixels.shape


def test_written_screens_are_read_back_and_judged(textures: Textures, tmp_path: Path) -> None:
    chosen = [number for number in range(12) if screen((5, number), textures).kind == "b_mode"][:3]
    entries = [written(tmp_path, number, screen((5, number), textures)) for number in chosen]
    (tmp_path / "labels.json").write_text(json.dumps(entries), encoding="utf-8")
    read = list(labelled(tmp_path))
    assert len(read) == len(chosen)
    for number, one in zip(chosen, read, strict=True):
        assert one.truth is not None
        assert np.array_equal(one.truth, largest(screen((5, number), textures)) > 127)
    rows = evaluate_screens(tmp_path, tmp_path / "out")
    assert rows[0]["screens"] == len(chosen)
    assert (tmp_path / "out" / "worst.png").is_file()


def test_a_training_begins_with_the_shipped_network_and_goes_on_from_its_own_file(tmp_path: Path) -> None:
    shipped, saved = Path(region.__file__).parents[1] / "sector.onnx", tmp_path / "sector.pt"
    net, screens, folded = begun(shipped)
    save(saved, net, 1, screens + 24, folded)
    again, more, still_folded = begun(saved)
    assert folded and still_folded and more == screens + 24 > 300_000
    levels = torch.randint(0, 256, (1, 3, HIGH, WIDE), dtype=torch.uint8)
    said = onnxruntime.InferenceSession(shipped).run(None, {"levels": levels.numpy()})[0]
    for one in (net, again):
        with torch.no_grad():
            assert np.allclose(Deployed(one).eval()(levels), said, atol=1e-4)
