"""What this process takes of the memory, where /proc tells it, and what it may take of the disk."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


def memory_mb(name: str, process: int | str = "self") -> float:
    """`VmRSS`: now; `VmHWM`: the most since `forget_peak`."""
    line = next(x for x in Path(f"/proc/{process}/status").read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) / 1024


@contextmanager
def traced_below(most: int) -> Iterator[None]:
    """What Python holds at once inside stays below so many bytes."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """No file grows beyond so many bytes inside, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")
