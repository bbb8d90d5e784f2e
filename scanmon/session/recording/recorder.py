"""The sink that records a session. Neither capture nor analysis ever waits for its disk or its encoder.

It owns a thread, since encoding and writing may take longer than the next frame takes to come.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from scanmon.core.errors import ScanmonError, SinkError
from scanmon.core.values import Analysis, Frame
from scanmon.session.recording.closing import Closing
from scanmon.session.recording.queue import Analysed, Captured, Item, WorkQueue
from scanmon.session.recording.standing import Standing
from scanmon.session.recording.syncing import SYNC_S
from scanmon.session.recording.values import About, Options, Status
from scanmon.session.recording.writing import REMEDY, Writing

logger = logging.getLogger(__name__)

_NO_PIXELS = np.zeros((0, 0), np.uint8)


class Recorder:
    """Records to folders `run_<UTC>` below `root`; a `FrameSink`.

    `start` and `stop` any number of times, each pair gives a folder. Every method may be called from any
    thread and only `close` and `flush` wait. A disk that fails ends the recording, not the program:
    `status().error` says so at once, and `close` raises it.
    """

    def __init__(self, root: Path, about: About, options: Options | None = None) -> None:
        self._root = root
        self._options = options or Options()
        self._queue = WorkQueue(self._options.queue_bytes)
        self._captures = False  # frames come from the capture thread, not with the analyses
        self._standing = Standing(whole_screen=self._options.whole_screen)
        self._closing = Closing(self._could_not_close)
        self._writing = Writing(root, about, self._options, self._standing, self._closing.add)
        self._thread = threading.Thread(target=self._run, name="scanmon-recorder", daemon=True)
        self._thread.start()

    def capture(self, frame: Frame) -> None:
        """Take a captured frame."""
        self._captures = True
        whole = self._queue.put(
            Captured((frame.index, frame.captured_s), frame.time_s, frame), wait=self._options.wait
        )
        if not whole:
            self._standing.lose()

    def write(self, analysis: Analysis) -> None:
        """Take a result."""
        frame = analysis.frame
        bare = replace(frame, pixels=_NO_PIXELS, chroma=None)  # the queue bounds pictures, not results
        self._queue.put(
            Analysed(
                (frame.index, frame.captured_s),
                replace(analysis, frame=bare),
                None if self._captures else frame,
            ),
            wait=self._options.wait,
        )

    def start(self, past_s: float = 0.0) -> None:
        """Begin a session, with up to `past_s` of what went before."""
        self._queue.put(lambda: self._writing.start(past_s), wait=False)

    def stop(self) -> None:
        """End the session. Its tables are made while the next one may be recorded, see `status().closing`."""
        self._queue.put(lambda: self._writing.stop("stopped"), wait=False)

    def bookmark(self, text: str = "") -> None:
        """Mark the newest frame."""
        self._queue.put(lambda: self._writing.bookmark(text), wait=False)

    def snapshot(self) -> None:
        """Keep a PNG of the newest frame, its sector alone, in the session."""
        self._queue.put(self._writing.snapshot, wait=False)

    def status(self) -> Status:
        """How it stands."""
        return replace(self._standing.now(), closing=self._closing.share)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything put so far was dealt with; False where it was not in time."""
        done = threading.Event()
        self._queue.put(done.set, wait=False)
        return done.wait(timeout_s)

    def close(self) -> None:
        """Finish, tables too. Raises the error that ended the recording, if any; more calls do nothing."""
        self._queue.close()
        self._thread.join()
        self._closing.finish()
        error = self._standing.take_error()
        if error is not None:
            raise error

    # ---------------------------- on the recorder's thread ----------------------------

    def _run(self) -> None:
        while not self._queue.ended:
            item = self._queue.take(SYNC_S / 2)
            try:
                if item is not None:
                    self._take(item)
                self._writing.look_after()
            except OSError as error:
                self._fail(SinkError(f"recording ended ({error.strerror or error})", self._root, REMEDY))
            except ScanmonError as error:
                self._fail(error)
            except Exception as error:  # the thread's last edge: the user is told
                logger.debug("recording failed", exc_info=True)
                self._fail(SinkError(f"recording ended ({type(error).__name__}: {error})", self._root))
        try:
            self._writing.stop("closed")
        except OSError as error:
            self._fail(SinkError(f"recording ended ({error.strerror or error})", self._root, REMEDY))
        except ScanmonError as error:
            self._fail(error)

    def _take(self, item: Item) -> None:
        if isinstance(item, Captured | Analysed):
            self._writing.take(item)
        else:
            item()

    def _fail(self, error: ScanmonError) -> None:
        logger.warning("%s", error)
        self._writing.abandon()
        self._standing.tell(state="failed", error=error)

    # ---------------------------- on the thread that closes ----------------------------

    def _could_not_close(self, error: SinkError) -> None:
        """The next recording goes on; the error is shown beside it."""
        logger.warning("%s", error)
        self._standing.tell(error=error)
