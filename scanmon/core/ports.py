"""What scanmon asks of the outside world."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Frame, GrayImage, Metric, Provenance, Region, Scored, Signal, View


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source says of itself once it is open."""

    name: str  # for people: never a path, never what identifies a patient
    width: int  # pixels
    height: int
    rate_hz: float | None  # None: not known, or a still image
    frames: int | None = None  # None: live, or not known
    details: str = ""  # negotiated format and the like, one line
    chapters: tuple[tuple[float, str], ...] = ()  # (start in seconds, title), in order: named parts


class FrameSource(Protocol):
    """Gives frames in order until the material ends. Iterated and closed on one thread.

    Opening and reading raise `SourceError`. `close` may be called more than once, and from another
    thread to unblock a read: the iteration then ends.
    """

    def __iter__(self) -> Iterator[Frame]: ...
    def close(self) -> None: ...


@runtime_checkable
class LiveSource(FrameSource, Protocol):
    """A source of frames that come by themselves, and may be interrupted and go on."""

    @property
    def state(self) -> str:
        """One of `connecting`, `live`, `reconnecting`, `ended`; any thread may ask."""
        ...

    @property
    def info(self) -> SourceInfo | None:
        """What was negotiated; None before the first frame."""
        ...

    @property
    def gaps(self) -> int:
        """How often the signal was lost since the start."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why there is no picture, in one line; None while there is one, or before a reason is known."""
        ...


@runtime_checkable
class Recording(FrameSource, Protocol):
    """Recorded material: can start at any frame, always gives the same frames.

    `iter(recording)` is `frames_from(0)`. `times_s` grows strictly. Not safe for two threads at once.
    """

    @property
    def info(self) -> SourceInfo: ...

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds since the first frame."""
        ...

    def frames_from(self, index: int) -> Iterator[Frame]:
        """Frames `index`, `index + 1`, ... to the end. Raises `SourceError` where one cannot be decoded."""
        ...


class Engine(Protocol):
    """Runs one network. `run` may be called from one thread at a time."""

    @property
    def backend(self) -> str:
        """For instance `onnxruntime`."""
        ...

    @property
    def precision(self) -> str:
        """For instance `fp32`."""
        ...

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass. nrq: (n, 224, 224) -> z (n, 768). map: (1, H, W) -> severity (1, h, w).

        Raises `EngineError`. The result is the caller's own.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class CuttingEngine(Engine, Protocol):
    """An engine of nrq that takes the picture, cuts the windows where that is quickest, and works beside."""

    def start_at(
        self, picture: GrayImage, corners: NDArray[np.intp], side: int
    ) -> Callable[[], NDArray[np.float32]]:
        """As `run`, of the squares of `side` pixels whose corners, top and left (n, 2), lie in `picture`.

        A device begins at once, a processor when it is called what is returned, which gives the result. It
        need not be called; the next pass makes it void. `picture` stays as it is until then.
        """
        ...


class Scorer(Protocol):
    """One metric: a view of the region in, a score with its heatmap and worst place out."""

    @property
    def metric(self) -> Metric: ...

    def score(self, view: View) -> Scored: ...

    def reset(self) -> None:
        """Forget everything remembered from earlier views (after a seek or a change of scene)."""
        ...


@runtime_checkable
class StartingScorer(Scorer, Protocol):
    """A scorer whose device works while something else is done."""

    def start(self, view: View) -> Callable[[], Scored]:
        """`score` in two steps, as `CuttingEngine.start_at`."""
        ...


class RegionFinder(Protocol):
    """Finds the sector in each frame."""

    def find(self, frame: Frame) -> Region: ...
    def reset(self) -> None: ...


class FrameAnalyzer(Protocol):
    """Frame in, analysis out: `scoring.analyzer.Analyzer`, or the scores that a session was recorded with.

    Used and closed on one thread.
    """

    @property
    def provenance(self) -> Provenance:
        """Of the last analysis; before the first one, of the engines that were opened."""
        ...

    def analyze(self, frame: Frame) -> Analysis: ...
    def reset(self) -> None: ...

    def shift_thresholds(self, points: float) -> None:
        """Make both thresholds of the bundle stricter by `points` of quality (milder where negative)."""
        ...

    def close(self) -> None: ...


class SignalPort(Protocol):
    """Says for each frame whether the picture is live B-mode."""

    def update(self, frame: Frame, region: Region) -> Signal: ...
    def reset(self) -> None: ...


class Sink(Protocol):
    """Keeps or sends analyses. Called on the analysis thread, in order, for every analysis.

    `write` returns quickly; a slow sink owns a bounded queue. `close` finishes what was written.
    """

    def write(self, analysis: Analysis) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class FrameSink(Sink, Protocol):
    """A sink that also wants every captured frame, scored or not. `capture` runs on the capture thread."""

    def capture(self, frame: Frame) -> None: ...
