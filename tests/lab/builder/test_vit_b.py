"""Plain ViT-B/16 of the MAE family, and pixels normalised in more than one way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scanmon.core.errors import CheckpointError
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.architecture import (
    HALF,
    IMAGENET,
    TINYUSFM,
    USFM,
    VIT_B,
    folded,
    random_weights,
)
from scanmon.lab.builder.checkpoint import load_checkpoint
from tests.doubles.bundles import speckle
from tests.doubles.commands import Command
from tests.doubles.sites import LAYERS, SMALL, built, small_site

torch = pytest.importorskip("torch")


def _mae() -> dict[str, Any]:
    """Keys and shapes of `mae_vit_base_patch16_dec512d8b`; one number a tensor, so that the file is small."""
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, 768),
        "pos_embed": (1, 197, 768),
        "mask_token": (1, 1, 512),
        "decoder_pos_embed": (1, 197, 512),
        "patch_embed.proj.weight": (768, 3, 16, 16),
        "patch_embed.proj.bias": (768,),
        "norm.weight": (768,),
        "norm.bias": (768,),
        "decoder_embed.weight": (512, 768),
        "decoder_embed.bias": (512,),
        "decoder_norm.weight": (512,),
        "decoder_norm.bias": (512,),
        "decoder_pred.weight": (768, 512),
        "decoder_pred.bias": (768,),
    }
    for stem, blocks, width in (("blocks", 12, 768), ("decoder_blocks", 8, 512)):
        for i in range(blocks):
            at = f"{stem}.{i}."
            for name in ("norm1", "norm2"):
                shapes |= {f"{at}{name}.weight": (width,), f"{at}{name}.bias": (width,)}
            for name, rows, columns in (
                ("attn.qkv", 3 * width, width),
                ("attn.proj", width, width),
                ("mlp.fc1", 4 * width, width),
                ("mlp.fc2", width, 4 * width),
            ):
                shapes |= {f"{at}{name}.weight": (rows, columns), f"{at}{name}.bias": (rows,)}
    return {name: torch.full((1,), 0.01).expand(shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("layout", ["USF-MAE, bare", "UltraFedFM, with its optimizer"])
def test_a_masked_autoencoder_loads_as_vit_b_without_its_decoder(layout: str, tmp_path: Path) -> None:
    state = _mae()
    content = {"model": state, "optimizer": {"state": {}}} if "optimizer" in layout else state
    torch.save(content, tmp_path / "mae.pth")
    checkpoint = load_checkpoint(tmp_path / "mae.pth")
    assert checkpoint.architecture == VIT_B
    assert checkpoint.architecture.normalisation == IMAGENET
    assert checkpoint.tensors == 150
    assert {name.split(".")[0] for name in checkpoint.left_out} == {
        *("mask_token", "decoder_pos_embed", "decoder_embed", "decoder_norm", "decoder_pred"),
        *("decoder_blocks",),
    }


def test_an_incomplete_one_is_refused_by_its_name(tmp_path: Path) -> None:
    state = _mae()
    del state["blocks.7.mlp.fc1.bias"]
    torch.save(state, tmp_path / "cut.pth")
    with pytest.raises(
        CheckpointError, match=r"not a complete vit-b \(149 of 150.*blocks\.7\.mlp\.fc1\.bias"
    ):
        load_checkpoint(tmp_path / "cut.pth")


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("visual.transformer.resblocks.0.attn.in_proj_weight", "FetalCLIP"),
        ("layers1.0.blocks.0.attn.qkv.weight", "EchoCare"),
        ("backbone.layers.0.attn.rel_pos_h", "UltraSam"),
        ("teacher.backbone.blocks.0.0.ls1.gamma", "UltraDINO"),
        ("layers.0.blocks.0.op.x_proj_weight", "OpenUS"),
    ],
)
def test_networks_that_are_not_taken_are_named(key: str, word: str, tmp_path: Path) -> None:
    torch.save({key: torch.zeros(2, 2)}, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=word):
        load_checkpoint(tmp_path / "other.pth")


def _as_trained(weights: Any, windows: np.ndarray) -> np.ndarray:
    """Features with the pixels normalised as ImageNet's, by the formula of the training code."""
    from scanmon.lab.builder.vit import from_weights

    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET.mean, IMAGENET.std))
    pixels = torch.from_numpy(windows).float()[:, None].expand(-1, 3, -1, -1) / 255
    with torch.inference_mode():
        return from_weights(weights, SMALL)((pixels - mean) / std, LAYERS).numpy()


def _windows() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (4, 64, 64), np.uint8)


def test_mean_and_deviation_in_the_stem_change_nothing_but_the_input() -> None:
    from scanmon.lab.builder.vit import features, from_weights

    weights = random_weights(SMALL, 2)
    expected = _as_trained(weights, _windows())
    found = features(from_weights(folded(weights, IMAGENET), SMALL), _windows(), LAYERS)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert folded(weights, HALF) is weights


def test_a_built_bundle_gives_the_features_of_the_training_code_and_shows_the_licence(tmp_path, command):
    site = small_site(tmp_path)
    known = [replace(SMALL, normalisation=IMAGENET)]
    bundle = built(site, tmp_path / "b", organs=None, known=known, licence="MIT (USF-MAE)")
    assert bundle.provenance["normalisation"] == "imagenet"
    found = OnnxEngine(bundle.read(bundle.nrq.file), "fp32", 1).run(_windows())
    np.testing.assert_allclose(found, _as_trained(random_weights(SMALL, 2), _windows()), atol=1e-5)
    assert "MIT (USF-MAE)" in command("bundles", bundle.folder).out


def test_the_two_normalisations_of_tinyusfm_are_told_apart(tmp_path: Path) -> None:
    assert TINYUSFM.normalisation == USFM.normalisation == HALF
    site = small_site(tmp_path)
    found = []
    for name in ("half", "imagenet"):
        bundle = built(site, tmp_path / name, organs=None, normalisation=name)
        assert bundle.provenance["normalisation"] == name
        found.append(OnnxEngine(bundle.read(bundle.nrq.file), "fp32", 1).run(_windows()))
    np.testing.assert_allclose(found[1], _as_trained(random_weights(SMALL, 2), _windows()), atol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_the_recipe_ends_with_a_bundle_that_scores(tmp_path: Path, command: Command) -> None:
    built(small_site(tmp_path), tmp_path / "plain", organs=None, normalisation="imagenet")
    (tmp_path / "accepted" / "nerve").mkdir(parents=True)
    for seed in range(12):
        picture = speckle(1, seed, side=160)[0]
        cv2.imwrite(str(tmp_path / "accepted" / "nerve" / f"{seed}.png"), picture)
    fit = ["fit", tmp_path / "accepted", "--bundle", tmp_path / "plain", "--dimensions", "4"]
    command(*fit, "--parts", "1", "--region", "full", "--out", tmp_path / "fitted")
    picture = tmp_path / "accepted" / "nerve" / "0.png"
    score = ["score", picture, "--bundle", tmp_path / "fitted", "--metric", "nrq", "--region", "full"]
    assert command(*score).row["organ"] == "nerve"
