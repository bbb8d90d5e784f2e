"""The sink that records a session. Neither capture nor analysis ever waits for its disk or its encoder.

It owns a thread, since encoding and writing may take longer than the next frame takes to come.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError, SinkError
from scanmon.core.values import Analysis, Frame, Provenance
from scanmon.sinks.recording.assembly import Assembler
from scanmon.sinks.recording.encoder import Encoder, Packet
from scanmon.sinks.recording.folder import Picture, SessionFolder
from scanmon.sinks.recording.past import Past
from scanmon.sinks.recording.queue import Captured, Item, Judged, WorkQueue
from scanmon.sinks.recording.syncing import SYNC_S
from scanmon.sinks.recording.values import About, Entry, Options, Status

logger = logging.getLogger(__name__)

_REMEDY: Final = "what was recorded until then is kept; free some space or choose another folder"


class Recorder:
    """Records to folders `run_<UTC>` below `root`; a `FrameSink`.

    `start` and `stop` any number of times, each pair gives a folder. `whence` tells where scores come from.
    Every method may be called from any thread and only `close` and `flush` wait. A disk that fails ends the
    recording, not the program: `status().error` says so at once, and `close` raises it.
    """

    def __init__(
        self, root: Path, about: About, whence: Callable[[], Provenance], options: Options | None = None
    ) -> None:
        self._root = root
        self._about = about
        self._whence = whence
        self._options = options or Options()
        self._queue = WorkQueue(self._options.queue_bytes)
        self._captures = False  # frames come from the capture thread, not with the analyses
        self._lock = threading.Lock()
        self._status = Status(whole_screen=self._options.whole_screen)
        self._lost = 0  # frames whose pixels were given up, since the recorder was made
        self._lost_before = 0  # of them, those before this session
        # everything below belongs to the recorder's thread
        self._past = Past(self._options.past_s, self._options.past_bytes)
        self._encoder: Encoder | None = None
        self._assembler = self._new_assembler()
        self._folder: SessionFolder | None = None
        self._picture: Picture | None = None
        self._lost_taken = 0  # as `_lost`, as far as they came through the queue
        self._scoring: Provenance | None = None
        self._latest: NDArray[np.uint8] | None = None  # what was stored last, for snapshots
        self._next_sync_s = 0.0
        self._thread = threading.Thread(target=self._run, name="scanmon-recorder", daemon=True)
        self._thread.start()

    def capture(self, frame: Frame) -> None:
        """Take a captured frame."""
        self._captures = True
        whole = self._queue.put(
            Captured((frame.index, frame.captured_s), frame.time_s, frame), wait=self._options.wait
        )
        if not whole:
            with self._lock:
                self._lost += 1

    def write(self, analysis: Analysis) -> None:
        """Take a result."""
        frame = analysis.frame
        judged = Judged(
            key=(frame.index, frame.captured_s),
            time_s=frame.time_s,
            region=analysis.region,
            reading=analysis.reading,
            second=analysis.second,
            heatmap=analysis.heatmap,
            provenance=self._whence(),
            frame=None if self._captures else frame,
        )
        self._queue.put(judged, wait=self._options.wait)

    def start(self, past_s: float = 0.0) -> None:
        """Begin a session, with up to `past_s` of what went before."""
        self._queue.put(lambda: self._start(past_s), wait=False)

    def stop(self) -> None:
        """End the session."""
        self._queue.put(lambda: self._stop("stopped"), wait=False)

    def bookmark(self, text: str = "") -> None:
        """Mark the newest frame."""
        self._queue.put(lambda: self._note(text), wait=False)

    def snapshot(self) -> None:
        """Keep a PNG of the newest frame, its sector alone, in the session."""
        self._queue.put(self._snapshot, wait=False)

    def status(self) -> Status:
        """How it stands."""
        with self._lock:
            return replace(self._status, not_stored=self._lost - self._lost_before)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything put so far was dealt with; False where it was not in time."""
        done = threading.Event()
        self._queue.put(done.set, wait=False)
        return done.wait(timeout_s)

    def close(self) -> None:
        """Finish. Raises the error that ended the recording, if any; more calls do nothing."""
        self._queue.close()
        self._thread.join()
        error = self.status().error
        if error is not None:
            with self._lock:
                self._status = replace(self._status, error=None)
            raise error

    # ---------------------------- on the recorder's thread ----------------------------

    def _run(self) -> None:
        while not self._queue.ended:
            item = self._queue.take(SYNC_S / 2)
            try:
                if item is not None:
                    self._take(item)
                self._keep_house()
            except OSError as error:
                self._fail(SinkError(f"recording ended ({error.strerror or error})", self._root, _REMEDY))
            except ScanmonError as error:
                self._fail(error)
            except Exception as error:  # the thread's last edge: the user is told
                logger.debug("recording failed", exc_info=True)
                self._fail(SinkError(f"recording ended ({type(error).__name__}: {error})", self._root))
        try:
            self._stop("closed")
        except OSError as error:
            self._fail(SinkError(f"recording ended ({error.strerror or error})", self._root, _REMEDY))
        except ScanmonError as error:
            self._fail(error)

    def _take(self, item: Item) -> None:
        if isinstance(item, Captured):
            self._lost_taken += item.frame is None
            if self._listening:
                for entry in self._assembler.captured(item):
                    self._store(entry)
        elif isinstance(item, Judged):
            if self._listening:
                self._scored_by(item.provenance)
                for entry in self._assembler.judged(item):
                    self._store(entry)
        else:
            item()

    def _scored_by(self, whence: Provenance) -> None:
        if whence != self._scoring and self._folder is not None:
            self._folder.scored_by(whence)
        self._scoring = whence

    @property
    def _listening(self) -> bool:
        return self._folder is not None or self._options.past_s > 0

    def _store(self, entry: Entry) -> None:
        if self._folder is None:
            self._past.add(entry)
            return
        if entry.packet:
            height, width = entry.size
            picture = Picture(self._options.codec, height, width)
            if self._picture not in (None, picture):
                self._end_session("size changed")
                self._begin_session()
            self._picture = picture
        assert self._folder is not None  # a new one was begun where the old one ended
        self._folder.add(entry, self._picture or Picture(self._options.codec, 0, 0))
        if entry.pixels == "withheld":
            with self._lock:
                first, self._status = (
                    not self._status.withheld,
                    replace(self._status, withheld=self._status.withheld + 1),
                )
            if first:
                self._folder.event("withheld")

    def _encode(self, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        height, width = pixels.shape
        encoder = self._encoder
        if encoder is None or (encoder.height, encoder.width) != (height, width):
            encoder = self._encoder = Encoder(self._options.codec, width, height)
        self._latest = pixels
        return encoder.encode(pixels, time_s)

    def _new_assembler(self) -> Assembler:
        return Assembler(self._encode, whole_screen=self._options.whole_screen)

    def _start(self, past_s: float) -> None:
        if self._folder is not None:
            return
        entries = self._past.take(past_s)
        if not entries:
            self._encoder = None  # the first picture of a file must be one that decoding can begin with
        if self._options.past_s <= 0:
            self._assembler = self._new_assembler()
        with self._lock:
            self._status = Status(whole_screen=self._options.whole_screen)
            self._lost_before = self._lost_taken
        self._begin_session()
        for entry in entries:
            self._store(entry)

    def _begin_session(self) -> None:
        free = self._free_bytes()
        if free is not None and free < self._options.free_bytes:
            raise SinkError(f"only {free // 1_000_000} MB are free", self._root, "choose another folder")
        self._picture = None
        self._folder = SessionFolder(
            self._root, self._about, started_s=time.monotonic(), whole_screen=self._options.whole_screen
        )
        if self._scoring is not None:
            self._folder.scored_by(self._scoring)
        self._tell(state="recording", name=self._folder.path.name)

    def _stop(self, why: str) -> None:
        if self._folder is None:
            return
        for entry in self._assembler.rest():
            self._store(entry)
        self._tell(state="finishing")  # after an hour the tables take seconds to make
        self._end_session(why)
        self._tell(state="idle")

    def _end_session(self, why: str) -> None:
        folder, self._folder = self._folder, None
        if folder is None:
            return
        try:
            lost = self._lost_taken - self._lost_before
            folder.close(why, not_stored=lost, withheld=self.status().withheld)
        except BaseException:
            folder.abandon()
            raise
        finally:
            self._tell(seconds=folder.seconds, frames=folder.frames)

    def _note(self, text: str) -> None:
        if self._folder is not None:
            self._folder.event("bookmark", text=text)

    def _snapshot(self) -> None:
        if self._folder is None or self._latest is None:
            return
        done, png = cv2.imencode(".png", self._latest)
        if done:
            self._folder.snapshot(png.tobytes())

    def _keep_house(self) -> None:
        now_s = time.monotonic()
        if now_s < self._next_sync_s:
            return
        self._next_sync_s = now_s + SYNC_S
        folder = self._folder
        if folder is None:
            self._tell(past_s=self._past.seconds)
            return
        folder.check()
        free = self._free_bytes()
        self._tell(seconds=folder.seconds, frames=folder.frames, free_bytes=free)
        if free is not None and free < self._options.free_bytes:
            self._end_session("disk nearly full")
            raise SinkError(f"recording ended, only {free // 1_000_000} MB are free", self._root, _REMEDY)

    def _free_bytes(self) -> int | None:
        """Of the disk that `root` is on, or will be. Nothing is made: that disk may just have gone."""
        place = self._root.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            return shutil.disk_usage(place).free
        except OSError:
            return None  # writing will say what is wrong

    def _fail(self, error: ScanmonError) -> None:
        logger.warning("%s", error)
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.abandon()
        self._tell(state="failed", error=error)

    def _tell(self, **changes: object) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)  # type: ignore[arg-type]
