"""Runs a source and an analyzer on two threads; `snapshot` is their state at any moment."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from scanmon.core.errors import SettingsError
from scanmon.core.ports import FrameSource, LiveSource, Sink
from scanmon.core.roi import RoisIn
from scanmon.core.values import Frame
from scanmon.runtime.ahead import Ahead
from scanmon.runtime.analysis_loop import AnalysisLoop
from scanmon.runtime.background import Job
from scanmon.runtime.continuity import SILENCE_S, Silence
from scanmon.runtime.mailbox import Closed, Keep, Mailbox
from scanmon.runtime.outputs import AnySink, Outputs
from scanmon.runtime.playback import Playback
from scanmon.runtime.process import share_interpreter
from scanmon.runtime.snapshot import Known, Snapshot
from scanmon.runtime.state import MonitorState, OpenAnalyzer
from scanmon.runtime.trace import LiveTrace, RecordingTrace, TraceKeeper

logger = logging.getLogger(__name__)


class Monitor:
    """source -> mailbox -> analyzer -> sinks and `snapshot`.

    `open_analyzer` runs on the analysis thread, so that video is on the screen while the engine loads. An
    analyzer that cannot be opened, or fails time after time, stops the scores and not the video; one failed
    pass costs one frame. `ahead`: of a recording all frames are scored, whichever are shown. All methods may
    be called from any thread and none waits for a frame, except `join` and `stop`.
    """

    def __init__(
        self,
        source: FrameSource,
        open_analyzer: OpenAnalyzer,
        sinks: Sequence[Sink] = (),
        *,
        keep: Keep = "newest",
        silence_s: float = SILENCE_S,
        ahead: Ahead | None = None,
        known: Known | None = None,
    ) -> None:
        self._source = source
        self.playback = source if isinstance(source, Playback) else None  # the controls of a recording
        self._live = source if isinstance(source, LiveSource) and self.playback is None else None
        self._inbox: Mailbox[Frame] = Mailbox(keep)
        self._outputs = Outputs(sinks)
        self._stopping = threading.Event()
        self._on_picture: Callable[[], None] = _ignore
        trace: TraceKeeper = (
            RecordingTrace(self.playback.recording.times_s, known.trace if known else None)
            if self.playback
            else LiveTrace()
        )
        whole = known is not None and known.whole
        self._state = MonitorState(open_analyzer, trace, known.settings_s if known else ())
        self._loop = AnalysisLoop(
            self._state,
            self._inbox,
            self._outputs,
            self.playback,
            self._live,
            Silence(silence_s),
            ahead=None if whole else ahead,
            spare=ahead if whole else None,
        )
        self._threads = [
            threading.Thread(target=self._capture, name="scanmon-capture", daemon=True),
            threading.Thread(target=self._loop.run, name="scanmon-analysis", daemon=True),
        ]

    def start(self) -> None:
        """Begin. Once per monitor."""
        share_interpreter()
        self._state.began()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End both threads and close source, sinks and engine; waits `timeout_s` for them.

        Then the sinks are closed from here, for `timeout_s` again: a recording is whole although an engine
        hangs, or the thread of the scores, which gives way to all others, gets no processor.
        """
        self._stopping.set()
        self._source.close()
        self._inbox.close()
        if self._threads[1].ident is None:  # never started: nobody else closes them
            self._outputs.close_all()
        if not self.join(timeout_s):
            hanging = ", ".join(thread.name for thread in self._threads if thread.is_alive())
            logger.error("%s did not end within %s s: a device or driver hangs", hanging, timeout_s)
            with suppress(TimeoutError):  # so does the disk
                Job(self._outputs.close_all, "close").result(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for both threads; False where one still runs after `timeout_s`."""
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(None if end_s is None else max(0.0, end_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def use(self, open_analyzer: OpenAnalyzer) -> None:
        """Change bundle, back end, organ or region while the video goes on."""
        self._state.want(open_analyzer)
        self._inbox.wake()

    def shift_thresholds(self, points: float) -> None:
        """Move both thresholds to `points` of quality above those of the bundle; the engine runs on."""
        self._state.want_shift(points)
        self._inbox.wake()

    def measure(self, rois: RoisIn | None) -> None:
        """Regions of interest of every picture from now on, as `Analysis.roi`; None: no more."""
        self._loop.rois = rois
        self._loop.score_shown_again()

    @property
    def unmeasured(self) -> SettingsError | None:
        """Why nothing was measured in a picture: a region reaches over it. None: all were measured."""
        return self._loop.unmeasured

    @property
    def some_measured(self) -> bool:
        """Whether the regions of interest were measured in a picture or more."""
        return self._loop.some_measured

    def add_sink(self, sink: Sink) -> None:
        """From the next analysis on."""
        self._outputs.add(sink)

    def remove_sink(self, sink: Sink) -> None:
        """From the next analysis on; whoever added it closes it."""
        self._outputs.remove(sink)

    def find_sink(self, kind: type[AnySink]) -> AnySink | None:
        """The first sink of a kind, for instance the recorder that a command has added."""
        return self._outputs.find(kind)

    def name_view(self, name: str) -> None:
        """Rows that sinks get from now on belong to this view of an examination; empty: to none."""
        self._outputs.view = name

    def call_on_picture(self, on_picture: Callable[[], None] | None) -> None:
        """Called on the capture thread once `snapshot` has a new picture; it must not wait."""
        self._on_picture = on_picture or _ignore

    def shown(self, frame: Frame) -> None:
        """Note that a frame reached the screen, for the latency that is displayed."""
        self._state.shown(frame)

    def snapshot(self) -> Snapshot:
        playback, live, ahead = self.playback, self._live, self._loop.ahead
        now = self._state.snapshot(ahead.of if ahead else None)
        lost = live is not None and live.state == "reconnecting" and now.state in ("connecting", "running")
        return replace(
            now,
            state="reconnecting" if lost else now.state,
            info=playback.info if playback else getattr(self._source, "info", None),
            playback=playback.state if playback else None,
            counts=replace(
                now.counts, dropped=0 if ahead else self._inbox.dropped, gaps=live.gaps if live else 0
            ),
            share_scored=ahead.share if ahead else None,
            given_up=ahead is not None and now.frame is not None and ahead.has_given_up(now.frame.index),
            trouble=live.trouble if live else None,
            sink_errors=self._outputs.errors,
        )

    # ---------------------------- on the capture thread ----------------------------

    def _capture(self) -> None:
        try:
            with suppress(Closed):
                for frame in self._source:
                    if self._stopping.is_set():
                        break
                    self._captured_frame(frame)
        except Exception as error:
            logger.debug("capture failed", exc_info=True)
            self._state.source_failed(error)
        finally:
            self._source.close()
            self._inbox.close()

    def _captured_frame(self, frame: Frame) -> None:
        self._state.captured(frame)
        self._on_picture()
        self._outputs.capture(frame)
        self._inbox.put(frame)


def _ignore() -> None:
    """No window: `snapshot` is polled."""
