"""A plan of the cache on the GPU of this machine."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from scanmon.core.errors import EngineError
from scanmon.core.ports import Engine
from scanmon.inference.cuda import Cuda, device_number, open_cuda
from scanmon.inference.plan_cache import holds, load
from scanmon.inference.plan_file import PlanKey, unpack
from scanmon.inference.tensorrt import TensorRtEngine

_MODULES = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}
PROFILE = "1-20-136"  # windows of a pass: one, the grid of 640 x 480, the grid of 1920 x 1080


def runtime_module(runtime: str) -> Any:
    """The Python module of `tensorrt` or `tensorrt-rtx`. Raises `EngineError` where it is not installed."""
    try:
        return import_module(_MODULES[runtime])
    except ImportError as error:
        raise EngineError(f"{runtime} is not installed", runtime, f"pip install {runtime}") from error


def plan_key(runtime: str, trt: Any, cuda: Cuda, network: bytes, precision: str) -> PlanKey:
    """What a plan of `network` for this GPU is kept under."""
    return PlanKey(
        onnx_sha256=hashlib.sha256(network).hexdigest(),
        runtime=runtime,
        runtime_version=str(trt.__version__),
        driver=cuda.gpu.driver,
        gpu=cuda.gpu.name,
        capability=cuda.gpu.capability,
        precision=precision,
        profile=PROFILE,
    )


def open_plan(
    runtime: str, network: bytes, precision: str, device: str = "auto", carried: bytes | None = None
) -> Engine:
    """An engine on the compiled plan of `network`: the one of the cache, or the one that a bundle carries.

    Raises `EngineError` where runtime, GPU or plan is missing, or does not fit.
    """
    trt = runtime_module(runtime)
    cuda = open_cuda(device_number(device))
    with ExitStack() as undo:
        undo.callback(cuda.close)
        key = plan_key(runtime, trt, cuda, network, precision)
        use_carried = carried is not None and not holds(key)
        plan = unpack(carried or b"", key, "the bundle's plan") if use_carried else load(key)
        engine = TensorRtEngine(trt, plan, precision, cuda, at_end=cuda.close)
        undo.pop_all()
        return engine
    raise AssertionError("unreachable: ExitStack does not swallow errors")
