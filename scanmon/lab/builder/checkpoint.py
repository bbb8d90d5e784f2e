"""PyTorch checkpoints -> named weights, complete or refused.

Every layout that circulates is found out from the keys: wrapped in `model`, `state_dict` and the like, with
prefixes such as `module.`, `model.` or `backbone.`, with classification heads, which are left out. One that
lacks a weight, or has a weight of another shape, is refused with the list: a partly loaded network gives
scores that look right and are not.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from scanmon.core.errors import CheckpointError, disk_errors
from scanmon.lab.builder.architecture import KNOWN, Architecture, Weights, beit_shapes, is_beit, plain_weights
from scanmon.lab.builder.unpickled import REMEDY, content_of, weights_alone
from scanmon.sources.opening import is_hollow

if TYPE_CHECKING:
    from torch import Tensor

_WRAPPERS = ("model", "state_dict", "model_state_dict", "model_state", "net", "network", "module", "weights")
_ROLES = ("teacher", "student")  # of two networks that were trained together; one alone is a wrapper too
_MARK = "blocks.0.attn.qkv.weight"
# heads and what only training needs; the index of relative positions follows from the window's size
_LEFT_OUT = re.compile(
    r"^(head|head_dist|fc|fc_norm|classifier|mask_token|decoder.*|lm_head|pre_logits)(\.|$)"
    r"|relative_position_index$"
)
# of networks that people try; docs/engines.md says why they are not taken
_FOREIGN = (
    ("visual.transformer.resblocks.", "a CLIP network, as FetalCLIP"),
    ("layers1.0.blocks.", "a Swin network, as EchoCare"),
    ("attn.rel_pos_h", "an encoder of Segment Anything, as UltraSam"),
    ("ls1.gamma", "a DINOv2 network, as UltraDINO"),
    ("x_proj_weight", "a Mamba network, as OpenUS"),
)
_PIECE = 1 << 20
MAX_BYTES = 8 << 30  # USFM with the state of its optimizer has about 1 GB


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Complete float32 weights under the published names."""

    architecture: Architecture
    weights: Weights
    sha256: str  # of the file
    prefix: str  # that stood before the published names in the file
    tensors: int  # of the file, that the weights were made from
    left_out: tuple[str, ...]  # weights of the file that the metric does not use

    def report(self) -> str:
        numbers = sum(array.size for array in self.weights.values())
        return (
            f"{self.architecture.name}: {self.tensors} of {self.tensors} tensors, "
            f"{numbers / 1e6:.2f} million numbers, prefix {self.prefix or 'none'!r}, "
            f"{len(self.left_out)} tensors left out, sha256 {self.sha256[:12]}"
        )


def load_checkpoint(path: Path, known: Sequence[Architecture] = KNOWN, network: str = "") -> Checkpoint:
    """Read weights without running what else the file may hold; which of `known` it is, the keys tell.

    `network` names the one that is meant where the file holds several: `teacher`, `student`, `model_ema`.
    Raises `CheckpointError`.
    """
    check_file(path)
    content, taken = _unwrapped(content_of(path), path, network)
    tensors = _tensors(content, path)
    prefix = _prefix(tensors, path, "" if taken else network)
    named = {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
    architecture = _architecture(named, known, path)
    beit = is_beit(named)
    expected = beit_shapes(architecture, named) if beit else _plain_shapes(architecture, named)
    _complete(named, expected, architecture, path)
    # copied out of the file: what is mapped would end the process where somebody makes the file shorter
    weights = {key: named[key].detach().float().contiguous().numpy().copy() for key in expected}
    bad = [key for key, array in weights.items() if not np.isfinite(array).all()]
    if bad:
        raise CheckpointError("holds NaN or infinity in " + ", ".join(bad[:6]), path, REMEDY)
    left_out = tuple(
        key for key in tensors if not key.startswith(prefix) or key.removeprefix(prefix) not in expected
    )
    return Checkpoint(
        architecture=architecture,
        weights=plain_weights(architecture, weights) if beit else _with_norm(architecture, weights),
        sha256=_sha256(path),
        prefix=prefix,
        tensors=len(expected),
        left_out=left_out,
    )


def tensors_in(path: Path) -> dict[str, Tensor]:
    """The tensors of any checkpoint, for a network that is none of ours. Raises `CheckpointError`."""
    check_file(path)
    content, _ = _unwrapped(content_of(path), path, "")
    return _tensors(content, path)


def check_file(path: Path) -> None:
    """Raise `CheckpointError` for what is no file, or would unpack to more than it is: PyTorch compresses
    nothing. Nothing is held: a checkpoint may be larger than what is wanted of it.
    """
    with disk_errors(CheckpointError, "cannot be read", path, REMEDY):
        if not path.is_file() and path.exists():  # reading a pipe or a device may never end
            raise CheckpointError("is not a file", path, REMEDY)
        if path.stat().st_size > MAX_BYTES or is_hollow(path):
            raise CheckpointError("is too large to be a checkpoint", path, REMEDY)
        with path.open("rb") as file:
            if file.read(2) == b"PK":
                _check_archive(file, path)


def _check_archive(file: BinaryIO, path: Path) -> None:
    """Raise `CheckpointError` for an archive that is cut off, changed, or larger inside than outside."""
    damaged = []
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > path.stat().st_size:
                what = f"is {unpacked / 1e9:.1f} GB of compressed data, and checkpoints are not compressed"
                raise CheckpointError(what, path, REMEDY)
            for member in members:
                try:
                    with archive.open(member) as content:
                        while content.read(_PIECE):
                            pass
                except (zipfile.BadZipFile, zlib.error):
                    damaged.append(member.filename)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise CheckpointError("is not a readable checkpoint (damaged archive)", path, REMEDY) from error
    # PyTorch can be told to write no checksums: then all are wrong, and nothing can be said
    if damaged and len(damaged) < len(members):
        raise CheckpointError(f"is damaged (checksum of {damaged[0]})", path, "copy or download it again")


def _sha256(path: Path) -> str:
    with disk_errors(CheckpointError, "cannot be read", path, REMEDY), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain_shapes(architecture: Architecture, named: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Without the norm behind the last block where a classifier has fc_norm in its place."""
    classifier = "fc_norm.weight" in named and "norm.weight" not in named
    shapes = architecture.shapes()
    return {key: shape for key, shape in shapes.items() if not (classifier and key.startswith("norm."))}


def _with_norm(architecture: Architecture, weights: Weights) -> Weights:
    """All weights; the norm behind the last block, which the metric never reaches, may be made up."""
    width = architecture.width
    return {"norm.weight": np.ones(width, np.float32), "norm.bias": np.zeros(width, np.float32), **weights}


def _architecture(named: Mapping[str, Tensor], known: Sequence[Architecture], path: Path) -> Architecture:
    width, biased = int(named[_MARK].shape[-1]), is_beit(named)
    for architecture in known:
        if (architecture.width, architecture.biased) == (width, biased):
            return architecture
    form = "relative" if biased else "absolute"
    expected = ", ".join(f"{one.name} ({one.width} wide)" for one in known)
    raise CheckpointError(
        f"has tokens {width} wide and {form} positions, expected one of {expected}", path, REMEDY
    )


def _complete(
    named: Mapping[str, Tensor],
    expected: Mapping[str, tuple[int, ...]],
    architecture: Architecture,
    path: Path,
) -> None:
    """Raise `CheckpointError` with the list of what is missing, of another shape or of another network."""
    faults = {key: _fault(named.get(key), shape) for key, shape in expected.items()}
    problems = [f"{key} {fault}" for key, fault in faults.items() if fault]
    found = len(expected) - len(problems)
    more = [key for key in named if key not in expected and not _LEFT_OUT.search(key)]
    problems += [f"{key} is unknown" for key in more if key.startswith(("blocks.", "patch_embed."))]
    if problems:
        shown = "; ".join(problems[:6]) + (f"; and {len(problems) - 6} more" if len(problems) > 6 else "")
        what = f"is not a complete {architecture.name} ({found} of {len(expected)} tensors)"
        raise CheckpointError(f"{what}: {shown}", path, REMEDY)


def _fault(tensor: Tensor | None, shape: tuple[int, ...]) -> str:
    """What is wrong with a weight; empty: nothing."""
    if tensor is None:
        return "is missing"
    if tuple(tensor.shape) != shape:
        return f"is {tuple(tensor.shape)}, expected {shape}"
    return "" if tensor.is_floating_point() else f"is of type {str(tensor.dtype).removeprefix('torch.')}"


def _unwrapped(content: object, path: Path, network: str) -> tuple[Mapping[object, object], bool]:
    """The innermost dictionary of tensors, and whether it is the one named `network`."""
    taken = False
    for _ in range(4):
        if not isinstance(content, Mapping):
            break
        named = bool(network) and isinstance(content.get(network), Mapping)
        names = (network,) if named else (*_WRAPPERS, *_ROLES)
        taken = taken or named
        inner = [name for name in names if isinstance(content.get(name), Mapping)]
        if not inner:
            return content, taken
        if inner[0] in _ROLES and len(inner) > 1:
            raise _several(inner, path)
        content = content[inner[0]]
    raise CheckpointError(
        "holds no dictionary of weights", path, f"if you trust it, save them alone: {weights_alone(path)}"
    )


def _several(names: Sequence[str], path: Path) -> CheckpointError:
    shown = ", ".join(name.strip(".") or "no prefix" for name in names)
    return CheckpointError(
        f"holds {len(names)} networks ({shown})", path, "name the one that is meant with --network"
    )


def _tensors(content: Mapping[object, object], path: Path) -> dict[str, Tensor]:
    import torch

    tensors = {
        str(key): value
        for key, value in content.items()
        if isinstance(value, torch.Tensor) and not value.is_sparse and value.device.type == "cpu"
    }
    if not tensors:
        raise CheckpointError("holds no weights", path, REMEDY)
    return tensors


def _prefix(tensors: Mapping[str, Tensor], path: Path, network: str) -> str:
    """What stands before `blocks.0.attn.qkv.weight` and so before every weight of the backbone."""
    for part, kind in _FOREIGN:
        if any(part in key for key in tensors):
            raise CheckpointError(f"is {kind}, which scanmon does not take", path, REMEDY)
    found = sorted(key.removesuffix(_MARK) for key in tensors if key == _MARK or key.endswith("." + _MARK))
    if not found:
        shown = ", ".join(list(tensors)[:4])
        raise CheckpointError(
            f"has no vision transformer ({_MARK} is missing; it holds {len(tensors)} tensors: {shown}, ...)",
            path,
            REMEDY,
        )
    meant = [prefix for prefix in found if network in prefix.split(".")] if network else found
    if not meant:
        raise CheckpointError(f"holds no network {network!r}", path, "leave out --network")
    if len(meant) > 1:
        raise _several(meant, path)
    return meant[0]
