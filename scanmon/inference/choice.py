"""Which runtime runs a network on this machine."""

from __future__ import annotations

from scanmon.core.errors import SettingsError
from scanmon.core.ports import Engine
from scanmon.inference.onnx import OnnxEngine

BACKENDS = ("auto", "onnxruntime")


def open_engine(network: bytes, precision: str, backend: str = "auto", device: str = "auto") -> Engine:
    """An engine for an ONNX network. The caller closes it.

    Raises `SettingsError` for a name that is none, `EngineError` where the runtime cannot run the network.
    """
    if backend not in BACKENDS:
        raise SettingsError(f"--backend {backend} is unknown", remedy="use one of " + ", ".join(BACKENDS))
    if device not in ("auto", "cpu"):
        raise SettingsError(f"--device {device}: {backend} runs on the cpu", remedy="use auto or cpu")
    return OnnxEngine(network, precision)
