"""Who waits when the processor is short: the score, never the picture."""

from __future__ import annotations

import os
import sys
import threading

_STEPS_DOWN = 10  # of nice: a tenth of the processor time of a thread at 0, where both want all of it
_SWITCH_S = 0.001


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
