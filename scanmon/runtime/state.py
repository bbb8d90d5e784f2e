"""What the threads of a monitor know, behind one lock, and the snapshot that is made of it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from scanmon.core.ports import FrameAnalyzer
from scanmon.core.values import Analysis, Frame, Provenance
from scanmon.runtime.snapshot import Counts, Latency, ScoringState, Snapshot, State
from scanmon.runtime.trace import TraceKeeper

logger = logging.getLogger(__name__)

MOST_SETTINGS = 1000  # changes of the scanner's settings that are kept
SAME_S = 1.0  # two changes nearer than this are one, seen again

OpenAnalyzer = Callable[[], FrameAnalyzer]  # may take long and raise: called on the analysis thread


class MonitorState:
    """Any thread may call anything; nothing waits but for the lock."""

    def __init__(
        self, open_analyzer: OpenAnalyzer, trace: TraceKeeper, settings_s: tuple[float, ...] = ()
    ) -> None:
        self._settings_s = settings_s
        self._lock = threading.Lock()
        self._wanted: OpenAnalyzer | None = open_analyzer  # until the analysis thread takes it
        self._shift: float | None = None  # points that the thresholds wait to be moved to
        self._trace = trace
        self._state: State = "idle"
        self._scoring: ScoringState = "loading"
        self._error: Exception | None = None
        self._pass_error: Exception | None = None
        self._provenance: Provenance | None = None
        self._frame: Frame | None = None
        self._analysis: Analysis | None = None
        self._shown_frame: Frame | None = None
        self._captured = self._scored = self._shown = self._failed = self._failed_in_a_row = 0
        self._analyzers = 0  # that were opened so far
        self._opening_s: float | None = None  # when the opening that is under way began
        self._pass_s: float | None = None  # the same of a pass
        self._to_score = LatencyWindow()
        self._to_display = LatencyWindow()

    @property
    def frame(self) -> Frame | None:
        """The newest captured."""
        return self._frame

    @property
    def analysis(self) -> Analysis | None:
        """The newest published, until scoring fails."""
        return self._analysis

    def want(self, open_analyzer: OpenAnalyzer) -> None:
        """Another analyzer from now on."""
        with self._lock:
            self._wanted, self._scoring, self._shift = open_analyzer, "loading", None

    def take_wanted(self) -> OpenAnalyzer | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            self._opening_s = None if wanted is None else time.monotonic()
        return wanted

    def want_shift(self, points: float) -> None:
        with self._lock:
            self._shift = points

    def take_shift(self) -> float | None:
        with self._lock:
            shift, self._shift = self._shift, None
        return shift

    def began(self) -> None:
        with self._lock:
            self._state = "connecting"

    def captured(self, frame: Frame) -> None:
        with self._lock:
            self._state = "running"
            self._frame = frame
            self._captured += 1

    def shown(self, frame: Frame) -> None:
        """A frame reached the screen; it may say so more than once."""
        with self._lock:
            if frame is not self._shown_frame:
                self._shown_frame = frame
                self._shown += 1
                self._to_display.add(time.monotonic(), frame.captured_s)

    def source_failed(self, error: Exception) -> None:
        with self._lock:
            self._state, self._error = "failed", error

    def finished(self) -> None:
        with self._lock:
            if self._state != "failed":
                self._state = "finished"

    def opened(self, provenance: Provenance) -> bool:
        """An analyzer is ready; True where it is not the first one."""
        with self._lock:
            self._opening_s = None
            if self._wanted is None:
                self._scoring, self._provenance = "ready", provenance
                self._error = None if self._state != "failed" else self._error
            self._failed_in_a_row, self._pass_error = 0, None
            another = self._analyzers > 0
            if another:
                self._trace.begin_anew()
            self._analyzers += 1
            return another

    def forget_measures(self) -> None:
        with self._lock:
            self._trace.forget_measures()

    def thresholds_moved(self, provenance: Provenance) -> None:
        with self._lock:
            self._provenance = provenance

    def scoring_failed(self, error: Exception) -> None:
        logger.debug("scoring failed", exc_info=error)
        with self._lock:
            self._scoring, self._error, self._opening_s = "failed", error, None
            self._analysis = self._pass_error = None

    def pass_began(self) -> None:
        with self._lock:
            self._pass_s = time.monotonic()

    def pass_failed(self, error: Exception) -> int:
        """One frame without a score; how many it are in a row."""
        logger.debug("a pass failed", exc_info=error)
        with self._lock:
            self._pass_s = None
            self._failed += 1
            self._failed_in_a_row += 1
            self._pass_error = error
            return self._failed_in_a_row

    def pass_succeeded(self) -> None:
        with self._lock:
            self._pass_s = self._pass_error = None
            self._failed_in_a_row = 0

    def made_by(self, provenance: Provenance) -> None:
        """Scores come from there now, unless another analyzer was asked for since."""
        with self._lock:
            if self._wanted is None:
                self._provenance = provenance

    def scored(self, analysis: Analysis, *, published: bool) -> None:
        """An analysis for the trace; where it is `published` the overlay and the number show it too."""
        with self._lock:
            self._trace.add(analysis)
            since_s = analysis.settings.since_s if analysis.settings else None
            if since_s is not None and not any(abs(since_s - known) < SAME_S for known in self._settings_s):
                self._settings_s = (*self._settings_s, since_s)[-MOST_SETTINGS:]
            self._scored += analysis.reading.scored
            if published:
                self._analysis = analysis
                if analysis.reading.scored:
                    self._to_score.add(time.monotonic(), analysis.frame.captured_s)

    def snapshot(self, known: Callable[[Frame], Analysis | None] | None = None) -> Snapshot:
        """All of it at this moment.

        `known`: what was found out before about a frame that is shown again, while the engine is at another.
        """
        now_s = time.monotonic()
        with self._lock:
            shown, newest = self._frame, self._analysis
            if known is not None and shown is not None and newest is not None and newest.frame is not shown:
                self._analysis = known(shown) or newest
            return Snapshot(
                state=self._state,
                scoring=self._scoring,
                frame=self._frame,
                analysis=self._analysis,
                trace=self._trace.view(),
                counts=Counts(self._captured, self._shown, self._scored, failed=self._failed),
                provenance=self._provenance,
                error=self._error,
                pass_error=self._pass_error,
                analyzers=self._analyzers,
                opening_s=0.0 if self._opening_s is None else now_s - self._opening_s,
                pass_s=0.0 if self._pass_s is None else now_s - self._pass_s,
                capture_to_score=self._to_score.percentiles(now_s),
                capture_to_display=self._to_display.percentiles(now_s),
                now_s=now_s,
                settings_s=self._settings_s,
            )


class LatencyWindow:
    """Delays of the last `seconds`; the caller holds a lock. At most `limit` are kept."""

    def __init__(self, seconds: float = 10.0, limit: int = 2400) -> None:
        self._seconds = seconds
        self._samples: deque[tuple[float, float]] = deque(maxlen=limit)
        self._computed_s = -1.0
        self._latency: Latency | None = None

    def add(self, now_s: float, captured_s: float) -> None:
        """One event at `now_s` that concerns what was captured at `captured_s`, both time.monotonic()."""
        self._samples.append((now_s, (now_s - captured_s) * 1e3))

    def percentiles(self, now_s: float) -> Latency | None:
        """None where nothing happened in the window. Computed anew twice a second, not at every call."""
        if now_s - self._computed_s < 0.5:
            return self._latency
        self._computed_s = now_s
        while self._samples and now_s - self._samples[0][0] > self._seconds:
            self._samples.popleft()
        if self._samples:
            p50, p95, p99 = np.percentile([delay_ms for _, delay_ms in self._samples], (50, 95, 99))
            self._latency = Latency(float(p50), float(p95), float(p99))
        else:
            self._latency = None
        return self._latency
