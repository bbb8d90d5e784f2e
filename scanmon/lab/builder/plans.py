"""The networks that a GPU needs, made from a bundle's own, compiled, proved and kept in the user's cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from scanmon.core.errors import EngineError
from scanmon.inference import derived
from scanmon.inference.check import check
from scanmon.inference.choice import form_of
from scanmon.inference.cuda import device_number, open_cuda
from scanmon.inference.gpu import plan_key, runtime_module
from scanmon.inference.onnx_cuda import BACKEND as CUDA
from scanmon.inference.onnx_webgpu import BACKEND as WEBGPU
from scanmon.inference.plan_cache import discard, holds, store
from scanmon.inference.plan_file import PlanKey
from scanmon.scoring.bundle import Bundle, NrqPart

_PRECISIONS = ("fp32", "fp16")
_PLANLESS = {CUDA: "fp16", WEBGPU: "fp32"}  # what ONNX Runtime runs as it is, in the form that suits it

Say = Callable[[str], None]


def compile_here(bundle: Bundle, runtimes: Sequence[str], say: Say, device: str = "auto") -> None:
    """Make, prove and keep what `runtimes` need on a GPU of this machine; what is there already stays.

    `device`: auto (the first) or cuda:N. Raises `EngineError`, `BundleError`; what does not agree is removed.
    """
    part = _nrq(bundle)
    for runtime in runtimes:
        if runtime in _PLANLESS:
            precision = _PLANLESS[runtime]
            form = form_of(runtime, precision)
            _network(bundle, part, form)
            _prove(bundle, f"{runtime}:{precision}", device, partial(derived.discard, bundle, part, form))
            say(f"{runtime} {precision}: agrees here")
        else:
            _compile(bundle, part, runtime, device, say)


def _compile(bundle: Bundle, part: NrqPart, runtime: str, device: str, say: Say) -> None:
    trt, cuda = runtime_module(runtime), open_cuda(device_number(device))
    cuda.close()  # the device stays the one of this thread, for which is compiled
    for precision in _PRECISIONS:
        network = _network(bundle, part, form_of(runtime, precision))
        key = plan_key(runtime, trt, cuda.gpu, network, precision)
        if holds(key):
            say(f"{runtime} {precision}: a plan for {key.gpu} is there already")
        else:
            say(f"{runtime} {precision}: compiling for {key.gpu}")
            targets = ("CURRENT",) if runtime == "tensorrt-rtx" else ()
            store(key, _compiled(trt, network, targets, say))
        _prove(bundle, f"{runtime}:{precision}", device, partial(discard, key))
        say(f"{runtime} {precision}: agrees on {key.gpu}")


def compile_ahead(bundle: Bundle, targets: Sequence[str], say: Say) -> list[Path]:
    """Compile TensorRT-RTX plans for other machines' GPUs, which only `scanmon check` there can prove.

    Returns the files, which a machine with such a GPU takes from its own cache. Raises `EngineError`.
    """
    part, trt, files = _nrq(bundle), runtime_module("tensorrt-rtx"), []
    for precision in _PRECISIONS:
        network = _network(bundle, part, form_of("tensorrt-rtx", precision))
        say(f"tensorrt-rtx {precision}: compiling for {', '.join(targets)}")
        key = PlanKey.of(network, "tensorrt-rtx", str(trt.__version__), precision, ",".join(targets))
        files.append(store(key, _compiled(trt, network, targets, say)))
    return files


def _nrq(bundle: Bundle) -> NrqPart:
    if bundle.nrq is None:
        raise EngineError("the bundle has no nrq, which is what runs on a GPU", bundle.folder)
    return bundle.nrq


def _network(bundle: Bundle, part: NrqPart, form: str) -> bytes:
    """The bundle's network in the form that a runtime takes; made and kept where the bundle has none."""
    found = derived.derived(bundle, part, form)
    if found is not None:
        return found
    from scanmon.lab.builder.derive import derive

    made = derive(bundle.read(part.file), part.layers, form)
    derived.keep(bundle, part, form, made)
    return made


def _compiled(trt: object, network: bytes, targets: Sequence[str], say: Say) -> bytes:
    from scanmon.lab.builder.plan import compile_plan

    return compile_plan(trt, network, targets=targets, progress=say).data


def _prove(bundle: Bundle, engine: str, device: str, remove: Callable[[], None]) -> None:
    faults = [finding for finding in check(bundle, [engine], device) if not finding.ok]
    if not faults:
        return
    if not all(fault.here for fault in faults):
        raise EngineError(next(fault.text for fault in faults if not fault.here))
    remove()
    raise EngineError(f"it does not agree and was removed ({faults[0].text})", engine)
