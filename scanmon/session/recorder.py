"""The sink that records sessions. Neither capture nor analysis ever waits for its disk or its encoder.

It owns a thread, since encoding and writing may take longer than the next frame takes to come.
"""

import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError, SinkError, refusal
from scanmon.core.values import Analysis, Frame, Provenance
from scanmon.picture.letters import TextFinder
from scanmon.session.entries import Entry, FrameMatcher, PreTriggerBuffer, without_pixels
from scanmon.session.store import REMEDY, About, SessionStore
from scanmon.session.video import Codec, Encoder, Packet

logger = logging.getLogger(__name__)

STOP_S: Final = 2.0  # a stop waits so long for the score of its last picture: without it no pixels are kept
COMMIT_S: Final = 0.4  # with the clusters of the video, what a power cut can take


@dataclass(frozen=True, slots=True)
class Options:
    """How to record."""

    codec: Codec = "h264"
    past_s: float = 0.0  # how far `start` can reach back; 0: pictures are encoded only while recording
    whole_screen: bool = False  # store what lies outside the sector too: the user was asked and agreed
    wait: bool = False  # a full queue holds the caller up (recorded material) rather than losing pictures
    free_bytes: int = 500_000_000  # recording stops when less is free
    queue_bytes: int = 128_000_000  # pictures that wait for the encoder
    past_bytes: int = 256_000_000  # what the pre-trigger buffer may take in memory, encoded


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """How the recording stands; any thread may hold it."""

    state: Literal["idle", "recording", "failed"] = "idle"
    name: str = ""  # of the session folder
    seconds: float = 0.0  # recorded, on the time line of the source
    frames: int = 0  # rows written
    pictures: int = 0  # of a session that has ended: those in its video
    not_stored: int = 0  # frames whose pixels are missing: the disk or the encoder was too slow
    withheld: int = 0  # frames without pixels since no sector was known
    past_s: float = 0.0  # how far `start` could reach back now
    free_bytes: int | None = None
    whole_screen: bool = False
    warning: str = ""  # one line; the recording goes on
    error: ScanmonError | None = None  # why recording ended by itself


class Recorder:
    """Records to folders `run_<UTC>` below `root`; a `FrameSink`.

    `start` and `stop` any number of times, each pair gives a folder. Every method may be called from any
    thread and only `close` and `flush` wait. A disk that fails ends the recording, not the program:
    `status().error` says so at once, and `close` raises it.
    """

    def __init__(
        self, root: Path, about: About, options: Options | None = None, finder: TextFinder | None = None
    ) -> None:
        """`finder`: letters inside the sector are stored black."""
        self.root = root
        self._finder = finder
        self._about = about
        self._options = options or Options()
        self._queue = _WorkQueue(self._options.queue_bytes)
        self._lock = threading.Lock()
        self._status = RecorderStatus(whole_screen=self._options.whole_screen)
        self._lost = 0  # pictures given up since the recorder was made
        self._lost_before = 0  # of them, those before this session
        # what follows belongs to the recorder's thread
        self._buffer = PreTriggerBuffer(self._options.past_s, self._options.past_bytes)
        self._encoder: Encoder | None = None
        self._matcher = self._new_matcher()
        self._session: SessionStore | None = None
        self._provenance: Provenance | None = None
        self._latest: NDArray[np.uint8] | None = None  # what was stored last, for snapshots
        self._examination: dict[str, Any] | None = None
        self._stop_at: tuple[int, float] | None = None  # index of the last picture, and the latest time
        self._next_commit_s = 0.0
        self._thread = threading.Thread(target=self._run, name="scanmon-recorder", daemon=True)
        self._thread.start()

    def capture(self, frame: Frame) -> None:
        if not self._queue.put(lambda: self._take_frame(frame), frame.pixels.nbytes, wait=self._options.wait):
            self._queue.put(lambda: self._take_frame(without_pixels(frame)))
            with self._lock:
                self._lost += 1

    def write(self, analysis: Analysis) -> None:
        """Of a frame that was captured; others are passed over."""
        bare = replace(analysis, frame=without_pixels(analysis.frame))  # the queue bounds pictures alone
        self._queue.put(lambda: self._take_analysis(bare))

    def start(self, past_s: float = 0.0) -> None:
        """Begin a session, with up to `past_s` of what went before."""
        lost = self._lost
        self._queue.put(lambda: self._start(past_s, lost))

    def stop(self) -> None:
        self._queue.put(self._ask_to_stop)

    def bookmark(self, text: str | None = "", source_frame: int | None = None) -> None:
        """Mark the frame that the source numbered so, or the newest one.

        A second text of the same frame takes the place of the first; None takes the mark away.
        """
        self._queue.put(lambda: self._bookmark(text, source_frame))

    def snapshot(self) -> None:
        """Keep a PNG of the newest frame, its sector alone, in the session."""
        self._queue.put(self._snapshot)

    def note_examination(self, record: dict[str, Any]) -> None:
        """Keep how far an examination has come, also in a session that begins later."""
        self._queue.put(lambda: self._note_examination(record))

    def status(self) -> RecorderStatus:
        with self._lock:
            return replace(self._status, not_stored=self._lost - self._lost_before)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything put so far is on the disk; False where it was not in time."""
        done = threading.Event()
        self._queue.put(self._commit)
        self._queue.put(done.set)
        return done.wait(timeout_s)

    def close(self) -> None:
        """Finish. Raises the error that ended the recording, if any; more calls do nothing."""
        self._queue.close()
        self._thread.join()
        with self._lock:
            error, self._status = self._status.error, replace(self._status, error=None)
        if error is not None:
            raise error

    # ---------------------------- on the recorder's thread ----------------------------

    def _run(self) -> None:
        while not self._queue.ended:
            call = self._queue.take(COMMIT_S / 2)
            if call is not None:
                self._guarded(call)
            if time.monotonic() >= self._next_commit_s:
                self._guarded(self._commit)
        self._guarded(lambda: self._stop("closed"))

    def _guarded(self, call: Callable[[], Any]) -> None:
        try:
            call()
        except OSError as error:
            self._fail(SinkError(f"recording ended ({refusal(error)})", self.root, REMEDY))
        except ScanmonError as error:
            self._fail(error)
        except Exception as error:  # the thread's last edge: the user is told
            logger.debug("recording failed", exc_info=True)
            self._fail(SinkError(f"recording ended ({type(error).__name__}: {error})", self.root))

    def _fail(self, error: ScanmonError) -> None:
        logger.warning("%s", error)
        session, self._session = self._session, None
        if session is not None:
            session.abandon(error.what)
        self._update(state="failed", error=error)

    def _update(self, **changes: Any) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)

    def _take_frame(self, frame: Frame) -> None:
        if self._wanted:
            self._store_all(self._matcher.captured(frame))

    def _take_analysis(self, analysis: Analysis) -> None:
        if not self._wanted:
            return
        if analysis.provenance != self._provenance and self._session is not None:
            self._session.scored_by(analysis.provenance)
        self._provenance = analysis.provenance
        self._store_all(self._matcher.analysed(analysis))
        if self._stop_at is not None and analysis.frame.index >= self._stop_at[0]:
            self._stop("stopped", rest=False)

    @property
    def _wanted(self) -> bool:
        return self._session is not None or self._options.past_s > 0

    def _start(self, past_s: float, lost: int) -> None:
        if self._stop_at is not None:
            self._stop("stopped")
        if self._session is not None:
            return
        entries = self._buffer.take(past_s)
        if not entries:
            self._encoder = None  # the first picture of a file must be one that decoding can begin with
        if self._options.past_s <= 0:
            self._matcher = self._new_matcher()
        with self._lock:
            self._status = RecorderStatus(whole_screen=self._options.whole_screen)
            self._lost_before = lost
        self._session = self._new_session()
        self._store_all(entries)

    def _ask_to_stop(self) -> None:
        """Stop once the pictures until now are analysed: the region after them says what may be stored."""
        newest = self._matcher.newest
        if self._session is None or newest is None:
            self._stop("stopped")
        else:
            self._stop_at = newest, time.monotonic() + STOP_S

    def _stop(self, why: str, *, rest: bool = True) -> None:
        """`rest`: with the pictures that no analysis has reached."""
        self._stop_at = None
        if self._session is not None:
            if rest:
                self._store_all(self._matcher.rest())
            self._end(why)
            self._update(state="idle")

    def _commit(self) -> None:
        self._next_commit_s = time.monotonic() + COMMIT_S
        if self._stop_at is not None and time.monotonic() >= self._stop_at[1]:
            self._stop("stopped")
        session = self._session
        if session is None:
            self._update(past_s=self._buffer.seconds)
            return
        session.commit()
        free = self._free_bytes()
        self._update(seconds=session.seconds, frames=session.frames, free_bytes=free)
        if free is not None and free < self._options.free_bytes:
            self._end("disk nearly full")
            raise SinkError(f"recording ended, only {free // 1_000_000} MB are free", self.root, REMEDY)

    def _bookmark(self, text: str | None, source_frame: int | None) -> None:
        if self._session is not None:
            self._session.bookmark(text, source_frame)

    def _note_examination(self, record: dict[str, Any]) -> None:
        self._examination = None if record["ended"] else record
        if self._session is not None:
            self._session.set_values(examination=record)

    def _snapshot(self) -> None:
        if self._session is None or self._latest is None:
            return
        done, png = cv2.imencode(".png", self._latest)
        if done:
            self._session.snapshot(png.tobytes())

    def _store_all(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if self._session is None:
                self._buffer.add(entry)
            else:
                self._store(self._session, entry)

    def _store(self, session: SessionStore, entry: Entry) -> None:
        if entry.packet and session.size not in (None, entry.size):
            with ExitStack() as begun:
                following = self._new_session()
                begun.callback(following.abandon, "the recording before it could not be ended")
                session.set_values(continued_in=following.path.name)
                following.set_values(continues=session.path.name)
                following.commit()  # before the one that names it is ended
                self._end("size changed")
                begun.pop_all()
            session = self._session = following
        session.add(entry)
        if session.withheld:
            self._update(withheld=session.withheld)

    def _encode(self, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        height, width = pixels.shape
        encoder = self._encoder
        if encoder is None or (encoder.height, encoder.width) != (height, width):
            encoder = self._encoder = Encoder(self._options.codec, width, height)
        self._latest = pixels
        return encoder.encode(pixels, time_s)

    def _new_matcher(self) -> FrameMatcher:
        return FrameMatcher(self._encode, whole_screen=self._options.whole_screen, finder=self._finder)

    def _new_session(self) -> SessionStore:
        free = self._free_bytes()
        if free is not None and free < self._options.free_bytes:
            raise SinkError(f"only {free // 1_000_000} MB are free", self.root, "choose another folder")
        session = SessionStore(
            self.root,
            self._about,
            self._options.codec,
            started_s=time.monotonic(),
            whole_screen=self._options.whole_screen,
        )
        with ExitStack() as begun:
            begun.callback(session.abandon, "it could not be begun")
            if self._provenance is not None:
                session.scored_by(self._provenance)
            if self._examination is not None:
                session.set_values(examination=self._examination)
            begun.pop_all()
        self._update(state="recording", name=session.path.name, warning=session.warning)
        return session

    def _end(self, why: str) -> None:
        """The session is let go of where this raises."""
        session = self._session
        if session is not None:
            session.close(why)
            self._session = None
            self._update(seconds=session.seconds, frames=session.frames, pictures=session.pictures)

    def _free_bytes(self) -> int | None:
        """Of the disk that `root` is on, or will be. Nothing is made: that disk may just have gone."""
        place = self.root.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            return shutil.disk_usage(place).free
        except OSError:
            return None  # writing will say what is wrong


class _WorkQueue:
    """Calls for the recorder's thread, first in, first out, bounded by the memory of their pictures."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._items: deque[tuple[Callable[[], Any], int]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, call: Callable[[], Any], size: int = 0, *, wait: bool = False) -> bool:
        """Append a call that holds `size` bytes of pictures; False where they are too many.

        `wait`: until there is room. After `close` nothing is appended.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or self._fits(size))
            if self._closed:
                return True
            if not self._fits(size):
                return False
            self._items.append((call, size))
            self._bytes += size
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> Callable[[], Any] | None:
        """The next call; None when nothing came in time, or the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if not self._items:
                return None
            call, size = self._items.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return call

    @property
    def ended(self) -> bool:
        with self._changed:
            return self._closed and not self._items

    def close(self) -> None:
        """Nothing more will be put; what waits is still given out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not size or not self._bytes or self._bytes + size <= self._limit
