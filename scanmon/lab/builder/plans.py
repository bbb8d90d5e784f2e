"""The networks of a bundle, compiled for the GPU of this machine, proved and kept in the user's cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scanmon.core.errors import EngineError
from scanmon.inference.check import check
from scanmon.inference.cuda import open_cuda
from scanmon.inference.gpu import plan_key, runtime_module
from scanmon.inference.plan_cache import discard, holds, store
from scanmon.inference.plan_file import PlanKey
from scanmon.scoring.bundle import Bundle

_VARIANTS = (("fp32", "plain"), ("fp16", "plain-fp16"))


def compile_here(bundle: Bundle, runtimes: Sequence[str], say: Callable[[str], None]) -> None:
    """Compile, prove and keep a plan for every network that `runtimes` can run; one that is there stays.

    Raises `EngineError`, `BundleError`; a plan that does not agree is removed.
    """
    from scanmon.lab.builder.plan import compile_plan

    networks = [
        (precision, bundle.nrq.variants[variant])
        for precision, variant in _VARIANTS
        if bundle.nrq is not None and variant in bundle.nrq.variants
    ]
    if not networks:
        raise EngineError(
            "the bundle has no network for TensorRT",
            bundle.folder,
            "build it from the checkpoint with --backend tensorrt",
        )
    cuda = open_cuda()
    try:
        for runtime in runtimes:
            trt = runtime_module(runtime)
            for precision, file in networks:
                network = bundle.read(file)
                key = plan_key(runtime, trt, cuda, network, precision)
                if holds(key):
                    say(f"{runtime} {precision}: a plan for {key.gpu} is there already")
                else:
                    say(f"{runtime} {precision}: compiling for {key.gpu}")
                    store(key, compile_plan(trt, network, progress=say).data)
                _prove(bundle, f"{runtime}:{precision}", key)
                say(f"{runtime} {precision}: agrees with PyTorch on {key.gpu}")
    finally:
        cuda.close()


def _prove(bundle: Bundle, engine: str, key: PlanKey) -> None:
    faults = [finding.text for finding in check(bundle, [engine]) if not finding.ok]
    if faults:
        discard(key)
        raise EngineError(f"the plan does not agree and was removed ({faults[0]})", engine)
