"""What TensorRT-RTX has beyond TensorRT: kernels that are compiled where they run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # not installed: types for tools/check_tensorrt.py
    import tensorrt


def settings_of(trt: Any, engine: tensorrt.ICudaEngine, cache: Path | None) -> tuple[Any, Any]:
    """How contexts are made, and the compiled kernels, which start from those of the file `cache`.

    A context would begin with kernels that fit every shape, and compile better ones beside: what is captured
    then would stay slow for ever.
    """
    settings = engine.create_runtime_config()
    settings.set_execution_context_allocation_strategy(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
    settings.dynamic_shapes_kernel_specialization_strategy = (
        trt.DynamicShapesKernelSpecializationStrategy.EAGER
    )
    kernels = settings.create_runtime_cache()
    if cache is not None and cache.is_file():
        kernels.deserialize(cache.read_bytes())
    settings.set_runtime_cache(kernels)
    return settings, kernels


def capturable(context: tensorrt.IExecutionContext, stream: int) -> bool:
    """Whether passes of a context may be captured on a stream."""
    return bool(context.is_stream_capturable(stream))
