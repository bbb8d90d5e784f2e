"""Compiled plans in the cache of this user, each a file whose header says what it was compiled from and for.

A plan is code for some GPUs and one version of a runtime: header and sha256 are checked before a runtime sees
a byte of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec

from scanmon.core.errors import EngineError, disk_errors
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.cache_folder import cache_folder

PROFILE = (1, 48, 153)
"""Windows of a pass: the least, what a plan is tuned for, the most, which is the grid of 1920 x 1080."""
OPTIONS = {"tensorrt": "", "tensorrt-rtx": "user-allocation"}  # of the builder, for the key
MAX_HEADER_BYTES = 1 << 16
_MAGIC = b"SCANMON PLAN 1\n"
_REBUILD = "compile it again with scanmon build BUNDLE --backend tensorrt-rtx"


@dataclass(frozen=True, slots=True)
class PlanKey:
    """Everything that a plan depends on."""

    onnx_sha256: str
    runtime: str  # tensorrt or tensorrt-rtx
    runtime_version: str
    gpu: str  # "" in a plan that was compiled ahead of time for other machines
    capability: str  # SM89; of a plan compiled ahead of time all that it is for, SM86,SM89
    precision: str
    profile: str  # least-typical-most windows
    options: str  # of the builder

    @classmethod
    def of(
        cls, network: bytes, runtime: str, version: str, precision: str, capability: str, gpu: str = ""
    ) -> PlanKey:
        """The key of a plan that is compiled now from `network`."""
        digest, profile = hashlib.sha256(network).hexdigest(), "-".join(map(str, PROFILE))
        return cls(digest, runtime, version, gpu, capability, precision, profile, OPTIONS[runtime])

    @property
    def digest(self) -> str:
        """Short name of exactly this key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]

    @property
    def path(self) -> Path:
        """Where the plan for exactly this key lies, if there is one."""
        return plans_folder() / f"{self.digest}.plan"

    @property
    def kernels(self) -> Path:
        """Where the kernels lie that TensorRT-RTX compiled for a plan on this machine."""
        return cache_folder() / "kernels" / f"{self.digest}.bin"

    def fits(self, here: PlanKey) -> list[str]:
        """Where a plan of this key differs from what is needed `here`, in words; empty where it may run."""
        ahead = not self.gpu
        return [
            f"{field.name} is {getattr(here, field.name)!r} here and {getattr(self, field.name)!r} there"
            for field in fields(PlanKey)
            if getattr(self, field.name) != getattr(here, field.name)
            and not (ahead and field.name == "gpu")
            and not (field.name == "capability" and here.capability in self.capability.split(","))
        ]


class _Header(msgspec.Struct):
    plan_sha256: str
    plan_bytes: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A plan in the cache, or a file that should be one."""

    path: Path
    size: int  # bytes
    key: PlanKey | None  # None: not readable


def pack(key: PlanKey, plan: bytes) -> bytes:
    header = asdict(key) | {"plan_sha256": hashlib.sha256(plan).hexdigest(), "plan_bytes": len(plan)}
    return _MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n" + plan


def read_key(data: bytes, where: object) -> PlanKey:
    """The key in the first bytes of a file. Raises `EngineError`."""
    return _split(data, where)[0]


def unpack(data: bytes, here: PlanKey, where: object) -> bytes:
    """The plan in a file, if it may run `here`. Raises `EngineError` that says what differs."""
    key, header, plan = _split(data, where)
    differing = key.fits(here)
    if differing:
        raise EngineError(
            "the plan is for another machine or version: " + "; ".join(differing), where, _REBUILD
        )
    if (header.plan_bytes, header.plan_sha256) != (len(plan), hashlib.sha256(plan).hexdigest()):
        raise EngineError("the plan is damaged", where, _REBUILD)
    return plan


def _split(data: bytes, where: object) -> tuple[PlanKey, _Header, bytes]:
    end = data.find(b"\n", len(_MAGIC), MAX_HEADER_BYTES)
    if not data.startswith(_MAGIC) or end < 0:
        raise EngineError("is not a plan of scanmon", where, _REBUILD)
    header = data[len(_MAGIC) : end]
    try:
        key = msgspec.json.decode(header, type=PlanKey)
        content = msgspec.json.decode(header, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EngineError(f"the plan's header is damaged ({error})", where, _REBUILD) from error
    return key, content, data[end + 1 :]


def plans_folder() -> Path:
    """Where plans lie; it may not exist yet."""
    return cache_folder() / "plans"


def store(key: PlanKey, plan: bytes) -> Path:
    """Keep a plan; a reader finds it whole or not at all, whoever else is writing. Raises `EngineError`."""
    with disk_errors(EngineError, "the plan cannot be kept", key.path, "free some space"):
        write_atomic(key.path, pack(key, plan))
    return key.path


def discard(key: PlanKey) -> None:
    """Remove the plan for exactly this key, as one that was found wrong."""
    key.path.unlink(missing_ok=True)
    key.kernels.unlink(missing_ok=True)


def load(key: PlanKey) -> bytes:
    """The plan for this key, or one that was compiled ahead of time for this GPU among others.

    Raises `EngineError`, which says how the nearest one differs.
    """
    path = key.path
    if not path.is_file():
        others = [(plan.path, plan.key.fits(key), plan.key) for plan in stored() if plan.key is not None]
        ahead = [path for path, differing, _ in others if not differing]
        if not ahead:
            network = (key.onnx_sha256, key.runtime)
            near = [words for _, words, other in others if (other.onnx_sha256, other.runtime) == network]
            what = f"no plan of this network for {key.runtime} {key.precision} was compiled on this machine"
            if near:
                nearest = "; ".join(sorted(near, key=len)[0])
                what = f"the plan at hand is for another machine or version: {nearest}"
            raise EngineError(what, plans_folder(), f"run scanmon build BUNDLE --backend {key.runtime}")
        path = ahead[0]
    with disk_errors(EngineError, "the plan cannot be read", path):
        data = path.read_bytes()
    return unpack(data, key, path)


def stored() -> Iterator[Stored]:
    """Every plan in the cache, by name."""
    for path in sorted(plans_folder().glob("*.plan")):
        try:
            with path.open("rb") as file:
                key = read_key(file.read(MAX_HEADER_BYTES), path)
        except (OSError, EngineError):
            key = None
        yield Stored(path, path.stat().st_size, key)


def prune(keep: set[str] | None = None) -> int:
    """Remove every plan whose network (sha256 of its ONNX) is not in `keep`. Returns how many went."""
    gone = [plan for plan in stored() if plan.key is None or plan.key.onnx_sha256 not in (keep or set())]
    for plan in gone:
        plan.path.unlink(missing_ok=True)
        if plan.key is not None:
            plan.key.kernels.unlink(missing_ok=True)
    return len(gone)
