"""Windows through a network on a GPU: pinned memory, two slots, few sizes, and a graph for each of them.

While the GPU works on a batch, the next one is copied into the other slot. A batch is padded to the next of
few sizes, and every size of every slot is run and captured when the engine is opened: afterwards a changing
number of windows neither compiles nor captures anything. Where a capture fails, passes are enqueued instead.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.values import GrayImage
from scanmon.inference.cuda import Cuda, DeviceLostError, GpuMemoryError
from scanmon.scoring.windows import cut

_log = logging.getLogger(__name__)
PICTURE = 3840 * 2160  # bytes of a picture that goes up whole; a larger one is cut here
SIZES = (1, 2, 4, 8, 16, 24, 32, 48, 80, 112, 153)  # windows a pass; 153: the grid of 1920 x 1080
_SLOTS = 2


# (windows, address of a picture of PICTURE bytes, of where each row of each window begins in it as int32, of
# the windows) -> what puts the cutting on the stream
Cutter = Callable[[int, int, int, int], Callable[[], None]]
Fill = Callable[["_Slot", int, int, int], None]  # windows from, to, and the size they are padded to


class GpuNetwork(Protocol):
    """A network that is loaded on the GPU, without the memory for its input and output."""

    window: tuple[int, ...]  # height and width, pixels
    features: int  # numbers that come out for a window
    most: int  # windows of a pass at most
    capturable: bool  # whether passes that were bound may be captured

    def bind(self, count: int, source: int, target: int) -> Callable[[], None]:
        """What puts one pass of `count` windows on the stream, for memory at these addresses."""
        ...

    @property
    def cutter(self) -> Cutter | None:
        """What cuts windows out of a picture on the device; None where it has nothing for that."""
        ...

    def unbind(self) -> None:
        """Forget what was bound: memory of the adapter is released."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Slot:
    host_in: NDArray[np.uint8]
    host_out: NDArray[np.uint8]
    device_in: int
    device_out: int
    done: Any  # event
    rows: tuple[NDArray[np.uint8], int] | None  # of a cutter: where rows begin, here and on the device
    passes: dict[int, Callable[[], None]] = field(default_factory=dict)  # padded size -> what starts one
    cuts: dict[int, Callable[[], None]] = field(default_factory=dict)  # the same of the cutter
    pending: tuple[int, int] | None = None  # where its result goes: first window, windows


class GpuEngine:
    """Runs a network: uint8 (n, H, W) in, float32 (n, D) out. For any thread, but one at a time.

    Owns `cuda` and the network, and closes both; also where the constructor raises. Raises `EngineError`,
    `GpuMemoryError`, `DeviceLostError`.
    """

    def __init__(
        self,
        backend: str,
        precision: str,
        cuda: Cuda,
        load: Callable[[Cuda], GpuNetwork],
        batch: int = SIZES[-1],
    ) -> None:
        self.backend, self.precision = backend, precision
        self._cuda, self._network, self._closed = cuda, None, False
        self.captures = True  # whether passes are replayed as graphs
        self._slots: list[_Slot] = []
        self._picture: tuple[NDArray[np.uint8], int] | None = None  # of a cutter: here and on the device
        try:
            with cuda.current():
                self._network = load(cuda)
                self._prepare(min(batch, self._network.most))
        except BaseException:
            self.close()
            raise

    @property
    def batch(self) -> int:
        """Windows of a pass at most; less than asked for where the GPU's memory is short."""
        return self._sizes[-1]

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features of all windows, in batches through both slots. Raises `EngineError`."""
        if pixels.shape[1:] != self._window:
            raise EngineError(
                f"the network takes windows {self._window}, not {pixels.shape[1:]}", self.backend
            )

        def fill(slot: _Slot, start: int, stop: int, size: int) -> None:
            part = pixels[start:stop]
            np.copyto(slot.host_in[: part.nbytes].reshape(part.shape), part)
            self._cuda.to_device(slot.device_in, slot.host_in, part.nbytes)

        return self._start(len(pixels), fill)()

    def start_at(
        self, picture: GrayImage, corners: NDArray[np.intp], side: int
    ) -> Callable[[], NDArray[np.float32]]:
        """The same of windows in a picture: cut there, or here into the memory that they go up from."""
        if (side, side) != self._window:
            raise EngineError(f"the network takes windows {self._window}, not {side}", self.backend)

        def cut_here(slot: _Slot, start: int, stop: int, size: int) -> None:
            cut(picture, corners[start:stop], side, slot.host_in.reshape(-1, side, side))
            self._cuda.to_device(slot.device_in, slot.host_in, (stop - start) * self._pixels)

        def cut_there(slot: _Slot, start: int, stop: int, size: int) -> None:
            assert self._picture is not None and slot.rows is not None
            if start == 0:
                np.copyto(self._picture[0][: picture.size].reshape(picture.shape), picture)
                self._cuda.to_device(self._picture[1], self._picture[0], picture.size)
            begins = (corners[start:stop, :1] + np.arange(side)) * picture.shape[1] + corners[start:stop, 1:]
            slot.rows[0].view(np.int32)[: begins.size] = begins.ravel()
            self._cuda.to_device(slot.rows[1], slot.rows[0], begins.size * 4)
            slot.cuts[size]()

        fits = self._picture is not None and picture.size <= min(PICTURE, len(corners) * self._pixels)
        return self._start(len(corners), cut_there if fits else cut_here)

    def close(self) -> None:
        """Free all memory; may be called more than once."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._cuda.current():
                with suppress(EngineError):  # a pass may run whose result nobody asked for
                    self._cuda.synchronize()
                self._slots.clear()
                if self._network is not None:
                    self._network.close()
        finally:  # also where the device is lost
            self._cuda.close()

    def _start(self, count: int, fill: Fill) -> Callable[[], NDArray[np.float32]]:
        self._check_open()
        result = np.empty((count, self._features), dtype=np.float32)

        def collect() -> NDArray[np.float32]:
            self._check_open()
            with self._cuda.current():
                for slot in self._slots:
                    self._collect(slot, result)
            return result

        with self._cuda.current():
            self._put(count, fill, result)
        return collect

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("the engine is closed", self.backend)

    def _put(self, count: int, fill: Fill, result: NDArray[np.float32]) -> None:
        """All passes on the stream; `result` has those whose slots were needed again."""
        for slot in self._slots:  # a pass that broke off or was not ended may have left something behind
            self._forget(slot)
        for number, start in enumerate(range(0, count, self.batch)):
            slot, stop = self._slots[number % _SLOTS], min(count, start + self.batch)
            self._collect(slot, result)  # what it did before must be read before its memory is written again
            size = next(size for size in self._sizes if size >= stop - start)
            fill(slot, start, stop, size)
            slot.passes[size]()
            self._cuda.record(slot.done)
            slot.pending = (start, stop - start)

    def _prepare(self, most: int) -> None:
        """Memory and passes of every size; where memory is short, for fewer windows at a time."""
        assert self._network is not None
        self._window, self._features = self._network.window, self._network.features
        while True:
            self._sizes = [size for size in SIZES if size < most] + [most]
            try:
                if self._network.cutter is not None:
                    self._picture = self._cuda.pinned(PICTURE), self._cuda.allocate(PICTURE)
                self._slots = [self._slot(most) for _ in range(_SLOTS)]
                for size in reversed(self._sizes):  # the largest first: what it needs serves all others
                    for slot in self._slots:
                        self._make(slot, size)
                return
            except GpuMemoryError:
                self._slots.clear()
                self._network.unbind()
                self._cuda.release()
                if most == 1:
                    raise
                most = next((size for size in reversed(SIZES) if size <= most // 2), 1)

    def _slot(self, most: int) -> _Slot:
        cuda, window, features = self._cuda, most * self._pixels, most * self._features * 4
        host_in, host_out = cuda.pinned(window), cuda.pinned(features)
        host_in[:] = 0
        rows = None
        if self._picture is not None:
            rows = cuda.pinned(most * self._window[0] * 4), cuda.allocate(most * self._window[0] * 4)
            rows[0][:] = 0
            cuda.to_device(rows[1], rows[0], rows[0].size)
        return _Slot(host_in, host_out, cuda.allocate(window), cuda.allocate(features), cuda.event(), rows)

    def _make(self, slot: _Slot, size: int) -> None:
        assert self._network is not None
        cuda, cutter = self._cuda, self._network.cutter
        work = self._network.bind(size, slot.device_in, slot.device_out)

        def enqueue() -> None:
            work()
            cuda.to_host(slot.host_out, slot.device_out, size * self._features * 4)

        slot.passes[size] = self._replayed(enqueue)
        if cutter is not None and self._picture is not None and slot.rows is not None:
            slot.cuts[size] = self._replayed(cutter(size, self._picture[1], slot.rows[1], slot.device_in))

    def _replayed(self, enqueue: Callable[[], None]) -> Callable[[], None]:
        """Run it once, since a first pass sets things up, and capture it."""
        assert self._network is not None
        cuda = self._cuda
        enqueue()
        cuda.synchronize()
        if not self._network.capturable:
            self.captures = False
        graph = self._captured(enqueue) if self.captures else None
        return enqueue if graph is None else lambda: cuda.launch(graph)

    def _captured(self, enqueue: Callable[[], None]) -> Any | None:
        try:
            graph = self._cuda.capture(enqueue)
        except (DeviceLostError, GpuMemoryError):
            raise
        except EngineError as error:
            graph = None
            _log.warning("%s: passes cannot be captured (%s) and are enqueued instead", self.backend, error)
        self.captures = graph is not None
        return graph

    @property
    def _pixels(self) -> int:
        return int(np.prod(self._window))

    def _forget(self, slot: _Slot) -> None:
        if slot.pending is not None:
            slot.pending = None
            self._cuda.wait(slot.done)

    def _collect(self, slot: _Slot, result: NDArray[np.float32]) -> None:
        if slot.pending is None:
            return
        start, count = slot.pending
        slot.pending = None
        self._cuda.wait(slot.done)
        size = count * self._features * 4
        result[start : start + count] = slot.host_out[:size].view(np.float32).reshape(count, self._features)
