"""Recordings that another process reads for this one, with limits of memory and time.

`scanmon.core.limited_process` says how it is kept in bounds. A process serves one recording at a time and is
used again for the next one: an archive run needs one, a window one for each recording that is open.
"""

import atexit
import itertools
import logging
import math
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.core.limited_process import LimitedProcess, LimitReached, Message, NotStarted
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Box, Frame
from scanmon.sources.gray import gray_picture
from scanmon.sources.recordings import TimedRecording

STEP_S = 5.0  # of a processor, to open a small file or to decode one picture
_BYTES_A_SECOND = 300_000  # and more for a large one: to open or to seek may mean to decode all of it
_MOST_FILES = 500  # that a process reads before another takes its place
_MOST_IDLE = 2
_REMEDY = "it is damaged, or made to do harm; export it again"
_LOG = logging.getLogger(__name__)

_idle: list[tuple[LimitedProcess, int]] = []  # with the number of files that it has read
_idle_lock = threading.Lock()


class LimitedRecording(TimedRecording):
    """A `Recording` of the file or folder `path`, decoded elsewhere. The next picture is decoded ahead.

    Raises `SourceError` as the reader itself does, and where a limit is reached.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()  # of the process: one question at a time
        self._closed = True
        self._numbers = itertools.count()
        self._waiting: int | None = None  # the iteration whose answer has been asked for ahead
        self._ahead: dict[int, tuple[Message, list[bytearray]]] = {}
        self._process, self._files = _taken(path)
        self._closed = False
        self._whole_s = STEP_S + _size(path) / _BYTES_A_SECOND
        try:
            question = {"do": "open", "path": str(path), "whole_s": self._whole_s}
            self._process.send(question, self._whole_s)
            reply, (times,) = self._answer()
            info = reply["info"]
            self.info = SourceInfo(**{**info, "chapters": tuple(info["chapters"])})
        except BaseException:
            self.close()
            raise
        super().__init__(np.frombuffer(times, np.float64), path)

    @property
    def decoder(self) -> int:
        """The number of the process that reads it."""
        return self._process.pid

    def close(self) -> None:
        """Running iterations end before their next picture."""
        if self._closed:
            return
        if not self._lock.acquire(timeout=0.2):  # a picture is being decoded for another thread
            self._closed = True
            self._process.kill()
            return
        try:
            if self._closed:  # by another thread, which gave the process back
                return
            self._closed = True
            if self._waiting is not None:
                self._process.receive()
            self._process.send({"do": "close"}, STEP_S)
            self._process.receive()
            _give_back(self._process, self._files + 1)
        except LimitReached:
            pass  # it is gone
        finally:
            self._lock.release()

    def __del__(self) -> None:
        """What was not closed gives its process back, too."""
        if not sys.is_finalizing():
            self.close()

    def _frames(self, index: int) -> Iterator[Frame]:
        number = next(self._numbers)
        try:
            for at in range(index, len(self._times_s) + 1):  # behind the last one there may be more to say
                with self._lock:
                    if self._closed:
                        return
                    reply, arrays = self._next(number, at)
                    if "end" in reply or at == len(self._times_s):
                        break
                    self._process.send({"do": "next", "number": number, "index": at + 1}, self._whole_s)
                    self._waiting = number
                yield self._received(reply, arrays, at)
            if at < len(self._times_s):
                raise SourceError(f"ends before frame {at}", self._path, "the file is damaged")
        except LimitReached as reached:
            if not self._closed:
                raise self._refused(reached) from None
        finally:
            self._drop(number)

    def _next(self, number: int, index: int) -> tuple[Message, list[bytearray]]:
        self._settle()
        if number not in self._ahead:
            self._process.send({"do": "next", "number": number, "index": index}, self._whole_s)
            return self._answer()
        return self._checked(*self._ahead.pop(number))

    def _settle(self) -> None:
        """Take the answer that was asked for ahead, so that another question can be asked."""
        if self._waiting is not None:
            number, self._waiting = self._waiting, None
            self._ahead[number] = self._process.receive()

    def _drop(self, number: int) -> None:
        with self._lock:
            self._ahead.pop(number, None)
            if self._closed:
                if not self._process.alive:  # it was killed for `close`, which could not wait for this
                    self._process.close()
                return
            try:
                self._settle()
                self._ahead.pop(number, None)
                self._process.send({"do": "drop", "number": number}, STEP_S)
                self._process.receive()
            except LimitReached:
                pass  # whoever asks next is told

    def _answer(self) -> tuple[Message, list[bytearray]]:
        try:
            return self._checked(*self._process.receive())
        except LimitReached as reached:
            raise self._refused(reached) from None

    def _checked(self, reply: Message, arrays: list[bytearray]) -> tuple[Message, list[bytearray]]:
        for said in reply.get("said", ()):
            _LOG.warning("%s", said)
        if "error" in reply:
            what, where, remedy = reply["error"]
            kind = NoPictureError if reply.get("no_picture") else SourceError
            raise kind(str(what), self._path if where is None else str(where), str(remedy))
        return reply, arrays

    def _received(self, reply: Message, arrays: list[bytearray], index: int) -> Frame:
        shapes = [tuple(int(side) for side in shape) for shape in reply["shapes"]]
        sizes = [math.prod(shape) for shape in shapes]
        axes = [len(shape) for shape in shapes]  # gray, chroma, colour
        if [len(data) for data in arrays] != sizes or axes != [2, 2, 3][: len(axes)]:
            raise SourceError("cannot be decoded", self._path, _REMEDY)
        planes = [
            np.frombuffer(data, np.uint8).reshape(shape) for data, shape in zip(arrays, shapes, strict=True)
        ]
        declared = Box(*(int(side) for side in reply["declared"])) if reply["declared"] else None
        return self._frame(gray_picture(*planes), index, declared)  # a coloured picture has chroma, too

    def _refused(self, reached: LimitReached) -> SourceError:
        remedy = "scanmon doctor says what is missing" if isinstance(reached, NotStarted) else _REMEDY
        return SourceError(str(reached), self._path, remedy)


def _size(path: Path) -> int:
    try:
        return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _taken(path: Path) -> tuple[LimitedProcess, int]:
    with _idle_lock:
        while _idle:
            process, files = _idle.pop()
            if process.alive:
                return process, files
            process.close()
    try:
        return LimitedProcess("scanmon.sources.decoder"), 0
    except OSError as error:
        raise SourceError(
            f"cannot be read: no process can be started ({error.strerror})", path, "close other programs"
        ) from None


def _give_back(process: LimitedProcess, files: int) -> None:
    with _idle_lock:
        if files < _MOST_FILES and len(_idle) < _MOST_IDLE:
            _idle.append((process, files))
            return
    process.close()


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop()[0].close()
