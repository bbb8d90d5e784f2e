"""What the screen shows at one instant, as one consistent frozen value."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import SourceInfo
from scanmon.core.values import WITHDRAWN_S, Analysis, Frame, Provenance

State = Literal["idle", "connecting", "running", "reconnecting", "finished", "failed"]
HANGS_S, FIRST_S = 5.0, 15.0  # a pass that takes longer is told; the first one, of all windows at once
ScoringState = Literal["loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles over the last 10 s, milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"p50 {self.p50_ms:.0f} p95 {self.p95_ms:.0f} p99 {self.p99_ms:.0f} ms"


@dataclass(frozen=True, slots=True)
class Counts:
    """Frames since the start. `dropped` were captured but never analysed, since a newer one had come."""

    captured: int = 0
    shown: int = 0
    scored: int = 0
    dropped: int = 0
    gaps: int = 0  # interruptions of the source
    failed: int = 0  # passes of the engine that gave no score, one frame each


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Quality over time; all arrays (n,), read-only, NaN where there was no score.

    `verdict`: index into `list(Verdict)`, -1 where there is none. Of a recording n is its number of frames,
    from its first to its last; of a live source the last 60 s, oldest first.
    """

    time_s: NDArray[np.float64]
    quality: NDArray[np.float32]  # of each frame alone
    steady: NDArray[np.float32]  # smoothed, of stills as it is: the line to draw
    verdict: NDArray[np.int8]
    second: NDArray[np.float32]  # the other metric, smoothed; NaN where it rests on pictures of > 2 s before
    former: NDArray[np.float32] | None = None  # as `steady`, of another bundle, metric or region before
    gcnr: NDArray[np.float32] | None = None  # of the regions of interest, times 100


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What a recorded session says of its pictures before anything is scored."""

    trace: Trace
    settings_s: tuple[float, ...]  # when the scanner's settings changed, from the first picture on
    whole: bool  # all are scored: none is scored anew until another analyzer is asked for


@dataclass(frozen=True, slots=True)
class PlaybackState:
    """State of the playback of a recording."""

    index: int  # frame that is shown
    frames: int
    time_s: float
    duration_s: float
    playing: bool
    speed: float
    ended: bool = False  # playing reached the last frame
    loop: tuple[int, int] | None = None  # first and last frame of the loop


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The newest state of a monitor."""

    state: State = "idle"
    scoring: ScoringState = "loading"
    info: SourceInfo | None = None
    frame: Frame | None = None  # the newest captured: what the picture shows
    analysis: Analysis | None = None  # the newest scored: what the overlay and the number show
    trace: Trace | None = None
    counts: Counts = Counts()
    provenance: Provenance | None = None  # None while the engine is loading
    playback: PlaybackState | None = None  # None: live
    error: Exception | None = None  # of the source or, while `scoring` is "failed", of the scoring
    sink_errors: tuple[Exception, ...] = ()  # of recordings and outputs that had to stop
    pass_error: Exception | None = None  # why the newest frame has no score; None once one has
    opening_s: float = 0.0  # for how long the engine has been loading
    pass_s: float = 0.0  # for how long the engine has been at the pass that is under way
    analyzers: int = 0  # that were opened so far: scores of two of them are not compared
    share_scored: float | None = None  # of the frames of a recording that is scored whole
    given_up: bool = False  # the frame that is shown was tried and cannot be scored
    capture_to_score: Latency | None = None
    capture_to_display: Latency | None = None
    now_s: float = 0.0  # time.monotonic() when the snapshot was taken
    settings_s: tuple[float, ...] = ()  # when the scanner's settings changed, on the source's own time line
    trouble: str | None = None  # why a live source gives no picture now, in one line; None while it does

    @property
    def sink_error(self) -> Exception | None:
        """What the first recording or output that had to stop said."""
        return self.sink_errors[0] if self.sink_errors else None

    @property
    def still(self) -> bool:
        """Whether these are stored pictures that have nothing to do with each other in time."""
        return self.playback is not None and self.info is not None and self.info.rate_hz is None

    @property
    def hangs(self) -> bool:
        """Whether the engine is at a pass for longer than any takes."""
        return self.pass_s > (FIRST_S if self.analysis is None else HANGS_S)

    @property
    def figures(self) -> str:
        """Rates and latency for a log, one line."""
        counts = self.counts
        return (
            f"{self.state}: captured {counts.captured}, scored {counts.scored}, dropped {counts.dropped}, "
            f"gaps {counts.gaps}, capture to score {self.capture_to_score or '-'}"
            + (f"; {self.trouble}" if self.trouble else "")
            + (f"; no answer of the engine for {self.pass_s:.0f} s" if self.hangs else "")
        )

    @property
    def frame_age_s(self) -> float | None:
        """How long ago the newest frame was captured; None for recordings and before the first frame."""
        if self.frame is None or self.playback is not None:
            return None
        return self.now_s - self.frame.captured_s

    @property
    def score_age_s(self) -> float | None:
        """How far the newest analysis lies behind the picture shown, on the source's own time line."""
        if self.frame is None or self.analysis is None:
            return None
        return abs(self.frame.time_s - self.analysis.frame.time_s)

    @property
    def late(self) -> bool:
        """Whether the newest score says too little of the picture shown to be shown with it."""
        age_s = self.score_age_s
        if age_s is None or self.analysis is None:
            return False
        return age_s + self.analysis.reading.rests_on_s > WITHDRAWN_S
