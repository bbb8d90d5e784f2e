"""USFM's BEiT-style weights become a plain network that computes the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanmon.core.errors import CheckpointError
from scanmon.lab.builder.architecture import Architecture
from scanmon.lab.builder.checkpoint import load_checkpoint
from scanmon.lab.builder.graph import backbone_graph

torch = pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")

SMALL = Architecture("small", width=24, depth=3, heads=3, image=48, biased=True)
SIDE = 3


def _state(*, shared: bool, absolute: bool, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)

    def value(*shape: int, scale: float = 0.3) -> Any:
        return torch.from_numpy(rng.normal(0, scale, shape).astype(np.float32))

    state = {
        "cls_token": value(1, 1, 24),
        "mask_token": value(1, 1, 24),
        "patch_embed.proj.weight": value(24, 3, 16, 16, scale=0.05),
        "patch_embed.proj.bias": value(24),
        "fc_norm.weight": value(24),
        "head.weight": value(5, 24),
    }
    if absolute:
        state["pos_embed"] = value(1, 10, 24)
    if shared:
        state["rel_pos_bias.relative_position_bias_table"] = value(28, 3, scale=1.0)
    for i in range(3):
        at = f"blocks.{i}."
        if not shared:
            state[at + "attn.relative_position_bias_table"] = value(28, 3, scale=1.0)
            state[at + "attn.relative_position_index"] = torch.zeros(10, 10, dtype=torch.long)
        state |= {at + name: value(24) + 1 for name in ("norm1.weight", "norm2.weight")}
        state |= {at + name: value(24) for name in ("norm1.bias", "norm2.bias", "gamma_1", "gamma_2")}
        state |= {at + name: value(24) for name in ("attn.q_bias", "attn.v_bias", "attn.proj.bias")}
        state |= {at + "attn.qkv.weight": value(72, 24), at + "attn.proj.weight": value(24, 24)}
        state |= {at + "mlp.fc1.weight": value(96, 24), at + "mlp.fc1.bias": value(96)}
        state |= {at + "mlp.fc2.weight": value(24, 96), at + "mlp.fc2.bias": value(24)}
    return state


def _written_out(state: dict[str, Any], windows: np.ndarray, layers: tuple[int, ...]) -> np.ndarray:
    """The network as BEiT describes it, with its own parts and a loop over pairs of patches."""
    x = torch.from_numpy(windows).float()[:, None].expand(-1, 3, -1, -1) / 127.5 - 1
    x = torch.nn.functional.conv2d(
        x, state["patch_embed.proj.weight"], state["patch_embed.proj.bias"], stride=16
    )
    x = torch.cat([state["cls_token"].expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], dim=1)
    x = x + state.get("pos_embed", 0)
    means = []
    for i in range(max(layers)):
        part = {
            name.removeprefix(f"blocks.{i}."): v
            for name, v in state.items()
            if name.startswith(f"blocks.{i}.")
        }
        table = part.get(
            "attn.relative_position_bias_table", state.get("rel_pos_bias.relative_position_bias_table")
        )
        bias = torch.empty(3, 10, 10)
        bias[:, 0, :], bias[:, :, 0], bias[:, 0, 0] = table[25][:, None], table[26][:, None], table[27]
        for a in range(9):
            for b in range(9):
                down, across = a // SIDE - b // SIDE, a % SIDE - b % SIDE
                bias[:, a + 1, b + 1] = table[(down + SIDE - 1) * (2 * SIDE - 1) + across + SIDE - 1]
        y = torch.nn.functional.layer_norm(x, (24,), part["norm1.weight"], part["norm1.bias"], 1e-6)
        q, k, v = torch.nn.functional.linear(y, part["attn.qkv.weight"]).chunk(3, dim=-1)
        q, v = q + part["attn.q_bias"], v + part["attn.v_bias"]
        q, k, v = (one.view(len(x), 10, 3, 8).transpose(1, 2) for one in (q, k, v))
        share = (q @ k.transpose(-2, -1) / 8**0.5 + bias).softmax(dim=-1)
        y = (share @ v).transpose(1, 2).reshape(len(x), 10, 24)
        x = x + part["gamma_1"] * torch.nn.functional.linear(
            y, part["attn.proj.weight"], part["attn.proj.bias"]
        )
        y = torch.nn.functional.layer_norm(x, (24,), part["norm2.weight"], part["norm2.bias"], 1e-6)
        y = torch.nn.functional.gelu(
            torch.nn.functional.linear(y, part["mlp.fc1.weight"], part["mlp.fc1.bias"])
        )
        x = x + part["gamma_2"] * torch.nn.functional.linear(y, part["mlp.fc2.weight"], part["mlp.fc2.bias"])
        if i + 1 in layers:
            means.append(x[:, 1:].mean(dim=1))
    return np.asarray(torch.nn.functional.normalize(torch.cat(means, dim=1), dim=1).numpy())


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("attention", ["fused", "plain"])
def test_usfm_gives_the_features_of_the_network_written_out(shared, absolute, attention, tmp_path) -> None:
    from scanmon.lab.builder.vit import features, from_weights

    state = _state(shared=shared, absolute=absolute)
    torch.save({"model": {f"encoder.{name}": tensor for name, tensor in state.items()}}, tmp_path / "u.pth")
    checkpoint = load_checkpoint(tmp_path / "u.pth", [SMALL])
    assert checkpoint.prefix == "encoder."
    windows = np.random.default_rng(4).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    expected = _written_out(state, windows, (1, 3))
    found = features(from_weights(checkpoint.weights, SMALL), windows, (1, 3))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    model = backbone_graph(checkpoint.weights, SMALL, (1, 3), attention)
    session = ort.InferenceSession(model.SerializeToString())
    np.testing.assert_allclose(session.run(None, {"windows": windows})[0], expected, atol=2e-6)


def test_gap_in_a_usfm_checkpoint_is_found(tmp_path: Path) -> None:
    state = _state(shared=False, absolute=False)
    del state["blocks.2.attn.relative_position_bias_table"], state["blocks.1.attn.v_bias"]
    torch.save(state, tmp_path / "u.pth")
    with pytest.raises(
        CheckpointError, match=r"blocks\.1\.attn\.v_bias is missing.*relative_position_bias_table"
    ):
        load_checkpoint(tmp_path / "u.pth", [SMALL])


def test_window_of_another_size_is_refused(tmp_path: Path) -> None:
    torch.save(_state(shared=False, absolute=False), tmp_path / "u.pth")
    with pytest.raises(CheckpointError, match=r"expected \(52, 3\)"):
        load_checkpoint(tmp_path / "u.pth", [replace(SMALL, image=64)])
