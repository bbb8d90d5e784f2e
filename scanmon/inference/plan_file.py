"""A compiled plan with a header that says what it was compiled from and for.

A plan is code for some GPUs and one version of a runtime: header and sha256 are checked before a runtime sees
a byte of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from scanmon.core.errors import EngineError

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


def pack(key: PlanKey, plan: bytes) -> bytes:
    header = asdict(key) | {"plan_sha256": hashlib.sha256(plan).hexdigest(), "plan_bytes": len(plan)}
    return _MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n" + plan


def read_key(data: bytes, where: object) -> PlanKey:
    """The key in the first bytes of a file. Raises `EngineError`."""
    return _key(_split(data, where)[0], where)


def unpack(data: bytes, here: PlanKey, where: object) -> bytes:
    """The plan in a file, if it may run `here`. Raises `EngineError` that says what differs."""
    header, plan = _split(data, where)
    differing = _key(header, where).fits(here)
    if differing:
        raise EngineError(
            "the plan is for another machine or version: " + "; ".join(differing), where, _REBUILD
        )
    if header.get("plan_bytes") != len(plan) or header.get("plan_sha256") != hashlib.sha256(plan).hexdigest():
        raise EngineError("the plan is damaged", where, _REBUILD)
    return plan


def _split(data: bytes, where: object) -> tuple[dict[str, Any], bytes]:
    end = data.find(b"\n", len(_MAGIC), MAX_HEADER_BYTES)
    if not data.startswith(_MAGIC) or end < 0:
        raise EngineError("is not a plan of scanmon", where, _REBUILD)
    try:
        header = json.loads(data[len(_MAGIC) : end])
    except ValueError as error:
        raise EngineError("the plan's header is damaged", where, _REBUILD) from error
    if not isinstance(header, dict):
        raise EngineError("the plan's header is damaged", where, _REBUILD)
    return header, data[end + 1 :]


def _key(header: dict[str, Any], where: object) -> PlanKey:
    try:
        return PlanKey(**{field.name: str(header[field.name]) for field in fields(PlanKey)})
    except KeyError as error:
        raise EngineError(f"the plan's header lacks {error}", where, _REBUILD) from error
