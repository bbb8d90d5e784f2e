"""A live source that goes on by itself: whatever feeds it may fail, stall, end and come back changed."""

import atexit
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from scanmon.core.errors import SourceError, joined
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame
from scanmon.sources.gray import Picture

log = logging.getLogger(__name__)

_WAITING_FRAMES = 4  # decoders give frames in bursts; beyond this the oldest is lost


# A daemon thread that is inside OpenCV while the interpreter ends takes the process down with it; one that
# hangs in a driver or a socket does not, so a short wait is enough.
_readers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
_AT_EXIT_S = 1.0


@atexit.register
def _wait_for_readers() -> None:
    end_s = time.monotonic() + _AT_EXIT_S
    for reader in tuple(_readers):
        if reader.ident is not None:
            reader.join(max(0.0, end_s - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picture that has just come in."""

    picture: Picture
    captured_s: float  # time.monotonic()
    rate_hz: float | None = None  # as negotiated; None: not known, or the device says 0
    details: str = ""


# Opens the device or stream and gives its pictures; ends or raises `SourceError` when it is lost, and has
# everything closed behind it when its generator is closed.
Feed = Callable[[], Generator[Arrival]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what; seconds."""

    grace_s: float = 3.0  # after the start nobody is told that there is no picture yet
    stall_s: float = 1.0  # without a picture for so long the signal counts as lost
    first_retry_s: float = 0.25
    retry_s: float = 0.3
    keen_s: float = 30.0  # an interruption that lasts longer is retried less and less often
    longest_retry_s: float = 5.0

    def delay_s(self, lost_for_s: float, failures: int) -> float:
        """Wait before the next attempt, after `failures` in a row."""
        if failures <= 1:
            return self.first_retry_s
        if lost_for_s < self.keen_s:
            return self.retry_s
        return min(self.longest_retry_s, max(self.retry_s, lost_for_s / 60.0))


class ReconnectingSource:
    """A `LiveSource` over a `Feed`, iterated once, on one thread.

    It owns a reading thread, so that `close` never waits for a driver or a socket and a stall is noticed
    while a read hangs. That thread ends with the read it is in. Frames are numbered without end over all
    interruptions, with one number left out for each. The time line is the monotonic clock.
    """

    def __init__(self, name: str, feed: Feed, patience: Patience | None = None) -> None:
        self._name = name
        self._feed = feed
        self._patience = patience or Patience()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._arrived: deque[Frame] = deque(maxlen=_WAITING_FRAMES)
        self._failure: BaseException | None = None
        self._state = "connecting"
        self._info: SourceInfo | None = None
        self._gaps = 0
        self._silent = False  # the present feed has stalled
        self._told = False  # that there is no picture yet
        self._next_index = 0
        self._first_s: float | None = None
        self._last_s = time.monotonic()
        self._interval_s = 0.0
        self._held_s: float | None = None  # when the first picture after a silence came
        self._trouble: str | None = None

    @property
    def state(self) -> str:
        return "ended" if self._closed.is_set() else self._state

    @property
    def info(self) -> SourceInfo | None:
        return self._info

    @property
    def gaps(self) -> int:
        return self._gaps

    @property
    def trouble(self) -> str | None:
        """Why there is no picture, in one line; None while there is one, or before a reason is known."""
        return self._trouble

    def __iter__(self) -> Iterator[Frame]:
        self._last_s = time.monotonic()
        reader = threading.Thread(target=self._read, name=f"scanmon source {self._name}", daemon=True)
        _readers.add(reader)
        reader.start()
        try:
            while (frame := self._next()) is not None:
                yield frame
        finally:
            self.close()

    def close(self) -> None:
        self._closed.set()
        with self._changed:
            self._changed.notify_all()

    def _next(self) -> Frame | None:
        with self._changed:
            while not self._closed.is_set():
                if self._arrived:
                    return self._arrived.popleft()
                if self._failure is not None:
                    raise self._failure
                self._changed.wait(self._until_late_s())
            return None

    def _until_late_s(self) -> float | None:
        """Seconds until silence means something; what it means is said here once it does."""
        limit_s = max(self._patience.stall_s, min(4 * self._interval_s, 10.0))
        if self._state == "connecting":
            limit_s = self._patience.grace_s
        left_s = self._last_s + limit_s - time.monotonic()
        if left_s > 0:
            return left_s
        if self._state == "live":
            self._silent = True
            self._lose("sends nothing any more")
        elif self._state == "connecting" and not self._told:
            self._told = True
            log.warning("%s: no picture yet: %s; still trying", self._name, self._trouble or "nothing comes")
        return None

    def _read(self) -> None:
        failures, delay_s = 0, 0.0
        while not self._closed.wait(delay_s):
            came = 0
            try:
                with closing(self._feed()) as arrivals:
                    for arrival in arrivals:
                        if self._closed.is_set():
                            return
                        self._accept(arrival)
                        came += 1
                reason = "it has ended"
            except SourceError as error:
                reason = joined(error.what, "", error.remedy)  # where is our own name
            except BaseException as error:  # noqa: BLE001 - a fault of ours ends the iteration, not the thread alone
                with self._changed:
                    self._failure = error
                    self._changed.notify_all()
                return
            failures = 1 if came else failures + 1
            with self._changed:
                self._silent, self._held_s = False, None
                if not self._closed.is_set():
                    self._lose(reason)
                delay_s = self._patience.delay_s(time.monotonic() - self._last_s, failures)

    def _accept(self, arrival: Arrival) -> None:
        with self._changed:
            if self._silent:  # a parser held this picture back until more came: it is as old as the silence
                self._silent, self._held_s = False, arrival.captured_s
                return
            before_s, held_s = self._last_s, self._held_s
            self._held_s = None
            if self._first_s is None:
                self._first_s = before_s = arrival.captured_s
                captured_s = arrival.captured_s
            else:  # never back in time, whatever a driver says
                captured_s = max(arrival.captured_s, before_s + 1e-6)
            if held_s is not None:  # a device that is slower than it was is known as such from now on
                self._interval_s = captured_s - held_s
            if self._state != "live":
                self._resume(captured_s - before_s)
            elif held_s is None:
                self._interval_s = captured_s - before_s
            self._last_s, self._trouble = captured_s, None
            self._describe(arrival)
            gray, chroma, colour = arrival.picture
            time_s = captured_s - self._first_s
            self._arrived.append(Frame(gray, self._next_index, time_s, captured_s, chroma, colour=colour))
            self._next_index += 1
            self._changed.notify_all()

    def _describe(self, arrival: Arrival) -> None:
        height, width = arrival.picture.gray.shape
        now = SourceInfo(self._name, width, height, arrival.rate_hz, None, arrival.details)
        if now != self._info:
            if self._info is not None:
                log.info("%s: now %d x %d, %s", self._name, width, height, arrival.details)
            self._info = now

    def _lose(self, reason: str) -> None:
        """Called with the lock held; says so once for each interruption."""
        self._trouble = reason
        if self._state != "live":
            return
        self._state = "reconnecting"
        self._gaps += 1
        self._next_index += 1
        log.warning("%s: signal lost: %s; trying again", self._name, reason)

    def _resume(self, away_s: float) -> None:
        if self._gaps:
            log.info("%s: signal is back after %.1f s", self._name, away_s)
        else:
            log.info("%s: signal", self._name)
        self._state = "live"
