"""A process of our own whose memory and time are limited: what it works on may be made to do harm.

Parent and child send each other JSON with arrays behind it, never objects: nothing that a child says can run
here. The child ends when its parent ends, however that ends: it then reads the end of its input, and an
answer that takes too long ends it anyway.
"""

import contextlib
import json
import logging
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from numpy.typing import NDArray

from scanmon.core.program import start_words

MEMORY: Final = 768 << 20  # bytes of a child's own, beyond what its libraries take
WALL: Final = 6  # times the processor time that an answer may take; other programs run, too
_NO_START, _FAILED = 1, 70  # exit codes: of Python where an import fails, and of ours
_MOST_HEAD = 1 << 26
_MOST_BYTES = 1 << 31  # of the arrays in a message
_OF_TIME = {int(getattr(signal, name, 0)) for name in ("SIGALRM", "SIGPROF")} - {0}

Message = dict[str, Any]
Answer = Callable[[Message, list[bytearray]], tuple[Message, list[NDArray[Any]]]]


class LimitReached(Exception):
    """The child is no more: it took too long, too much memory, or crashed. The text says which."""


class NotStarted(LimitReached):
    """It never came to its work: a library of it is missing or broken."""


class _Channel:
    def __init__(self, read: IO[bytes], write: IO[bytes]) -> None:
        self._read, self._write = read, write

    def send(self, message: Message, arrays: Sequence[NDArray[Any]]) -> None:
        head = json.dumps({**message, "sizes": [array.nbytes for array in arrays]}).encode()
        self._write.write(struct.pack("<I", len(head)) + head)
        for array in arrays:
            self._write.write(array.data.cast("B") if array.size else b"")
        self._write.flush()

    def receive(self) -> tuple[Message, list[bytearray]]:
        """Raises `EOFError` where the other side is gone, `ValueError` where it sends nonsense."""
        (length,) = struct.unpack("<I", self._exactly(4))
        if length > _MOST_HEAD:
            raise ValueError("a message that is too long")
        message: Message = json.loads(self._exactly(length))
        sizes = [int(size) for size in message.pop("sizes")]
        if min(sizes, default=0) < 0 or sum(sizes) > _MOST_BYTES:
            raise ValueError("arrays that are too large")
        return message, [self._exactly(size) for size in sizes]

    def _exactly(self, size: int) -> bytearray:
        data = bytearray(size)
        view, at = memoryview(data), 0
        while at < size:
            count = self._read.readinto(view[at:])  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            at += count
        return data


class LimitedProcess:
    """A child that runs `module`, which calls `serve`. For one thread at a time, `kill` for any."""

    def __init__(self, module: str, memory: int = MEMORY) -> None:
        """Raises `OSError` where no process can be started."""
        package = str(Path(__file__).resolve().parents[2])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        debug = logging.getLogger("scanmon").isEnabledFor(logging.DEBUG)
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [*start_words(module), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if debug else subprocess.DEVNULL,
            # safe path: a file of the current folder is not taken for a module
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"},
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("no pipe")
        self._ends = (self._process.stdin, self._process.stdout)
        self._channel = _Channel(self._process.stdout, self._process.stdin)
        self._timer: threading.Timer | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: Message, seconds: float, arrays: Sequence[NDArray[Any]] = ()) -> None:
        """Ask for something that may take so much time of a processor. Raises `LimitReached`."""
        if not hasattr(signal, "setitimer"):  # Windows: a child cannot set itself a limit
            self._timer = threading.Timer(WALL * seconds, self._process.kill)
            self._timer.daemon = True
            self._timer.start()
        try:
            self._channel.send({**message, "seconds": seconds}, arrays)
        except (OSError, ValueError):
            raise self._why() from None

    def receive(self) -> tuple[Message, list[bytearray]]:
        """The answer to the oldest question. Raises `LimitReached`; the child is gone then."""
        try:
            return self._channel.receive()
        except (EOFError, OSError, ValueError, KeyError, TypeError):
            raise self._why() from None
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def kill(self) -> None:
        """End it at once; whoever waits for an answer gets `LimitReached`."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # where its file's disk does not answer
            self._process.wait(1.0)  # there may be nobody who asks it again

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for end in self._ends:
            with contextlib.suppress(OSError):  # what was to be written has nobody to read it
                end.close()

    def _why(self) -> LimitReached:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            code = 0
        self.close()
        if -code in _OF_TIME or (self._timer is not None and self._timer.finished.is_set()):
            return LimitReached("takes too long")
        if code == _NO_START:
            return NotStarted("what reads it does not start")
        return LimitReached("takes too much memory, or crashes what reads it")


def serve(answer: Answer) -> NoReturn:
    """In the child, once its libraries are loaded: answer until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    channel = _Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # what libraries print is no answer
    _limit_memory(int(sys.argv[1]))
    asked: queue.SimpleQueue[tuple[Message, list[bytearray]]] = queue.SimpleQueue()

    def read() -> None:
        try:
            while True:
                asked.put(channel.receive())
        finally:
            os._exit(0)

    threading.Thread(target=read, name="scanmon-parent", daemon=True).start()
    try:
        while True:
            message, arrays = asked.get()
            _limit_time(float(message.pop("seconds")))
            reply, given = answer(message, arrays)
            _limit_time(0)
            channel.send(reply, given)
    except Exception:
        traceback.print_exc()  # for --debug, which shows what a child says
        raise
    finally:
        os._exit(_FAILED)


def _limit_time(seconds: float) -> None:
    """From now on; the signals of these clocks end the process, whatever it is in. 0: no limit."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, WALL * seconds)


def _limit_memory(more: int) -> None:
    """Of this process: `more` bytes than now. Linux alone: other systems have no limit that they keep."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on Windows

    pages = int(Path("/proc/self/statm").read_text().split()[5])
    limit = pages * resource.getpagesize() + more
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a picture of a patient lies in no dump
