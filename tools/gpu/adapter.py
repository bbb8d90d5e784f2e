"""scanmon's own GPU code on a real GPU without TensorRT: adapter and engine over a stand-in module.

The stand-in's network is a real kernel (mean, least and most of each window), put on the stream that the
engine gives it. `lost` in a process of its own: a kernel writes to address 1, which kills the context.

    python -m tools.gpu.adapter [lost:onnxruntime | lost:tensorrt]
"""

import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.batches import SIZES, GpuEngine
from scanmon.inference.choice import open_engine
from scanmon.inference.cuda import DeviceLostError
from scanmon.inference.cuda_device import open_cuda
from scanmon.inference.gpu import FallbackEngine
from scanmon.inference.tensorrt import tensorrt_engine
from tools.gpu.kit import QUICK, Report, bundle_and_part, keep_half, on_gpu_mb, resident_mb, times_ms, windows

SIDE, FEATURES = 224, 3
_MILLION = 1 << 20
SOURCE = r"""
extern "C" __global__ void look(const unsigned char* x, float* z, int side, int spins) {
  __shared__ float sum[256], low[256], high[256];
  const unsigned char* w = x + (size_t)blockIdx.x * side * side;
  float s = 0, l = 1e9f, h = -1e9f;
  for (int k = 0; k <= spins; ++k) {
    s = 0; l = 1e9f; h = -1e9f;
    for (int i = threadIdx.x; i < side * side; i += blockDim.x) {
      float v = w[i]; s += v; l = fminf(l, v); h = fmaxf(h, v);
    }
  }
  int t = threadIdx.x; sum[t] = s; low[t] = l; high[t] = h; __syncthreads();
  for (int n = 128; n; n >>= 1) {
    if (t < n) {
      sum[t] += sum[t + n]; low[t] = fminf(low[t], low[t + n]); high[t] = fmaxf(high[t], high[t + n]);
    }
    __syncthreads();
  }
  if (t == 0) {
    float* o = z + (size_t)blockIdx.x * 3; o[0] = sum[0] / (side * side); o[1] = low[0]; o[2] = high[0];
  }
}
"""
POISON = b"""
.version 7.0
.target sm_70
.address_size 64
.visible .entry poison() {
  .reg .u64 %rd<2>; .reg .u32 %r<2>;
  mov.u64 %rd1, 1; mov.u32 %r1, 1; st.global.u32 [%rd1], %r1; ret;
}
"""


def stand_in(spins: int = 0) -> Any:
    """A module `tensorrt` whose plan is that kernel."""
    import cupy

    kernel = cupy.RawKernel(SOURCE, "look")

    def pointer(address: int) -> Any:
        return cupy.cuda.MemoryPointer(cupy.cuda.UnownedMemory(address, 1, None), 0)

    class Context:
        def __init__(self) -> None:
            self.shape: tuple[int, ...] = ()
            self.at: dict[str, int] = {}

        def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
            self.shape = shape
            return 1 <= shape[0] <= SIZES[-1]

        def set_tensor_address(self, name: str, address: int) -> bool:
            self.at[name] = address
            return True

        def update_device_memory_size_for_shapes(self) -> int:
            return 256 * self.shape[0]

        def set_device_memory(self, memory: int, size: int) -> None: ...

        def execute_async_v3(self, stream: int) -> bool:
            with cupy.cuda.ExternalStream(stream):
                given = (pointer(self.at["windows"]), pointer(self.at["z"]), np.int32(SIDE), np.int32(spins))
                kernel((self.shape[0],), (256,), given)
            return True

    class Engine:
        num_io_tensors = 2

        def get_tensor_name(self, index: int) -> str:
            return ("z", "windows")[index]

        def get_tensor_mode(self, name: str) -> str:
            return "in" if name == "windows" else "out"

        def get_tensor_shape(self, name: str) -> tuple[int, ...]:
            return (-1, SIDE, SIDE) if name == "windows" else (-1, FEATURES)

        def get_tensor_profile_shape(self, name: str, profile: int) -> list[tuple[int, ...]]:
            return [(count, SIDE, SIDE) for count in (1, 48, SIZES[-1])]

        def create_execution_context(self, strategy: Any) -> Context:
            return Context()

    class Runtime:
        def __init__(self, logger: Any) -> None: ...

        def deserialize_cuda_engine(self, plan: bytes) -> Engine:
            return Engine()

    class ILogger:
        Severity = SimpleNamespace(ERROR=1, INTERNAL_ERROR=0)

        def __init__(self) -> None: ...

    return SimpleNamespace(
        __name__="tensorrt",
        __version__="0",
        Runtime=Runtime,
        ILogger=ILogger,
        TensorIOMode=SimpleNamespace(INPUT="in", OUTPUT="out"),
        ExecutionContextAllocationStrategy=SimpleNamespace(USER_MANAGED="user"),
    )


def engine(spins: int = 0) -> GpuEngine:
    return tensorrt_engine(stand_in(spins), b"plan", "fp32", open_cuda())


def expected(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = pixels.reshape(len(pixels), -1).astype(np.float64)
    return np.stack([flat.mean(axis=1), flat.min(axis=1), flat.max(axis=1)], axis=1).astype(np.float32)


def machine() -> dict[str, Any]:
    """Card, driver, and copies between pinned memory and the card in GB/s."""
    cuda = open_cuda()
    said: dict[str, Any] = {"gpu": str(cuda.gpu), "adapter": type(cuda).__name__}
    with cuda.current():
        for size in (SIZES[-1] * SIDE * SIDE, 64 * _MILLION):
            memory, address, event = cuda.pinned(size), cuda.allocate(size), cuda.event()

            def moved(up: bool, m: Any = memory, a: int = address, s: int = size, e: Any = event) -> None:
                for _ in range(20):
                    cuda.to_device(a, m, s) if up else cuda.to_host(m, a, s)
                cuda.record(e)
                cuda.wait(e)

            for name, up in (("up", True), ("down", False)):
                ms = times_ms(lambda u=up, m=moved: m(u), 0.2, 5)["p50"]  # type: ignore[misc]
                said[f"{name} {size >> 10} KiB"] = round(20 * size / ms / 1e6, 1)
    cuda.close()
    return said


def right() -> dict[str, Any]:
    """Every number of windows gets its own results, on another thread than the one that opened it too."""
    one, worst, seen = engine(), 0.0, []
    for seed, count in enumerate((1, 48, 7, 153, 20, 96, 48, 1, 153, 33, 200)):
        pixels = windows(count, seed)
        worst = max(worst, float(np.abs(one.run(pixels) - expected(pixels)).max()))
    pixels = windows(60, 99)[::2]  # not contiguous
    worst = max(worst, float(np.abs(one.run(pixels) - expected(pixels)).max()))
    thread = threading.Thread(target=lambda: seen.append(one.run(pixels)))
    thread.start()
    thread.join()
    worst = max(worst, float(np.abs(seen[0] - expected(pixels)).max()))
    said = {"largest_error": worst, "captures": one.captures, "sizes": SIZES}
    one.close()
    one.close()
    return said


def speed() -> dict[str, Any]:
    """What adapter and copies cost: the kernel itself is next to nothing."""
    one = engine()
    said = {}
    for count in (1, 16, 48, 153):
        pixels = windows(count)
        said[str(count)] = times_ms(lambda p=pixels: one.run(p), 0.4)  # type: ignore[misc]
    one.close()
    return said


def waiting() -> dict[str, float]:
    """Processor time, and the other threads' share of the interpreter, while the GPU works for long."""
    one, pixels, ticks, stop = engine(spins=60_000), windows(4), [0], threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks[0] += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=tick)
    thread.start()
    ticks[0] = 0
    wall, cpu = time.perf_counter(), time.process_time()
    one.run(pixels)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    stop.set()
    thread.join()
    one.close()
    return {"wall_s": wall, "processor_s": cpu, "ticks_a_second": ticks[0] / wall}


def growth() -> dict[str, float]:
    """10,000 frames of changing numbers of windows, and 20 openings."""
    one, sets = engine(), [windows(count, count) for count in (20, 20, 20, 48, 7, 1)]
    for pixels in sets * 3:
        one.run(pixels)
    resident, used = resident_mb(), on_gpu_mb()
    for number in range(10_000):
        one.run(sets[number % len(sets)])
    said = {"process_growth_mb": resident_mb() - resident, "gpu_growth_mb": on_gpu_mb() - used}
    one.close()
    used = on_gpu_mb()
    for _ in range(20):
        one = engine()
        one.close()
    return said | {"gpu_growth_of_20_openings_mb": on_gpu_mb() - used}


def poison() -> None:
    """Put a kernel that kills the context on the default stream; no other library may hold that context."""
    from cuda.bindings import driver

    text = np.frombuffer(POISON + b"\0", np.uint8)
    error, module = driver.cuModuleLoadData(text.ctypes.data)
    if int(error) == 0:
        error, kernel = driver.cuModuleGetFunction(module, b"poison")
    if int(error) == 0:
        (error,) = driver.cuLaunchKernel(kernel, *[1] * 6, 0, 0, 0, 0)
    if int(error) != 0:
        raise RuntimeError(str(error))


def lost(kind: str, report: Report) -> None:
    """The context dies under an engine: what is said, how long until there are results, and from what."""
    bundle, part = bundle_and_part()
    pixels = windows(5, 1)

    def first() -> Any:
        return engine() if kind == "tensorrt" else open_engine(bundle, part, "onnxruntime:cuda", strict=True)

    one = FallbackEngine(first, lambda: open_engine(bundle, part, "onnxruntime"))
    before = one.run(pixels)
    report.attempt("poisoned", poison)
    inner = one._engine if kind == "tensorrt" else one._engine._engine  # type: ignore[attr-defined]

    def told() -> dict[str, Any]:
        try:
            inner.run(pixels)
        except EngineError as error:
            return {
                "raised": f"{type(error).__name__}: {error}",
                "as_lost": isinstance(error, DeviceLostError),
            }
        return {"raised": None}

    def results() -> dict[str, Any]:
        started = time.perf_counter()
        after = one.run(pixels)
        said = {"seconds": round(time.perf_counter() - started, 3), "from": one.backend}
        one.run(pixels)
        return said | {"difference": after.shape == before.shape and float(np.abs(after - before).max())}

    report.attempt("told", told)  # kept, should the rest end the process
    report.attempt("results", results)


def main(part: str) -> None:
    kind = part.partition(":")[2]
    report = Report(f"lost_{kind}" if part else "adapter")
    if QUICK:  # no kernel runs on a processor; the same code runs in tests/inference/test_tensorrt.py
        report.attempt("stand_in_of_another_kind", lambda: expected(windows(2)).tolist())
    elif part:
        keep_half()
        lost(kind, report)
    else:
        for work in (machine, right, speed, waiting, growth):
            report.attempt(work.__name__, work)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
