"""Pictures that were let go of are not kept by the C library."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import sys
from pathlib import Path
import numpy as np
from scanmon.runtime.process import return_pictures_to_the_system
def resident_mb():
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
if sys.argv[1] == "yes":
    assert return_pictures_to_the_system()
for _ in range(3):  # the first free raises the limit of glibc
    np.ones((1080, 1920), np.uint8)
before = resident_mb()
held = []
small = []
for _ in range(40):  # what is small and stays between the pictures holds the heap open
    held.append(np.ones((1080, 1920), np.uint8))
    small.append(bytes(100_000))
del held
print(resident_mb() - before)
"""


def _kept_mb(asked: str) -> float:
    command = [sys.executable, "-c", _CODE, asked]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=200).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_freed_pictures_go_back_to_the_system() -> None:
    kept, left_alone = _kept_mb("yes"), _kept_mb("no")
    assert kept < 15  # the small ones are 4 MB
    assert kept < left_alone + 1  # where glibc gives back at once anyway both are equal but for noise
