"""The best frames of the last minutes: adequate, sharp, and apart in time."""

from dataclasses import dataclass

import cv2

from scanmon.core.values import Analysis, Verdict

SHARP_SHARE = 0.75  # of the sharpness that is usual in the run; below it a frame is blurred by motion
_USUAL_KEEP = 0.98  # weight of the past in the running mean of the sharpness


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """A frame that was kept."""

    analysis: Analysis
    quality: float  # 0..100, of this frame alone
    sharpness: float


class BestFrames:
    """Keeps at most `count` frames of the last `horizon_s`, at least `apart_s` from each other.

    A frame qualifies when its verdict is adequate and it is at least `SHARP_SHARE` as sharp as the run
    usually is. Within `apart_s` of a kept frame only a better one takes its place. Pictures that are `still`
    have nothing to do with each other in time: each counts for itself, whatever the sharpness of others.
    """

    def __init__(
        self, count: int = 6, apart_s: float = 2.0, horizon_s: float = 300.0, *, still: bool = False
    ) -> None:
        self._still = still
        self._count = count
        self._apart_s = apart_s
        self._horizon_s = horizon_s
        self._usual: float | None = None
        self._kept: tuple[Best, ...] = ()

    @property
    def kept(self) -> tuple[Best, ...]:
        """The best first; the same tuple until something changes."""
        return self._kept

    def offer(self, analysis: Analysis) -> bool:
        """Take `analysis` where it belongs to the best; True when the kept ones have changed."""
        reading = analysis.reading
        if reading.quality is None or reading.verdict is not Verdict.ADEQUATE or reading.late:
            return False
        sharp = sharpness(analysis)
        usual = self._usual = sharp if self._usual is None else self._usual
        self._usual = _USUAL_KEEP * usual + (1 - _USUAL_KEEP) * sharp
        if sharp < SHARP_SHARE * usual and not self._still:
            return False
        return self._place(Best(analysis, reading.quality, sharp))

    def _place(self, best: Best) -> bool:
        now_s, index = best.analysis.frame.time_s, best.analysis.frame.index
        if self._still:
            recent = list(self._kept)
            near = [old for old in recent if old.analysis.frame.index == index]
        else:
            recent = [old for old in self._kept if abs(now_s - old.analysis.frame.time_s) <= self._horizon_s]
            near = [old for old in recent if abs(now_s - old.analysis.frame.time_s) < self._apart_s]
        if any(old.quality >= best.quality for old in near):
            return False
        others = [old for old in recent if old not in near]
        ranked = sorted([*others, best], key=lambda one: one.quality, reverse=True)[: self._count]
        if best not in ranked:
            return False
        self._kept = tuple(ranked)
        return True


def sharpness(analysis: Analysis) -> float:
    """Mean absolute Laplacian of the region at about half size: falls when motion or focus blurs speckle."""
    box = analysis.region.box
    image = analysis.frame.pixels[box.rows, box.columns]
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return float(cv2.mean(cv2.convertScaleAbs(cv2.Laplacian(half, cv2.CV_16S)))[0])
