"""ONNX Runtime on any GPU through Vulkan, DirectX 12 or Metal: a provider beside the base package."""

from importlib import import_module
from typing import Any

from scanmon.core.errors import EngineError
from scanmon.inference.onnx import OnnxEngine, Provider, one_line

BACKEND = "onnxruntime:webgpu"
_LIBRARY = "scanmon.webgpu"  # the name under which it is registered, once a process
_INSTALL = "pip install 'scanmon[webgpu]', or use --backend onnxruntime"
BATCH = 16  # windows of a pass: the memory of a small GPU


def onnx_webgpu_engine(network: bytes, precision: str) -> OnnxEngine:
    """An engine on the GPU that Vulkan, DirectX or Metal names first. Raises `EngineError` without one."""
    return OnnxEngine(network, precision, batch=BATCH, provider=provider(), backend=BACKEND)


def installed() -> bool:
    try:
        import_module("onnxruntime_ep_webgpu")
    except ImportError:
        return False
    return True


def provider() -> Provider:
    """WebGPU with the first device. Raises `EngineError` where it is not installed or finds no GPU."""
    import onnxruntime

    try:
        plugin: Any = import_module("onnxruntime_ep_webgpu")
    except ImportError as error:
        raise EngineError("the WebGPU provider is not installed", BACKEND, _INSTALL) from error
    name = plugin.get_ep_name()
    device = _device(onnxruntime, name)
    if device is None:
        onnxruntime.set_default_logger_severity(4)  # a provider that fails would print
        try:
            onnxruntime.register_execution_provider_library(_LIBRARY, plugin.get_library_path())
        except Exception as error:  # its exceptions share no public base
            raise EngineError(f"WebGPU cannot be loaded ({one_line(error)})", BACKEND, _INSTALL) from error
        device = _device(onnxruntime, name)
    if device is None:
        raise EngineError(
            "WebGPU finds no GPU",
            BACKEND,
            "install the GPU's Vulkan driver and libvulkan1, or another --backend",
        )
    return Provider(name, device=device)


def _device(onnxruntime: Any, name: str) -> Any:
    return next((one for one in onnxruntime.get_ep_devices() if one.ep_name == name), None)
