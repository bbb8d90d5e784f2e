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
from scanmon.core.values import Analysis, Frame, Provenance
from scanmon.runtime.ahead import FOLLOWS_S, Ahead
from scanmon.runtime.continuity import LOOK_S, SILENCE_S, Silence, discontinuous, outdated
from scanmon.runtime.latency import LatencyWindow
from scanmon.runtime.mailbox import Closed, Keep, Mailbox
from scanmon.runtime.outputs import AnySink, Outputs
from scanmon.runtime.playback import Playback
from scanmon.runtime.process import give_way, share_interpreter
from scanmon.runtime.snapshot import Counts, ScoringState, Snapshot, State, Trace
from scanmon.runtime.trace import LiveTrace, RecordingTrace, TraceKeeper

logger = logging.getLogger(__name__)

FAILED_IN_A_ROW = 5  # passes of the engine, after which it is taken for broken

OpenAnalyzer = Callable[[], FrameAnalyzer]  # may take long and raise: called on the analysis thread


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
    ) -> None:
        self._source = source
        self._playback = source if isinstance(source, Playback) else None
        self._live = source if isinstance(source, LiveSource) and self._playback is None else None
        self._silence = Silence(silence_s)
        self._spare = ahead if known_whole else None
        self._ahead = None if known_whole else ahead  # touched by the analysis thread alone
        self._arrived: Frame | None = None  # of a recording, the picture that is shown; the same thread
        self._inbox: Mailbox[Frame] = Mailbox(keep)
        self._outputs = Outputs(sinks)
        self._stopping = threading.Event()
        self._on_picture: Callable[[], None] = _ignore
        self._lock = threading.Lock()
        # everything below is guarded by the lock
        self._open_analyzer: OpenAnalyzer | None = open_analyzer
        self._analyzers = 0  # that were opened so far
        self._rois: Rois | None = None  # regions of interest of the user
        self._shift: float | None = None  # points that the thresholds wait to be moved to
        self._state: State = "idle"
        self._scoring: ScoringState = "loading"
        self._error: Exception | None = None
        self._provenance: Provenance | None = None
        self._frame: Frame | None = None
        self._analysis: Analysis | None = None
        self._trace: TraceKeeper = (
            RecordingTrace(self._playback.recording.times_s, known) if self._playback else LiveTrace()
        )
        self._captured = self._scored = self._shown = self._failed = self._failed_in_a_row = 0
        self._pass_error: Exception | None = None
        self._share: float | None = 0.0 if self._ahead else None
        self._shown_frame: Frame | None = None
        self._to_score = LatencyWindow()
        self._to_display = LatencyWindow()
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
        self._state = "connecting"
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
        with self._lock:
            self._open_analyzer = open_analyzer
            self._scoring, self._shift = "loading", None
        self._inbox.wake()

    def shift_thresholds(self, points: float) -> None:
        """Move both thresholds to `points` of quality above those of the bundle; the engine runs on."""
        with self._lock:
            self._shift = points
        self._inbox.wake()

    def measure(self, rois: Rois | None) -> None:
        """Regions of interest of every picture from now on, as `Analysis.roi`; None: no more."""
        with self._lock:
            self._rois = rois
        self._rescore_shown()

    def add_sink(self, sink: Sink) -> None:
        """From the next analysis on."""
        self._outputs.add(sink)

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
        with self._lock:
            if frame is not self._shown_frame:
                self._shown_frame = frame
                self._shown += 1
                self._to_display.add(time.monotonic(), frame.captured_s)

    def snapshot(self) -> Snapshot:
        now_s = time.monotonic()
        with self._lock:
            state = self._state
            if state in ("connecting", "running") and self._live and self._live.state == "reconnecting":
                state = "reconnecting"
            return Snapshot(
                state=state,
                scoring=self._scoring,
                info=self._playback.info if self._playback else getattr(self._source, "info", None),
                frame=self._frame,
                analysis=self._analysis,
                trace=self._trace.view(),
                counts=Counts(
                    self._captured,
                    self._shown,
                    self._scored,
                    0 if self._ahead else self._inbox.dropped,
                    self._live.gaps if self._live else 0,
                    self._failed,
                ),
                trouble=self._live.trouble if self._live else None,
                provenance=self._provenance,
                playback=self._playback.state if self._playback else None,
                error=self._error,
                sink_error=self._outputs.error,
                pass_error=self._pass_error,
                share_scored=self._share,
                analyzers=self._analyzers,
                capture_to_score=self._to_score.percentiles(now_s),
                capture_to_display=self._to_display.percentiles(now_s),
                now_s=now_s,
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
            with self._lock:
                self._state, self._error = "failed", error
        finally:
            self._source.close()
            self._inbox.close()

    def _captured_frame(self, frame: Frame) -> None:
        with self._lock:
            self._state = "running"
            self._frame = frame
            self._captured += 1
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
                if last is not None and discontinuous(last, frame):
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
            with self._lock:
                if self._state != "failed":
                    self._state = "finished"
        finally:
            if analyzer:
                analyzer.close()
            if self._ahead:
                self._ahead.close()
            self._outputs.close_all()

    def _patience_s(self, analyzer: FrameAnalyzer | None) -> float | None:
        """How long to wait for a frame; None: until there is one."""
        if self._live:
            return LOOK_S
        waits = self._ahead is None or self._share == 1.0 or self._arrived is None or analyzer is None
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
            self._note_failure(error)
            ahead.gave_up(chosen)
            self._note_share()
            return None

    def _withdraw(self, analyzer: FrameAnalyzer | None) -> None:
        """Publish the last picture once more without its score when pictures have stopped."""
        analysis = self._analysis  # this thread alone sets it
        if self._live is None or analyzer is None or analysis is None or not analysis.reading.scored:
            return
        if self._live.state == "reconnecting" or self._silence.lasts(time.monotonic()):
            self._publish(outdated(analysis, analyzer.provenance))

    def _renewed(self, analyzer: FrameAnalyzer | None) -> FrameAnalyzer | None:
        """The analyzer to use now: a new one where `use` asked for it."""
        with self._lock:
            open_analyzer, self._open_analyzer = self._open_analyzer, None
        if open_analyzer is None:
            return analyzer
        if analyzer:
            analyzer.close()
        try:
            analyzer = open_analyzer()
        except Exception as error:
            self._scoring_failed(error)
            return None
        with self._lock:
            if self._open_analyzer is None:
                self._scoring, self._provenance = "ready", analyzer.provenance
                self._error = None if self._state != "failed" else self._error
            self._failed_in_a_row, self._pass_error = 0, None
            if self._analyzers:
                self._trace.begin_anew()
                self._ahead = self._ahead or self._spare
            self._analyzers += 1
        if self._ahead is not None:
            self._ahead.forget(scores=True)
            self._note_share()
        if self._playback is not None:
            self._playback.begin()
        self._rescore_shown()
        return analyzer

    def _move_thresholds(self, analyzer: FrameAnalyzer | None) -> None:
        with self._lock:
            points = self._shift
            if points is None or analyzer is None:
                return
            self._shift = None
        analyzer.shift_thresholds(points)
        with self._lock:
            self._provenance = analyzer.provenance
        if self._ahead is not None:
            self._ahead.forget(scores=False)
        self._rescore_shown()

    def _rescore_shown(self) -> None:
        """Score the picture on the screen anew, as no new frame may come while paused."""
        with self._lock:
            frame = self._frame
        if frame is not None and self._playback is not None and not self._playback.state.playing:
            with suppress(Closed):
                self._inbox.put(frame)

    def _pass_failed(self, frame: Frame, error: Exception) -> bool:
        """One frame without a score; True where scoring ends: the settings are wrong, or it always fails."""
        if self._ahead:
            self._ahead.gave_up(frame.index)
            self._note_share()
        in_a_row = self._note_failure(error)
        if in_a_row < FAILED_IN_A_ROW and not isinstance(error, SettingsError):
            return False
        self._scoring_failed(error)
        return True

    def _note_failure(self, error: Exception) -> int:
        logger.debug("a pass failed", exc_info=True)
        with self._lock:
            self._failed += 1
            self._failed_in_a_row += 1
            self._pass_error = error
            return self._failed_in_a_row

    def _pass_succeeded(self, analysis: Analysis) -> None:
        with self._lock:
            self._failed_in_a_row, self._pass_error = 0, None
        shown = self._arrived
        if self._ahead is None or shown is None:
            self._publish(analysis)
            return
        self._ahead.keep(analysis)
        self._note_share()
        behind_s = shown.time_s - analysis.frame.time_s
        if 0 <= behind_s <= FOLLOWS_S:
            self._publish(analysis)
            return
        with self._lock:
            self._trace.add(analysis)
            self._scored += analysis.reading.scored

    def _note_share(self) -> None:
        if self._ahead is not None:
            with self._lock:
                self._share = self._ahead.share

    def _scoring_failed(self, error: Exception) -> None:
        logger.debug("scoring failed", exc_info=True)
        with self._lock:
            self._scoring, self._error = "failed", error
            self._analysis = self._pass_error = None
        if self._playback is not None:
            self._playback.begin()

    def _publish(self, analysis: Analysis) -> None:
        with self._lock:
            rois = self._rois
            if self._open_analyzer is None:
                self._provenance = analysis.provenance
        if rois is not None:
            with suppress(SettingsError):  # the picture has another size now: nothing is measured in it
                analysis = replace(analysis, roi=measured(analysis.frame.pixels, rois))
        self._outputs.write(analysis)
        with self._lock:
            self._analysis = analysis
            self._trace.add(analysis)
            if analysis.reading.scored:
                self._scored += 1
                self._to_score.add(time.monotonic(), analysis.frame.captured_s)


def _ignore() -> None:
    """No window: `snapshot` is polled."""
