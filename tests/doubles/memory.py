"""What this process takes of the memory, where /proc tells it."""

from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


def memory_mb(name: str, process: int | str = "self") -> float:
    """`VmRSS`: now; `VmHWM`: the most since `forget_peak`."""
    line = next(x for x in Path(f"/proc/{process}/status").read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")
