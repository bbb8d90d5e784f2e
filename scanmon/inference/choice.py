"""Which runtime runs a network of a bundle on this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scanmon.core.errors import EngineError, ScanmonError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.cache_folder import cache_folder
from scanmon.inference.fallback import FallbackEngine
from scanmon.inference.gpu import open_plan
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.openvino import OpenVinoEngine
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart

_log = logging.getLogger(__name__)

# form and precision of the network -> its name among the variants of a bundle; "" is the part's own file
_NRQ_NETWORKS = {
    ("onnxruntime", "fp32"): "",
    ("onnxruntime", "fp16"): "plain-fp16",
    ("onnxruntime", "int8"): "int8",
    ("openvino", "fp32"): "plain",
    ("openvino", "bf16"): "plain",
    ("tensorrt", "fp32"): "plain",
    ("tensorrt", "fp16"): "plain-fp16",
    ("tensorrt-rtx", "fp32"): "plain",
    ("tensorrt-rtx", "fp16"): "plain-fp16",
}
_GPU = ("tensorrt", "tensorrt-rtx")
_MAP_BACKENDS = ("onnxruntime", "openvino")
_ALIASES = {"onnx": "onnxruntime"}


def backends() -> tuple[str, ...]:
    """What `--backend` takes, `NAME` or `NAME:PRECISION`."""
    pairs = (f"{name}:{precision}" for name, precision in _NRQ_NETWORKS)
    return ("auto", *dict.fromkeys(name for name, _ in _NRQ_NETWORKS), *pairs)


def open_engine(
    bundle: Bundle, part: NrqPart | MapPart, backend: str = "auto", device: str = "auto", threads: int = 0
) -> Engine:
    """An engine for a part of the bundle; `threads` on the CPU, 0: all there are. The caller closes it.

    `auto` is what `scanmon check --choose` found to be the fastest that agrees here; ONNX Runtime in single
    precision where nothing was chosen, or what was chosen does not run any more. Raises `SettingsError` for
    a name that is none, `EngineError` where the runtime cannot run the network, `BundleError` for a damaged
    file.
    """
    if backend != "auto":
        return _open(bundle, part, *_parsed(backend), device, threads)
    chosen = chosen_backend(bundle) if isinstance(part, NrqPart) else None
    if isinstance(part, NrqPart):
        _log.info("%s: %s", bundle.name, "; ".join(choice_lines(bundle)))
    if chosen is not None and chosen != "onnxruntime:fp32":
        try:
            return _open(bundle, part, *_parsed(chosen), device, threads)
        except ScanmonError as error:
            _log.warning("%s does not run any more (%s): onnxruntime takes its place", chosen, error)
    return _open(bundle, part, "onnxruntime", "", device, threads)


def plan_variant(runtime: str, precision: str) -> str:
    """Name among the variants of a bundle of a plan that was compiled ahead of time."""
    return f"plan-{runtime}-{precision}"


def runnable(bundle: Bundle) -> list[str]:
    """`NAME:PRECISION` of everything that the bundle has a network for."""
    if bundle.nrq is None:
        return []
    held = {"", *bundle.nrq.variants}
    return [f"{name}:{precision}" for (name, precision), variant in _NRQ_NETWORKS.items() if variant in held]


def chosen_backend(bundle: Bundle) -> str | None:
    """What `remember` kept for exactly this bundle; None where nothing was, or it cannot be read."""
    content = _remembered(bundle)
    return str(content["backend"]) if "backend" in content else None


def choice_lines(bundle: Bundle) -> list[str]:
    """What `auto` means for this bundle on this machine, and a line for each engine that it is not."""
    content = _remembered(bundle)
    if "backend" not in content:
        others = [name for name in runnable(bundle) if name != "onnxruntime:fp32"]
        if not others:
            return ["auto is onnxruntime:fp32, all that the bundle has"]
        return [f"auto is onnxruntime:fp32; {', '.join(others)} not tried here, run scanmon check --choose"]
    why = content.get("why")
    return [f"auto is {content['backend']}", *(map(str, why) if isinstance(why, list) else ())]


def remember(bundle: Bundle, backend: str, why: Sequence[str] = ()) -> Path:
    """Let `auto` mean `backend` for this bundle on this machine. Returns the file. Raises `OSError`.

    `why`: a line for the chosen one and for each other.
    """
    file = _choice_file(bundle)
    content = {"backend": backend, "bundle": bundle.name, "why": list(why)}
    write_atomic(file, (json.dumps(content) + "\n").encode())
    return file


def _remembered(bundle: Bundle) -> dict[str, Any]:
    try:
        content = json.loads(_choice_file(bundle).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _choice_file(bundle: Bundle) -> Path:
    return cache_folder() / "choices" / f"{bundle.sha256}.json"


def _parsed(backend: str) -> tuple[str, str]:
    name, _, precision = backend.partition(":")
    name = _ALIASES.get(name, name)
    if name not in {known for known, _ in _NRQ_NETWORKS}:
        raise SettingsError(f"--backend {backend} is unknown", remedy="use one of " + ", ".join(backends()))
    return name, precision


def _open(
    bundle: Bundle, part: NrqPart | MapPart, name: str, precision: str, device: str, threads: int
) -> Engine:
    file, precision = _network(bundle, part, name, precision)
    if name in _GPU and isinstance(part, NrqPart):
        plan = part.variants.get(plan_variant(name, precision))
        carried = bundle.read(plan) if plan else None
        return FallbackEngine(
            lambda: open_plan(name, bundle.read(file), precision, device, carried),
            lambda: OnnxEngine(bundle.read(part.file), part.precision, threads),
        )
    if device not in ("auto", "cpu"):
        raise SettingsError(f"--device {device}: {name} runs on the cpu", remedy="use auto or cpu")
    network = bundle.read(file)
    if name == "openvino":
        return OpenVinoEngine(network, precision, threads=threads)
    return OnnxEngine(network, precision, threads)


def _network(bundle: Bundle, part: NrqPart | MapPart, name: str, precision: str) -> tuple[str, str]:
    """File of the bundle, and the precision to run it in."""
    if isinstance(part, MapPart):
        if name not in _MAP_BACKENDS:
            return part.file, part.precision  # small and quick: it stays on the CPU beside nrq on the GPU
        return part.file, precision if name == "openvino" and precision else part.precision
    precision = precision or ("fp16" if name in _GPU and "plain-fp16" in part.variants else part.precision)
    variant = _NRQ_NETWORKS.get((name, precision))
    if variant is None:
        known = ", ".join(known for runtime, known in _NRQ_NETWORKS if runtime == name)
        raise SettingsError(f"--backend {name}:{precision} is unknown", remedy=f"{name} has {known}")
    if variant == "":
        return part.file, precision
    if variant not in part.variants:
        raise EngineError(
            f"the bundle has no network for {name}:{precision}",
            bundle.folder,
            f"build it with --backend {name} --precision {precision}",
        )
    return part.variants[variant], precision
