"""The GPU as it is opened: by cuda-python, or by PyCUDA where that is what is installed."""

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import Cuda
from scanmon.inference.cuda_python import CudaPython
from scanmon.inference.pycuda import PyCuda

CUDA_PYTHON = "pip install 'cuda-python>=12.9.1'"  # earlier ones hold the interpreter lock


def open_cuda(device: int = 0) -> Cuda:
    """The adapter whose library is installed. Raises `EngineError` without library, driver or GPU."""
    try:
        from cuda.bindings import runtime
    except ImportError:
        try:
            from pycuda import driver
        except ImportError as error:
            raise EngineError(
                "neither cuda-python 12.9.1 or later nor pycuda is installed", "cuda", CUDA_PYTHON
            ) from error
        return PyCuda(driver, device)
    return CudaPython(runtime, device)


def device_number(device: str) -> int:
    """`auto`, `cuda` or `cuda:N` -> N. Raises `EngineError`."""
    if device in ("auto", "cuda", "gpu"):
        return 0
    name, _, number = device.partition(":")
    if name != "cuda" or not number.isdecimal():
        raise EngineError(f"--device {device}", "", "use auto or cuda:0")
    return int(number)
