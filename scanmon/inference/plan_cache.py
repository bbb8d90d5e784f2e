"""Compiled plans of this user, in the cache folder, one file for each key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanmon.core.errors import EngineError, disk_errors
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.cache_folder import cache_folder
from scanmon.inference.plan_file import MAX_HEADER_BYTES, PlanKey, pack, read_key, unpack


@dataclass(frozen=True, slots=True)
class Stored:
    """A plan in the cache, or a file that should be one."""

    path: Path
    size: int  # bytes
    key: PlanKey | None  # None: not readable


def plans_folder() -> Path:
    """Where plans lie; it may not exist yet."""
    return cache_folder() / "plans"


def kernels_of(key: PlanKey) -> Path:
    """Where the kernels lie that TensorRT-RTX compiled for a plan on this machine."""
    return cache_folder() / "kernels" / f"{key.digest}.bin"


def store(key: PlanKey, plan: bytes) -> Path:
    """Keep a plan; a reader finds it whole or not at all, whoever else is writing. Raises `EngineError`."""
    path = plans_folder() / f"{key.digest}.plan"
    with disk_errors(EngineError, "the plan cannot be kept", path, "free some space"):
        write_atomic(path, pack(key, plan))
    return path


def holds(key: PlanKey) -> bool:
    """Whether there is a file for exactly this key."""
    return (plans_folder() / f"{key.digest}.plan").is_file()


def discard(key: PlanKey) -> None:
    """Remove the plan for exactly this key, as one that was found wrong."""
    (plans_folder() / f"{key.digest}.plan").unlink(missing_ok=True)
    kernels_of(key).unlink(missing_ok=True)


def load(key: PlanKey) -> bytes:
    """The plan for this key, or one that was compiled ahead of time for this GPU among others.

    Raises `EngineError`, which says how the nearest one differs.
    """
    path = plans_folder() / f"{key.digest}.plan"
    if not path.is_file():
        ahead = [plan.path for plan in stored() if plan.key is not None and not plan.key.fits(key)]
        if not ahead:
            remedy = f"run scanmon build BUNDLE --backend {key.runtime}"
            raise EngineError(_absent(key), plans_folder(), remedy)
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
    gone = 0
    for plan in list(stored()):
        if plan.key is None or plan.key.onnx_sha256 not in (keep or set()):
            plan.path.unlink(missing_ok=True)
            if plan.key is not None:
                kernels_of(plan.key).unlink(missing_ok=True)
            gone += 1
    return gone


def _absent(key: PlanKey) -> str:
    """What is said where no plan fits: how the nearest one differs."""
    near = [
        plan.key.fits(key)
        for plan in stored()
        if plan.key is not None and (plan.key.onnx_sha256, plan.key.runtime) == (key.onnx_sha256, key.runtime)
    ]
    if not near:
        return f"no plan of this network for {key.runtime} {key.precision} was compiled on this machine"
    return "the plan at hand is for another machine or version: " + "; ".join(sorted(near, key=len)[0])
