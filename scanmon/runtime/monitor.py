"""Runs a source and an analyzer on two threads; `snapshot` is their state at any moment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from scanmon.core.errors import SettingsError
from scanmon.core.ports import FrameAnalyzer, FrameSource, LiveSource, Sink
from scanmon.core.roi import Rois, measured
from scanmon.core.values import Analysis, Frame
from scanmon.runtime.ahead import FOLLOWS_S, Ahead
from scanmon.runtime.continuity import LIVE_S, LOOK_S, SILENCE_S, Silence, discontinuous, outdated
from scanmon.runtime.mailbox import Closed, Keep, Mailbox
from scanmon.runtime.outputs import AnySink, Outputs
from scanmon.runtime.playback import Playback
from scanmon.runtime.process import give_way, share_interpreter
from scanmon.runtime.snapshot import Snapshot, Trace
from scanmon.runtime.state import MonitorState, OpenAnalyzer
from scanmon.runtime.trace import LiveTrace, RecordingTrace, TraceKeeper

logger = logging.getLogger(__name__)

FAILED_IN_A_ROW = 5  # passes of the engine, after which it is taken for broken


class Monitor:
    """source -> mailbox -> analyzer -> sinks and `snapshot`.

    `open_analyzer` runs on the analysis thread, so that video is on the screen while the engine loads. An
    analyzer that cannot be opened, or fails time after time, stops the scores and not the video; one failed
    pass costs one frame. `ahead`: of a recording all frames are scored, whichever are shown; `known_whole`:
    only once the analyzer is another one than at first. All methods may be called from any thread and none
    waits for a frame, except `join` and `stop`.
    """

    def __init__(
        self,
        source: FrameSource,
        open_analyzer: OpenAnalyzer,
        sinks: Sequence[Sink] = (),
        *,
        keep: Keep = "newest",
        known: Trace | None = None,
        silence_s: float = SILENCE_S,
        ahead: Ahead | None = None,
        known_whole: bool = False,
        settings_s: tuple[float, ...] = (),
    ) -> None:
        self._source = source
        self._playback = source if isinstance(source, Playback) else None
        self._live = source if isinstance(source, LiveSource) and self._playback is None else None
        self._silence = Silence(silence_s)
        self._gaps = 0  # of the live source, when its last picture was scored; the analysis thread alone
        self._spare = ahead if known_whole else None
        self._ahead = None if known_whole else ahead  # touched by the analysis thread alone
        self._arrived: Frame | None = None  # of a recording, the picture that is shown; the same thread
        self._inbox: Mailbox[Frame] = Mailbox(keep)
        self._outputs = Outputs(sinks)
        self._stopping = threading.Event()
        self._on_picture: Callable[[], None] = _ignore
        self._rois: Rois | None = None  # regions of interest of the user: a frozen value, so without a lock
        trace: TraceKeeper = (
            RecordingTrace(self._playback.recording.times_s, known) if self._playback else LiveTrace()
        )
        self._state = MonitorState(open_analyzer, trace, settings_s)
        self._threads = [
            threading.Thread(target=self._capture, name="scanmon-capture", daemon=True),
            threading.Thread(target=self._analyze, name="scanmon-analysis", daemon=True),
        ]

    @property
    def playback(self) -> Playback | None:
        """The controls of a recording; None for a live source."""
        return self._playback

    def start(self) -> None:
        """Begin. Once per monitor."""
        share_interpreter()
        self._state.began()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End both threads and close source, sinks and engine; waits `timeout_s` for them."""
        self._stopping.set()
        self._source.close()
        self._inbox.close()
        if not self.join(timeout_s):
            hanging = ", ".join(thread.name for thread in self._threads if thread.is_alive())
            logger.error("%s did not end within %s s: a device or driver hangs", hanging, timeout_s)

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

    def measure(self, rois: Rois | None) -> None:
        """Regions of interest of every picture from now on, as `Analysis.roi`; None: no more."""
        self._rois = rois
        self._rescore_shown()

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
        playback, live = self._playback, self._live
        return self._state.snapshot(
            playback.info if playback else getattr(self._source, "info", None),
            playback.state if playback else None,
            dropped=0 if self._ahead else self._inbox.dropped,
            share=self._ahead.share if self._ahead else None,
            gaps=live.gaps if live else 0,
            reconnecting=live is not None and live.state == "reconnecting",
            trouble=live.trouble if live else None,
            sink_error=self._outputs.error,
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

    # ---------------------------- on the analysis thread ----------------------------

    def _analyze(self) -> None:
        analyzer: FrameAnalyzer | None = None
        last: Frame | None = None
        if self._live:
            give_way()
        try:
            while True:
                analyzer = self._renewed(analyzer)
                self._move_thresholds(analyzer)
                self._outputs.close_leaving()
                frame = self._inbox.get(self._patience_s(analyzer))
                if self._ahead is not None:
                    frame = self._of_recording(self._ahead, frame, analyzer)
                if frame is None or analyzer is None:
                    self._withdraw(analyzer)
                    continue
                self._silence.heard(frame)
                if last is not None and self._breaks_off(last, frame):
                    analyzer.reset()
                last = frame
                try:
                    analysis = analyzer.analyze(frame)
                except Exception as error:
                    if self._pass_failed(frame, error):
                        analyzer.close()
                        analyzer = None
                    continue
                self._pass_succeeded(analysis)
        except Closed:
            self._state.finished()
        finally:
            if analyzer:
                analyzer.close()
            if self._ahead:
                self._ahead.close()
            self._outputs.close_all()

    def _breaks_off(self, last: Frame, frame: Frame) -> bool:
        """Whether `frame` is of another scene than `last`; a live source that was lost comes back as one."""
        if self._live is None:
            return discontinuous(last, frame)
        gaps, self._gaps = self._gaps, self._live.gaps
        return self._gaps != gaps or discontinuous(last, frame, LIVE_S)

    def _patience_s(self, analyzer: FrameAnalyzer | None) -> float | None:
        """How long to wait for a frame; None: until there is one."""
        if self._live:
            return LOOK_S
        waits = self._ahead is None or self._ahead.share == 1.0 or self._arrived is None or analyzer is None
        return None if waits else 0.0

    def _of_recording(
        self, ahead: Ahead, arrived: Frame | None, analyzer: FrameAnalyzer | None
    ) -> Frame | None:
        """The frame of a recording to be scored now; what is known of the one that is shown is published."""
        if arrived is not None:
            self._arrived = arrived
            known = ahead.of(arrived)
            if known is not None:
                self._publish(known)
        shown = self._arrived
        if shown is None or analyzer is None:
            return None
        chosen = ahead.choose(shown.index)
        if chosen is None or chosen == shown.index:
            return None if chosen is None else shown
        try:
            return ahead.frame(chosen)
        except Exception as error:
            self._state.pass_failed(error)
            ahead.gave_up(chosen)
            return None

    def _withdraw(self, analyzer: FrameAnalyzer | None) -> None:
        """Publish the last picture once more without its score when pictures have stopped."""
        analysis = self._state.analysis  # this thread alone sets it
        if self._live is None or analyzer is None or analysis is None or not analysis.reading.scored:
            return
        if self._live.state == "reconnecting" or self._silence.lasts(time.monotonic()):
            self._publish(outdated(analysis, analyzer.provenance))

    def _renewed(self, analyzer: FrameAnalyzer | None) -> FrameAnalyzer | None:
        """The analyzer to use now: a new one where `use` asked for it."""
        open_analyzer = self._state.take_wanted()
        if open_analyzer is None:
            return analyzer
        if analyzer:
            analyzer.close()
        try:
            analyzer = open_analyzer()
        except Exception as error:
            self._scoring_failed(error)
            return None
        if self._state.opened(analyzer.provenance):
            self._ahead = self._ahead or self._spare
        if self._ahead is not None:
            self._ahead.forget(scores=True)
        if self._playback is not None:
            self._playback.begin()
        self._rescore_shown()
        return analyzer

    def _move_thresholds(self, analyzer: FrameAnalyzer | None) -> None:
        if analyzer is None:
            return
        points = self._state.take_shift()
        if points is None:
            return
        analyzer.shift_thresholds(points)
        self._state.thresholds_moved(analyzer.provenance)
        if self._ahead is not None:
            self._ahead.forget(scores=False)
        self._rescore_shown()

    def _rescore_shown(self) -> None:
        """Score the picture on the screen anew, as no new frame may come while paused."""
        frame = self._state.frame
        if frame is not None and self._playback is not None and not self._playback.state.playing:
            with suppress(Closed):
                self._inbox.put(frame)

    def _pass_failed(self, frame: Frame, error: Exception) -> bool:
        """One frame without a score; True where scoring ends: the settings are wrong, or it always fails."""
        if self._ahead:
            self._ahead.gave_up(frame.index)
        if self._state.pass_failed(error) < FAILED_IN_A_ROW and not isinstance(error, SettingsError):
            return False
        self._scoring_failed(error)
        return True

    def _pass_succeeded(self, analysis: Analysis) -> None:
        self._state.pass_succeeded()
        shown = self._arrived
        if self._ahead is None or shown is None:
            self._publish(analysis)
            return
        self._ahead.keep(analysis)
        behind_s = shown.time_s - analysis.frame.time_s
        if 0 <= behind_s <= FOLLOWS_S:
            self._publish(analysis)
        else:
            self._state.scored(analysis, published=False)

    def _scoring_failed(self, error: Exception) -> None:
        self._state.scoring_failed(error)
        if self._playback is not None:
            self._playback.begin()

    def _publish(self, analysis: Analysis) -> None:
        rois = self._rois
        self._state.made_by(analysis.provenance)
        if rois is not None:
            with suppress(SettingsError):  # the picture has another size now: nothing is measured in it
                analysis = replace(analysis, roi=measured(analysis.frame.pixels, rois))
        self._outputs.write(analysis)
        self._state.scored(analysis, published=True)


def _ignore() -> None:
    """No window: `snapshot` is polled."""
