"""Checkpoints in every layout that circulates load completely or not at all."""

import argparse
import datetime
import os
import pickle
import shlex
import sys
import types
import zipfile
from collections import OrderedDict, defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanmon.core.errors import CheckpointError
from scanmon.lab.builder.architecture import Architecture, random_weights
from scanmon.lab.builder.checkpoint import load_checkpoint
from tests.doubles.memory import traced_below

torch = pytest.importorskip("torch")

SMALL = Architecture("small", width=12, depth=2, heads=2, image=32)
WEIGHTS = random_weights(SMALL, 3)
STATE = {name: torch.from_numpy(array) for name, array in WEIGHTS.items()}


def _prefixed(prefix: str) -> dict[str, Any]:
    return {prefix + name: tensor for name, tensor in STATE.items()}


def _saved(content: object, folder: Path) -> Path:
    path = folder / "weights.pth"
    torch.save(content, path)
    return path


LAYOUTS = {
    "bare": STATE,
    "ordered": OrderedDict(STATE),
    "model": {"model": _prefixed("model.")},
    "state_dict": {"state_dict": STATE, "epoch": 3},
    "module.model": {"model": _prefixed("module.model.")},
    "module": _prefixed("module."),
    "backbone": {"state_dict": _prefixed("backbone.")},
    "training script": {"model": STATE, "optimizer": {"state": {}}, "args": argparse.Namespace(lr=1e-3)},
    "head": STATE | {"head.weight": torch.zeros(5, 12), "head.bias": torch.zeros(5)},
    "teacher alone": {"teacher": _prefixed("backbone."), "optimizer": {"state": {}}},
    "with averaged weights": {
        "model": STATE,
        "model_ema": {name: tensor + 1 for name, tensor in STATE.items()},
    },
    "parameters": {name: torch.nn.Parameter(tensor) for name, tensor in STATE.items()},
    "encoder of an autoencoder": _prefixed("encoder.") | {"decoder.blocks.0.norm1.weight": torch.zeros(3)},
    "half": {name: tensor.double() for name, tensor in STATE.items()},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_complete_weights(layout: str, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(_saved(LAYOUTS[layout], tmp_path), [SMALL])
    assert set(checkpoint.weights) == set(WEIGHTS)
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(checkpoint.weights[name], array)
        assert checkpoint.weights[name].dtype == np.float32


def test_one_of_several_networks_is_taken_by_its_name(tmp_path: Path) -> None:
    other = {name: tensor + 1 for name, tensor in STATE.items()}
    for content, name in (
        ({"student": other, "teacher": STATE}, "teacher"),
        ({"state_dict": other, "state_dict_ema": STATE}, "state_dict_ema"),
        ({f"student.{key}": value for key, value in other.items()} | _prefixed("teacher."), "teacher"),
    ):
        path = _saved(content, tmp_path)
        loaded = load_checkpoint(path, [SMALL], name)
        np.testing.assert_array_equal(loaded.weights["norm.bias"], WEIGHTS["norm.bias"])
        with pytest.raises(CheckpointError, match="holds no network 'head'"):
            load_checkpoint(_saved(STATE, tmp_path), [SMALL], "head")


def test_classifier_without_the_last_norm_is_complete_for_the_metric(tmp_path: Path) -> None:
    content = {key: value for key, value in STATE.items() if not key.startswith("norm.")}
    content |= {"fc_norm.weight": torch.ones(12), "fc_norm.bias": torch.zeros(12)}
    loaded = load_checkpoint(_saved(content, tmp_path), [SMALL])
    assert set(loaded.weights) == set(WEIGHTS)
    assert (loaded.tensors, loaded.left_out) == (28, ("fc_norm.weight", "fc_norm.bias"))


def test_report_says_how_much_was_found(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(_saved(LAYOUTS["head"], tmp_path), [SMALL])
    assert checkpoint.left_out == ("head.weight", "head.bias")
    assert f"{len(WEIGHTS)} of {len(WEIGHTS)} tensors" in checkpoint.report()


def _without(part: str) -> dict[str, Any]:
    return {name: tensor for name, tensor in STATE.items() if part not in name}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_without("blocks.1."), r"12 of 30|blocks\.1\.attn\.qkv\.weight is missing.*more"),
        (_without("cls_token"), "cls_token is missing"),
        (
            STATE | {"pos_embed": torch.zeros(1, 1025, 12)},
            r"pos_embed is \(1, 1025, 12\), expected \(1, 5, 12\)",
        ),
        (STATE | {"blocks.2.norm1.weight": torch.zeros(12)}, r"blocks\.2\.norm1\.weight is unknown"),
        (STATE | {"norm.bias": torch.full((12,), torch.nan)}, "NaN or infinity in norm.bias"),
        ({"head.weight": torch.zeros(5, 12)}, "has no vision transformer"),
        ({}, "holds no weights"),
        ([1, 2], "no dictionary"),
        (_prefixed("student.") | _prefixed("teacher."), r"holds 2 networks \(student, teacher\).*--network"),
        ({"student": STATE, "teacher": STATE}, r"holds 2 networks \(teacher, student\)"),
        (STATE | {"norm.bias": torch.zeros(12, dtype=torch.int32)}, r"29 of 30.*norm\.bias is of type int32"),
        (STATE | {"norm.bias": torch.zeros(12, dtype=torch.complex64)}, "is of type complex64"),
        (STATE | {"norm.bias": torch.zeros(1).expand(10**12)}, r"norm\.bias is \(1000000000000,\)"),
    ],
)
def test_anything_incomplete_is_refused_with_what_is_wrong(content, says, tmp_path) -> None:
    path = _saved(content, tmp_path)
    with pytest.raises(CheckpointError, match=says) as caught:
        load_checkpoint(path, [SMALL])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


class _Code:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("was-run"),))


def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = _saved({"model": STATE, "extra": _Code()}, tmp_path)
    with pytest.raises(CheckpointError, match="holds code"):
        load_checkpoint(path, [SMALL])
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(_Code()))
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path / "plain.pth", [SMALL])
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("cut", [0, 10, 1000, -200])
def test_truncated_file_is_refused(cut: int, tmp_path: Path) -> None:
    path = _saved(STATE, tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_checkpoint(path, [SMALL])


def _rewritten(path: Path, change: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    """The same archive, with other content in the members whose names end so."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, next((new for end, new in change.items() if name.endswith(end)), data))


def test_archive_that_unpacks_to_more_than_it_is_is_not_unpacked(tmp_path: Path) -> None:
    path = _saved(STATE, tmp_path)
    _rewritten(path, {"data/0": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1_000_000
    refused = pytest.raises(CheckpointError, match=r"is 0\.1 GB of compressed data")
    with traced_below(10_000_000), refused:
        load_checkpoint(path, [SMALL])


def test_what_lies_beside_the_weights_is_not_held(tmp_path: Path) -> None:
    path = _saved({"model": STATE, "optimizer": torch.zeros(25_000_000)}, tmp_path)
    with traced_below(10_000_000):
        assert load_checkpoint(path, [SMALL]).tensors == len(STATE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_holes_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    with pytest.raises(CheckpointError, match="is not a file"):
        load_checkpoint(tmp_path / "pipe.pth")
    with (tmp_path / "holes.pth").open("wb") as file:
        file.truncate(7 << 30)
    with pytest.raises(CheckpointError, match="is too large"):
        load_checkpoint(tmp_path / "holes.pth")


def test_changed_byte_is_found_by_its_checksum(tmp_path: Path) -> None:
    path = _saved(STATE, tmp_path)
    data = path.read_bytes()
    weights = STATE["blocks.1.mlp.fc1.weight"].numpy().tobytes()
    at = data.index(weights) + 100
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    with pytest.raises(CheckpointError, match=r"is damaged \(checksum of .*data/\d+\)"):
        load_checkpoint(path, [SMALL])


def test_a_member_that_does_not_unpack_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "packed.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("data.pkl", "filler"):  # noise: it does not get smaller
            archive.writestr(f"archive/{name}", np.random.default_rng(0).bytes(4096))
    data = bytearray(path.read_bytes())
    data[data.index(b"data.pkl") + 8] = 0b110  # a kind of block that there is not
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="is damaged"):
        load_checkpoint(path, [SMALL])


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pointer.pth"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 22144847\n")
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_checkpoint(path, [SMALL])


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_checkpoint(tmp_path / "none.pth", [SMALL])


def test_network_of_another_width_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"tokens 12 wide and absolute.*tinyusfm \(192 wide\), usfm"):
        load_checkpoint(_saved(STATE, tmp_path))


class _Settings(dict[str, Any]):
    """As libraries of settings have it: a class of their own, pickled by its name."""


def _of_library(name: str, monkeypatch: pytest.MonkeyPatch, base: type = object) -> Any:
    """An object whose class says that it is from a library, which need not be installed."""
    package, _, kind = name.rpartition(".")
    module, made = types.ModuleType(package), type(kind, (base,), {"__module__": package})
    setattr(module, kind, made)
    monkeypatch.setitem(sys.modules, package.partition(".")[0], types.ModuleType("parent"))
    monkeypatch.setitem(sys.modules, package, module)
    value = made()
    if base is object:
        value.content = {"lr": 1e-3}
    return value


BESIDE = {
    "numpy scalar": np.float64(0.93),
    "numpy array": np.arange(4.0),
    "numpy text": np.array(["a"], dtype=object),
    "path": Path("/data/run"),
    "date": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    "span": datetime.timedelta(seconds=3),
    "counts with a default": defaultdict(list, {"loss": [1.0]}),
    "last values": deque([1.0, 2.0], 5),
    "namespace": argparse.Namespace(path=Path("x"), best=np.float32(1)),
    "simple namespace": types.SimpleNamespace(a=1),
    "version": torch.torch_version.TorchVersion("2.4"),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_what_a_training_script_keeps_beside_its_weights_does_no_harm(kind: str, tmp_path: Path) -> None:
    for content in ({"model": STATE, "extra": BESIDE[kind]}, {"extra": BESIDE[kind], "state_dict": STATE}):
        loaded = load_checkpoint(_saved(content, tmp_path), [SMALL])
        np.testing.assert_array_equal(loaded.weights["norm.bias"], WEIGHTS["norm.bias"])


def test_settings_named_model_are_not_taken_for_the_weights(tmp_path, monkeypatch) -> None:
    settings = _of_library("omegaconf.dictconfig.DictConfig", monkeypatch)
    path = _saved({"model": settings, "state_dict": defaultdict(None, STATE)}, tmp_path)
    monkeypatch.undo()
    assert set(load_checkpoint(path, [SMALL]).weights) == set(WEIGHTS)


def test_what_is_stood_in_for_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _of_library("easydict.EasyDict", monkeypatch, dict)
    settings["lr"] = 1e-3
    path = _saved({"model": STATE, "cfg": settings}, tmp_path)
    monkeypatch.undo()
    load_checkpoint(path, [SMALL])
    assert "easydict" not in sys.modules


@pytest.mark.parametrize("content", [{"model": STATE, "extra": _Settings()}, torch.nn.Linear(2, 2)])
def test_the_command_in_the_refusal_saves_weights_that_load(content, tmp_path, monkeypatch) -> None:
    path = _saved(content, tmp_path)
    with pytest.raises(CheckpointError, match=r"holds code.*save its weights alone") as caught:
        load_checkpoint(path, [SMALL])
    words = shlex.split(str(caught.value).partition("alone: ")[2])
    assert words[:2] == ["python", "-c"]
    monkeypatch.chdir(tmp_path)
    exec(words[2], {})  # it runs the file, which is ours
    if isinstance(content, dict):
        assert set(load_checkpoint(tmp_path / "weights_weights.pth", [SMALL]).weights) == set(WEIGHTS)
    else:
        with pytest.raises(CheckpointError, match="has no vision transformer"):
            load_checkpoint(tmp_path / "weights_weights.pth", [SMALL])


def test_pickle_of_a_newer_form_gets_the_command_too(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"model": STATE, "p": Path("x")}, path, pickle_protocol=4)
    with pytest.raises(CheckpointError, match=r"of a form that is not read.*python -c"):
        load_checkpoint(path, [SMALL])


def test_safetensors_load_and_damaged_ones_are_refused_in_one_line(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "weights.safetensors"
    save_file({name: tensor.to(torch.bfloat16) for name, tensor in _prefixed("backbone.").items()}, path)
    loaded = load_checkpoint(path, [SMALL])
    assert loaded.prefix == "backbone."
    np.testing.assert_allclose(loaded.weights["norm.bias"], WEIGHTS["norm.bias"], rtol=1e-2)
    data = path.read_bytes()
    for bad in (data[:-10], data[:40], b"\xff" * 8 + data[8:], data.replace(b'"BF16"', b'"XX16"'), data[:5]):
        path.write_bytes(bad)
        with pytest.raises(CheckpointError, match="not a readable safetensors") as caught:
            load_checkpoint(path, [SMALL])
        assert "\n" not in str(caught.value)
