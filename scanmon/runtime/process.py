"""What scanmon asks of the system for its process: who waits, and memory that is given back."""

import ctypes
import os
import sys
import threading

_STEPS_DOWN = 10  # of nice: a tenth of the processor time of a thread at 0, where both want all of it
_SWITCH_S = 0.001
# <malloc.h> of glibc
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_BYTES = 1 << 20
_ARENAS = 2


def give_way() -> None:
    """Lower the calling thread, and every thread that it starts later (an engine's), below all others.

    On Linux, where priorities belong to threads; elsewhere nothing is changed. A thread that was lowered
    already (`nice scanmon`) goes down from there.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    now = os.getpriority(os.PRIO_PROCESS, thread)
    os.setpriority(os.PRIO_PROCESS, thread, min(19, now + _STEPS_DOWN))


def share_interpreter() -> None:
    """Let a thread that computes in Python hand over after 1 ms.

    The usual 5 ms are a third of a picture at 60 a second, and a picture passes through three threads.
    """
    if sys.getswitchinterval() > _SWITCH_S:
        sys.setswitchinterval(_SWITCH_S)


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
