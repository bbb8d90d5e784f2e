"""What the GPU of this machine can be used with, what is missing for it, and the command that brings it."""

import ctypes.util
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanmon.core.errors import EngineError
from scanmon.inference import onnx_cuda, onnx_webgpu
from scanmon.inference.cuda import Gpu
from scanmon.inference.cuda_device import CUDA_PYTHON, open_cuda
from scanmon.inference.gpu import runtime_module
from scanmon.inference.tensorrt import refused


@dataclass(frozen=True, slots=True)
class Word:
    """One line for people."""

    ok: bool
    what: str
    remedy: str = ""


def words() -> Iterator[Word]:
    """Drivers, packages, runtimes, in that order. Opens the GPU: call it on a thread that may wait."""
    yield from _packages()
    others = onnx_webgpu.installed()
    if _has_driver():
        yield from _nvidia()
    elif _has_card():
        yield Word(
            False,
            "the driver of the NVIDIA GPU is missing: nrq runs on the processor and refreshes less often",
            "install it (Ubuntu: sudo ubuntu-drivers install)",
        )
    elif not others:
        yield Word(False, "no NVIDIA driver: nrq runs on the processor and refreshes less often", _OTHERS)
    if others:
        yield Word(True, "the WebGPU provider is installed: --backend onnxruntime:webgpu")


def lacking() -> list[Word]:
    return [word for word in words() if not word.ok]


_UNLOCKED = (12, 9, 1)  # of cuda-python: before that its calls hold the interpreter lock
_CUDA = "python -m pip install 'scanmon[cuda]'"
_OTHERS = "for a GPU of another maker: pip install 'scanmon[webgpu]', then --backend onnxruntime:webgpu"


def _has_driver() -> bool:
    if sys.platform.startswith("linux"):  # the second in the Linux of Windows
        files = ("/proc/driver/nvidia/version", "/usr/lib/wsl/lib/libcuda.so.1")
        return any(Path(file).exists() for file in files)
    return ctypes.util.find_library("nvcuda") is not None


def _has_card(devices: Path = Path("/sys/bus/pci/devices")) -> bool:
    """Whether Linux sees a GPU of NVIDIA, whatever drives it."""
    for device in devices.glob("*"):
        try:
            vendor, kind = ((device / name).read_text(encoding="ascii") for name in ("vendor", "class"))
        except OSError:
            continue
        if vendor.strip() == "0x10de" and kind.startswith("0x03"):  # display controllers
            return True
    return False


def _nvidia() -> Iterator[Word]:
    try:
        cuda = open_cuda()
    except EngineError as error:
        if error.remedy == CUDA_PYTHON and onnx_cuda.package() is None:
            yield Word(False, "this GPU lacks cuda-python and onnxruntime-gpu, which run every bundle", _CUDA)
        else:
            yield Word(False, f"the NVIDIA GPU cannot be used ({error.what})", error.remedy)
        return
    gpu = cuda.gpu
    cuda.close()
    yield Word(True, f"{gpu.name}, {gpu.capability}, driver for CUDA {gpu.driver}")
    yield from _onnxruntime()
    yield from _tensorrt(gpu)


def _packages() -> Iterator[Word]:
    bindings = onnx_cuda.package("cuda-bindings")  # what cuda-python brings
    if bindings is not None and tuple(map(int, re.findall(r"\d+", bindings)[:3])) < _UNLOCKED:
        yield Word(False, f"cuda-python {bindings} stops the window while the GPU works", CUDA_PYTHON)
    base, gpu = onnx_cuda.package("onnxruntime"), onnx_cuda.package()
    if gpu is None:
        return
    if not onnx_cuda.installed() and (error := onnx_cuda.overwritten()) is not None:
        yield Word(False, error.what, error.remedy)
    elif base not in (None, gpu):
        yield Word(
            False, f"onnxruntime {base} and onnxruntime-gpu {gpu} share their files", onnx_cuda.again(gpu)
        )


def _onnxruntime() -> Iterator[Word]:
    if not onnx_cuda.installed():
        if onnx_cuda.package() is None:
            yield Word(False, "this GPU lacks onnxruntime-gpu, which runs every bundle", _CUDA)
        return
    try:
        onnx_cuda.check_libraries()
    except EngineError as error:
        yield Word(False, error.what, "python -m pip install 'onnxruntime-gpu[cuda,cudnn]'")
    else:
        build = "scanmon build default --backend onnxruntime:cuda"
        yield Word(True, "ONNX Runtime with CUDA: --backend onnxruntime:cuda", f"half precision: {build}")


def _tensorrt(gpu: Gpu) -> Iterator[Word]:
    for runtime in ("tensorrt", "tensorrt-rtx"):
        if importlib.util.find_spec(runtime.replace("-", "_")) is None:
            continue
        why = refused(runtime_module(runtime), gpu.capability)
        if why is not None:
            yield Word(False, why, "use --backend onnxruntime:cuda")
        else:
            yield Word(True, f"{runtime} knows this GPU", f"plans: scanmon build default --backend {runtime}")
