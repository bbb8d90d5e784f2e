"""The values that flow through scanmon, from capture to screen. All are frozen; arrays are read-only.

Scores keep the published direction everywhere: higher is better.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError

GrayImage = NDArray[np.uint8]  # (H, W), full-range BT.601 luma, 0 = black
Mask = NDArray[np.bool_]  # (H, W), True inside the sector
Metric = Literal["nrq", "map"]


class Verdict(StrEnum):
    """What the number means to the person who holds the probe."""

    ADEQUATE = "adequate"
    MARGINAL = "marginal"
    INADEQUATE = "inadequate"


class Reason(StrEnum):
    """Why a frame has no score."""

    FROZEN = "frozen"
    NO_SIGNAL = "no_signal"
    NOT_B_MODE = "not_b_mode"
    STALE = "stale"
    TOO_SMALL = "too_small"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; `x`, `y` is the top left corner, right and bottom edges are exclusive."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0 or self.x < 0 or self.y < 0:
            raise SettingsError(
                "a region needs a size and lies inside the picture", self.text, "use X,Y,WIDTH,HEIGHT"
            )

    @property
    def text(self) -> str:
        """`X,Y,WIDTH,HEIGHT`, as the option `--region` takes it."""
        return f"{self.x},{self.y},{self.width},{self.height}"

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def rows(self) -> slice:
        return slice(self.y, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.x, self.right)

    def within(self, height: int, width: int) -> bool:
        """Whether the box lies inside a picture of that size."""
        return self.right <= width and self.bottom <= height

    def as_list(self) -> list[int]:
        """`[x, y, w, h]`, the form of the result records."""
        return [self.x, self.y, self.width, self.height]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One captured picture. The source promises never to write to its arrays again."""

    pixels: GrayImage  # (H, W)
    index: int  # counted by the source from 0; a gap means that the source lost frames
    time_s: float  # on the source's own time line: seconds since its first frame
    captured_s: float  # time.monotonic() when the pixels arrived
    chroma: NDArray[np.uint8] | None = None  # (h, w), any smaller size: max(|Cb-128|, |Cr-128|); None: gray
    declared: Box | Region | None = None  # the image area that the recording itself states, already checked
    colour: NDArray[np.uint8] | None = None  # (h, w, 2), any smaller size: Cr, Cb; for the eye, never scored


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The ultrasound sector in a picture. Everything outside `mask` is never scored, stored or sent."""

    box: Box  # frame pixels
    mask: Mask | None = None  # (box.height, box.width); None: the whole box
    outline: tuple[tuple[float, float], ...] = ()  # corner points (x, y) in frame pixels, for drawing
    kind: Literal["full", "box", "linear", "sector"] = "box"
    origin: Literal["full", "user", "declared", "detected"] = "user"

    def inside(self, height: int, width: int) -> Mask:
        """(height, width) True where a picture of that size is ultrasound."""
        inside = np.zeros((height, width), np.bool_)
        inside[self.box.rows, self.box.columns] = True if self.mask is None else self.mask
        return inside


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a scorer gets to see: the region of one frame at the working scale."""

    image: GrayImage  # (h, w), black outside the mask
    mask: Mask | None  # (h, w)
    time_s: float  # of the frame
    left_ms: float | None = None  # until the next one is due, for a scorer beside another; None: not known
    captured: GrayImage | None = None  # the same at the scale of the frame; None: that is `image`


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a scorer says of one view. Boxes and shapes are in the pixels of the view."""

    score: float  # higher is better; the metric's own scale
    heat: NDArray[np.float32]  # (gh, gw), local score on a coarse grid over the whole view
    worst: Box
    kinds: tuple[float, ...] = ()  # in the order of Parts, each the score if it were the only kind of fault
    familiar: float | None = None  # 0..1: how near the view is to what the bundle was made from
    looks: NDArray[np.float32] | None = None  # (d,) what the network saw of the view as a whole
    organ: str | None = None  # name of the organ model that explains the view best
    patches: int = 1  # windows that were run for this view
    coverage: float = 1.0  # share of the grid that is fresh
    oldest_s: float = 0.0  # age of the oldest window that the score rests on
    outdated_s: float = 0.0  # of the oldest one that shows something else by now
    windows: int = 1  # of the whole view
    round_ms: float | None = None  # until all of them were run, in the time that there is; None: not measured
    fewer: tuple[int, int] | None = None  # a wider stride that keeps up, and its windows; None: none does
    preprocess_ms: float = 0.0
    engine_ms: float = 0.0
    head_ms: float = 0.0
    complete: bool = True  # False: part of the view was never run, the score is not one of the whole view


class SettingsSeen(NamedTuple):
    """What the text beside the sector told of the scanner's settings, without being read."""

    changes: int = 0  # so far
    since_s: float | None = None  # time line of the source: when the last one began


@dataclass(frozen=True, slots=True)
class Signal:
    """Whether the picture is live B-mode. `reason` is None while it is."""

    reason: Reason | None = None
    since_s: float = 0.0  # time line of the source: when this state began
    settings: SettingsSeen | None = None  # None: nothing can be seen beside the sector

    @property
    def live(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class EngineName:
    """Which runtime ran a network, and in which precision: `onnxruntime`, `fp32`."""

    backend: str = ""
    precision: str = ""

    def __str__(self) -> str:
        return f"{self.backend} {self.precision}"


class Parts(NamedTuple):
    """What the quality of a frame is made of, 0..100 each; None where the bundle does not measure it."""

    light: float | None = None
    contact: float | None = None
    resolution: float | None = None
    noise: float | None = None
    clutter: float | None = None
    saturation: float | None = None
    capture: float | None = None


WITHDRAWN_S = 2.0  # a number that rests on older pictures is not shown


@dataclass(frozen=True, slots=True)
class Reading:
    """The result for one frame: what the records hold (docs/formats.md names every field)."""

    frame: int
    time_s: float
    metric: Metric
    reason: Reason | None = None  # not None: the score is suspended
    score: float | None = None
    quality: float | None = None  # 0..100, calibrated, of this frame alone
    steady: float | None = None  # 0..100, `quality` smoothed over time; None for stills
    verdict: Verdict | None = None  # of `steady`, with hysteresis and dwell; of a still's `quality`
    pending: Verdict | None = None  # what `steady` asks for and has not asked for long enough yet
    parts: Parts | None = None
    familiar: float | None = None  # 0..1, how near the picture is to what the bundle was made from
    region: Box | None = None
    worst: Box | None = None  # frame pixels
    organ: str | None = None
    patches: int | None = None
    coverage: float | None = None
    oldest_s: float | None = None
    outdated_s: float | None = None
    preprocess_ms: float | None = None
    engine_ms: float | None = None
    head_ms: float | None = None
    engine: EngineName | None = None  # that made the score
    view: str | None = None  # of the examination that goes on

    @property
    def scored(self) -> bool:
        return self.reason is None

    @property
    def shown(self) -> float | None:
        """The quality that the meter shows and the verdict follows: the smoothed one where there is one."""
        return self.quality if self.steady is None else self.steady

    @property
    def state(self) -> Literal["scored", "suspended"]:
        return "scored" if self.scored else "suspended"

    @property
    def age_ms(self) -> float | None:
        """Age of the oldest window that the score rests on; 0 where the whole grid is fresh."""
        return None if self.oldest_s is None else 1000.0 * self.oldest_s

    @property
    def rests_on_s(self) -> float:
        """How long ago the oldest picture was of which it says what this one shows no more."""
        if self.outdated_s is not None:
            return self.outdated_s
        return 0.0 if self.coverage in (None, 1.0) else self.oldest_s or 0.0

    @property
    def late(self) -> bool:
        """Whether it says too little of this picture to be shown with it, or to have it kept."""
        return self.rests_on_s > WITHDRAWN_S


def cost_ms(reading: Reading) -> float:
    """What a reading took, from finding the region to the score."""
    return (reading.preprocess_ms or 0.0) + (reading.engine_ms or 0.0) + (reading.head_ms or 0.0)


@dataclass(frozen=True, slots=True)
class TooSlow:
    """A metric that cannot follow the pictures on this machine, with what was measured."""

    metric: Metric
    windows: int  # of a picture
    round_s: float  # until all of them were run here, in the time that there is
    off: bool  # it ran beside another one, and was switched off
    other_ms: float | None = None  # what a picture takes the other metric; None: none runs
    fewer: tuple[int, int] | None = None  # see `Scored`

    @property
    def other(self) -> Metric:
        """The metric that there is besides."""
        return "map" if self.metric == "nrq" else "nrq"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where scores come from; one object for all analyses of a run, until an engine gives way to another."""

    source: str = ""
    bundle: str = ""
    engines: tuple[EngineName, ...] = ()  # of each metric that may give a reading, in the order of readings
    details: dict[str, str] = field(default_factory=dict)
    thresholds: tuple[float, float] | None = None  # qualities from which marginal, adequate begin
    slow: TooSlow | None = None

    @property
    def engine(self) -> EngineName:
        """The engine of the metric that makes the number."""
        return self.engines[0] if self.engines else EngineName()

    def word(self, quality: float) -> Verdict | None:
        """For one picture by itself; None where no thresholds are known."""
        if self.thresholds is None:
            return None
        marginal, adequate = self.thresholds
        if quality >= adequate:
            return Verdict.ADEQUATE
        return Verdict.MARGINAL if quality >= marginal else Verdict.INADEQUATE


@dataclass(frozen=True, slots=True)
class RoiMeasures:
    """Of the regions of interest of one picture (`core/roi.py`). What has no value, as contrast without a
    background, is None.
    """

    box: Box
    pixels: int
    mean: float
    sd: float
    snr: float | None  # mean / sd, of speckle: 1.91 in the amplitude where it is fully developed
    axial_px: float | None  # full width at half maximum of the autocovariance, downwards
    lateral_px: float | None  # the same across
    clipped: float  # share of pixels that are 0 or 255, in the worse of both regions
    background_box: Box | None = None
    background_mean: float | None = None
    background_sd: float | None = None
    contrast_db: float | None = None  # 20 log10 (mean / background mean)
    cnr: float | None = None  # |mean - background mean| / sqrt(sd^2 + background sd^2)
    gcnr: float | None = None  # 1 - overlap of both histograms, 0..1


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A frame with everything that was found out about it."""

    frame: Frame
    region: Region
    readings: tuple[Reading, ...]  # one of each metric that ran; the first makes the number
    heatmap: NDArray[np.float32] | None = None  # (gh, gw), local quality 0..100 over region.box
    provenance: Provenance = Provenance()
    roi: RoiMeasures | None = None  # where the user drew a region of interest
    settings: SettingsSeen | None = None  # of the scanner; None: nothing is written beside the sector

    @property
    def reading(self) -> Reading:
        return self.readings[0]

    @property
    def second(self) -> Reading | None:
        """The reading of the other metric, where both ran."""
        return self.readings[1] if len(self.readings) > 1 else None
