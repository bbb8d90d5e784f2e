"""The sinks of a monitor: some are added while it runs, and one that fails leaves the others alone."""

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from scanmon.core.ports import FrameSink, Sink
from scanmon.core.values import Analysis, Frame

AnySink = TypeVar("AnySink", bound=Sink)
logger = logging.getLogger(__name__)


class Outputs:
    """Hands frames and analyses to every sink. Any thread may add.

    `capture` is called on the capture thread, `write` and `close_leaving` on the analysis thread alone,
    so that no sink is closed in the middle of a `write`. So is `close_all`, unless that thread hangs.
    """

    def __init__(self, sinks: Sequence[Sink] = ()) -> None:
        self._lock, self._closing = threading.Lock(), threading.Lock()
        self._keep(sinks)
        self._leaving: tuple[Sink, ...] = ()
        self._errors: tuple[Exception, ...] = ()
        self.view = ""  # of an examination: what is written from now on belongs to it

    @property
    def errors(self) -> tuple[Exception, ...]:
        """What sinks said that had to stop, or could not be finished, in that order."""
        with self._lock:
            return self._errors

    def add(self, sink: Sink) -> None:
        """From the next analysis on."""
        with self._lock:
            self._keep((*self._sinks, sink))

    def remove(self, sink: Sink) -> None:
        """From the next analysis on; it is not closed."""
        with self._lock:
            self._keep(other for other in self._sinks if other is not sink)

    def find(self, kind: type[AnySink]) -> AnySink | None:
        """The first of a kind; None where there is none."""
        with self._lock:
            return next((sink for sink in self._sinks if isinstance(sink, kind)), None)

    def capture(self, frame: Frame) -> None:
        with self._lock:
            sinks = self._of_frames
        for sink in sinks:
            try:
                sink.capture(frame)
            except Exception as error:  # noqa: BLE001 - a sink may raise anything; it is shown
                self._failed(sink, error)

    def write(self, analysis: Analysis) -> None:
        if self.view:
            named = replace(analysis.reading, view=self.view)
            analysis = replace(analysis, readings=(named, *analysis.readings[1:]))
        with self._lock:
            sinks = self._sinks
        for sink in sinks:
            try:
                sink.write(analysis)
            except Exception as error:  # noqa: BLE001 - a sink may raise anything; it is shown
                self._failed(sink, error)

    def close_leaving(self) -> None:
        """Finish what was removed; whoever comes second waits until it is finished."""
        with self._closing:
            with self._lock:
                leaving, self._leaving = self._leaving, ()
            for sink in leaving:
                try:
                    sink.close()
                except Exception as error:  # noqa: BLE001 - a sink may raise anything; it is shown
                    with self._lock:
                        told, self._errors = self._errors, (*self._errors, error)
                    if told:  # the first one is told by who looks at `errors`
                        logger.error("%s could not be finished: %s", type(sink).__name__, error)  # noqa: TRY400

    def close_all(self) -> None:
        with self._lock:
            self._leaving = (*self._leaving, *(sink for sink in self._sinks if sink not in self._leaving))
            self._keep(())
        self.close_leaving()

    def _keep(self, sinks: Iterable[Sink]) -> None:
        """Which want frames is asked once: a protocol costs 20 times as much as a class to ask for."""
        self._sinks = tuple(sinks)
        self._of_frames = tuple(sink for sink in self._sinks if isinstance(sink, FrameSink))

    def _failed(self, sink: Sink, error: Exception) -> None:
        """One sink less: the video, the scores and the other sinks go on, and the error is shown."""
        logger.error("%s stopped: %s", type(sink).__name__, error)
        with self._lock:
            self._errors = (*self._errors, error)
            if sink in self._sinks:
                self._keep(other for other in self._sinks if other is not sink)
                self._leaving = (*self._leaving, sink)
