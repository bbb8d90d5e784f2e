"""Gives the memory of freed pictures back to the system."""

from __future__ import annotations

import ctypes
import sys

# <malloc.h> of glibc
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_BYTES = 1 << 20
_ARENAS = 2


def return_pictures_to_the_system() -> bool:
    """Let glibc map arrays of 1 MiB and more apart, so that they go back when freed; True where it did.

    Left alone it raises that limit to the size of a picture, and then keeps the holes that pictures leave
    behind, in an arena for each of two dozen threads. Elsewhere than on glibc nothing is changed.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES) and mallopt(_M_ARENA_MAX, _ARENAS))
