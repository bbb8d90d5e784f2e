"""How much FFmpeg may take at once in this process: it makes room for what a sender announces, up to 2 GB.

The call for that is none of PyAV's. Where it is not found, as on Windows, there is no limit.
"""

import ctypes
from typing import Final

MOST: Final = 1 << 27  # bytes of one packet, line or plane of a live picture: 8K with four bytes a pixel
_needed = MOST
_limited = False


def limit() -> None:
    """From now on, to `MOST` or what somebody needs."""
    global _limited  # noqa: PLW0603 - as FFmpeg has it: one for the process
    _limited = True
    _apply()


def need(size: int) -> None:
    """Somebody works with pieces of so many bytes."""
    global _needed  # noqa: PLW0603
    _needed = max(_needed, size)
    if _limited:
        _apply()


def _apply() -> None:
    import av.buffer  # noqa: PLC0415 - slow to load

    try:
        call = ctypes.CDLL(av.buffer.__file__).av_max_alloc
    except (OSError, AttributeError):
        return
    call.argtypes, call.restype = [ctypes.c_size_t], None
    call(_needed)
