"""Which runtime runs a network of a bundle on this machine."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scanmon.core.errors import EngineError, ScanmonError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.write_atomic import write_atomic
from scanmon.inference import onnx_cuda, onnx_webgpu
from scanmon.inference.cache_folder import cache_folder
from scanmon.inference.cuda import device_number
from scanmon.inference.gpu import FallbackEngine, open_plan, open_windows
from scanmon.inference.networks import derived, network_of, proved
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_cuda import BACKEND as CUDA
from scanmon.inference.onnx_cuda import onnx_cuda_map
from scanmon.inference.onnx_webgpu import BACKEND as WEBGPU
from scanmon.inference.onnx_webgpu import onnx_webgpu_engine
from scanmon.inference.openvino import OpenVinoEngine
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart

_log = logging.getLogger(__name__)

# runtime and precision -> form of the network; "" is the part's own file, others are variants or derived
NRQ_NETWORKS = {
    ("onnxruntime", "fp32"): "",
    ("onnxruntime", "fp16"): "plain-fp16",
    ("onnxruntime", "int8"): "int8",
    (CUDA, "fp32"): "",
    (CUDA, "fp16"): "cuda-fp16",
    (WEBGPU, "fp32"): "plain",  # its attention node is off by 1.7e-3, on the software adapter at least
    ("openvino", "fp32"): "plain",
    ("openvino", "bf16"): "plain",
    ("tensorrt", "fp32"): "plain",
    ("tensorrt", "fp16"): "plain-fp16",
    ("tensorrt-rtx", "fp32"): "plain",
    ("tensorrt-rtx", "fp16"): "plain-fp16",
}
_PLANS = ("tensorrt", "tensorrt-rtx")
_MAP_BACKENDS = ("onnxruntime", CUDA, WEBGPU, "openvino")
_ALIASES = {"onnx": "onnxruntime", "cuda": CUDA, "webgpu": WEBGPU}


def backends() -> tuple[str, ...]:
    """What `--backend` takes, `NAME` or `NAME:PRECISION`."""
    pairs = (f"{name}:{precision}" for name, precision in NRQ_NETWORKS)
    return ("auto", *dict.fromkeys(name for name, _ in NRQ_NETWORKS), *pairs)


def open_engine(
    bundle: Bundle,
    part: NrqPart | MapPart,
    backend: str = "auto",
    device: str = "auto",
    threads: int = 0,
    *,
    strict: bool = False,
) -> Engine:
    """An engine for a part of the bundle; `threads` on the CPU, 0: all there are. The caller closes it.

    `auto` is what was found to be the fastest that agrees here, by `scanmon check --choose` or, where there
    is a GPU, the first time; else, or where that does not run any more, ONNX Runtime in single precision.
    Where ONNX Runtime's GPUs cannot be used, a warning says why and the processor goes on, unless `strict`.
    Raises `SettingsError` for a name that is none, `EngineError` where the runtime cannot run the network,
    `BundleError` for a damaged file.
    """
    if backend != "auto":
        return _open(bundle, part, *parsed(backend), device, threads, strict)
    chosen = None
    if isinstance(part, NrqPart):
        chosen = chosen_backend(bundle) or _measured(bundle)
        if _log.isEnabledFor(logging.INFO):  # it reads every network of the bundle
            _log.info("%s: %s", bundle.name, "; ".join(choice_lines(bundle)))
    if chosen is not None and chosen != "onnxruntime:fp32":
        try:
            return _open(bundle, part, *parsed(chosen), device, threads, strict=True)
        except ScanmonError as error:
            _log.warning("%s does not run any more (%s): onnxruntime takes its place", chosen, error)
    return _open(bundle, part, "onnxruntime", "", device, threads)


def _measured(bundle: Bundle) -> str | None:
    """Try what a machine with a GPU has, once for each bundle: takes seconds. None: no GPU agrees."""
    from scanmon.inference.check import check, fastest

    if not onnx_cuda.installed() and (error := onnx_cuda.overwritten()) is not None:
        _log.warning("%s", error)
    if not (onnx_cuda.installed() or onnx_webgpu.installed()):
        return None  # no network is read to find that out
    engines = runnable(bundle)
    on_gpu = [name for name in engines if name.startswith((CUDA, WEBGPU))]
    if not on_gpu:
        return None
    _log.info("%s: trying %s", bundle.name, ", ".join(engines))
    findings = list(check(bundle, on_gpu))
    if fastest(findings) is None:  # a driver that is missing today may be there tomorrow: nothing is kept
        return None
    choice = fastest([*findings, *check(bundle, [name for name in engines if name not in on_gpu])])
    assert choice is not None
    try:
        remember(bundle, choice.backend, choice.why)
    except OSError as error:  # it is tried again next time
        _log.warning("the choice cannot be kept (%s)", error)
    return choice.backend


def runnable(bundle: Bundle) -> list[str]:
    """`NAME:PRECISION` of everything that the bundle has a network for; GPUs where their package is there."""
    part = bundle.nrq
    if part is None:
        return []
    forms = {form for form in NRQ_NETWORKS.values() if not form or derived(bundle, part, form) is not None}
    absent = {
        name for name, there in ((CUDA, onnx_cuda.installed), (WEBGPU, onnx_webgpu.installed)) if not there()
    }
    return [
        f"{name}:{precision}"
        for (name, precision), form in NRQ_NETWORKS.items()
        if form in forms and name not in absent
    ]


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
            return ["auto is onnxruntime:fp32, all that the bundle has for this machine"]
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


def parsed(backend: str) -> tuple[str, str]:
    """Runtime and precision, "" where none is named."""
    runtimes = {known for known, _ in NRQ_NETWORKS}
    name, precision = backend, ""
    if _ALIASES.get(name, name) not in runtimes:
        name, _, precision = backend.rpartition(":")
    name = _ALIASES.get(name, name)
    if name not in runtimes:
        raise SettingsError(f"--backend {backend} is unknown", remedy="use one of " + ", ".join(backends()))
    return name, precision


def _open(
    bundle: Bundle,
    part: NrqPart | MapPart,
    name: str,
    precision: str,
    device: str,
    threads: int,
    strict: bool = False,
) -> Engine:
    if isinstance(part, MapPart) and name not in _MAP_BACKENDS:
        name = "onnxruntime"  # small and quick: it stays on the CPU beside nrq on the GPU
    network, precision = _network(bundle, part, name, precision)

    def processor() -> Engine:
        return OnnxEngine(network_of(bundle, part), part.precision, threads)

    if name in _PLANS and isinstance(part, NrqPart):
        plan = part.variants.get(f"plan-{name}-{precision}")  # compiled ahead of time
        carried = bundle.read(plan) if plan else None
        return FallbackEngine(lambda: open_plan(name, network, precision, device, carried), processor)
    if name == CUDA:
        number = device_number(device)
        on_gpu = open_windows if isinstance(part, NrqPart) else onnx_cuda_map
        return FallbackEngine(
            lambda: on_gpu(network, precision, number), processor, from_the_start=not strict
        )
    if name == WEBGPU:
        return FallbackEngine(
            lambda: onnx_webgpu_engine(network, precision), processor, from_the_start=not strict
        )
    if device not in ("auto", "cpu"):
        raise SettingsError(f"--device {device}: {name} runs on the cpu", remedy="use auto or cpu")
    if name == "openvino":
        return OpenVinoEngine(network, precision, threads=threads)
    return OnnxEngine(network, precision, threads)


def _network(bundle: Bundle, part: NrqPart | MapPart, name: str, precision: str) -> tuple[bytes, str]:
    """The network, and the precision to run it in."""
    if isinstance(part, MapPart):
        chosen = precision if name == "openvino" and precision else part.precision
        return network_of(bundle, part), chosen
    asked = precision or part.precision
    for one in ("fp16", asked) if not precision and (name == CUDA or name in _PLANS) else (asked,):
        form = NRQ_NETWORKS.get((name, one))
        if form is None:
            known = ", ".join(known for runtime, known in NRQ_NETWORKS if runtime == name)
            raise SettingsError(f"--backend {name}:{one} is unknown", remedy=f"use one of {known}")
        network = derived(bundle, part, form)
        if network is not None:
            return proved(network, bundle, part), one
    raise EngineError(
        f"the bundle has no network for {name}:{asked}",
        bundle.folder,
        f"run scanmon build {bundle.folder} --backend {name} --precision {asked}",
    )
