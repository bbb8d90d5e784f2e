"""nrq on the GPU of this machine: a plan of the cache, or ONNX Runtime with CUDA, and what follows a loss."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.ports import CuttingEngine, Engine
from scanmon.core.values import GrayImage
from scanmon.inference.bounded import BoundedThread, HangsError
from scanmon.inference.cuda import DeviceLostError, Gpu
from scanmon.inference.cuda_device import device_number, open_cuda
from scanmon.inference.onnx_cuda import check_libraries, onnx_cuda_engine
from scanmon.inference.plans import PlanKey, load, unpack
from scanmon.inference.tensorrt import refused, tensorrt_engine
from scanmon.scoring.windows import cut

_MODULES = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}
ANSWERS_S, WINDOW_S = 10.0, 0.2  # a pass takes milliseconds on a card, a window 0.1 s in a small processor
OPENS_S = 180.0  # kernels may be compiled
_log = logging.getLogger(__name__)
Result = TypeVar("Result")


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
        use_carried = carried is not None and not key.path.is_file()
        plan = unpack(carried or b"", key, "the bundle's plan") if use_carried else load(key)
    except BaseException:
        cuda.close()
        raise
    return tensorrt_engine(trt, plan, precision, cuda, cache=key.kernels)


def open_windows(network: bytes, precision: str, device: int = 0) -> Engine:
    """An engine of ONNX Runtime with CUDA. Raises `EngineError` with what is missing."""
    check_libraries()
    return onnx_cuda_engine(network, precision, open_cuda(device), device)


class FallbackEngine:
    """`first` as long as it runs; after a lost device `first` once more; after any other fault `second`.

    `first` is called on a thread of its own: where its driver hangs, it is a fault too, after `answers_s` in
    a pass and `opens_s` in opening. It is not closed then, which would hang as well. `backend` and
    `precision` are those of the engine that gave the last result. For one thread at a time.
    """

    def __init__(
        self,
        first: Callable[[], Engine],
        second: Callable[[], Engine],
        *,
        from_the_start: bool = False,
        answers_s: float = ANSWERS_S,
        opens_s: float = OPENS_S,
    ) -> None:
        """`from_the_start`: also where `first` cannot be opened, which is an error otherwise."""
        self._first, self._second = first, second
        self._answers_s, self._opens_s = answers_s, opens_s
        self._may_retry = True
        self._thread: BoundedThread | None = BoundedThread("gpu")  # None once `second` is used
        try:
            self._open_first()
        except BaseException as error:
            self._thread.end()
            if not (from_the_start and isinstance(error, EngineError)):
                raise
            self._use_second()
            _log.warning("%s; %s goes on", error, self._engine.backend)

    @property
    def backend(self) -> str:
        return self._engine.backend

    @property
    def precision(self) -> str:
        return self._engine.precision

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass on whichever engine works. Raises `EngineError` where none does."""
        return self._run(lambda: self._engine.run(pixels), len(pixels))

    def start_at(
        self, picture: GrayImage, corners: NDArray[np.intp], side: int
    ) -> Callable[[], NDArray[np.float32]]:
        """The same for windows that the engine cuts, or that are cut for it."""
        begun, engine = self._run(lambda: (self._start(picture, corners, side), self._engine), len(corners))

        def end() -> NDArray[np.float32]:
            if self._engine is engine:  # otherwise it was replaced meanwhile, and may hang
                try:
                    return self._called(begun, len(corners))
                except EngineError as error:
                    if self._thread is None:
                        raise
                    self._replace(error)
            return self.start_at(picture, corners, side)()

        return end

    def close(self) -> None:
        """End it; an engine whose driver hangs is left alone."""
        try:
            self._called(self._engine.close)
        except HangsError as error:
            _log.warning("%s cannot be closed (%s)", self._engine.backend, error)
        finally:
            if self._thread is not None:
                self._thread.end()

    def _run(self, work: Callable[[], Result], windows: int) -> Result:
        while True:
            try:
                return self._called(work, windows)
            except EngineError as error:
                if self._thread is None:
                    raise
                self._replace(error)

    def _called(self, work: Callable[[], Result], windows: int = 0) -> Result:
        patience_s = self._answers_s + windows * WINDOW_S
        return work() if self._thread is None else self._thread.call(work, patience_s)

    def _open_first(self) -> None:
        assert self._thread is not None
        self._use(self._thread.call(self._first, self._opens_s, late=lambda engine: engine.close()))

    def _use_second(self) -> None:
        self._use(self._second())
        self._thread = None

    def _use(self, engine: Engine) -> None:
        self._engine = engine
        if isinstance(engine, CuttingEngine):  # asked once: it takes 30 us
            self._start = engine.start_at
        else:
            self._start = lambda *given: lambda: engine.run(cut(*given))

    def _replace(self, error: EngineError) -> None:
        assert self._thread is not None
        name = self._engine.backend
        if not isinstance(error, HangsError):
            error = self._closed_broken() or error
        if isinstance(error, DeviceLostError) and self._may_retry:
            self._may_retry = False
            try:
                self._open_first()
            except EngineError as again:
                error = again
            else:
                _log.warning("%s was lost and started again (%s)", name, error)
                return
        self._thread.end()
        self._use_second()
        _log.warning("%s failed (%s): %s takes its place", name, error, self._engine.backend)

    def _closed_broken(self) -> HangsError | None:
        """Why nothing more can be called on its thread; None where it can."""
        try:
            self._called(self._engine.close)
        except HangsError as error:
            return error
        except EngineError as error:  # what is lost cannot be given back
            _log.info("closing a failed engine: %s", error)
        return None
