"""`python -m scanmon.sources.decoder`: reads files that may do harm for `sources/limited_recording.py`."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

# loaded before the memory is limited
import av
import cv2
import numpy as np
import pydicom.pixels  # noqa: F401
from numpy.typing import NDArray

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.core.limited_process import Message, serve
from scanmon.core.ports import Recording
from scanmon.core.values import Box, Frame
from scanmon.sources.opening import open_file

_FRAME_S = 0.02  # of a processor, for each picture in the long run: even of a file that holds little
_NO_MEMORY = "takes more memory than a file is given"


class _Decoder:
    """One recording at a time, and its iterations by number."""

    def __init__(self) -> None:
        self._recording: Recording | None = None
        self._frames: dict[int, Iterator[Frame]] = {}
        self._left_s: dict[int, float] = {}  # of a processor, for each iteration
        self._whole_s = 0.0

    def open(self, path: str, whole_s: float) -> tuple[Message, list[NDArray[Any]]]:
        self._recording, self._whole_s = open_file(Path(path)), whole_s
        return {"info": asdict(self._recording.info)}, [np.ascontiguousarray(self._recording.times_s)]

    def next(self, number: int, index: int) -> tuple[Message, list[NDArray[Any]]]:
        if self._recording is None:
            raise ValueError("nothing is open")
        if number not in self._frames:
            self._frames[number] = self._recording.frames_from(index)
            self._left_s[number] = self._whole_s
        if self._left_s[number] < 0:  # thousands of large pictures in a few bytes
            what, remedy = "takes too long to decode for its size", "save it again at its real size"
            raise SourceError(what, self._recording.info.name, remedy)
        began_s = time.process_time()
        frame = next(self._frames[number], None)
        self._left_s[number] += _FRAME_S - (time.process_time() - began_s)
        if frame is None:
            return {"end": True}, []
        arrays = [array for array in (frame.pixels, frame.chroma, frame.colour) if array is not None]
        declared = astuple(frame.declared) if isinstance(frame.declared, Box) else None
        return {"shapes": [array.shape for array in arrays], "declared": declared}, [*arrays]

    def drop(self, number: int) -> tuple[Message, list[NDArray[Any]]]:
        frames = self._frames.pop(number, None)
        close = getattr(frames, "close", None)
        if close is not None:
            close()
        return {}, []

    def close(self) -> tuple[Message, list[NDArray[Any]]]:
        for number in tuple(self._frames):
            self.drop(number)
        if self._recording is not None:
            with closing(self._recording):
                self._recording = None
        return {}, []


class _Kept(logging.Handler):
    """Warnings, for the parent to say."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def main() -> None:
    decoder, kept = _Decoder(), _Kept()
    logging.getLogger("scanmon").addHandler(kept)
    logging.getLogger("scanmon").propagate = False
    av.logging.set_level(None)
    cv2.setNumThreads(1)

    def answer(message: Message, _: list[bytearray]) -> tuple[Message, list[NDArray[Any]]]:
        kept.said.clear()
        try:
            reply, arrays = getattr(decoder, message.pop("do"))(**message)
        except SourceError as error:
            what = _NO_MEMORY if _of_memory(error) else error.what
            known = isinstance(error, NoPictureError)
            reply, arrays = {"error": [what, error.where, error.remedy], "no_picture": known}, []
        except Exception as error:  # noqa: BLE001 - of a reader, on a file that is not sound
            what = _NO_MEMORY if _of_memory(error) else f"cannot be decoded ({type(error).__name__})"
            reply, arrays = {"error": [what, None, "the file is damaged; save it again"]}, []
        return {**reply, "said": list(kept.said)}, arrays

    serve(answer)


def _of_memory(error: BaseException | None) -> bool:
    """Whether a reader failed for want of memory, whatever it made of that."""
    for _ in range(10):
        if error is None:
            return False
        if isinstance(error, MemoryError) or getattr(error, "code", None) == cv2.Error.StsNoMem:
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    main()
