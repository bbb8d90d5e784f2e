"""ONNX Runtime on an NVIDIA GPU (`onnxruntime-gpu`): no plan, any GPU from compute capability 7.5 on."""

import contextlib
import io
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from scanmon.core.errors import EngineError
from scanmon.inference.batches import PICTURE, SIZES, GpuEngine
from scanmon.inference.cuda import Cuda
from scanmon.inference.cuda_device import open_cuda
from scanmon.inference.onnx import OnnxEngine, Provider, one_line, open_session, session_options
from scanmon.inference.onnx_outputs import cutting_graph

PROVIDER, _MEMORY = "CUDAExecutionProvider", "cuda"  # ONNX Runtime's names
BACKEND = "onnxruntime:cuda"
_INSTALL = "pip install 'scanmon[cuda]', or use --backend onnxruntime"

_Tensor = tuple[str, Any, tuple[int, ...], int]  # name, element type, shape, address


def onnx_cuda_engine(
    network: bytes, precision: str, cuda: Cuda, device: int = 0, batch: int = SIZES[-1]
) -> GpuEngine:
    """An engine for windows; it owns `cuda`. Raises `EngineError` where CUDA does not run it."""
    return GpuEngine(BACKEND, precision, cuda, lambda gpu: OnnxCudaNetwork(network, gpu, device), batch)


def onnx_cuda_map(network: bytes, precision: str, device: int = 0) -> OnnxEngine:
    """An engine for pictures of any size. Raises `EngineError` where CUDA does not run it."""
    check_libraries()
    open_cuda(device).close()  # says it in our words where there is no driver or GPU
    options = {"device_id": str(device), "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
    return OnnxEngine(network, precision, batch=1, provider=Provider(PROVIDER, options), backend=BACKEND)


class OnnxCudaNetwork:
    """A session whose work goes on the stream of `cuda`, from and to memory of `cuda`."""

    most = 1 << 16
    capturable = True

    def __init__(self, network: bytes, cuda: Cuda, device: int = 0) -> None:
        import onnxruntime

        self._cuda, self._device = cuda, device
        self._session = self._opened(network)
        (entry,), (outcome,) = self._session.get_inputs(), self._session.get_outputs()
        self._input, self._output = entry.name, outcome.name
        self.window, self.features = tuple(entry.shape[1:]), int(outcome.shape[1])
        self._cut = self._opened(cutting_graph(PICTURE, self.window[0]))
        self._run = onnxruntime.RunOptions()
        self._run.log_severity_level = 4
        self._run.add_run_config_entry("disable_synchronize_execution_providers", "1")

    def _opened(self, network: bytes) -> Any:
        options = session_options(1)
        # with it, a second pass of a size takes other memory than the first, and may not in a capture
        options.enable_mem_pattern = False
        choices = {
            "device_id": str(self._device),
            "user_compute_stream": str(self._cuda.stream),
            "use_tf32": "0",
            "enable_skip_layer_norm_strict_mode": "1",  # sums in single precision
        }
        return open_session(network, options, Provider(PROVIDER, choices), BACKEND, _INSTALL)

    def bind(self, count: int, source: int, target: int) -> Callable[[], None]:
        """Memory is bound once; a pass then says nothing of it."""
        windows: _Tensor = (self._input, np.uint8, (count, *self.window), source)
        return self._bound(
            self._session, [windows], (self._output, np.float32, (count, self.features), target)
        )

    def cutter(self, count: int, picture: int, rows: int, target: int) -> Callable[[], None]:
        """The same for a small network that cuts windows out of a picture."""
        whole: _Tensor = ("picture", np.uint8, (PICTURE,), picture)
        begins: _Tensor = ("rows", np.int32, (count, self.window[0], 1), rows)
        return self._bound(self._cut, [whole, begins], ("windows", np.uint8, (count, *self.window), target))

    def _bound(self, session: Any, inputs: list[_Tensor], output: _Tensor) -> Callable[[], None]:
        binding = session.io_binding()
        for name, kind, shape, address in inputs:
            binding.bind_input(name, _MEMORY, self._device, kind, shape, address)
        name, kind, shape, address = output
        binding.bind_output(name, _MEMORY, self._device, kind, shape, address)

        def enqueue() -> None:
            try:
                session.run_with_iobinding(binding, self._run)
            except Exception as error:  # its exceptions share no public base
                self._cuda.synchronize()  # a lost device is told by its own name
                raise EngineError(f"the network cannot be run ({one_line(error)})", BACKEND) from error

        return enqueue

    def unbind(self) -> None:
        """Nothing to forget: a binding goes with its pass."""

    def close(self) -> None:
        """Let the session go, and all memory that it took."""
        self._session = self._cut = None


def installed() -> bool:
    """Whether the ONNX Runtime at hand is one with CUDA."""
    import onnxruntime

    return PROVIDER in onnxruntime.get_available_providers()


def package(name: str = "onnxruntime-gpu") -> str | None:
    """Its version. It shares its files with onnxruntime: what was installed last is there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def again(there: str) -> str:
    """The command that puts onnxruntime-gpu over onnxruntime."""
    return f"python -m pip install --force-reinstall --no-deps onnxruntime-gpu=={there}"


def overwritten() -> EngineError | None:
    """Where `installed` is not so although the package is there, and what puts it right."""
    there = package()
    if there is None:
        return None
    return EngineError(f"onnxruntime was installed over onnxruntime-gpu {there}", BACKEND, again(there))


def check_libraries() -> None:
    """Load CUDA's own libraries. Raises `EngineError` that names the one that is missing or does not fit."""
    import onnxruntime

    if not installed():
        raise overwritten() or EngineError(
            "the ONNX Runtime that is installed has no CUDA", BACKEND, _INSTALL
        )
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):  # it prints what is missing, and goes on
        onnxruntime.preload_dlls()
    for line in heard.getvalue().splitlines():
        if line.startswith("Failed to load"):
            raise EngineError(f"a library of CUDA is missing ({one_line(line)})", BACKEND, _INSTALL)
