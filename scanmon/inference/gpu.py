"""The windows of nrq on the GPU of this machine: a plan of the cache, or ONNX Runtime with CUDA."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scanmon.core.errors import EngineError
from scanmon.core.ports import Engine
from scanmon.inference.cuda import Gpu, device_number, open_cuda
from scanmon.inference.onnx_cuda import check_libraries, onnx_cuda_engine
from scanmon.inference.plan_cache import holds, kernels_of, load
from scanmon.inference.plan_file import PlanKey, unpack
from scanmon.inference.tensorrt import refused, tensorrt_engine

_MODULES = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}


def runtime_module(runtime: str) -> Any:
    """The Python module of `tensorrt` or `tensorrt-rtx`. Raises `EngineError` where it is not installed."""
    try:
        return import_module(_MODULES[runtime])
    except ImportError as error:
        raise EngineError(f"{runtime} is not installed", runtime, f"pip install {runtime}") from error


def plan_key(runtime: str, trt: Any, gpu: Gpu, network: bytes, precision: str) -> PlanKey:
    """What a plan of `network` for this GPU is kept under. Raises `EngineError` for one that is not known."""
    why = refused(trt, gpu.capability)
    if why is not None:
        raise EngineError(why, gpu.name, "use --backend onnxruntime:cuda")
    return PlanKey.of(network, runtime, str(trt.__version__), precision, gpu.capability, gpu.name)


def open_plan(
    runtime: str, network: bytes, precision: str, device: str = "auto", carried: bytes | None = None
) -> Engine:
    """An engine on the compiled plan of `network`: the one of the cache, or the one that a bundle carries.

    Raises `EngineError` where runtime, GPU or plan is missing, or does not fit.
    """
    trt = runtime_module(runtime)
    cuda = open_cuda(device_number(device))
    try:
        key = plan_key(runtime, trt, cuda.gpu, network, precision)
        use_carried = carried is not None and not holds(key)
        plan = unpack(carried or b"", key, "the bundle's plan") if use_carried else load(key)
    except BaseException:
        cuda.close()
        raise
    return tensorrt_engine(trt, plan, precision, cuda, cache=kernels_of(key))


def open_windows(network: bytes, precision: str, device: int = 0) -> Engine:
    """An engine of ONNX Runtime with CUDA. Raises `EngineError` with what is missing."""
    check_libraries()
    return onnx_cuda_engine(network, precision, open_cuda(device), device)
